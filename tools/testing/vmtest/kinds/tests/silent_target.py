# SPDX-License-Identifier: GPL-2.0
"""A target that does not answer any more: open-iscsi misses it after 10 seconds at the earliest."""

import contextlib
import signal

from hotidtest.expect import check, poll, same
from hotidtest.suite import test

from bench import NO_ANSWER, held, undone_after


@contextlib.contextmanager
def silent(storage):
    """What the target is sent gets lost, and sessions do not know it yet."""
    storage.partition("san")
    try:
        yield
    finally:
        storage.heal("san")


def session_state(node):
    """As the kernel has it: LOGGED_IN, FAILED or FREE."""
    return node.shell("cat /sys/class/iscsi_session/session*/state").strip()


def recovered(node):
    """No process waits for the disk any more, and it answers: all error handling is over."""
    return node.shell("""
        ! pgrep -x 'reservation|mount' >/dev/null || exit 0
        timeout 5 dd if=$(ls -d /dev/sd?) of=/dev/null iflag=direct count=1 2>/dev/null &&
            echo it does || true""").strip() == "it does"


@test
def login_without_an_answer(bench):
    """Something accepts connections at the portal and says nothing: the login ends in time."""
    changes = {"portal": "10.78.0.3:3999", "timeout": "8s"}
    with bench.storage.session() as listener, undone_after(bench.spare, 1, **changes):
        listener.start(["python3", "-c", "import socket, time; s = socket.create_server(('10.78.0.3', 3999)); "
                        "print(flush=True); time.sleep(1000)"])
        poll("somebody listens", 10, lambda: "3999" in bench.storage.shell("ss -lnt").text)
        bench.spare.run("all", "stage", **changes).ok("stage")
        bench.spare.run("iscsi", "take", **changes).failed("iscsi", "ECONNREFUSED|ETIMEDOUT", "10.78.0.3:3999")
        listener.signal(signal.SIGKILL)
        listener.finish()


@test
def fence_without_an_answer(bench):
    """The reservation's command waits in the kernel: left behind, and waited for by the undo."""
    epoch, spare = bench.epoch(), bench.spare
    bench.excuse(spare, *NO_ANSWER)
    with undone_after(spare, epoch):
        spare.run("all", "stage", epoch=epoch).ok("stage")
        spare.run("iscsi", "take", epoch=epoch).ok("take")
        spare.clear_keys()
        with silent(bench.storage):
            spare.run("reservation", "take", epoch=epoch, timeout="2s").failed(
                "reservation", "ETIMEDOUT", "left behind: take of .* waits in the kernel", r"process \d+, in \w+")
            check(spare.shell("ls /run/hotid-kind-test/*.left-reservation.0"), "it was not noted")
            # Else it may miss the target in the middle of the undo.
            poll("open-iscsi misses the target", 120, lambda: session_state(spare) != "LOGGED_IN")
        # Until then commands fail; an undo repeats them for a while only.
        poll("the disk answers", 120, lambda: recovered(spare))
    same(bench.keys(), {}, "keys")


@test
def unmount_without_an_answer(bench):
    """The same for a file system with something to be written. What is below it stays."""
    epoch, spare = bench.epoch(), bench.spare
    bench.excuse(spare, *NO_ANSWER)
    with held(spare, epoch):
        spare.run("unit", "undo", epoch=epoch).ok("undo")
        spare.shell("sync -f /srv/web; echo later >/srv/web/later")
        with silent(bench.storage):
            spare.run("mount", "undo", epoch=epoch, timeout="2s").failed(
                "mount", "ETIMEDOUT", "left behind: undo of .* waits in the kernel", r"process \d+, in \w+")
            behind = spare.run("reservation", "verify", epoch=epoch, timeout="2s")
            if session_state(spare) == "LOGGED_IN":
                behind.failed("reservation", "ETIMEDOUT", "left behind: verify of")
            else:
                # On a slow host open-iscsi misses the target meanwhile, and fails commands itself.
                behind.failed("reservation", "ETIMEDOUT|EIO",
                              "left behind: verify of|Input/output error")
        poll("the disk answers", 120, lambda: recovered(spare))
    spare.clean()
