# SPDX-License-Identifier: GPL-2.0
"""How soon gasps are received.

In virtual time: from the end that a program asks for to the first gasp on the
wire of its guest, exact whatever the host does; and from the wire to the event
in the observer's hands, in a guest with both ends. In real time: two guests on
a bridge, with the error bound of their clocks.
"""

import os
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from . import stats, wire
from .guest import INSIDE, MODULE, BenchError, guest

# pylint: disable=wrong-import-position
from hotidlab import ClockMap, GuestGone, Lab, LabError                # noqa: E402

GOAL_MS = 1.0
LIMIT_MS = 100                  # the daemon's
# of a panic without a console too: what it prints delays who receives it
ENDS = (("panic", "mute"), ("panic", "console"), ("reboot", "console"), ("unload", "console"))
SHIFTS = (0, 3)                 # 1000 and 125 MIPS


def _on_wire(tree, shift, action, console):
    with TemporaryDirectory(prefix="hotid-bench-") as scratch:
        dump = Path(scratch) / "dump"
        with guest(tree, shift=shift, check=False, extra=wire.qemu_arguments(dump)) as running:
            with running.session(120) as session:
                session.start([f"{INSIDE}/on_wire", console, "10000", str(LIMIT_MS), action],
                              {"HOTID_MODULE": MODULE})
                try:
                    result = session.finish(deadline=time.monotonic() + 120)
                    if result.status:
                        raise BenchError(f"on_wire {action}: {result.stderr.decode()}")
                except GuestGone:
                    pass                    # it was to die
        found = wire.first_gasp(wire.read(dump))
    if not found or found[1] != action:
        raise BenchError(f"no gasp of {action} was on the wire")
    return found[0]


def on_wire(tree, quick=False):
    """From each end to its first gasp on the wire."""
    # What takes three turns is in virtual time the same each time, but for the phase.
    times = {0: 1 if quick else 3, 3: 1}
    return [{"end": action, "console": console == "console", "processor_mips": 1000 / 2**shift,
             "trigger_to_wire_ms": stats.summary(
                 [_on_wire(tree, shift, action, console) for _ in range(times[shift])])}
            for shift in SHIFTS for action, console in ENDS]


def _in_one(tree, shift, times):
    with guest(tree, shift=shift) as running:
        heard = [list(map(int, words[1:])) for words in
                 running.run("gasp_times", "namespace", str(times), "1")]
        hung = [list(map(int, words[1:])) for words in
                running.run("gasp_times", "daemon", str(times), "1")]
    return {
        "processor_mips": 1000 / 2**shift,
        "wire_to_decision_ms": stats.summary([d - w for _, w, d, _ in heard]),
        "wire_to_listener_ms": stats.summary([t - w for _, w, _, t in heard]),
        "namespace_end_to_decision_ms": stats.summary([d - c for c, _, d, _ in heard]),
        "daemon": {"limit_ms": LIMIT_MS, "interval_ms": 10,
                   "beyond_limit_ms": stats.summary([t - k - limit for k, limit, _, t in hung])},
    }


def in_one(tree, quick=False):
    """From the wire to the event; and daemons that die."""
    return [_in_one(tree, shift, 20 if quick else 200) for shift in SHIFTS]


# --- two guests, real time

REAL_INTERVAL_US = 1_000_000        # so that silence cannot be what is seen
# No reboot: QEMU ends with it, and what its NIC was given last may end with QEMU.
REAL_ENDS = ("unload", "hang", "panic")
LATER = "panic=1"                   # for the same reason, a second after a panic


class _Program:
    """A program in a guest that goes on, and what it says."""

    def __init__(self, node, *argv):
        self.name = f"{node.name}: {argv[0]}"
        self.lines = []
        self.ended = ""
        self._buffer = b""
        self._new = threading.Condition()
        self._session = node.session(60)
        self._session.start([f"{INSIDE}/{argv[0]}", *argv[1:]], {"HOTID_MODULE": MODULE})
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        try:
            result = self._session.finish(stdin=None, stdout=self._take, stderr=self._take)
            self.ended = f"it ended with {result.status}"
        except LabError as error:
            self.ended = str(error)
        self._session.close()

    def _take(self, data):
        with self._new:
            self._buffer += data
            *whole, self._buffer = self._buffer.split(b"\n")
            self.lines += [line.decode().split() for line in whole]
            self._new.notify_all()

    def forget(self):
        """What was said until now is of no interest."""
        with self._new:
            self.lines.clear()

    def wait(self, test, other=None, timeout=60):
        """The first line that test likes, taken out; other is asked why there is none.

        The others stay: an event may be printed before the mark that came before it.
        """
        deadline = time.monotonic() + timeout
        seen = 0
        with self._new:
            while True:
                for line in self.lines[seen:]:
                    seen += 1
                    if test(line):
                        return self.lines.pop(seen - 1)
                left = deadline - time.monotonic()
                if left <= 0 or not self._new.wait(left):
                    raise BenchError("; ".join(f"{p.name} said {p.lines[-5:]} {p.ended}"
                                               for p in (self, other) if p))


def _poll(what, condition, timeout=60):
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise BenchError(f"waited in vain: {what}")
        time.sleep(0.05)


def _end_of(lab, witness, spare_clock, end):
    """One end: ms from the trigger to the spare's event, and the error bound."""
    active = lab["active"]
    witness.forget()
    victim = _Program(active, "victim", "10.77.0.2", str(REAL_INTERVAL_US), str(LIMIT_MS), end)
    witness.wait(lambda w: w[0] == "event" and w[1] == "up", victim)
    active_clock = ClockMap([active.anchor()])
    trigger = int(witness.wait(lambda w: w[0] == "trigger", victim)[1])
    state = "hung" if end == "hang" else "down"
    event = witness.wait(lambda w: w[0] == "event" and w[1] == state, victim)
    spare_clock.add(lab["spare"].anchor())
    if end == "unload":
        _poll("the module goes", lambda: active.exec("test", "-e", "/sys/module/hotid",
                                                     check=False).status)
    if end == "hang":
        trigger += LIMIT_MS * 1_000_000
    elif event[3] != end:
        raise BenchError(f"{end}: the spare saw {event}")
    began, began_error = active_clock.to_host(trigger)
    told, told_error = spare_clock.to_host(int(event[5]))
    return (told - began) / 1e6, (began_error + told_error) / 1e6


def real(tree, quick=False):
    """The same between two guests on a bridge, in real time."""
    found = {end: [] for end in REAL_ENDS}
    times = 1 if quick else 3
    with Lab("bench-gasps") as lab:
        lab.up(["active", "spare"], overlays={"*": [tree]}, append=LATER)
        witness = _Program(lab["spare"], "witness", "10.77.0.1", str(REAL_INTERVAL_US))
        witness.wait(lambda w: w[0] == "ready")
        spare_clock = ClockMap([lab["spare"].anchor()])
        for _ in range(times):
            for end in REAL_ENDS:
                found[end].append(_end_of(lab, witness, spare_clock, end))
                if end == "panic":
                    _poll("the node ends", lambda: not lab["active"].running())
                    lab.boot("active")
    return {"interval_ms": REAL_INTERVAL_US / 1000, "timeout_ms": 3 * REAL_INTERVAL_US / 1000,
            "load": os.getloadavg()[0],
            "ends": [{"end": end, "n": len(pairs), "min_ms": min(p[0] for p in pairs),
                      "max_ms": max(p[0] for p in pairs),
                      "clock_error_ms": max(p[1] for p in pairs)}
                     for end, pairs in found.items()]}


def goals(wires, one):
    """From the end to the event, by its last words, on the faster processor."""
    fast = next(found for found in one if found["processor_mips"] == 1000)
    heard = fast["wire_to_listener_ms"]["max"]
    worst = {}
    for found in wires:
        if found["processor_mips"] == 1000:
            worst[found["end"]] = max(worst.get(found["end"], 0),
                                      found["trigger_to_wire_ms"]["max"] + heard)
    worst["daemon dead"] = fast["daemon"]["beyond_limit_ms"]["max"]
    return [{"what": f"{end} to event <= 1 ms in virtual time, 1000 MIPS", "ms": ms,
             "met": ms <= GOAL_MS} for end, ms in worst.items()]
