# SPDX-License-Identifier: GPL-2.0
"""Read a node's kernel log and show what it complains about.

Exit code 124 when there are warnings, oopses, leaks or stalls in it. Of a
node that has ended the console is read, which has warnings and worse.
"""

import sys

from ..lab import Lab
from ..single import EXIT_BAD_LOG


def add_arguments(parser):
    """Options of `lab check-log`."""
    parser.add_argument("--allow-log", action="append", default=[], metavar="REGEX",
                        help="kernel messages that were expected; may be repeated")
    parser.add_argument("node", metavar="NODE")


def main(args):
    """Check it."""
    bad = Lab()[args.node].check_log(args.allow_log)
    if bad:
        print(f"{bad}\nlab: the kernel of {args.node} complained (above)", file=sys.stderr)
    return EXIT_BAD_LOG if bad else 0
