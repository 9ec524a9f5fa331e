# SPDX-License-Identifier: GPL-2.0
"""Storage that is not as it should be: refused, and left alone."""

import re
import time

from hotidtest.expect import check, same
from hotidtest.suite import test

from bench import INITIATOR, SERIAL, WWID, Outcome, held, undone_after


@test
def target_unreachable(bench):
    """Nobody listens, or nobody is there: refused when armed, and in time when taken."""
    bench.spare.run("iscsi", "stage", portal="10.78.0.3:3999").failed(
        "iscsi", "ECONNREFUSED", r"10\.78\.0\.3:3999", "is the target up")
    bench.spare.run("iscsi", "undo", portal="10.78.0.3:3999").ok()
    with undone_after(bench.spare, 1, timeout="6s"):
        bench.spare.run("iscsi", "stage", timeout="6s").ok()
        bench.storage.partition("san")
        try:
            begin = time.monotonic()
            outcome = bench.spare.run("iscsi", "take", timeout="6s")
            took = time.monotonic() - begin
        finally:
            bench.storage.heal("san")
        outcome.failed("iscsi", "ETIMEDOUT|EHOSTUNREACH", "cannot reach the portal")
        check(outcome.milliseconds("iscsi", "take") < 6000, f"{took:.1f} s are longer than a step's time")


@test
def unknown_initiator(bench):
    """The target does not know the identity's name."""
    wrong = {"initiator": INITIATOR + "2"}
    with undone_after(bench.spare, 1, **wrong):
        bench.spare.run("iscsi", "stage", "take", **wrong).failed(
            "iscsi", "ECONNREFUSED", "cannot log in", "authorization", INITIATOR + "2")


@test
def lun_never_appears(bench):
    """The target has no such LUN: the wait ends with the step's time."""
    wrong = {"lun": 5, "timeout": "15s"}
    with undone_after(bench.spare, 1, **wrong):
        bench.spare.run("iscsi", "stage", **wrong).ok()
        bench.spare.run("iscsi", "take", **wrong).failed(
            "iscsi", "ETIMEDOUT", "LUN 5", "did not appear", "map it to")


@test
def cancelled_while_waiting(bench):
    """A release in the middle ends the wait: cancelled, and not at its time limit."""
    wrong = {"lun": 5, "timeout": "60s"}
    with undone_after(bench.spare, 1, **wrong):
        bench.spare.run("iscsi", "stage", **wrong).ok()
        words = bench.spare.command("iscsi", "take", **wrong)
        outcome = Outcome(bench.spare.node.exec("timeout", "-s", "TERM", "6", *words, check=False))
        check(re.search(r"failed take iscsi\.0 .* ECANCELED cancelled: LUN 5", outcome.text),
              outcome.text)


@test
def wwid_is_compared(bench):
    """The right one passes; another LUN in its place is refused and both are named."""
    epoch = bench.epoch()
    with held(bench.spare, epoch):
        pass
    epoch = bench.epoch()
    wrong = {"wwid": ", wwid: '360014050000000000000000000000000'"}
    with undone_after(bench.spare, epoch, **wrong):
        bench.spare.run("all", "stage", "take", epoch=epoch, **wrong).failed(
            "reservation", "ENXIO", WWID, "360014050000000000000000000000000")


@test
def another_owners_lun_is_left_alone(bench):
    """A LUN that is not the identity's: its owner keeps it, and no command changes anything."""
    old, new = bench.epoch(), bench.epoch()
    wrong = {"wwid": ", wwid: '360014050000000000000000000000000'"}
    with held(bench.active, old):
        same(bench.keys(), {old: True}, "keys")
        generation = bench.generation()
        with undone_after(bench.spare, new, **wrong):
            bench.spare.run("all", "stage", "take", epoch=new, **wrong).failed(
                "reservation", "ENXIO", WWID, "wwid: 360014050000000000000000000000000")
            same(bench.keys(), {old: True}, "keys after the refused takeover")
        same(bench.keys(), {old: True}, "keys after its undo")
        same(bench.generation(), generation, "changes of the registrations")
        bench.active.shell("echo still mine >/srv/web/data; sync -f /srv/web")


@test
def serial_will_do(bench):
    """A disk may be known by its unit serial number as well."""
    epoch = bench.epoch()
    with held(bench.spare, epoch, wwid=f", serial: '{SERIAL}'"):
        pass
    epoch = bench.epoch()
    wrong = {"wwid": ", serial: nobody"}
    with undone_after(bench.spare, epoch, **wrong):
        bench.spare.run("all", "stage", "take", epoch=epoch, **wrong).failed(
            "reservation", "ENXIO", SERIAL, "serial: nobody")


@test
def foreign_key_is_not_preempted(bench):
    """Somebody else's software holds the disk: refused, and it keeps it, unless the file says so."""
    new, later = bench.epoch(), bench.epoch()
    active = bench.active
    with undone_after(active, 1):
        active.run("iscsi", "stage", "take").ok("take")
        active.reserve(0x123abc, victim=bench.holder())
        try:
            with undone_after(bench.spare, new):
                bench.spare.run("all", "stage", "take", epoch=new).failed(
                    "reservation", "EPERM", "0x123abc", "foreign-keys: preempt")
                same(bench.raw_keys(), {0x123abc: True}, "keys after the refused takeover")
            same(bench.raw_keys(), {0x123abc: True}, "keys after its undo")
            policy = {"wwid": f", wwid: '{WWID}', foreign-keys: preempt"}
            with held(bench.spare, later, **policy) as taken:
                same(bench.keys(), {later: True}, "keys")
                check("the foreign key 0x123abc" in taken.message("reservation", "take"), taken.text)
        finally:
            active.give_up()
    # A node that is no peer: some other cluster's.
    with undone_after(active, 1):
        stranger, new = bench.epoch(), bench.epoch()
        active.run("iscsi", "stage", "take").ok("take")
        active.reserve(0x4849_5555_0000_0000 | stranger, victim=bench.holder())
        before = bench.raw_keys()
        with undone_after(bench.spare, new):
            bench.spare.run("all", "stage", "take", epoch=new).failed(
                "reservation", "EPERM", f"0x48495555{stranger:08x}", "no peer")
        same(bench.raw_keys(), before, "keys")
        active.give_up()
