# SPDX-License-Identifier: GPL-2.0
"""Show what a node's console said: kernel warnings and worse, of all boots.

For the whole kernel log of a living node: lab exec NODE dmesg.
"""

import sys
import time

from ..lab import Lab


def add_arguments(parser):
    """Options of `lab console`."""
    parser.add_argument("-f", "--follow", action="store_true", help="go on until interrupted")
    parser.add_argument("-n", "--lines", type=int, default=0, metavar="N", help="only the last N")
    parser.add_argument("node", metavar="NODE")


def main(args):
    """Print it, and follow it while asked to."""
    node = Lab()[args.node]
    text = node.console_text()
    sys.stdout.write("".join(text.splitlines(keepends=True)[-args.lines:]))
    sys.stdout.flush()
    while args.follow:
        time.sleep(0.2)
        more = node.console_text()
        if len(more) > len(text):
            sys.stdout.write(more[len(text):])
            sys.stdout.flush()
            text = more
    return 0
