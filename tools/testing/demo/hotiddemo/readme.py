# SPDX-License-Identifier: GPL-2.0
"""The figures of a demo in README.md and docs/benchmarks.md; see tools/testing/figures."""

from hotidlab import pressure

from .timeline import SAYS


def _ms(ns):
    return f"{ns / 1e6:.1f} ms"


def sections(report):
    """Lines by the name of their place."""
    killed = report["truth_ns"]["killed"]
    rows = [f"| {SAYS[stage['name']]} | {_ms(stage['start_ns'] - killed)} "
            f"| {_ms(stage['end_ns'] - killed)} | {_ms(stage['end_ns'] - stage['start_ns'])} "
            f"| {_ms(stage['processor_ns'] or 0)} |" for stage in report["stages"]]
    outage = (f"{report['outage_ms']:.0f} ms without an answer; of {report['acked']} acknowledged "
              f"writes {report['lost'] or 'none'} {'were' if report['lost'] > 1 else 'was'} lost.")
    said = {stage["name"]: stage for stage in report["stages"]}
    last = max(stage["end_ns"] for stage in report["stages"])
    return {"demo-summary": [
        f"- A whole takeover, three emulated machines, beats of 10 ms × 3: detected after "
        f"{_ms(said['detect']['end_ns'] - killed)}, announced after {_ms(last - killed)}; the client "
        f"saw {outage}"], "demo": [
        pressure.text(report["host"]), "",
        "| since the kill | from | to | took | processor time of the spare |",
        "|---|---|---|---|---|", *rows, "",
        f"The client saw {outage}"]}
