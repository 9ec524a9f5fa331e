# SPDX-License-Identifier: GPL-2.0
"""Start a node again that has ended, with a fresh disk and its overlays read anew."""

from ..lab import Lab


def add_arguments(parser):
    """Options of `lab boot`."""
    parser.add_argument("node", metavar="NODE")


def main(args):
    """Boot and wait."""
    Lab().boot(args.node)
    return 0
