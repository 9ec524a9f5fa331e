# SPDX-License-Identifier: GPL-2.0
"""Capture a bridge's frames into a file, until `lab capture --stop FILE`.

tcpdump writes pcap with the host's timestamps in ns; FILE.clock holds the
distance to CLOCK_MONOTONIC. Returns once tcpdump is listening.

    lab capture lan lan.pcap
    lab capture --filter "arp or icmp6" lan lan.pcap
    lab capture --stop lan.pcap
"""

from .. import net
from ..errors import LabError
from ..lab import Lab


def add_arguments(parser):
    """Options of `lab capture`."""
    parser.add_argument("--stop", action="store_true", help="end the capture into FILE")
    parser.add_argument("--filter", default="", metavar="EXPR", help="a filter of tcpdump")
    parser.add_argument("bridge", nargs="?", choices=net.BRIDGES, help="default: lan")
    parser.add_argument("file", metavar="FILE")


def main(args):
    """Start or stop it."""
    lab = Lab()
    if args.stop:
        if args.bridge or args.filter:
            raise LabError("lab capture --stop takes FILE only")
        lab.stop_capture(args.file)
    else:
        lab.capture(args.bridge or "lan", args.file, args.filter)
    return 0
