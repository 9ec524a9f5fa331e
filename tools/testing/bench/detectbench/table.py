# SPDX-License-Identifier: GPL-2.0
"""The figures for people, as Markdown that reads as text, too.

What a scene did not give is not in the table.
"""

from . import stats
from .cost import KINDS

# pylint: disable=wrong-import-position
from hotidlab import pressure                                          # noqa: E402


def _grid(head, rows):
    """A table: the first column is text, the others are numbers."""
    # two at least: a rule of one character is none
    widths = [max(2, *(len(str(row[i])) for row in (head, *rows))) for i in range(len(head))]

    def line(cells):
        padded = [str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                  for i, (cell, width) in enumerate(zip(cells, widths))]
        return f"| {' | '.join(padded)} |"

    rule = [f":{'-' * (widths[0] - 1)}", *(f"{'-' * (width - 1)}:" for width in widths[1:])]
    return ["", line(head), line(rule), *map(line, rows), ""]


def _goal(goal, unit):
    met = "met" if goal["met"] else "MISSED"
    return f"Goal: {goal['what']}: **{met}** ({goal[unit]:.2f} {unit})."


def deaths(found):
    """T_D."""
    rows = []
    for series in found["series"]:
        numbers = series["detection_ms"]
        several = f", {series['observers']} observers" if series["observers"] > 1 else ""
        rows.append([f"{series['interval_us'] / 1000:g} ms × {series['multiplier']}{several}",
                     f"{series['processor_mips']:.0f}",
                     "XDP" if series["probe"] == "native" else "module", series["deaths"],
                     *(f"{numbers[k]:.2f}" for k in ("min", "median", "p99", "max")),
                     f"{series['told_ms']['max']:.2f}", series["with_grace"],
                     series["false_alarms"]])
    return ["### Silent deaths", "",
            f"Linux {found['kernel']}, one virtual processor, fair tasks but for the module's own "
            "timers and softirqs. "
            "Ms from the cut, at random phase, to the decision, in virtual time; told: to the "
            "event in a listener's hands; grace: deaths that were judged late, so that the "
            "observer suspected itself first. Of two observers the one counts that decides "
            f"last. {sum(s['cuts_of_unknown_time'] for s in found['series'])} more deaths are "
            "left out, since the bench was kept from running while it cut the cable and "
            "cannot tell when that was.",
            *_grid(["beats", "MIPS", "receiver", "deaths", "min", "median", "p99", "max",
                    "told max", "grace", "false"], rows),
            *(f"- {_goal(goal, 'ms')}" for goal in found["goals"])]


def _row_facts(row):
    facts = [f"{value:g} {name}" for name, value in row["load"].items()]
    if "theory" in row:
        expected = {f"{t['expected']:.2f} ({t['least']} to {t['most']}) at "
                    f"{'1' if '-1ms' in name else '10'} ms": name
                    for name, t in row["theory"].items()}
        facts.append(f"theory gives ours {', '.join(expected)}")
    said = "; ".join([*facts, f"goal {'met' if row['met'] else '**MISSED**'}"])
    return f"- {row['title']}: {said}"


PRIORITIES = ("Priorities: keepalived has vrrp_rt_priority 50, its master VRRP priority 254, its "
              "backup the one that its column says; the loop has SCHED_FIFO 90 and is pinned, "
              "bfdd is a fair task; hotid needs none.")


def where(row):
    """On what the rows of a table ran, as a sentence."""
    cpus = "1 virtual processor" if row["cpus"] == 1 else f"{row['cpus']} virtual processors"
    clock = "real time" if row["time"] == "real" else f"{row['time'].replace(', ', ' time, ')}"
    return f"Linux {row['kernel']}, {cpus}, {clock}."


def groups(rows):
    """Rows of the same detectors that ran on the same, together; long ones apart."""
    found = {}
    for row in rows:
        kind = (where(row), row["seconds"] > 1800, *row["alarms"])
        found.setdefault(kind, []).append(row)
    return [(text, part) for (text, *_), part in found.items()]


def _host(rows):
    """What the host took away, where that changes anything."""
    return [pressure.text(row["host"]) for row in rows[:1] if "host" in row]


def alarms_grid(rows):
    """Counts of one group."""
    names = list(rows[0]["alarms"])
    return _grid(["load", "s", *(TITLES.get(name, name) for name in names), "3/T per h"],
                 [[row["title"], f"{row['seconds']:.0f}", *(row["alarms"][name] for name in names),
                   f"{stats.rate_bound(0, row['seconds']):.1f}"] for row in rows])


def _death(found):
    """How late, at the median and at worst; what was not seen; graces."""
    said = []
    if found["detection_ms"]:
        said.append(f"{found['detection_ms']['median']:.1f}/{found['detection_ms']['max']:.1f}")
    if found["unseen"]:
        said.append(f"**{found['unseen']} unseen**")
    if found["down_already"]:
        said.append(f"({found['down_already']})")
    if found["graces"]:
        said.append(f"g{found['graces']}")
    return " ".join(said)


def deaths_grid(rows):
    """Times to detect of one group."""
    names = list(rows[0]["deaths"])
    return _grid(["load", "n", *names],
                 [[row["title"], row["deaths"][names[0]]["deaths"],
                   *(_death(row["deaths"][name]) for name in names)] for row in rows])


TITLES = {"bfdd": "bfdd (both ends)"}
ALARMS = ("Nobody dies, so each is false. All at 10 ms × 3 but where 1 ms or 0.25 ms × 4 is said. bfdd counts what "
          "either of its two ends took for a death, since an end that does tells the other. The "
          "last column is what a 0 excludes at 95 %, 3/T: more alarms per hour than that.")
DEATHS = ("With the same load still on, all that is watched is cut off at once, at random phase: "
          "ms to the decision, median/longest; unseen: not within 5 s; gN: N graces, given because "
          "the observer suspected itself first; (N): in N deaths it was wrong, and down, already.")


def alarms(rows):
    """False alarms beside peers, and deaths under the same load: a part for each group."""
    parts = [["### False alarms and deaths beside others", "", PRIORITIES, "", ALARMS, "", DEATHS]]
    for text, group in groups(rows):
        parts.append([" ".join([text, *_host(group)]), "", "False alarms:",
                      *alarms_grid(group), "Deaths:", *deaths_grid(group),
                      *map(_row_facts, group)])
    parts.append(["Goal: ours none but with loss, and there what theory gives, and every death "
                  f"seen: **{'met' if all(row['met'] for row in rows) else 'MISSED'}**."])
    return parts


def gasps(wires, one, real, goals):
    """Last words."""
    if not (wires or one or real):
        return []
    lines = ["### Last words"]
    if wires:
        rows = [[w["end"] + ("" if w["console"] else ", no console"),
                 f"{w['processor_mips']:.0f}", w["trigger_to_wire_ms"]["n"],
                 f"{w['trigger_to_wire_ms']['min']:.2f}", f"{w['trigger_to_wire_ms']['max']:.2f}"]
                for w in wires]
        lines += ["", "Ms from the end to the first gasp on the wire of an e1000, in virtual time.",
                  *_grid(["end", "MIPS", "n", "min", "max"], rows)]
    if one:
        rows = [[title, f"{found['processor_mips']:.0f}", found[key]["n"],
                 f"{found[key]['median']:.2f}", f"{found[key]['max']:.2f}"]
                for found in one
                for key, title in (("wire_to_decision_ms", "gasp on the wire to decision"),
                                   ("wire_to_listener_ms", "gasp on the wire to event"))]
        for found in one:
            daemon = found["daemon"]
            beyond = daemon["beyond_limit_ms"]
            rows.append([f"daemon dead, its {daemon['limit_ms']} ms over, to event",
                         f"{found['processor_mips']:.0f}", beyond["n"], f"{beyond['median']:.2f}",
                         f"{beyond['max']:.2f}"])
        lines += ["", "Ms at the observer, in virtual time.",
                  *_grid(["", "MIPS", "n", "median", "max"], rows)]
    for goal in goals or []:
        lines.append(f"- {_goal(goal, 'ms')}")
    if real:
        rows = [[e["end"], e["n"], f"{e['min_ms']:.1f}", f"{e['max_ms']:.1f}",
                 f"{e['clock_error_ms']:.1f}"] for e in real["ends"]]
        lines += ["", "Ms between two guests from the end to the listener, in real time; silence "
                  f"would be seen after {real['timeout_ms']:.0f} ms. {pressure.text(real['host'])}",
                  *_grid(["end", "n", "min", "max", "clock error"], rows)]
    return lines


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
    return ["### The XDP probe", "",
            f"Ns per packet on the host's own kernel, an empty program taken off (BPF test run on "
            f"{found['processor']}, {found['kernel']}, clock {found['clocksource']}; "
            f"{found['repeats']} repeats, loaded {found['loads']} times, load of the host "
            f"{found['load']:.1f}).",
            *_grid(["packet", "min", "median", "max", "with the empty program"], rows),
            _goal(found["goal"], "ns")]


def virtual(found, ten_thousand):
    """Sender, detector, and both ends of 10 000 peers."""
    rows = [[f"{s['interval_us'] / 1000:g} ms, {s['observers']} observers",
             f"{s['share'] * 100:.2f} %",
             f"{s['instructions_per_packet']:.0f}"] for s in found["sender"]]
    lines = ["### Cost", "",
             f"A sender, down to a device that discards, in virtual time on "
             f"{found['processor_mips']:.0f} MIPS.",
             *_grid(["told", "of the processor", "instructions per packet"], rows),
             f"- {_goal(found['sender_goal'], 'percent').replace('percent', '%')}", ""]
    detector = found["detector"]
    rows = [["memory per peer", f"{detector['kernel_bytes_per_peer']} bytes"],
            ["adding all by hotid_peer_new_many", f"{detector['bulk_add_ms']:.1f} ms"],
            ["timers, instructions per second",
             f"{detector['instructions_per_s'] / 1e6:.1f} million"]]
    if ten_thousand:
        rows += [["probe, of one processor of the host",
                  f"{ten_thousand['probe_share'] * 100:.1f} %"],
                 ["timers, at the probe's ns per instruction",
                  f"{ten_thousand['timers_share'] * 100:.1f} %"],
                 ["timers, at 1 ns per instruction",
                  f"{ten_thousand['timers_share_at_1_ns_per_instruction'] * 100:.1f} %"]]
    return lines + [f"An observer of {detector['peers']} peers at "
                    f"{1e6 / detector['interval_us']:.0f} Hz × {detector['multiplier']}, in "
                    "virtual time on the same.", *_grid(["", ""], rows)]
