# SPDX-License-Identifier: GPL-2.0
"""The demo from its first line to its verdict."""

import argparse
import contextlib
import fcntl
import os
import signal
import sys

from hotidlab import host, pressure
from hotidlab.errors import LabError
from hotidlab.lab import Lab

from hotidtest import build, clientlog, wire
from hotidtest.topology import NODES

from . import config, priority, report, timeline
from .say import DemoError, doing, say, warn
from .scene import FalseAlarm, Scene

LAB_NAME = "hotid-demo"
MAX_ALARMS = 2
EPILOG = """exit status: 0 when nothing was lost, the spare serves and is in every respect what
active was; 1 when not; 2 for wrong usage. report.json is in build/demo/."""


@contextlib.contextmanager
def only_one():
    """Two demos at once would be one lab with six nodes."""
    path = f"/run/lock/{LAB_NAME}.lock"
    with open(path, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoError(f"another demo runs on this machine ({path})") from error
        yield


def play(scene, overlays, lun):
    """All acts in order. Returns the report."""
    with doing("Booting active, spare and storage"):
        scene.boot(overlays, lun)
    with doing("Storage: exporting a LUN that only the identity's initiator name sees"):
        scene.export_lun()
    with doing("Active and spare: waiting for each other's beats"):
        scene.wait_for_beats()
    with doing("Active: arming and taking the identity, epoch 1"):
        scene.make_active_the_holder()
    with doing("Client: writing to the ledger"):
        scene.start_client()
    scene.captures.start()
    taken_away = pressure.Pressure()
    with priority.first(scene.lab, scene.client.process), \
            pressure.Stopwatch(scene.spare_pid()) as stopwatch:
        before = scene.look_before()
        killed_ns = scene.arm_and_kill()
        priority.storage_too(scene.lab)
        scene.wait_for_service(killed_ns)
    taken_away = taken_away.whole()
    say(pressure.text(taken_away))
    taken = scene.look_after(before, killed_ns)
    scene.captures.stop()
    with doing("Reading every record back"):
        sent = scene.client.stop()
        ledger = scene.client.compare()
    with doing("Reading the captures and the kernels' logs"):
        seen = wire.read(scene.captures.files, scene.lab.nodes, killed_ns)
        complaints = scene.lab.check_logs()
    return report.make(taken, seen, sent, ledger, clientlog.read(scene.client.log), complaints,
                       stopwatch, taken_away)


def perform(directory, overlays, alarms):
    """One performance, in a lab of its own. Returns the exit status."""
    old = Lab(LAB_NAME)
    if old.nodes:
        say("Ending the lab that an earlier demo kept")
    old.down()
    lun = build.make_lun(directory)
    with Lab(LAB_NAME) as lab:
        scene = Scene(lab, directory)
        try:
            with pressure.Ticker(say, every=10):
                outcome = play(scene, overlays, lun)
        except FalseAlarm as error:
            if alarms < MAX_ALARMS:
                lab.down()
            else:
                print(scene.logs(error.nodes), file=sys.stderr)
            raise
        except (DemoError, LabError, AssertionError) as error:
            print(scene.logs(getattr(error, "nodes", ()) or NODES), file=sys.stderr)
            raise
        outcome["false_alarms"] = alarms
        timeline.show(outcome)
        if not outcome["passed"]:
            print(scene.logs(NODES), file=sys.stderr)
    result = directory / "report.json"
    report.write(outcome, result)
    print(f"\n{'PASSED' if outcome['passed'] else 'FAILED'}: see {os.path.relpath(result)}")
    return 0 if outcome["passed"] else 1


def perform_until_killed(directory):
    """A false alarm ends the performance before its time: then once more."""
    (directory / "report.json").unlink(missing_ok=True)
    with doing("Building"):
        overlays = build.build(directory, config.files)
    for alarms in range(MAX_ALARMS):
        try:
            return perform(directory, overlays, alarms)
        except FalseAlarm as error:
            warn(f"{error}: this host is too busy to run three virtual machines in time; "
                 "once more from the beginning")
    return perform(directory, overlays, MAX_ALARMS)


def main(argv=None):
    """The command line."""
    parser = argparse.ArgumentParser(prog="demo", epilog=EPILOG, description=__doc__)
    parser.add_argument("--keep", action="store_true",
                        help=f"leave the lab up afterwards, for LAB_NAME={LAB_NAME} lab ...")
    args = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    os.environ.setdefault("LAB_BUILD", str(build.output_dir()))
    os.environ["LAB_KEEP"] = "1" if args.keep else "0"
    directory = build.output_dir() / "demo"
    try:
        host.need_root()
        host.need_packages()
        directory.mkdir(parents=True, exist_ok=True)
        with only_one():
            return perform_until_killed(directory)
    except (DemoError, LabError, AssertionError) as error:
        warn(f"FAILED: {error}")
        return 1
    except KeyboardInterrupt:
        warn("interrupted; the lab is kept" if args.keep else
             "interrupted; everything is taken down")
        return 128 + signal.SIGINT
