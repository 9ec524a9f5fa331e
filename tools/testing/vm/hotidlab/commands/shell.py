# SPDX-License-Identifier: GPL-2.0
"""A shell in a node, on this terminal. It needs no network."""

import os
import shutil
import sys
import termios
import tty

from ..errors import LabError
from ..lab import Lab


def add_arguments(parser):
    """Options of `lab shell`."""
    parser.add_argument("node", metavar="NODE")


def main(args):
    """Raw mode here, a pseudo-terminal there."""
    if not sys.stdin.isatty():
        raise LabError("lab shell needs a terminal; use: lab exec -i NODE sh")
    size = shutil.get_terminal_size()
    start = f"stty rows {size.lines} cols {size.columns}; exec bash -l"
    before = termios.tcgetattr(0)
    with Lab()[args.node].session() as session:
        session.start(["script", "-qfec", start, "/dev/null"],
                      {"TERM": os.environ.get("TERM", "linux"), "SHELL": "/bin/sh"})
        try:
            tty.setraw(0)
            return session.finish(sys.stdin.buffer, lambda data: os.write(1, data)).status
        finally:
            termios.tcsetattr(0, termios.TCSADRAIN, before)
