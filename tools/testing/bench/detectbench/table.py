# SPDX-License-Identifier: GPL-2.0
"""The figures for people. What a scene did not give is not in the table."""

from .alarms import OURS
from .cost import KINDS


def _grid(head, rows):
    """Columns as wide as they have to be."""
    table = [head, *rows]
    widths = [max(len(str(row[i])) for row in table) for i in range(len(head))]
    lines = ["  ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                       for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
             for row in table]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return lines


def _goal(goal, unit):
    value = goal[unit]
    return [f"goal: {goal['what']}: {'met' if goal['met'] else 'MISSED'} ({value:.2f} {unit})"]


def deaths(found):
    """T_D."""
    rows = []
    for series in found["series"]:
        interval = series["interval_us"] / 1000
        numbers = series["detection_ms"]
        rows.append([f"{interval:g} ms x {series['multiplier']}",
                     "XDP" if series["probe"] == "native" else "module",
                     series["deaths"], *(f"{numbers[k]:.2f}" for k in ("min", "median", "p99", "max")),
                     f"{series['delivery_ms']['p99']:.2f}", series["false_alarms"]])
    return ["Silent deaths at random phase, ms from the cut to the decision (virtual time, "
            f"{found['processor_mips']:.0f} MIPS)",
            *_grid(["beats", "probe", "deaths", "min", "median", "p99", "max",
                    "event p99", "false"], rows), *_goal(found["goal"], "ms")]


def probe(found):
    """The XDP probe."""
    empty = found["as_reported_ns"]["empty"]["median"]
    rows = []
    for kind, title in KINDS.items():
        numbers = found["as_reported_ns"][kind]
        # of an accepted beat the difference to an empty program is what was measured
        off = 0 if kind.startswith("accepted") else empty
        rows.append([title, *(f"{numbers[key] - off:.0f}" for key in ("min", "median", "max")),
                     f"{numbers['median'] - off + empty:.0f}"])
    return [f"XDP probe per packet, ns, an empty program taken off (BPF test run on "
            f"{found['processor']}, {found['kernel']}, clock {found['clocksource']}; "
            f"{found['repeats']} repeats, loaded {found['loads']} times)",
            *_grid(["packet", "min", "median", "max", "with the empty program"], rows),
            *_goal(found["goal"], "ns"),
            f"With the test run's own loop, which takes {empty:.0f} ns, an accepted beat is "
            f"{found['accepted_as_reported_ns']:.0f} ns: "
            f"{'also' if found['accepted_as_reported_ns'] <= 60 else 'not'} within 60."]


def virtual(found, ten_thousand):
    """Sender, detector, and both ends of 10 000 peers."""
    lines = [f"Sender at 1 kHz (virtual time, {found['processor_mips']:.0f} MIPS, down to a "
             "device that discards)"]
    rows = [[s["observers"], f"{s['share'] * 100:.2f} %", f"{s['instructions_per_packet']:.0f}"]
            for s in found["sender"]]
    lines += _grid(["observers", "of the processor", "instructions per packet"], rows)
    detector = found["detector"]
    lines += ["", f"Observer of {detector['peers']} peers at 100 Hz x {detector['multiplier']}"]
    rows = [["kernel memory per peer", f"{detector['kernel_bytes_per_peer']} bytes"],
            ["timers, instructions per second", f"{detector['instructions_per_s'] / 1e6:.0f} million"]]
    if ten_thousand:
        rows += [["probe, of one processor of the host", f"{ten_thousand['probe_share'] * 100:.1f} %"],
                 ["timers, at the probe's ns per instruction",
                  f"{ten_thousand['timers_share'] * 100:.1f} %"],
                 ["timers, at 1 ns per instruction",
                  f"{ten_thousand['timers_share_at_1_ns_per_instruction'] * 100:.1f} %"]]
    return lines + _grid(["", ""], rows)[2:]


def gasps(wires, one, real, goal):
    """Last words."""
    lines = []
    if wires:
        rows = [[w["end"] + ("" if w["console"] else ", no console"),
                 f"{w['processor_mips']:.0f} MIPS", w["trigger_to_wire_ms"]["n"],
                 f"{w['trigger_to_wire_ms']['min']:.2f}", f"{w['trigger_to_wire_ms']['max']:.2f}"]
                for w in wires]
        lines += ["Last words, ms from the end to the first gasp on the wire (virtual time)",
                  *_grid(["end", "processor", "n", "min", "max"], rows)]
    if one:
        rows = [[title, one[key]["n"], f"{one[key]['median']:.2f}", f"{one[key]['max']:.2f}"]
                for key, title in (("wire_to_decision_ms", "gasp on the wire to decision"),
                                   ("wire_to_listener_ms", "gasp on the wire to listener"))]
        daemon = one["daemon"]
        rows.append([f"daemon dead, beyond its {daemon['limit_ms']} ms, beats of "
                     f"{daemon['interval_ms']} ms", daemon["beyond_limit_ms"]["n"],
                     f"{daemon['beyond_limit_ms']['median']:.2f}",
                     f"{daemon['beyond_limit_ms']['max']:.2f}"])
        lines += ["", "Last words at the observer, ms (virtual time, 125 MIPS)",
                  *_grid(["", "n", "median", "max"], rows)]
    if goal:
        lines += _goal(goal, "ms")
    if real:
        rows = [[e["end"], e["n"], f"{e['min_ms']:.1f}", f"{e['max_ms']:.1f}",
                 f"{e['clock_error_ms']:.1f}"] for e in real["ends"]]
        lines += ["", "Last words between two guests, ms from the end to the listener (real time; "
                  f"silence would be seen after {real['timeout_ms']:.0f} ms)",
                  *_grid(["end", "n", "min", "max", "clock error"], rows)]
    return lines


def _cell(row, name):
    count = row["alarms"][name]
    bound = row["bound_per_hour"][name]
    return f"0 (<={bound:.0f}/h)" if bound is not None else str(count)


def alarms(rows):
    """False alarms beside peers."""
    names = list(rows[0]["alarms"])
    table = [[row["title"], f"{row['seconds']:.0f}", *(_cell(row, name) for name in names)]
             for row in rows]
    lines = ["False alarms, all at 10 ms x 3 unless the name says 1 ms; in brackets the rate that "
             "none in that time excludes at 95 %", *_grid(["load", "s", *names], table), ""]
    for row in rows:
        facts = ", ".join(f"{name} {value:g}" for name, value in row["load"].items())
        lines.append(f"{row['title']}: {row['time']}{'; ' if facts else ''}{facts}; "
                     + ("goal met" if row["met"] else "goal MISSED")
                     + (": within what theory gives: " + ", ".join(
                         f"{name} {row['alarms'][name]} of {t['expected']:.2f} expected "
                         f"({t['least']} to {t['most']})" for name, t in row["theory"].items())
                        if "theory" in row else f": ours {sum(row['alarms'][n] for n in OURS)}"))
    return lines
