# SPDX-License-Identifier: GPL-2.0
"""The figures in README.md and docs/benchmarks.md; see tools/testing/figures."""

from . import table

# pylint: disable=wrong-import-position
from hotidlab import pressure                                          # noqa: E402


def _run(run):
    return [f"The run shown took {run['wall_s'] / 60:.0f} minutes, "
            f"{run['processor_s'] / 60:.0f} of them processor time, on {run['processors']} "
            f"processors, the load of its last 15 minutes {run['load_15_min']:.1f}."]


def _alarms(rows):
    lines = [table.PRIORITIES, "", table.ALARMS, "", table.DEATHS, ""]
    for part in table.alarms(rows)[1:]:
        lines += [*part, ""]
    return lines[:-1]


def _gasps(result):
    lines = []
    for goal in result.get("gasp_goals", []):
        met = "met" if goal["met"] else "MISSED"
        lines.append(f"- {goal['what']}: **{met}** ({goal['ms']:.2f} ms)")
    slow = {(w["end"], w["console"]): w["trigger_to_wire_ms"]["max"]
            for w in result.get("wires", []) if w["processor_mips"] == 125}
    if ("panic", True) in slow:
        lines += ["", f"A panic on 125 MIPS takes {slow['panic', True]:.1f} ms to the wire, and "
                  f"{slow['panic', False]:.1f} ms without a console: the kernel prints before it "
                  "tells anyone."]
    if "real" in result:
        real = result["real"]
        ends = "; ".join(f"{end['end']} {end['min_ms']:.0f} to {end['max_ms']:.0f} ms"
                         for end in real["ends"])
        lines += ["", f"Between two guests in real time, from the end to the listener: {ends}. "
                  f"Silence would have told it after {real['timeout_ms']:.0f} ms. "
                  f"{pressure.text(real['host'])}"]
    return lines


def _cost(result):
    lines = []
    if "probe" in result:
        found = result["probe"]
        net, goal = found["net_ns"], found["goal"]
        lines.append(f"- An accepted beat takes the XDP probe {net['accepted']:.0f} ns, its MAC "
                     f"included, on the host's own kernel ({found['processor']}): goal of 60 ns "
                     f"**{'met' if goal['met'] else 'MISSED'}**, an empty program taken off; a "
                     f"test run as such says {found['accepted_as_reported_ns']:.0f} ns. A forged "
                     f"beat takes {net['bad_mac']:.0f} ns, an unknown sender "
                     f"{net['unknown']:.0f} ns, other UDP {net['pass_other_udp']:.0f} ns.")
    both = result.get("ten_thousand_peers")
    if both:
        detector = result["virtual"]["detector"]
        lines.append(f"- {detector['peers']} peers at 100 Hz: the probe takes "
                     f"{both['probe_share'] * 100:.1f} % of one processor of the host, the "
                     f"detector's timers {detector['instructions_per_s'] / 1e6:.0f} million "
                     f"instructions a second ({both['timers_share'] * 100:.1f} % at the probe's "
                     "rate of instructions, "
                     f"{both['timers_share_at_1_ns_per_instruction'] * 100:.0f} % at one per ns), "
                     f"a peer {detector['kernel_bytes_per_peer']} bytes and a slot of 512; hotidd "
                     "gives the probe 8 slots or more for each peer. Adding all by one call of "
                     f"libhotid takes {detector['bulk_add_ms']:.0f} ms on 1000 MIPS.")
    if "virtual" in result:
        most = max(result["virtual"]["sender"], key=lambda sender: sender["observers"])
        lines.append(f"- A sender at 1 kHz with {most['observers']} observers takes "
                     f"{most['share'] * 100:.1f} % of a processor of 1000 MIPS, "
                     f"{most['instructions_per_packet']:.0f} instructions a packet.")
    return lines


def _counts(rows):
    """False alarms of all rows together, by detector; of ours the worst of the four."""
    found = {}
    for row in rows:
        for name, count in row["alarms"].items():
            name = "hotid" if name.startswith("hotid-0") else name
            found[name] = found.get(name, 0) + count
    ours = max(count for name, count in found.items() if name.startswith("hotid"))
    others = ", ".join(f"{name} {count}" for name, count in found.items()
                       if not name.startswith("hotid"))
    return f"{ours or 'none'} of hotid, {others}"


def _false_alarms(alarms):
    """One line of all rows without packet loss."""
    parts = []
    for real, where in ((False, "in virtual time"), (True, "in real time, on emulated processors "
                                                     "that the host keeps waiting,")):
        rows = [row for row in alarms if "theory" not in row and (row["time"] == "real") == real]
        if rows:
            parts.append(f"in {len(rows)} rows of load {where} {_counts(rows)}")
    return [f"- False alarms without packet loss: {'; '.join(parts)}."] if parts else []


def _summary(result):
    """A few lines for who reads no tables."""
    lines = []
    if "deaths" in result:
        goals = [goal for goal in result["deaths"]["goals"] if "1000 MIPS" in goal["what"]]
        for goal in goals[:1]:
            beats = goal["what"].split(",", maxsplit=1)[0]
            lines.append(f"- {beats}: of 2000 silent deaths at random phase the longest was "
                         f"seen after {goal['ms']:.2f} ms (Linux {result['deaths']['kernel']}, "
                         "one virtual processor of 1000 MIPS).")
    lines += _false_alarms(result.get("alarms", []))
    for goal in result.get("gasp_goals", []):
        if goal["what"].startswith("panic"):
            lines.append(f"- A panic is known to the listener {goal['ms']:.2f} ms later, by its "
                         "last words.")
    if "probe" in result:
        lines.append(f"- An accepted beat takes the probe {result['probe']['net_ns']['accepted']:.0f} "
                     f"ns ({result['probe']['processor']}).")
    return lines


def sections(result, run):
    """Lines by the name of their place; only what was measured."""
    found = {"summary": _summary(result)}
    if run:
        found["run"] = _run(run)
    if "deaths" in result:
        found["deaths"] = table.deaths(result["deaths"])[2:]
    if result.get("alarms"):
        found["alarms"] = _alarms(result["alarms"])
    if "gasp_goals" in result:
        found["gasps"] = _gasps(result)
    found["cost"] = _cost(result)
    return {name: lines for name, lines in found.items() if lines}
