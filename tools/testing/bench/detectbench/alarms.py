# SPDX-License-Identifier: GPL-2.0
"""False alarms and deaths beside peers, under load; see ../guest/false_alarms.c."""

import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from . import stats
from .guest import INSIDE, MODULE, BenchError, guest, overlay

# pylint: disable=wrong-import-position
from hotidlab import Kernel                                            # noqa: E402

OURS = ("hotid-10ms", "hotid-1ms", "hotid-10ms-no-probe", "hotid-1ms-no-probe")
QUICKEST = (250, 4)             # us and multiplier of the rows that ours have alone
INTERVAL_S = {name: 0.001 if "-1ms" in name else 0.01 for name in OURS}
MULTIPLIER = 3
LOSS = {"loss-1": 0.01, "loss-10": 0.1}
EEVDF = "6.12"                  # the first Debian kernel whose fair scheduler is EEVDF
DEATHS = 10                     # in each row, with its load on

# rows of one guest, in virtual time where nothing else is said; seconds
LOADS = {"idle": 240, "fair-hogs": 90, "fifo-hog": 90, "memory": 90, "loss-1": 120, "loss-10": 60}
EEVDF_LOADS = {"idle": 60, "fair-hogs": 90, "fifo-hog": 90, "memory": 60}
REAL_LOADS = {"idle": 30, "fair-hogs": 40, "fifo-hog": 40, "memory": 30}
REAL_CPUS = 4
QUICKEST_LOADS = {"idle": 30, "fair-hogs": 30, "fifo-hog": 30, "memory": 20}
JUNK = {"junk": 40, "junk-everywhere": 20}
LONG = {"idle": 3600, "fair-hogs": 3600, "fifo-hog": 3600}
PAUSES = 24
TITLES = {
    "idle": "idle", "fair-hogs": "16 fair CPU hogs", "fifo-hog": "SCHED_FIFO hogs (60)",
    "memory": "memory pressure", "junk": "junk to our port",
    "junk-everywhere": "junk to all ports", "paused": "VM paused 50 ms to 5 s",
    "loss-1": "1 % loss", "loss-10": "10 % loss",
}


def _parse(words):
    row = {"row": words[1], "seconds": float(words[2]), "alarms": {}, "load": {}}
    for word in words[3:]:
        name, value = word.split("=")
        if name.split("/")[0] in ("hogs", "kpps", "direct-reclaims", "pages-reclaimed"):
            row["load"][name] = float(value)
        else:
            row["alarms"][name] = int(value)
    return row


def _deaths(lines, row):
    """By detector: how many deaths it saw and how late, and with how many graces."""
    found = {}
    for words in lines:
        if words[:2] == ["death", row]:
            found.setdefault(words[2], []).append((int(words[3]), int(words[4])))
    return {name: {"deaths": len(pairs),
                   "unseen": sum(ns == -1 for ns, _ in pairs),
                   "down_already": sum(ns == -2 for ns, _ in pairs),
                   "graces": sum(graces for _, graces in pairs),
                   "detection_ms": stats.summary(seen) if (seen := [
                       ns for ns, _ in pairs if ns >= 0]) else None}
            for name, pairs in found.items()}


def theory(name, loss, seconds):
    """Alarms that loss alone gives: runs of MULTIPLIER lost beats or more."""
    beats = seconds / INTERVAL_S[name]
    return beats * loss**MULTIPLIER * (1 - loss)


def _complete(row, lines, where):
    ours = [name for name in row["alarms"] if name.startswith("hotid")]
    row.update(where)
    row["title"] = TITLES[row["row"]]
    row["deaths"] = _deaths(lines, row["row"])
    row["bound_per_hour"] = {name: stats.rate_bound(count, row["seconds"])
                             for name, count in row["alarms"].items()}
    if row["row"] in LOSS:
        row["theory"] = {}
        for name in OURS:
            mean = theory(name, LOSS[row["row"]], row["seconds"])
            least, most = stats.poisson_range(mean)
            row["theory"][name] = {"expected": mean, "least": least, "most": most}
        row["met"] = all(t["least"] <= row["alarms"][name] <= t["most"]
                         for name, t in row["theory"].items())
    else:
        row["met"] = not any(row["alarms"][name] for name in ours)
    # whoever hears nothing raises no false alarm either, nor does one that is never up
    row["met"] &= all(row["deaths"][name]["detection_ms"] and not row["deaths"][name]["unseen"]
                      for name in ours)
    return row


def _where(shift, kernel, cpus):
    """What the reader of a row has to know."""
    return {"time": "real" if shift is None else f"virtual, {1000 / 2**shift:.0f} MIPS",
            "kernel": Kernel(kernel).release, "cpus": cpus}


def _rows(tree, rows, shift, quick, memory_mib=512, kernel=None, cpus=1, timeout=1800,     # pylint: disable=R0913
          alone=None):
    arguments = ["--alone", f"{alone[0]}:{alone[1]}"] if alone else []
    arguments += [f"{name}:{min(seconds, 5) if quick else seconds}:{2 if quick else DEATHS}"
                 for name, seconds in rows.items()]
    with guest(tree, shift=shift, memory_mib=memory_mib, kernel=kernel, cpus=cpus) as running:
        lines = running.run("false_alarms", *arguments, timeout=timeout)
    found = [_complete(_parse(words), lines, _where(shift, kernel, cpus))
             for words in lines if words[0] == "row"]
    if [row["row"] for row in found] != list(rows):
        raise BenchError(f"rows {list(rows)} were asked for, and {found} came")
    return found


def loads(tree, quick=False):
    """What can be had inside a guest, in virtual time."""
    return _rows(tree, LOADS, 3, quick)


def eevdf(_, quick=False):
    """The same with another scheduler of fair tasks."""
    return _rows(overlay(EEVDF), EEVDF_LOADS, 3, quick, kernel=EEVDF)


def several(_, quick=False):
    """The same on several processors, which are there in real time only."""
    return _rows(overlay(EEVDF), REAL_LOADS, None, quick, kernel=EEVDF, cpus=REAL_CPUS,
                 memory_mib=1024)


def quickest(tree, quick=False):
    """The shortest interval, with two observers, on the fastest virtual processor there is."""
    return _rows(tree, QUICKEST_LOADS, 0, quick, alone=QUICKEST)


def junk(tree, quick=False):
    """The flood, on the fastest virtual processor there is."""
    return _rows(tree, JUNK, 0, quick)


def long(tree, quick=False):
    """An hour and more of the rows that matter, a guest for each."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = [pool.submit(_rows, tree, {name: seconds}, 3, quick, timeout=4 * 3600)
                 for name, seconds in LONG.items()]
        return [row for part in parts for row in part.result()]


class _Pauser(threading.Thread):
    """Pauses a guest at random while the row goes on."""

    def __init__(self, running, pauses):
        super().__init__(daemon=True)
        self.running = running
        self.pauses = pauses
        self.seconds = 0.0
        self.kinds = {"stopped": 0, "stalled": 0}
        self.over = threading.Event()
        self._chance = random.Random(1)

    def run(self):
        for number in range(self.pauses):
            if self.over.wait(self._chance.uniform(0.2, 1.0)):
                return
            pause = 0.05 * 100 ** self._chance.random()     # 50 ms to 5 s
            stalled = number % 2
            # stopped: its clock stops with it; stalled: its clock goes on
            if stalled:
                self.running.process.send_signal(signal.SIGSTOP)
            else:
                self.running.qmp("stop")
            time.sleep(pause)
            if stalled:
                self.running.process.send_signal(signal.SIGCONT)
            else:
                self.running.qmp("cont")
            self.seconds += pause
            self.kinds["stalled" if stalled else "stopped"] += 1


def paused(tree, quick=False):
    """The whole guest paused and stalled, in real time: both ends at once."""
    pauses = 4 if quick else PAUSES
    seconds = round(pauses * 2.0)       # of the guest's clock: it runs on in stalls only
    with guest(tree, shift=None) as running:
        pauser = _Pauser(running, pauses)
        lines = []
        buffer = bytearray()

        def take(data):
            buffer.extend(data)
            while b"\n" in buffer:
                line, _, rest = bytes(buffer).partition(b"\n")
                buffer[:] = rest
                lines.append(line.decode().split())
                if lines[-1][0] == "begin":
                    pauser.start()
                if lines[-1][0] == "quiet":
                    pauser.over.set()

        with running.session(300) as session:
            session.start([f"{INSIDE}/false_alarms", f"paused:{seconds}:{2 if quick else DEATHS}"],
                          {"HOTID_MODULE": MODULE})
            result = session.finish(stdout=take, deadline=time.monotonic() + 600)
        if result.status:
            raise BenchError(f"false_alarms: {result.stderr.decode()}")
        pauser.join(60)
    row = _complete(_parse(next(line for line in lines if line[0] == "row")), lines,
                    _where(None, None, 1))
    row["load"] = {"pauses": sum(pauser.kinds.values()), **pauser.kinds,
                   "s-paused": round(pauser.seconds, 1)}
    return [row]
