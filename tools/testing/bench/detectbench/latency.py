# SPDX-License-Identifier: GPL-2.0
"""How long a silent death takes to be seen; see ../guest/silent_death.c."""

from . import stats
from .guest import BenchError, Kernel, guest

# Interval in us, multiplier, ns per instruction as a shift, senders, observers.
# On the slow processor eight senders of 1 ms take so much of it that no phase is
# quite random, and it has to be seen that the goal holds there, too. At 0.25 ms
# two senders with two observers are as many beats.
SERIES = ((1000, 3, 0, 8, 1), (3300, 3, 0, 8, 1), (10000, 3, 0, 8, 1), (250, 4, 0, 2, 2),
          (1000, 3, 3, 8, 1))
DEATHS = 2000
PROBES = ("native", "none")
GOALS_MS = {            # the longest T_D, by interval and speed
    (1000, 1000): 4.0, (250, 1000): 1.1, (1000, 125): 4.0,
}


def _parse(lines):
    deaths = [tuple(map(int, words[1:])) for words in lines if words[0] == "death"]
    alarms = [words for words in lines if words[0] == "false"]
    again = sum(int(words[1]) for words in lines if words[0] == "again")
    return deaths, alarms, again


def _one(running, setting, probe, deaths):
    interval, multiplier, shift, senders, observers = setting
    lines = running.run("silent_death", str(interval), str(multiplier), str(deaths), probe,
                        str(interval + 1), str(senders), str(observers))
    found, alarms, again = _parse(lines)
    if len(found) != deaths:
        raise BenchError(f"{deaths} deaths and {len(found)} were told of")
    detection = [decided - cut for cut, decided, *_ in found]
    return {
        "interval_us": interval, "multiplier": multiplier, "probe": probe, "deaths": deaths,
        "senders": senders, "observers": observers, "cuts_of_unknown_time": again,
        "processor_mips": 1000 / 2**shift,
        "false_alarms": len(alarms),
        "detection_ms": stats.summary(detection),
        "with_grace": sum(graces > 0 for *_, graces in found),
        "told_ms": stats.summary([told - cut for cut, _, told, *_ in found]),
        "delivery_ms": stats.summary([told - decided for _, decided, told, *_ in found]),
        "since_last_beat_ms": stats.summary([decided - last for _, decided, _, last, _ in found]),
        "cdf": stats.cdf(detection),
    }


def _goal(series, interval, mips, limit):
    those = [s for s in series if s["interval_us"] == interval and s["processor_mips"] == mips]
    worst = max(s["detection_ms"]["max"] for s in those)
    beats = f"{interval / 1000:g} ms × {those[0]['multiplier']}"
    if those[0]["observers"] > 1:
        beats += f", {those[0]['observers']} observers"
    return {"what": f"{beats}, {mips} MIPS: longest T_D <= {limit:g} ms, no false alarm",
            "ms": worst, "met": worst <= limit and not sum(s["false_alarms"] for s in those)}


def run(tree, quick=False):
    """All series, with the probe and without."""
    series = []
    for shift in sorted({setting[2] for setting in SERIES}):
        with guest(tree, shift=shift) as running:
            series += [_one(running, setting, probe, 100 if quick else DEATHS)
                       for setting in SERIES if setting[2] == shift for probe in PROBES]
    return {"kernel": Kernel().release, "series": series,
            "goals": [_goal(series, interval, mips, limit)
                      for (interval, mips), limit in GOALS_MS.items()]}
