# SPDX-License-Identifier: GPL-2.0
"""Let a paused or stalled node go on.

Prints the host's CLOCK_MONOTONIC in ns just before.
"""

from ..lab import Lab


def add_arguments(parser):
    """Options of `lab resume`."""
    parser.add_argument("node", metavar="NODE")


def main(args):
    """Resume it."""
    print(Lab()[args.node].resume())
    return 0
