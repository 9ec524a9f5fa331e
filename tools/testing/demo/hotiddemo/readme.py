# SPDX-License-Identifier: GPL-2.0
"""What the project's README shows of a demo; see tools/testing/readme."""

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
    return {"demo": [
        pressure.text(report["host"]), "",
        "| since the kill | from | to | took | processor time of the spare |",
        "|---|---|---|---|---|", *rows, "",
        f"The client saw {report['outage_ms']:.0f} ms without an answer; of {report['acked']} "
        f"acknowledged writes {report['lost'] or 'none'} "
        f"{'were' if report['lost'] > 1 else 'was'} lost."]}
