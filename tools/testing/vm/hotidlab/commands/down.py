# SPDX-License-Identifier: GPL-2.0
"""Take a lab down: processes, namespaces and files. Nothing is left.

Before that the kernel logs are read; a complaint in one of them makes the
exit code 124, and is shown. --force skips that.
"""

import sys

from ..lab import Lab
from ..single import EXIT_BAD_LOG


def add_arguments(parser):
    """Options of `lab down`."""
    parser.add_argument("--force", action="store_true", help="do not read the kernel logs")
    parser.add_argument("--allow-log", action="append", default=[], metavar="REGEX",
                        help="kernel messages that were expected; may be repeated")


def main(args):
    """Check the logs, then remove everything whatever they say."""
    lab = Lab()
    bad = {}
    try:
        if not args.force:
            bad = lab.check_logs(args.allow_log)
    finally:
        lab.down()
    for name, text in bad.items():
        print(f"{text}\nlab: the kernel of {name} complained (above)", file=sys.stderr)
    return EXIT_BAD_LOG if bad else 0
