# SPDX-License-Identifier: GPL-2.0
"""Cut a node off from a bridge, or from both; `lab heal` undoes it.

Its links stay up and the bridge keeps what it learnt, as when the cable beyond
the next switch is pulled. `lan` takes the identity port with it. Prints the
host's CLOCK_MONOTONIC in ns when it was done.
"""

from ..lab import Lab

BRIDGES = {"lan": ["lan"], "san": ["san"], "both": ["lan", "san"]}


def add_arguments(parser):
    """Options of `lab partition`, and of `lab heal`."""
    parser.add_argument("node", metavar="NODE")
    parser.add_argument("bridge", nargs="?", choices=BRIDGES, default="both", help="default: both")


def main(args):
    """Cut it off."""
    print(Lab()[args.node].partition(*BRIDGES[args.bridge]))
    return 0
