# SPDX-License-Identifier: GPL-2.0
"""The client's log of acknowledgements (struct log_entry in ../client.c), and the outage in it."""

import struct
from dataclasses import dataclass

_ENTRY = struct.Struct("=QQQ")


@dataclass(frozen=True)
class Ack:
    """One number; host's CLOCK_MONOTONIC."""
    number: int
    first_ns: int
    ack_ns: int


@dataclass(frozen=True)
class Outage:
    """A time without an acknowledgement."""
    last_ack_ns: int
    next_ack_ns: int

    @property
    def ns(self):
        """How long it was."""
        return self.next_ack_ns - self.last_ack_ns


def read(path):
    """Acknowledgements in the order they came. A torn last entry is left out."""
    data = path.read_bytes() if path.exists() else b""
    data = data[:len(data) - len(data) % _ENTRY.size]
    return [Ack(*entry) for entry in _ENTRY.iter_unpack(data) if entry[2]]


def count(path):
    """How many acknowledgements there are, without reading them."""
    return path.stat().st_size // _ENTRY.size if path.exists() else 0


def answered_since(path, ns, grace_ns=20_000_000):
    """Whether a number first sent after that time was acknowledged.

    One that was on its way at that time proves nothing; hence the grace.
    """
    with open(path, "rb") as log:
        log.seek(max(0, count(path) - 1) * _ENTRY.size)
        entry = log.read(_ENTRY.size)
    return len(entry) == _ENTRY.size and _ENTRY.unpack(entry)[2] > ns + grace_ns


def outage(acks, killed_ns, in_flight_ns=50_000_000):
    """The gap around the kill; None when nothing came after it.

    It begins at the last acknowledgement of the dead server, which may still
    have been on its way when that was killed.
    """
    gaps = [gap for gap in _gaps(acks)
            if gap.next_ack_ns > killed_ns and gap.last_ack_ns < killed_ns + in_flight_ns]
    return max(gaps, key=lambda gap: gap.ns) if gaps else None


def longest_gap_ns(acks, since_ns=0, until_ns=1 << 63):
    """The longest gap in a time without a kill, for comparison."""
    return max((gap.ns for gap in _gaps(acks)
                if gap.last_ack_ns >= since_ns and gap.next_ack_ns < until_ns), default=0)


def _gaps(acks):
    return [Outage(one.ack_ns, two.ack_ns) for one, two in zip(acks, acks[1:])]
