# SPDX-License-Identifier: GPL-2.0
"""Get what the kernel has to say out of a guest."""

from .errors import LabError

# An object that is younger than 5 s is never reported. What a first scan
# finds is suspected only when a second one finds it unchanged.
_SCAN_LEAKS = """
f=/sys/kernel/debug/kmemleak
[ -e $f ] || exit 0
sleep 6
echo scan > $f
echo scan > $f
cat $f
"""


def scan_leaks(session, deadline):
    """kmemleak's report of the guest, '' when it has none or knows no leak.

    It disables itself when it runs out of memory: that is an error here.
    """
    session.start(["sh", "-euc", _SCAN_LEAKS])
    result = session.finish(deadline=deadline)
    if result.status:
        raise LabError(f"kmemleak cannot be asked: {result.stderr.decode()}")
    return result.stdout.decode(errors="replace")


def read_log(session, deadline):
    """The guest's kernel log as text."""
    session.start(["/run/hotidlab/agent", "kmsg"])
    result = session.finish(deadline=deadline)
    if result.status:
        raise LabError(f"the guest's kernel log cannot be read: {result.stderr.decode()}")
    return result.stdout.decode(errors="replace")
