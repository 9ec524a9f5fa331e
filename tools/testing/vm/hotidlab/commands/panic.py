# SPDX-License-Identifier: GPL-2.0
"""Make a node's kernel panic, by a non-maskable interrupt.

The panic notifiers run, then the kernel restarts the machine, which ends the
node. Prints the host's CLOCK_MONOTONIC in ns just before the interrupt.
"""

from ..lab import Lab


def add_arguments(parser):
    """Options of `lab panic`."""
    parser.add_argument("node", metavar="NODE")


def main(args):
    """Panic it and wait for its end."""
    print(Lab()[args.node].panic())
    return 0
