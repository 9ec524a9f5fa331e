# SPDX-License-Identifier: GPL-2.0
"""Start nodes of a lab and wait until they have booted.

Without names: active, spare and storage. Each node has eth0 (10.77.0.N,
fd77::N, service LAN), eth1 (identity port on the same LAN, down and bare) and
eth2 (10.78.0.N, fd78::N, second path and storage); N is 1 for active, 2 for
spare, 3 for storage, 4 and up for others. A client is at 10.77.0.100,
fd77::100: see `lab client`. The lab outlives this command: `lab down` ends it.

    lab up
    lab up active spare --overlay build/overlay --overlay active=build/active
    LAB_NAME=mine LAB_PACKAGES="nginx keepalived" lab up active
"""

from ..errors import LabError
from ..kernel import DEFAULT, KERNELS
from ..lab import DEFAULT_NODES, Lab


def add_arguments(parser):
    """Options of `lab up`."""
    parser.add_argument("nodes", nargs="*", metavar="NODE", help=f"default: {' '.join(DEFAULT_NODES)}")
    parser.add_argument("--kernel", choices=KERNELS, help=f"kernel to boot ({DEFAULT})")
    parser.add_argument("--smp", type=int, default=1, metavar="N", help="CPUs of each node (1)")
    parser.add_argument("--mem", type=int, default=512, metavar="MIB",
                        help="memory of each node (512)")
    parser.add_argument("--overlay", action="append", default=[], metavar="[NODE=]DIR",
                        help="tree of files to lay over the root of all nodes, or of one")
    parser.add_argument("--append", default="", metavar="PARAMS", help="more kernel parameters")


def main(args):
    """Start them; the output is one line per node on stderr."""
    overlays = {}
    for overlay in args.overlay:
        node, separator, tree = overlay.partition("=")
        overlays.setdefault(node if separator else "*", []).append(tree if separator else overlay)
    names = args.nodes or list(DEFAULT_NODES)
    strangers = set(overlays) - set(names) - {"*"}
    if strangers:
        raise LabError(f"--overlay {strangers.pop()}=...: no such node is being started")
    Lab().up(names, overlays, kernel=args.kernel, memory_mib=args.mem, cpus=args.smp,
             append=args.append)
    return 0
