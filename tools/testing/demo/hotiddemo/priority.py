# SPDX-License-Identifier: GPL-2.0
"""The host's scheduler must not play the dead server.

Real servers have CPUs of their own. Emulated ones share the host's, and where
these are few a node's virtual CPU may wait for longer than three beats: its
peer is then right to think that it died. So for the seconds in which a
takeover is possible, the two nodes that beat run before all else on the host,
and the storage before the rest; once one of the two is dead, before all too.
"""

import contextlib
import os

from hotidlab import process
from hotidtest.topology import ACTIVE, SPARE, STORAGE

from .say import warn

_NODES = 20                 # SCHED_FIFO
_OURS = 30                  # above: we time the kill, and the client the answers
# not SCHED_FIFO beside two others: cores full of it are stopped by the kernel, for
# 50 ms in every second
_STORAGE_NICE = -15
_STORAGE = 10


def _threads(pid):
    """All threads of a process that may have ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        yield from map(int, os.listdir(f"/proc/{pid}/task"))


def _set(pid, policy, priority):
    for thread in _threads(pid):
        with contextlib.suppress(ProcessLookupError):
            os.sched_setscheduler(thread, policy, os.sched_param(priority))


def _set_nice(pid, nice):
    for thread in _threads(pid):
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, thread, nice)
    # with CONFIG_SCHED_AUTOGROUP nice only counts within a session
    with contextlib.suppress(OSError), open(f"/proc/{pid}/autogroup", "w",
                                            encoding="ascii") as group:
        group.write(str(nice))


def _set_all(lab, client, policy, nodes, ours):
    for name in (ACTIVE, SPARE):
        pid = process.alive(lab[name].pidfile)
        if pid:
            _set(pid, policy, nodes)
    for pid in (client.pid, os.getpid()):
        _set(pid, policy, ours)


@contextlib.contextmanager
def first(lab, client):
    """Nodes and client before everything else on the host, for a while."""
    try:
        _set_all(lab, client, os.SCHED_FIFO, _NODES, _OURS)
        _set_nice(process.alive(lab[STORAGE].pidfile), _STORAGE_NICE)
    except PermissionError:
        warn("the host does not let the virtual machines run first; "
             "if it is busy, the spare may think too early that active died")
    try:
        yield
    finally:
        with contextlib.suppress(PermissionError):
            _set_all(lab, client, os.SCHED_OTHER, 0, 0)
            _set(process.alive(lab[STORAGE].pidfile), os.SCHED_OTHER, 0)
            _set_nice(process.alive(lab[STORAGE].pidfile), 0)


def storage_too(lab):
    """There is room for it now."""
    with contextlib.suppress(PermissionError):
        _set(process.alive(lab[STORAGE].pidfile), os.SCHED_FIFO, _STORAGE)
