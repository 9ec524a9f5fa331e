# SPDX-License-Identifier: GPL-2.0
"""The host's scheduler must not play the dead server.

Real servers have CPUs of their own. Emulated ones share the host's, and where
these are few a node's virtual CPU may wait for longer than three beats: its
peer is then right to think that it died. So for the seconds in which a
takeover is possible the nodes run before everything else on the host, the two
that beat before the storage.
"""

import contextlib
import os

from hotidlab import process

from .cast import ACTIVE, SPARE, STORAGE
from .say import warn

# SCHED_FIFO; ours is above, since we time the kill and the client's answers
_ORDER = {ACTIVE: 20, SPARE: 20, STORAGE: 10}
_OURS = 30


def _set(pid, policy, priority):
    """All threads of a process; those that end meanwhile do not matter."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(ProcessLookupError):
                os.sched_setscheduler(int(thread), policy, os.sched_param(priority))


@contextlib.contextmanager
def first(lab, client):
    """Nodes and client before everything else on the host, for a while."""
    pids = {process.alive(lab[name].pidfile): order for name, order in _ORDER.items()}
    pids.update({client.pid: _OURS, os.getpid(): _OURS})
    pids.pop(0, None)
    try:
        for pid, order in pids.items():
            _set(pid, os.SCHED_FIFO, order)
    except PermissionError:
        warn("the host does not let the virtual machines run first; "
             "if it is busy, the spare may think too early that active died")
    try:
        yield
    finally:
        with contextlib.suppress(PermissionError):
            for pid in pids:
                if pid == os.getpid() or os.path.exists(f"/proc/{pid}"):
                    _set(pid, os.SCHED_OTHER, 0)
