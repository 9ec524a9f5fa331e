# SPDX-License-Identifier: GPL-2.0
"""Run a command in a node; output and exit status are the command's.

It works whatever the node's network is. The command is killed when this one
ends before it. Exit code 125: the node died or does not answer.

    lab exec spare hotidctl status
    lab exec -i active sh < script
    lab exec --timeout 5 active -- ip -br address
"""

import os
import sys
import time

from ..agent import GuestGone
from ..lab import Lab
from ..single import EXIT_GUEST_DIED


def add_arguments(parser):
    """Options of `lab exec`."""
    parser.add_argument("-i", "--stdin", action="store_true", help="pass our standard input on")
    parser.add_argument("--timeout", type=float, metavar="S", help="give up after that many seconds")
    parser.add_argument("--env", action="append", default=[], metavar="K=V",
                        help="variable for the command; may be repeated")
    parser.add_argument("node", metavar="NODE")
    parser.add_argument("argv", nargs="...", metavar="COMMAND")


def main(args):
    """Stream the output; return the command's status."""
    argv = args.argv[1:] if args.argv[:1] == ["--"] else args.argv
    if not argv:
        print("lab exec: which command?", file=sys.stderr)
        return 2
    bad = [pair for pair in args.env if "=" not in pair]
    if bad:
        print(f"lab exec: --env {bad[0]}: write NAME=VALUE", file=sys.stderr)
        return 2
    deadline = time.monotonic() + args.timeout if args.timeout else None
    try:
        with Lab()[args.node].session(args.timeout or 10) as session:
            session.start(argv, dict(pair.split("=", 1) for pair in args.env))
            return session.finish(sys.stdin.buffer if args.stdin else b"",
                                  lambda data: os.write(1, data), lambda data: os.write(2, data),
                                  deadline).status
    except GuestGone as error:
        print(f"lab: {error}", file=sys.stderr)
        return EXIT_GUEST_DIED
