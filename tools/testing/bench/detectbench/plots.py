# SPDX-License-Identifier: GPL-2.0
"""What is drawn of the figures: the plot of docs/benchmarks.md."""

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
