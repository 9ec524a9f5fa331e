# SPDX-License-Identifier: GPL-2.0
"""How long a node's processor stood still, so that a time in it can have a bound.

Emulated processors stand still for as long as the host likes. What a node does
in a certain time it does in that time and those stalls, however many there are.
"""

import contextlib
import signal
from pathlib import Path

from hotidtest.expect import poll

_METER = (Path(__file__).resolve().parent / "guest/stallmeter").read_bytes()


class Stalls:                       # pylint: disable=too-few-public-methods
    """What was measured, when the block is over."""

    def __init__(self):
        self._late = []

    def fill(self, text):
        """Take the meter's words."""
        self._late = [tuple(map(int, line.split())) for line in text.splitlines()
                      if line and line != "ready"]

    def between(self, start_ns, end_ns):
        """How much of that time of the node's clock it stood still, at most."""
        return sum(min(to, end_ns) - max(since, start_ns) for since, to in self._late
                   if since < end_ns and to > start_ns)


@contextlib.contextmanager
def measured(member):
    """Stalls of a node while the block runs; to be asked after it."""
    path = "/run/stallmeter.log"
    member.node.write_file("/root/stallmeter", _METER, 0o755)
    stalls = Stalls()
    with member.node.session() as session:
        session.start(["sh", "-c", f"exec /root/stallmeter > {path}"])
        poll("the meter of stalls runs", 30, lambda: member.run(
            "grep", "-q", "ready", path, status=None).status == 0)
        yield stalls
        session.signal(signal.SIGKILL)
        session.finish()
    stalls.fill(member.node.read_file(path).decode())
