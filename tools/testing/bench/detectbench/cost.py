# SPDX-License-Identifier: GPL-2.0
"""What a beat costs its sender and its receiver."""

import json
import os
import subprocess

from . import stats
from .guest import guest
from .paths import OUT

GOAL_NS = 60.0
KINDS = {                       # of probe_cost, in the order of the table
    "accepted": "accepted beat",
    "accepted_end_of_span": "accepted, seven peers looked at before",
    "accepted_unprimed": "accepted, nothing hashed ahead",
    "replayed": "replayed beat",
    "bad_mac": "forged beat",
    "unknown": "unknown sender",
    "pass_other_udp": "other UDP",
    "pass_not_ip": "not IP",
    "empty": "a program that does nothing",
}
SHIFT = 0                       # 1 ns per instruction
SENDERS = ((1000, ("1", "8")), (250, ("2",)))   # interval in us, numbers of observers
GOAL_SHARE = 0.05               # of a processor, at the shortest interval
PEERS = 10000


def probe(quick=False):
    """The XDP probe on the host's own kernel."""
    # Each load puts the program elsewhere, and that alone makes a difference.
    loads, repeats, rounds = (2, 100000, 3) if quick else (7, 200000, 5)
    runs = []
    for _ in range(loads):
        done = subprocess.run([OUT / "host/probe_cost", str(repeats), str(rounds)],
                              stdout=subprocess.PIPE, check=True, text=True)
        runs.append(json.loads(done.stdout))
    said = runs[0]
    raw = {}
    for kind in KINDS:
        every = sorted(ns for run in runs for ns in run[kind])
        raw[kind] = {"min": every[0], "median": stats.quantile(every, 0.5), "max": every[-1]}
    empty = raw["empty"]["median"]
    # "accepted" is a difference already: the same run without the probe is off
    net = {kind: raw[kind]["median"] - (0 if kind.startswith("accepted") else empty)
           for kind in KINDS}
    return {"repeats": loads * repeats * rounds, "loads": loads, "kernel": said["kernel"],
            "processor": said["processor"], "clocksource": said["clocksource"],
            "load": os.getloadavg()[0],
            "as_reported_ns": raw, "net_ns": net,
            "accepted_as_reported_ns": net["accepted"] + empty,
            "goal": {"what": "accepted beat <= 60 ns, an empty program in the same loop off",
                     "ns": net["accepted"], "met": net["accepted"] <= GOAL_NS}}


def _instructions(running):
    """The same program on the guest's processor, where a ns is an instruction."""
    lines = running.run("probe_cost", "4096", "1")
    said = json.loads(" ".join(" ".join(line) for line in lines))
    return said["accepted"][0]


def virtual(tree, quick=False):
    """Sender and detector, as instructions of a virtual processor."""
    with guest(tree, shift=SHIFT, memory_mib=1024) as running:
        sender = [(interval, line) for interval, observers in SENDERS
                  for line in running.run("sender_cost", str(interval), "1" if quick else "4",
                                          *observers)]
        peers = running.run("many_peers", str(PEERS), "10000", "1" if quick else "2")
        beat = _instructions(running)
    mips = 1000 / 2**SHIFT
    found = {"processor_mips": mips, "probe_instructions": beat, "sender": []}
    for interval, (_, observers, share, sent) in sender:
        found["sender"].append({
            "observers": int(observers), "interval_us": interval, "share": float(share),
            "instructions_per_packet":
                float(share) * mips * interval / int(observers),
            "packets": int(sent)})
    dearest = found["sender"][-1]
    found["sender_goal"] = {
        "what": f"sender at {dearest['interval_us'] / 1000:g} ms with {dearest['observers']} "
                f"observers, {mips:.0f} MIPS: <= {GOAL_SHARE * 100:g} % of the processor",
        "percent": dearest["share"] * 100, "met": dearest["share"] <= GOAL_SHARE}
    bulk, memory, share = peers
    found["detector"] = {"peers": PEERS, "interval_us": 10000, "multiplier": 3,
                         "share": float(share[2]),
                         "instructions_per_s": float(share[2]) * mips * 1e6,
                         "kernel_bytes_per_peer": int(memory[2]),
                         "bulk_add_ms": int(bulk[2]) * 1e-6}
    return found


def ten_thousand(probe_found, virtual_found):
    """Share of one processor for 10 000 peers at 100 Hz.

    The probe's part is the host's own time. The timers were counted in
    instructions; they become time by what an instruction of the probe takes
    on the host, which is kind: timers miss the cache more often.
    """
    ns = probe_found["net_ns"]["accepted"]
    per_instruction = ns / virtual_found["probe_instructions"]
    beats = PEERS * 100
    timers = virtual_found["detector"]["instructions_per_s"]
    return {"beats_per_s": beats, "probe_share": beats * ns * 1e-9,
            "ns_per_instruction_of_probe": per_instruction,
            "timers_share": timers * per_instruction * 1e-9,
            "timers_share_at_1_ns_per_instruction": timers * 1e-9}
