# SPDX-License-Identifier: GPL-2.0
"""How long a silent death takes to be seen; see ../guest/silent_death.c."""

from . import stats
from .guest import BenchError, Kernel, guest

# Interval in us, ns per instruction as a shift. On the slow processor eight
# senders of 1 ms take so much of it that no phase is quite random, and it has
# to be seen that the goal holds there, too.
SERIES = ((1000, 0), (3300, 0), (10000, 0), (1000, 3))
MULTIPLIER = 3
DEATHS = 2000
PROBES = ("native", "none")
GOAL_MS = 4.0           # 1 ms x 3, the longest


def _parse(lines):
    deaths = [tuple(map(int, words[1:])) for words in lines if words[0] == "death"]
    alarms = [words for words in lines if words[0] == "false"]
    return deaths, alarms


def _one(running, interval, shift, probe, deaths):
    lines = running.run("silent_death", str(interval), str(MULTIPLIER), str(deaths), probe,
                        str(interval + 1))
    found, alarms = _parse(lines)
    if len(found) != deaths:
        raise BenchError(f"{deaths} deaths and {len(found)} were told of")
    detection = [decided - cut for cut, decided, *_ in found]
    return {
        "interval_us": interval, "multiplier": MULTIPLIER, "probe": probe, "deaths": deaths,
        "processor_mips": 1000 / 2**shift,
        "false_alarms": len(alarms),
        "detection_ms": stats.summary(detection),
        "with_grace": sum(graces > 0 for *_, graces in found),
        "told_ms": stats.summary([told - cut for cut, _, told, *_ in found]),
        "delivery_ms": stats.summary([told - decided for _, decided, told, *_ in found]),
        "since_last_beat_ms": stats.summary([decided - last for _, decided, _, last, _ in found]),
        "cdf": stats.cdf(detection),
    }


def _goal(series, mips):
    those = [s for s in series if s["interval_us"] == 1000 and s["processor_mips"] == mips]
    worst = max(s["detection_ms"]["max"] for s in those)
    return {"what": f"1 ms × 3, {mips:.0f} MIPS: longest T_D <= 4 ms, no false alarm", "ms": worst,
            "met": worst <= GOAL_MS and not sum(s["false_alarms"] for s in those)}


def run(tree, quick=False):
    """All series, with the probe and without."""
    series = []
    for shift in sorted({shift for _, shift in SERIES}):
        with guest(tree, shift=shift) as running:
            series += [_one(running, interval, shift, probe, 100 if quick else DEATHS)
                       for interval, at in SERIES if at == shift for probe in PROBES]
    return {"kernel": Kernel().release, "series": series, "goals": [_goal(series, mips) for mips in
                                        sorted({s["processor_mips"] for s in series})[::-1]]}
