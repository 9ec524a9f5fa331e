# SPDX-License-Identifier: GPL-2.0
"""Stop a node's CPUs; `lab resume` lets it go on.

Its clocks stop too, as in a paused cloud guest. With --stall its clocks run
on, as on a host that does not schedule it: it wakes up late. Prints the host's
CLOCK_MONOTONIC in ns when it was done.
"""

from ..lab import Lab


def add_arguments(parser):
    """Options of `lab pause`."""
    parser.add_argument("--stall", action="store_true", help="let its clocks run on")
    parser.add_argument("node", metavar="NODE")


def main(args):
    """Pause it."""
    print(Lab()[args.node].pause(args.stall))
    return 0
