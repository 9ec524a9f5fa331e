# SPDX-License-Identifier: GPL-2.0
"""Run a program of the host in the client's namespace (10.77.0.100, fd77::100).

    lab client ping -c 1 10.77.0.1
"""

import os

from .. import net
from ..lab import Lab


def add_arguments(parser):
    """Options of `lab client`."""
    parser.add_argument("argv", nargs="...", metavar="COMMAND")


def main(args):
    """Become that program."""
    argv = args.argv[1:] if args.argv[:1] == ["--"] else args.argv
    words = [*net.enter(Lab().network.client), *(argv or ["bash"])]
    os.execvp(words[0], words)
