# SPDX-License-Identifier: GPL-2.0
"""From a guest's CLOCK_MONOTONIC to the host's, with a stated error bound.

One round trip over the agent's port brackets a reading of the guest's clock:
the offset is known to half the round trip. Of many, the quickest is kept. Two
such anchors also give the guest's rate; times between them are interpolated.
"""

from dataclasses import dataclass

# Beyond the anchors the guest's clock is trusted to this rate error: what
# TSC calibration was seen to give is below 10 ppm.
EXTRAPOLATION_PPM = 50
ROUND_TRIPS = 60


@dataclass(frozen=True)
class Anchor:
    """One moment on both clocks, right to within error_ns."""
    guest_ns: int
    host_ns: int
    error_ns: int


def measure(session, round_trips=ROUND_TRIPS):
    """Anchor of the quickest of some round trips."""
    best = min((session.clock() for _ in range(round_trips)),
               key=lambda sample: sample.after_ns - sample.before_ns)
    return Anchor(best.monotonic_ns, (best.before_ns + best.after_ns) // 2,
                  (best.after_ns - best.before_ns + 1) // 2)


class ClockMap:
    """A guest's clock as anchors in the order of time; one is enough."""

    def __init__(self, anchors=()):
        self.anchors = sorted(anchors, key=lambda anchor: anchor.guest_ns)

    def add(self, anchor):
        """One more anchor. Those of a boot before must not be mixed in."""
        self.anchors = sorted([*self.anchors, anchor], key=lambda a: a.guest_ns)
        return self

    def to_host(self, guest_ns):
        """(host's CLOCK_MONOTONIC in ns, error bound in ns) of a guest time."""
        if not self.anchors:
            raise ValueError("no anchor: measure the clock first")
        before = [a for a in self.anchors if a.guest_ns <= guest_ns]
        after = [a for a in self.anchors if a.guest_ns > guest_ns]
        if before and after:
            return self._between(before[-1], after[0], guest_ns)
        near = before[-1] if before else after[0]
        distance = guest_ns - near.guest_ns
        return (near.host_ns + distance,
                near.error_ns + abs(distance) * EXTRAPOLATION_PPM // 1_000_000)

    @staticmethod
    def _between(first, second, guest_ns):
        span = second.guest_ns - first.guest_ns
        part = (guest_ns - first.guest_ns) / span
        offset = ((first.host_ns - first.guest_ns) * (1 - part)
                  + (second.host_ns - second.guest_ns) * part)
        return guest_ns + round(offset), max(first.error_ns, second.error_ns)
