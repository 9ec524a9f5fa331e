# SPDX-License-Identifier: GPL-2.0
"""Processes that outlive us, known by pid and start time: never a wrong kill."""

import json
import os
import select
import signal
import time
from pathlib import Path


def _start_time(pid):
    """Ticks since boot at which pid started; None when it is gone or dead."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            fields = stat.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def remember(path, pid):
    """Write a pidfile. The process must be alive."""
    path.write_text(json.dumps({"pid": pid, "start": _start_time(pid)}), encoding="ascii")


def alive(path):
    """The pid in the pidfile, or 0 when that process is no more."""
    try:
        known = json.loads(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
    same = known["start"] is not None and _start_time(known["pid"]) == known["start"]
    return known["pid"] if same else 0


def send(path, number):
    """Send a signal to the remembered process. Returns whether it was alive."""
    pid = alive(path)
    if not pid:
        return False
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if not alive(path):         # pidfd_open() came too late
            return False
        signal.pidfd_send_signal(pidfd, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(pidfd)
    return True


def wait_gone(path, timeout):
    """Wait until the process has ended. Returns whether it has."""
    pid = alive(path)
    if not pid:
        return True
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    deadline = time.monotonic() + timeout
    try:
        while alive(path):
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            poll.poll(left * 1000)
    finally:
        os.close(pidfd)
    return True


def stopped(path):
    """Whether every thread of the process is stopped (SIGSTOP comes to each)."""
    pid = alive(path)
    try:
        for stat in Path("/proc", str(pid), "task").glob("*/stat"):
            if stat.read_bytes().rpartition(b")")[2].split()[0] not in (b"T", b"t"):
                return False
    except OSError:         # a thread ended meanwhile
        return False
    return bool(pid)


def end(path, timeout=5.0):
    """Kill the remembered process, wait for its end, forget it."""
    send(path, signal.SIGKILL)
    gone = wait_gone(path, timeout)
    if gone:
        path.unlink(missing_ok=True)
    return gone
