# SPDX-License-Identifier: GPL-2.0
"""Get the kernel log out of a guest."""

from .errors import LabError

_SCAN_LEAKS = """
f=/sys/kernel/debug/kmemleak
[ ! -e $f ] || { echo scan > $f; sleep 1; echo scan > $f; cat $f; }
"""


def read_log(session, deadline, scan_leaks=False):
    """The guest's kernel log as text; first kmemleak looks, where it is built in.

    Two scans: an object younger than a few seconds is not reported by one.
    """
    if scan_leaks:
        session.start(["sh", "-c", _SCAN_LEAKS])
        session.finish(deadline=deadline)
    session.start(["/run/hotidlab/agent", "kmsg"])
    result = session.finish(deadline=deadline)
    if result.status:
        raise LabError(f"the guest's kernel log cannot be read: {result.stderr.decode()}")
    return result.stdout.decode(errors="replace")
