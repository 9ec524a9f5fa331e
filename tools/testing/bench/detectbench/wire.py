# SPDX-License-Identifier: GPL-2.0
"""Frames that QEMU saw leave a guest, on the guest's own virtual clock.

An e1000 hands a frame over in the very store that asks for it, and QEMU stamps
its dump by the virtual clock: so a frame's time is exact to a microsecond,
however the host is loaded. Marks (see guest/mark.h) tie it to the guest's
CLOCK_MONOTONIC.
"""

from hotidlab import pcap
from hotidtest import frames

BEAT_PORT, MARK_PORT = 7707, 9
GASP = 2
GASP_REASONS = {1: "panic", 2: "reboot", 3: "unload"}


def qemu_arguments(path, mac="52:54:00:77:99:01"):
    """A dumped e1000 that leads nowhere."""
    return ["-netdev", "user,id=dumped,restrict=on",
            "-device", f"e1000,netdev=dumped,mac={mac},romfile=",
            "-object", f"filter-dump,id=dump,netdev=dumped,file={path}"]


def read(path):
    """The IPv4 UDP datagrams of a dump, oldest first."""
    parsed = map(frames.parse, pcap.read_raw(path))
    return [frame for frame in parsed if frame and (frame.kind, frame.protocol) ==
            (frames.IPV4, frames.UDP)]


def offset(datagrams):
    """The wire's clock less the guest's, as (least, most) in ns: a mark is on
    the wire after its own time and before the next mark's second one."""
    least, most, last = None, None, None
    for datagram in datagrams:
        if datagram.target_port != MARK_PORT:
            continue
        _, before, after = datagram.payload.decode().split()
        # the dump cuts the microsecond off
        if last is not None:
            bound = last - int(after)
            least = bound if least is None else max(least, bound)
        bound = datagram.time_ns + 1000 - int(before)
        most = bound if most is None else min(most, bound)
        last = datagram.time_ns
    return least, most


def first_gasp(datagrams):
    """(ns from the trigger to the first gasp, its reason): the longest that the
    clocks allow. None when there is no gasp."""
    least, _ = offset(datagrams)
    trigger = [d for d in datagrams
               if d.target_port == MARK_PORT and d.payload.startswith(b"trigger")]
    gasps = [d for d in datagrams if d.target_port == BEAT_PORT and d.payload[3] == GASP]
    if not trigger or not gasps:
        return None
    on_guest = gasps[0].time_ns + 1000 - least
    return on_guest - int(trigger[0].payload.split()[1]), GASP_REASONS[gasps[0].payload[43]]
