# SPDX-License-Identifier: GPL-2.0
"""Boot one throw-away guest, run one command in it as root, stop.

The guest has no systemd and no network of the host. proc, sys, dev, cgroup2,
bpf, debugfs, tracefs and a tmpfs /tmp are mounted; what is in an overlay is
there, nothing is loaded. The command's output and exit status are ours. After
it has ended the kernel log is read: a warning, oops, leak or stall in it fails
the run. The guest's root is thrown away.

    lab run -- uname -a
    lab run --overlay build/overlay -- insmod /hotid.ko
    lab run --icount -- /tests/detector_test
"""

import sys

from .. import host
from ..kernel import DEFAULT, KERNELS
from ..single import EXIT_BAD_LOG, EXIT_GUEST_DIED, SingleRun

__all__ = ["EXIT_BAD_LOG", "EXIT_GUEST_DIED", "add_arguments", "main"]


def add_arguments(parser):
    """Options of `lab run`."""
    parser.add_argument("--kernel", choices=KERNELS, help=f"kernel to boot ({DEFAULT})")
    parser.add_argument("--icount", action="store_true",
                        help="virtual time: guest time counts instructions; exact, repeatable, one CPU")
    parser.add_argument("--one-thread", action="store_true",
                        help="emulate all CPUs in one host thread, by turns")
    parser.add_argument("--smp", type=int, default=1, metavar="N", help="CPUs (1)")
    parser.add_argument("--mem", type=int, default=512, metavar="MIB", help="memory (512)")
    parser.add_argument("--timeout", type=float, default=300, metavar="S",
                        help="seconds for boot, command and log check together (300)")
    parser.add_argument("--overlay", action="append", default=[], metavar="DIR",
                        help="tree of files to lay over the guest's root; may be repeated")
    parser.add_argument("--nics", type=int, default=0, metavar="N",
                        help="virtio NICs eth0.., all on one segment inside QEMU (0)")
    parser.add_argument("-i", "--stdin", action="store_true", help="pass our standard input on")
    parser.add_argument("--env", action="append", default=[], metavar="K=V",
                        help="variable for the command; may be repeated")
    parser.add_argument("--allow-log", action="append", default=[], metavar="REGEX",
                        help="kernel messages this run is expected to cause")
    parser.add_argument("--append", default="", metavar="PARAMS", help="more kernel parameters")
    parser.add_argument("--verbose", action="store_true", help="whole kernel log on the console")
    parser.add_argument("argv", nargs="+", metavar="COMMAND", help="put -- before it")


def main(args):
    """Run it; the exit code is the command's, or tells why there is none."""
    host.need_root()
    host.need_packages()
    bad = [pair for pair in args.env if "=" not in pair]
    if bad:
        print(f"lab run: --env {bad[0]}: write NAME=VALUE", file=sys.stderr)
        return 2
    return SingleRun(args.argv, kernel=args.kernel, icount=args.icount, cpus=args.smp,
                     one_thread=args.one_thread, memory_mib=args.mem,
                     timeout=args.timeout, overlays=args.overlay,
                     nics=args.nics, allow_log=args.allow_log, append=args.append,
                     verbose=args.verbose, stdin=sys.stdin.buffer if args.stdin else b"",
                     env=dict(p.split("=", 1) for p in args.env)).run()
