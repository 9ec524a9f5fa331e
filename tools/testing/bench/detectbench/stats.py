# SPDX-License-Identifier: GPL-2.0
"""What is said of a set of numbers."""

import math


def quantile(ordered, share):
    """Nearest rank: a value that really occurred."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def summary(values, scale=1e-6):
    """Of values in ns, in ms."""
    ordered = sorted(values)
    return {"n": len(ordered),
            "min": ordered[0] * scale,
            "median": quantile(ordered, 0.5) * scale,
            "p99": quantile(ordered, 0.99) * scale,
            "max": ordered[-1] * scale}


def cdf(values, points=200, scale=1e-6):
    """The distribution as (value, share) pairs, for a plot."""
    ordered = sorted(values)
    shares = [i / points for i in range(points + 1)]
    return [[quantile(ordered, share) * scale, share] for share in shares]


def poisson_range(mean, confidence=0.99):
    """The counts (least, most) that a mean gives with this probability."""
    tail = (1 - confidence) / 2
    term = total = math.exp(-mean)
    count = 0
    least = None
    while True:
        if least is None and total > tail:
            least = count
        if total >= 1 - tail:
            return least, count
        count += 1
        term *= mean / count
        total += term


def rate_bound(count, seconds):
    """Most per hour at 95 %, when none was seen: 3/T; None otherwise."""
    return 3 * 3600 / seconds if count == 0 else None
