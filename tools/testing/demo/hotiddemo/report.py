# SPDX-License-Identifier: GPL-2.0
"""From what was seen to report.json: figures, goals, and what must be true."""

import json
import os

from hotidtest import clientlog, wire
from hotidtest.topology import ACTIVE, IP, IQN, MAC, SAN, SPARE, STAGES

DETECT_GOAL_MS = 60
STORAGE_GOAL_MS = 3000          # fence, net, storage and mount together


def _stages(taken, killed_ns):
    """Stages of the takeover on the host's clock, and the bound of the clocks' error.

    What the module calls detection begins at the last beat it had. Here it
    begins when active was killed, by the host's clock.
    """
    stages, error = [], 0
    for stage in taken.record["stages"]:
        (start, start_error), (end, end_error) = (taken.clock.to_host(stage[key])
                                                  for key in ("start_ns", "end_ns"))
        error = max(error, start_error, end_error)
        if stage["name"] == "detect":
            start = killed_ns
        stages.append({"name": stage["name"], "start_ns": start, "end_ns": end})
    return sorted(stages, key=lambda stage: STAGES.index(stage["name"])), error


def _goal(name, limit, unit, measured, judged=True):
    """met is None where nobody can tell."""
    return {"name": name, "limit": limit, "unit": unit, "measured": measured,
            "met": measured is not None and measured < limit if judged else None}


def _ms(ns):
    return None if ns is None else round(ns / 1e6, 3)


def make(taken, truth, sent, ledger, acks, complaints, stopwatch, host):   # pylint: disable=R0913
    """The report as a dictionary; "passed" says whether all checks did.

    stopwatch: the processor time of the spare's virtual machine; host: what the
    host took away.
    """
    stages, error_ns = _stages(taken, taken.killed_ns)
    for stage in stages:
        stage["processor_ns"] = stopwatch.between(stage["start_ns"], stage["end_ns"])
    at = {stage["name"]: stage for stage in stages}
    gap = clientlog.outage(acks, taken.killed_ns)
    module_detect = next((s for s in taken.record["stages"] if s["name"] == "detect"), None)
    report = {
        "outage_ms": _ms(gap.ns) if gap else None,
        "longest_gap_before_ms": _ms(clientlog.longest_gap_ns(acks, until_ns=taken.killed_ns)),
        "longest_gap_after_ms": _ms(clientlog.longest_gap_ns(acks, gap.next_ack_ns))
        if gap else None,
        "host": host,
        "stages": stages,
        "clock": "CLOCK_MONOTONIC of the host",
        "clock_error_ns": error_ns,
        "detect_ms": _ms(at["detect"]["end_ns"] - taken.killed_ns) if "detect" in at else None,
        "detect_by_module_ms": _ms(module_detect["end_ns"] - module_detect["start_ns"])
        if module_detect else None,
        "sent": sent["sent"],
        "acked": ledger["acked"],
        "lost": ledger["lost"],
        "refused": sent["refused"],
        "writers": ledger["runs"],
        "old_holder": taken.before.holder,
        "new_holder": taken.holder,
        "mac": taken.facts.mac,
        "ip": taken.facts.ip,
        "iqn": taken.facts.sessions.get(truth["login_address"], ""),
        "epoch": taken.record["epoch"],
        "reason": taken.record["reason"],
        "reservation_key_before": taken.before.facts.reservation_key,
        "reservation_key_after": taken.facts.reservation_key,
        "reservation_type": taken.facts.reservation_type,
        "spare_uptime_before_s": taken.before.uptime_s,
        "spare_uptime_after_s": taken.uptime_s,
        "truth_ns": {**truth, "last_ack": gap and gap.last_ack_ns,
                     "next_ack": gap and gap.next_ack_ns},
        "steps": taken.record["steps"],
    }
    used = [at[name]["processor_ns"] if name in at else None for name in STAGES[1:5]]
    report["goals"] = [
        # waiting is no processor time: where the times are the host's, this is not judged
        _goal("detect", DETECT_GOAL_MS, "ms", report["detect_ms"],
              not host["times_are_the_hosts"]),
        # by processor time: the host takes that from nobody
        _goal("fence + net + storage + mount, of the spare's processor", STORAGE_GOAL_MS, "ms",
              None if None in used else _ms(sum(used))),
        # speak last: clients are to ask again, not to be refused
        _goal("times the client was refused", 1, "", report["refused"]),
    ]
    report["checks"] = _checks(report, taken, ledger, at, complaints)
    report["passed"] = all(check["ok"] for check in report["checks"])
    return report


def _checks(report, taken, ledger, at, complaints):
    """What must be true, each with what was seen."""
    truth, before, after = report["truth_ns"], taken.before.facts, taken.facts
    writers = [run["writer"] for run in ledger["runs"]]
    error = report["clock_error_ns"]
    checks = []

    def check(name, is_ok, seen):
        checks.append({"name": name, "ok": bool(is_ok), "seen": seen})

    check("no acknowledged write is lost", report["lost"] == 0 and report["acked"] > 0,
          f"{report['lost']} of {report['acked']}")
    check("every write was acknowledged in the end", report["sent"] == report["acked"],
          f"{report['acked']} of {report['sent']}")
    check("active wrote, then spare, and active never again", writers == [ACTIVE, SPARE],
          ", then ".join(writers))
    ran = [stage["name"] for stage in report["stages"]]
    check("every stage ran, in order", ran == list(STAGES), " ".join(ran))
    check("the holder changed", (taken.before.holder, taken.holder) == (ACTIVE, SPARE),
          f"{taken.before.holder} -> {taken.holder}")
    check("the spare found out by itself", report["reason"] == "peer-silent", report["reason"])
    check("the MAC is the old one for the client", before.mac == after.mac == MAC,
          f"{before.mac} -> {after.mac}")
    check("the switch has it behind the spare's port", (before.node, after.node) == (ACTIVE, SPARE),
          f"{before.node} -> {after.node}")
    check("the IP is the old one for the client", before.ip == after.ip == IP,
          f"{before.ip} -> {after.ip}")
    old, new = before.sessions.get(SAN[ACTIVE]), after.sessions.get(SAN[SPARE])
    check("the initiator name is the old one for the target", old == new == IQN, f"{old} -> {new}")
    check("its session comes from the spare", truth["login_address"] == SAN[SPARE]
          and SAN[SPARE] not in before.sessions, f"login from {truth['login_address']}")
    check("the reservation is the spare's, the old key is gone",
          before.reservation_key and after.reservation_key
          and before.reservation_key != after.reservation_key
          and after.keys == (after.reservation_key,),
          f"{before.reservation_key} -> {after.reservation_key}, registered {' '.join(after.keys)}")
    check("the epoch grew", report["epoch"] == 2, f"1 -> {report['epoch']}")
    grown = taken.uptime_s - taken.before.uptime_s
    check("the spare was not booted for it", grown > 0, f"up {taken.before.uptime_s:.1f} s before, "
          f"{taken.uptime_s:.1f} s after")
    units_end = at["units"]["end_ns"] - error if "units" in at else None
    for proof in wire.proofs(truth, units_end):
        check(*proof)
    check("the kernels complained of nothing", not complaints,
          "; ".join(f"{name}: {text}" for name, text in complaints.items()) or "clean")
    return checks


def write(report, path):
    """Whole or not at all."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    os.replace(new, path)
