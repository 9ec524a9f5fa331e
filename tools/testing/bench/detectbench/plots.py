# SPDX-License-Identifier: GPL-2.0
"""What is drawn of the figures."""

import math

from .svg import COLOURS, Plot


def deaths(found, path):
    """Distribution of T_D in beats, so that all intervals share a picture."""
    longest = max(s["detection_ms"]["max"] * 1000 / s["interval_us"] for s in found["series"])
    end = math.ceil(max(longest, 4.1) * 2) / 2
    plot = Plot(f"Silent deaths at random phase: time until they are seen "
                f"(n = {found['series'][0]['deaths']} each)",
                "time from the cut to the decision, in beat intervals", "share of deaths",
                (1.5, end), (0, 1))
    plot.ticks([(b / 2, f"{b / 2:g}") for b in range(3, int(end * 2) + 1)],
               [(s / 4, f"{s * 25} %") for s in range(5)])
    kinds = []
    for series in found["series"]:
        kind = (f"{series['interval_us'] / 1000:g} ms × {series['multiplier']}, "
                f"{series['processor_mips']:.0f} MIPS")
        if kind not in kinds:
            kinds.append(kind)
        plot.line([(ms * 1000 / series["interval_us"], share) for ms, share in series["cdf"]],
                  f"{kind}, {'XDP' if series['probe'] == 'native' else 'module'}",
                  dashed=series["probe"] != "native", colour=COLOURS[kinds.index(kind)])
    plot.line([(4, 0), (4, 1)], "goal for 1 ms × 3: 4 ms", dashed=True, colour="#888")
    plot.write(path)


def alarms(rows, path):
    """False alarms per minute of each detector in each row, on a log scale."""
    names = list(rows[0]["alarms"])
    # what is none at all is drawn below a hundredth per minute
    floor = -2
    plot = Plot("False alarms per minute while nobody died (none: no bar)", "",
                "alarms per minute", (0, len(rows)), (floor, 3))
    plot.ticks([], [(p, f"{10.0**p:g}") for p in range(floor, 4)])
    for index, row in enumerate(rows):
        width = 0.8 / len(names)
        for place, name in enumerate(names):
            count = row["alarms"][name]
            if count:
                left = index + 0.1 + place * width
                rate = max(floor, math.log10(count * 60 / row["seconds"]))
                plot.bar(left, left + width, rate, COLOURS[place % len(COLOURS)], str(count))
        plot.label(index + 0.5, row["title"])
    for place, name in enumerate(names):
        plot.key(name, COLOURS[place % len(COLOURS)])
    plot.write(path)


def probe(found, kinds, path):
    """Nanoseconds per packet, by what becomes of it."""
    net = {kind: found["net_ns"][kind] for kind in kinds if kind != "empty"}
    top = max(*net.values(), 60) * 1.2
    plot = Plot("XDP probe per packet, on the host's kernel", "", "ns, an empty program off",
                (0, len(net)), (0, top))
    plot.ticks([], [(ns, str(ns)) for ns in range(0, int(top) + 1, 20)])
    for index, (kind, ns) in enumerate(net.items()):
        plot.bar(index + 0.2, index + 0.8, max(ns, 0), COLOURS[0], f"{ns:.0f}")
        plot.label(index + 0.5, kinds[kind])
    plot.line([(0, 60), (len(net), 60)], "goal for an accepted beat", dashed=True,
              colour="#888")
    plot.write(path)
