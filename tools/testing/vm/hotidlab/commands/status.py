# SPDX-License-Identifier: GPL-2.0
"""Show the nodes of a lab: state, addresses, which paths are cut."""

import json

from .. import net
from ..lab import Lab


def add_arguments(parser):
    """Options of `lab status`."""
    parser.add_argument("--json", action="store_true", help="for scripts")


def main(args):
    """Exit code 0 when there is a lab, 1 when not."""
    lab = Lab()
    rows = [{"node": node.name, "state": node.state(), "address": node.address,
             "san": node.san_address, "kernel": node.kernel.release,
             "cut": [b for b in net.BRIDGES if node.running() and lab.network.is_cut(node.name, b)]}
            for node in lab.nodes.values()]
    if args.json:
        print(json.dumps({"lab": lab.name, "nodes": rows}, indent=1))
    elif not rows:
        print(f"lab {lab.name}: not up")
    else:
        print(f"lab {lab.name}  (client: {lab.network.client})")
        for row in rows:
            print(f"  {row['node']:<10} {row['state']:<10} {row['address']:<12} {row['san']:<12} "
                  f"{row['kernel']}" + (f"  cut: {' '.join(row['cut'])}" if row["cut"] else ""))
    return 0 if rows else 1
