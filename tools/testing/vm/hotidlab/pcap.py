# SPDX-License-Identifier: GPL-2.0
"""Captures with host timestamps: start, stop, and read them on one clock.

tcpdump stamps with CLOCK_REALTIME; the distance to CLOCK_MONOTONIC is noted
when the capture starts and when it ends, in FILE.clock.
"""

import json
import signal
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import net, process
from .errors import LabError

_UNITS = {0xa1b23c4d: 1, 0xa1b2c3d4: 1000}     # ns of a file's fractions of seconds


@dataclass
class Packet:
    """One captured frame. time_ns is the host's CLOCK_MONOTONIC, if read() gives it."""
    time_ns: int
    data: bytes


def clock_offset():
    """CLOCK_MONOTONIC minus CLOCK_REALTIME of the host, in ns."""
    def sample():
        before = time.monotonic_ns()
        wall = time.time_ns()
        after = time.monotonic_ns()
        return after - before, (before + after) // 2 - wall

    return min(sample() for _ in range(20))[1]


def _clock_file(path):
    return Path(f"{path}.clock")


def start(namespace, device, path, pidfile, expression=""):
    """Start tcpdump; returns when it is listening."""
    path = Path(path).absolute()
    path.unlink(missing_ok=True)
    log = pidfile.with_suffix(".log")
    argv = [*net.enter(namespace), "tcpdump", "-Z", "root", "-n", "-i", device, "-s", "0", "-U",
            "--immediate-mode", "-B", "16384", "--time-stamp-precision=nano", "-w", str(path)]
    with open(log, "wb") as out:
        tcpdump = subprocess.Popen(                 # pylint: disable=consider-using-with
            argv + expression.split(), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True)
    _clock_file(path).write_text(json.dumps({"offsets_ns": [clock_offset()]}), encoding="ascii")
    process.remember(pidfile, tcpdump.pid)
    deadline = time.monotonic() + 10
    while b"listening on" not in log.read_bytes():
        if tcpdump.poll() is not None or time.monotonic() > deadline:
            process.end(pidfile)
            raise LabError(f"tcpdump did not start: {log.read_text(errors='replace').strip()}")
        time.sleep(0.01)
    return path


def stop(path, pidfile):
    """End a capture and complete its file."""
    process.send(pidfile, signal.SIGINT)
    if not process.wait_gone(pidfile, 5):
        process.end(pidfile)
    pidfile.unlink(missing_ok=True)
    note = _clock_file(path)
    if note.exists():
        offsets = json.loads(note.read_text(encoding="ascii"))["offsets_ns"]
        note.write_text(json.dumps({"offsets_ns": [*offsets, clock_offset()]}), encoding="ascii")


def read_raw(path):
    """Packets of a capture in the order they came, with the times of whoever wrote it."""
    data = Path(path).read_bytes()
    unit = _UNITS.get(struct.unpack_from("<I", data)[0]) if len(data) >= 24 else None
    if not unit:
        raise LabError(f"{path}: not a capture")
    packets = []
    place = 24
    while place + 16 <= len(data):
        sec, fraction, length, _ = struct.unpack_from("<IIII", data, place)
        place += 16
        if place + length > len(data):
            break               # still being written
        packets.append(Packet(sec * 1_000_000_000 + fraction * unit, data[place:place + length]))
        place += length
    return packets


def read(path):
    """Packets of a capture in the order they came."""
    offsets = json.loads(_clock_file(path).read_text(encoding="ascii"))["offsets_ns"]
    offset = sum(offsets) // len(offsets)
    return [Packet(packet.time_ns + offset, packet.data) for packet in read_raw(path)]
