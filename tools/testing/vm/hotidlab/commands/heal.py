# SPDX-License-Identifier: GPL-2.0
"""Undo `lab partition`.

Prints the host's CLOCK_MONOTONIC in ns when it was done.
"""

from ..lab import Lab
from .partition import BRIDGES, add_arguments

__all__ = ["add_arguments", "main"]


def main(args):
    """Heal it."""
    print(Lab()[args.node].heal(*BRIDGES[args.bridge]))
    return 0
