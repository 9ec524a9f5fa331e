# SPDX-License-Identifier: GPL-2.0
"""From the command line to the count."""

import argparse
import os
import signal
import sys
import time

from hotidlab import LabError, host
from hotidlab.lab import Lab
from hotiddemo import build
from hotiddemo.say import DemoError

from . import ktap
from .world import World

LIMIT = 3000                    # seconds for all tests; none begins after it


def _load():
    """The tests register themselves, in this order.

    Those of configs are before all that leave the spare with a holder in mind, and those
    that boot nodes anew are last.
    """
    # pylint: disable=import-outside-toplevel, unused-import
    from tests import (     # noqa: F401
        commands, configs, broken, doctor, daemon, liveness, audit, fence, wire, again, death)


def _part(text):
    """K/N as numbers."""
    part, slash, parts = text.partition("/")
    if not (slash and part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text}: write K/N, as 1/2")
    return int(part), int(parts)


def _perform(tests, part):
    """Boot the lab and run them. Returns how many passed."""
    directory = build.output_dir() / f"vmtest-{part}"
    directory.mkdir(parents=True, exist_ok=True)
    name = os.environ.get("LAB_NAME", f"hotid-vmtest-{part}")
    Lab(name).down()
    with Lab(name) as lab:
        world = World(lab, directory)
        begin = time.monotonic()
        world.start()
        ktap.comment(f"the lab is up after {time.monotonic() - begin:.0f} s")
        return ktap.run(tests, world, time.monotonic() + LIMIT)


def main():
    """The command line."""
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("--list", action="store_true", help="names of the tests, and no more")
    parser.add_argument("--keep", action="store_true", help="leave the lab up for a look")
    parser.add_argument("--part", type=_part, default=(1, 1), metavar="K/N",
                        help="of N parts, each with a lab of its own, this one")
    parser.add_argument("tests", nargs="*", metavar="TEST", help="a word of their names")
    args = parser.parse_args()
    _load()
    tests = ktap.chosen(args.tests, *args.part)
    if not tests:
        sys.exit(f"run: no test has {' or '.join(args.tests)} in its name; see run --list")
    if args.list:
        print("\n".join(name for name, _ in tests))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    os.environ.setdefault("LAB_BUILD", str(build.output_dir()))
    os.environ.setdefault("LAB_QUIET", "1")
    if args.keep:
        os.environ["LAB_KEEP"] = "1"
    passed = 0
    try:
        host.need_root()
        host.need_packages()
        passed = _perform(tests, args.part[0])
    except (LabError, DemoError, AssertionError) as error:
        print(f"Bail out! {error}", flush=True)
    print(f"{passed} passed, {len(tests) - passed} failed, 0 skipped", flush=True)
    return 0 if passed == len(tests) else 1
