# SPDX-License-Identifier: GPL-2.0
"""What is drawn of the figures."""

import math

from .svg import COLOURS, Plot


def deaths(found, path):
    """Distribution of T_D in beats, so that all intervals share a picture."""
    plot = Plot(f"Silent deaths at random phase: time until they are seen "
                f"(n = {found['series'][0]['deaths']} each)",
                "time from the cut to the decision, in beat intervals", "share of deaths",
                (1.8, 4.2), (0, 1))
    plot.ticks([(b, str(b)) for b in (2, 2.5, 3, 3.5, 4)],
               [(s / 4, f"{s * 25} %") for s in range(5)])
    for series in found["series"]:
        interval = series["interval_us"] / 1000
        probe = "XDP probe" if series["probe"] == "native" else "module's own receive path"
        plot.line([(ms / interval, share) for ms, share in series["cdf"]],
                  f"{interval:g} ms x 3, {probe}", dashed=series["probe"] != "native",
                  colour=COLOURS[found["series"].index(series) // 2])
    plot.line([(4, 0), (4, 1)], "goal for 1 ms x 3: 4 ms", dashed=True, colour="#888")
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
        plot.bar(index, index, floor, "none")
        width = 0.8 / len(names)
        for place, name in enumerate(names):
            count = row["alarms"][name]
            if count:
                left = index + 0.1 + place * width
                rate = max(floor, math.log10(count * 60 / row["seconds"]))
                plot.bar(left, left + width, rate, COLOURS[place % len(COLOURS)], str(count))
        plot.parts.append(
            f'<text x="{plot.x(index + 0.5):.1f}" y="{plot.y(floor) + 16:.1f}" '
            f'text-anchor="middle" font-size="9">{row["title"]}</text>')
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
        plot.parts.append(
            f'<text x="{plot.x(index + 0.5):.1f}" y="{plot.y(0) + 16:.1f}" '
            f'text-anchor="middle" font-size="9">{kinds[kind][:24]}</text>')
    plot.line([(0, 60), (len(net), 60)], "goal for an accepted beat", dashed=True,
              colour="#888")
    plot.write(path)
