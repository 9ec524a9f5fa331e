# SPDX-License-Identifier: GPL-2.0
"""What the host took away while something was measured in real time.

A host that is itself a virtual machine may be denied its processors (steal),
and others may use them (load). Times are then the host's, not those of what is
measured; the processor time of a process is not changed by it, where the host's
kernel takes steal off (CONFIG_PARAVIRT_TIME_ACCOUNTING).
"""

import bisect
import os
import threading
import time
from pathlib import Path

TOO_MUCH = 0.05         # of the processors' time: from there on times are the host's
SAMPLE_S = 0.01


def _processors():
    """(stolen, all) ticks of all processors since the host's boot."""
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = list(map(int, stat.readline().split()[1:9]))
    return ticks[7], sum(ticks)


class Pressure:
    """Steal and load of the host since it was made, or since the last turn()."""

    def __init__(self):
        self._stolen, self._all = self._first = _processors()

    @staticmethod
    def _share(before, after):
        return (after[0] - before[0]) / max(after[1] - before[1], 1)

    def turn(self):
        """(steal since the last turn as a share, load of the last minute)."""
        before, now = (self._stolen, self._all), _processors()
        self._stolen, self._all = now
        return self._share(before, now), os.getloadavg()[0]

    def whole(self):
        """The same since the beginning, as a dictionary with a verdict."""
        steal = self._share(self._first, _processors())
        return {"steal": round(steal, 4), "load": round(os.getloadavg()[0], 2),
                "processors": os.cpu_count(), "times_are_the_hosts": steal > TOO_MUCH}


def text(whole):
    """Pressure.whole() as a sentence or two."""
    said = (f"The host took {whole['steal'] * 100:.1f} % of its {whole['processors']} processors "
            f"away, and had a load of {whole['load']:.1f}.")
    if whole["times_are_the_hosts"]:
        said += f" That is more than {TOO_MUCH * 100:.0f} %: the times are the host's."
    return said


class Ticker:
    """Tells of steal and load every few seconds, while the block runs."""

    def __init__(self, tell, every=5.0):
        self._tell = tell
        self._every = every
        self._over = threading.Event()
        self._pressure = Pressure()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self._over.wait(self._every):
            steal, load = self._pressure.turn()
            self._tell(f"host: {steal * 100:.1f} % stolen, load {load:.1f}")

    def __enter__(self):
        self._thread.start()
        return self._pressure

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


def processor_ns(pid):
    """Processor time of all threads of a process that live, in ns."""
    total = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(thread.read_text(encoding="ascii").split()[0])
        except OSError:             # it has ended
            continue
    return total


class Stopwatch:
    """The processor time that a process had used at any time while the block ran."""

    def __init__(self, pid):
        self._pid = pid
        self._times, self._used = [], []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while True:
            self._times.append(time.monotonic_ns())
            self._used.append(processor_ns(self._pid))
            if self._over.wait(SAMPLE_S):
                return

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _at(self, ns):
        """Used until then, between two samples in proportion."""
        after = bisect.bisect_left(self._times, ns)
        if after in (0, len(self._times)):
            return None
        t0, t1 = self._times[after - 1:after + 1]
        u0, u1 = self._used[after - 1:after + 1]
        return u0 + (u1 - u0) * (ns - t0) / max(t1 - t0, 1)

    def between(self, start_ns, end_ns):
        """Processor time used in that time of CLOCK_MONOTONIC, None where it was not watched."""
        start, end = self._at(start_ns), self._at(end_ns)
        return None if start is None or end is None else end - start
