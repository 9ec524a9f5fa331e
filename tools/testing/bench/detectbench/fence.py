# SPDX-License-Identifier: GPL-2.0
"""The fence by lease; see ../guest/fence_times.c."""

from . import stats
from .guest import BenchError, Kernel, guest

SETTINGS = ((1000, 3), (10000, 3), (50000, 30))         # interval in us, multiplier
DEATHS, FRAMES = 100, 200000


def run(tree, quick=False):
    """Both, in one guest."""
    deaths = 5 if quick else DEATHS
    with guest(tree, shift=0) as running:
        return {"kernel": Kernel().release, "deaths": deaths,
                "silence": [silence(running, *setting, deaths) for setting in SETTINGS],
                "cost": cost(running, FRAMES // 20 if quick else FRAMES)}


def silence(running, interval, multiplier, deaths):
    """From the cut to the last frame, and from there to the spare's decision."""
    lines = running.run("fence_times", "silence", str(interval), str(multiplier), str(deaths),
                        str(interval))
    found = [tuple(map(int, words[1:])) for words in lines if words[0] == "silence"]
    if len(found) != deaths or not all(last for _, last, _ in found):
        raise BenchError(f"{deaths} deaths, and {len(found)} were told of: {found}")
    return {"interval_us": interval, "multiplier": multiplier,
            "silent_ms": stats.summary([last - cut for cut, last, _ in found]),
            "decided_ms": stats.summary([decided - cut for cut, _, decided in found]),
            "margin_ms": stats.summary([decided - last for _, last, decided in found])}


def cost(running, frames):
    """Instructions that the check takes, which are ns here."""
    lines = running.run("fence_times", "cost", str(frames))
    took = {which: min(int(words[2]) for words in lines if words[1] == which) / frames
            for which in ("none", "open")}
    return {**took, "check": took["open"] - took["none"]}


def table(result):
    """Lines of Markdown."""
    yield (f"Linux {result['kernel']}, virtual time, 1000 MIPS; {result['deaths']} cuts at random "
           "phase. The holder sends a frame every 50 us.")
    yield ""
    yield "| beats | cut to last frame: median | longest | last frame to decision: shortest | median |"
    yield "|---|---|---|---|---|"
    for one in result["silence"]:
        yield (f"| {one['interval_us'] / 1000:g} ms × {one['multiplier']} "
               f"| {one['silent_ms']['median']:.2f} ms | {one['silent_ms']['max']:.2f} ms "
               f"| {one['margin_ms']['min']:.2f} ms | {one['margin_ms']['median']:.2f} ms |")
    yield ""
    overlap = max(0, *(-one["margin_ms"]["min"] for one in result["silence"]))
    yield (f"- Longest overlap of two speakers: {overlap:g} ms, goal of 0 "
           f"**{'MISSED' if overlap else 'met'}**")
    check = result["cost"]["check"]
    yield (f"- The check of a frame that passes takes {check:.0f} instructions, which are as many ns "
           f"here: goal of 20 ns **{'met' if check <= 20 else 'MISSED'}**; no real processor was "
           f"measured. Sending the frame takes {result['cost']['none']:.0f} without it.")
