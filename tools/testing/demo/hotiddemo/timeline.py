# SPDX-License-Identifier: GPL-2.0
"""The end of the demo for people: a timeline with bars, and what follows from it."""

from hotidlab import pressure
from hotidtest.topology import SPARE

_WIDTH = 44
_EIGHTHS = " ▏▎▍▌▋▊▉"

SAYS = {
    "detect": "detected", "fence": "fenced", "net": "network", "storage": "storage",
    "mount": "mounted", "units": "serving", "announce": "announced",
}
_WIRE = (
    ("last_beat", "last beat of active"),
    ("login", "iSCSI login of the spare"),
    ("preempt", "preempt and abort sent"),
    ("preempted", "preempt and abort answered"),
    ("first_write", "first write to the LUN"),
    ("first_frame", "first frame with the identity's MAC"),
    ("first_arp", "gratuitous ARP"),
    ("first_na", "unsolicited NA"),
    ("first_answer", "first answer of the ledger"),
    ("next_ack", "client has it"),
)


def _ms(ns):
    return "not seen" if ns is None else f"{ns / 1e6:.1f} ms"


def _bar(start, end, whole):
    """From start to end on a scale of whole; always something to see."""
    first = min(_WIDTH - 1, int(start / whole * _WIDTH))
    last = max(first, min(_WIDTH, end / whole * _WIDTH))
    full, rest = divmod(max(last - first, 0.125), 1)
    return (" " * first + "█" * int(full) + _EIGHTHS[int(rest * 8)]).ljust(_WIDTH)[:_WIDTH]


def show(report):
    """Print it."""
    killed = report["truth_ns"]["killed"]
    end = max([stage["end_ns"] for stage in report["stages"]]
              + [report["truth_ns"]["next_ack"] or killed])
    whole = max(end - killed, 1)
    print(f"\n{pressure.text(report['host'])}")
    print(f"\n{'':10} {'from':>11} {'to':>11} {'took':>11} {'processor':>11}  ┌{'─' * _WIDTH}┐")
    for stage in report["stages"]:
        start, stop = stage["start_ns"] - killed, stage["end_ns"] - killed
        print(f"{SAYS[stage['name']]:10} {_ms(start):>11} {_ms(stop):>11} "
              f"{_ms(stop - start):>11} {_ms(stage['processor_ns']):>11}  "
              f"│{_bar(start, stop, whole)}│")
    scale = f"0{_ms(whole):>{_WIDTH - 1}}"
    print(f"{'':58}  └{'─' * _WIDTH}┘\n{'since the kill; processor: of the spare':>58}   "
          f"{scale}\n")
    print("On the wire, in ms since the kill:")
    seen = [(report["truth_ns"].get(key), text) for key, text in _WIRE]
    for at, text in sorted((pair for pair in seen if pair[0] is not None), key=lambda p: p[0]):
        print(f"{(at - killed) / 1e6:11.1f}  {text}")
    print(f"Guest times are right to within {report['clock_error_ns'] / 1e6:.2f} ms.\n")
    _verdict(report)


def _verdict(report):
    for check in report["checks"]:
        print(f"  {'ok    ' if check['ok'] else 'FAILED'}  {check['name']}: {check['seen']}")
    print()
    for goal in report["goals"]:
        unit = f" {goal['unit']}" if goal["unit"] else ""
        took = "not measured" if goal["measured"] is None else f"{goal['measured']}{unit}"
        verdict = {True: "met   ", False: "MISSED", None: "host's"}[goal["met"]]
        print(f"  {verdict}  {goal['name']}, "
              f"under {goal['limit']}{unit}: {took}")
    print(f"\n  The module itself counts {report['detect_by_module_ms']} ms from the last beat "
          "to its decision.")
    print(f"  Outage the client saw: {report['outage_ms']} ms "
          f"(longest gap while active served: {report['longest_gap_before_ms']} ms, "
          f"spare: {report['longest_gap_after_ms']} ms)")
    print(f"  Acknowledged writes:   {report['acked']}")
    print(f"  Lost:                  {report['lost']}")
    if report["new_holder"] == SPARE:
        print(f"  The spare has been up for {report['spare_uptime_after_s']:.1f} s.")
