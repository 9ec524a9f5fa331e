# SPDX-License-Identifier: GPL-2.0
"""Cut a node's power: QEMU is killed outright.

Prints the host's CLOCK_MONOTONIC in ns just before.
"""

from ..lab import Lab


def add_arguments(parser):
    """Options of `lab kill`."""
    parser.add_argument("node", metavar="NODE")


def main(args):
    """Kill it."""
    print(Lab()[args.node].kill())
    return 0
