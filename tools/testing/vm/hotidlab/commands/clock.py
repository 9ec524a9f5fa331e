# SPDX-License-Identifier: GPL-2.0
"""Compare a node's CLOCK_MONOTONIC with the host's.

Prints the node's time, the host's time of the same moment, and the error
bound, all in ns.
"""

from ..lab import Lab


def add_arguments(parser):
    """Options of `lab clock`."""
    parser.add_argument("node", metavar="NODE")


def main(args):
    """Measure once."""
    anchor = Lab()[args.node].anchor()
    print(anchor.guest_ns, anchor.host_ns, anchor.error_ns)
    return 0
