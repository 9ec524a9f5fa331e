# SPDX-License-Identifier: GPL-2.0
"""A daemon that dies in the middle: taking again gets there, and undoing again leaves nothing."""

import time
from random import Random

from hotidtest.expect import check, poll, same
from hotidtest.suite import test

from bench import undone_after


@test
def killed_during_takeover(bench):
    """Whenever it is killed, taking again gets there, and undoing leaves nothing."""
    spare = bench.spare
    epoch = bench.epoch()
    with undone_after(spare, epoch):
        spare.run("all", "stage", epoch=epoch).ok("stage")
        words = spare.command("all", "take", epoch=epoch)
        begin = time.monotonic()
        spare.node.exec(*words)
        whole = time.monotonic() - begin
    done = set()
    for part in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9):
        epoch = bench.epoch()
        with undone_after(spare, epoch):
            spare.run("all", "stage", epoch=epoch).ok("stage")
            words = spare.command("all", "take", epoch=epoch)
            cut = spare.node.exec("timeout", "-s", "KILL", f"{part * whole:.2f}", *words, check=False)
            done.add(len(cut.stdout.splitlines()))
            print(f"# killed after {part * whole:.2f} s, {len(cut.stdout.splitlines())} steps done")
            if part != 0.7:
                spare.run("all", "take", "verify", epoch=epoch).ok("take", "verify")
                same(bench.keys(), {epoch: True}, "keys")
    check(len(done) > 1, f"it was killed at the same point each time: after {done} steps")


@test
def killed_during_undo(bench):
    """Undoing again finishes what was begun."""
    spare = bench.spare
    for fraction in (1, 3, 5):
        epoch = bench.epoch()
        spare.run("all", "stage", "take", epoch=epoch).ok("take")
        words = spare.command("all", "undo", epoch=epoch)
        spare.node.exec("timeout", "-s", "KILL", f"{fraction * 0.2}", *words, check=False)
        spare.run("all", "undo", epoch=epoch).ok("undo")
        spare.clean()


@test
def killed_while_it_reserves_session_numbers(bench):
    """Whatever the kernel was doing for it: it ends, and the next one reserves them."""
    spare, epoch = bench.spare, bench.epoch()
    # Two nodes by turns, so that each has to make and remove many sessions.
    words = [spare.command("iscsi", "stage", epoch=epoch),
             spare.command("iscsi", "stage", epoch=epoch)]
    words[1][words[1].index(spare.id())] = words[1][words[1].index(bench.active.id())]
    words[1][words[1].index("-p") + 1] = spare.id()
    random, whole = Random(7), 0
    with undone_after(spare, epoch):
        for command in words * 2:
            begin = time.monotonic()
            spare.node.exec(*command)
            whole = time.monotonic() - begin
        killed = 0
        for life in range(40):
            cut = spare.node.exec("timeout", "-s", "KILL", f"{random.uniform(0.2, 1) * whole:.3f}",
                                  *words[life % 2], check=False)
            killed += cut.status != 0
            poll("it ends", 30, lambda: spare.node.exec("pgrep", "^hotid-kind-test|^iscsi$",
                                                        check=False).status == 1)
        spare.node.exec(*words[0])
    check(killed > 10, f"it was killed {killed} times")


@test
def records_that_are_empty(bench):
    """As iscsiadm leaves them when it is killed: they are written anew, and deleted."""
    spare, epoch = bench.spare, bench.epoch()
    empty = """
        find /etc/iscsi/{}/* -type f > /tmp/records
        test -s /tmp/records
        while read -r record; do : > "$record"; done < /tmp/records
    """
    with undone_after(spare, epoch):
        for which in ("nodes", "ifaces"):
            spare.run("iscsi", "stage", epoch=epoch).ok("stage")
            spare.shell(empty.format(which))
        spare.run("iscsi", "stage", "take", epoch=epoch).ok("stage", "take")
    for which in ("nodes", "ifaces"):
        with undone_after(spare, epoch):
            spare.run("iscsi", "stage", epoch=epoch).ok("stage")
            spare.shell(empty.format(which))
