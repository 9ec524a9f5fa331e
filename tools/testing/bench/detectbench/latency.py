# SPDX-License-Identifier: GPL-2.0
"""How long a silent death takes to be seen; see ../guest/silent_death.c."""

from . import stats
from .guest import BenchError, guest

INTERVALS_US = (1000, 3300, 10000)
MULTIPLIER = 3
DEATHS = 2000
PROBES = ("native", "none")
GOAL_MS = 4.0           # 1 ms x 3, the longest
SHIFT = 3


def _parse(lines):
    deaths = [tuple(map(int, words[1:])) for words in lines if words[0] == "death"]
    alarms = [words for words in lines if words[0] == "false"]
    return deaths, alarms


def _one(running, interval, probe, deaths):
    lines = running.run("silent_death", str(interval), str(MULTIPLIER), str(deaths), probe,
                        str(interval + 1))
    found, alarms = _parse(lines)
    if len(found) != deaths:
        raise BenchError(f"{deaths} deaths and {len(found)} were told of")
    detection = [decided - cut for cut, decided, _, _ in found]
    return {
        "interval_us": interval, "multiplier": MULTIPLIER, "probe": probe, "deaths": deaths,
        "false_alarms": len(alarms),
        "detection_ms": stats.summary(detection),
        "told_ms": stats.summary([told - cut for cut, _, told, _ in found]),
        "delivery_ms": stats.summary([told - decided for _, decided, told, _ in found]),
        "since_last_beat_ms": stats.summary([decided - last for _, decided, _, last in found]),
        "cdf": stats.cdf(detection),
    }


def run(tree, quick=False):
    """All intervals, with the probe and without."""
    with guest(tree, shift=SHIFT) as running:
        series = [_one(running, interval, probe, 100 if quick else DEATHS)
                  for interval in INTERVALS_US for probe in PROBES]
    worst = max(s["detection_ms"]["max"] for s in series if s["interval_us"] == 1000)
    return {"series": series, "processor_mips": 1000 / 2**SHIFT,
            "goal": {"what": "1 ms x 3: longest T_D <= 4 ms", "ms": worst,
                     "met": worst <= GOAL_MS and not sum(s["false_alarms"] for s in series)}}
