# SPDX-License-Identifier: GPL-2.0
"""From the command line to the count."""

import os
import signal
import sys
import time

from hotidlab import LabError, host
from hotidlab.lab import Lab
from hotidtest import build, ktap, suite
from world import World

LIMIT = 3000                    # seconds for all tests; none begins after it


def _load():
    """The tests register themselves."""
    # pylint: disable=import-outside-toplevel, unused-import
    from tests import (     # noqa: F401
        commands, wrong_config, failed_step, doctor, daemon_killed, daemon_hangs, audit,
        holder_lives, voters, wire_order, recovery, holder_dies)


def _perform(tests, part, writer):
    """Boot the lab and run them."""
    directory = build.output_dir() / f"vmtest-{part}"
    directory.mkdir(parents=True, exist_ok=True)
    name = os.environ.get("LAB_NAME", f"hotid-vmtest-{part}")
    Lab(name).down()
    with Lab(name) as lab:
        world = World(lab, directory)
        begin = time.monotonic()
        world.start()
        ktap.comment(f"the lab is up after {time.monotonic() - begin:.0f} s")
        suite.run(tests, world, writer, LIMIT)


def main(about):
    """The command line."""
    args = suite.arguments(about)
    _load()
    tests = suite.chosen(args)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    os.environ.setdefault("LAB_BUILD", str(build.output_dir()))
    os.environ.setdefault("LAB_QUIET", "1")
    if args.keep:
        os.environ["LAB_KEEP"] = "1"
    writer = ktap.Writer(len(tests))
    try:
        host.need_root()
        host.need_packages()
        _perform(tests, args.part[0], writer)
    except (LabError, AssertionError) as error:
        print(f"Bail out! {error}", flush=True)
    return writer.end()
