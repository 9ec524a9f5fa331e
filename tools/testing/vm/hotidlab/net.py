# SPDX-License-Identifier: GPL-2.0
"""A lab's network: two learning bridges and a client, in private namespaces.

                       namespace LAB
    ┌─────────────────────────────────────────────────────┐
    │  lan  (bridge, learns, no STP)      san  (bridge)   │
    │  │   │        │   │       │          │      │       │
    └──┼───┼────────┼───┼───────┼──────────┼──────┼───────┘
     n1.0 n1.1    n2.0 n2.1   client     n1.2   n2.2        taps, veth
       │   │        │   │       │          │      │
     eth0 eth1    eth0 eth1   eth0       eth2   eth2
       node 1       node 2    namespace  node 1 node 2
                              LAB-client

eth0 is the node's own port on the service LAN, eth1 the identity port on the
same LAN (down and bare until an identity is taken), eth2 the second path and
storage. Nothing of this is reachable from the host's own namespace.
"""

import os
from pathlib import Path

from .command import run
from .errors import LabError

BRIDGES = ("lan", "san")
IFACES = (("lan", "eth0"), ("lan", "eth1"), ("san", "eth2"))     # by NIC number
CLIENT_INDEX = 100

# values of the bridge port attribute "state"
_PORT_DISABLED, _PORT_FORWARDING = 0, 3


def mac(node_index, nic):
    """The node's MAC of its NIC number nic."""
    return f"52:54:00:77:{nic:02x}:{node_index:02x}"


def addresses(node_index):
    """(interface, address/length) pairs of a node."""
    return [("eth0", f"10.77.0.{node_index}/24"), ("eth0", f"fd77::{node_index:x}/64"),
            ("eth2", f"10.78.0.{node_index}/24"), ("eth2", f"fd78::{node_index:x}/64")]


class Network:
    """The namespaces of one lab."""

    def __init__(self, lab):
        self.switch = lab
        self.client = f"{lab}-client"

    def exists(self):
        """Whether any of it is there."""
        return any(Path("/run/netns", name).exists() for name in (self.switch, self.client))

    def create(self):
        """Both bridges and the client."""
        for namespace in (self.switch, self.client):
            run(["ip", "netns", "add", namespace],
                fix=f"a lab of that name may be left: LAB_NAME={self.switch} lab down")
        # the switch itself says nothing on the wire
        self._sysctl(self.switch, "net/ipv6/conf/default/disable_ipv6", 1)
        self._sysctl(self.client, "net/ipv6/conf/default/accept_dad", 0)
        self._sysctl(self.client, "net/ipv6/conf/default/accept_ra", 0)
        lines = ["link set lo up"]
        for bridge in BRIDGES:
            lines += [f"link add {bridge} type bridge stp_state 0 forward_delay 0 "
                      "mcast_snooping 0", f"link set {bridge} up"]
        lines += [f"link add client type veth peer name eth0 netns {self.client}",
                  "link set client master lan up"]
        self._batch(self.switch, lines)
        self._batch(self.client, [
            "link set lo up", f"link set eth0 address {mac(CLIENT_INDEX, 0)}",
            f"addr add 10.77.0.{CLIENT_INDEX}/24 dev eth0",
            f"addr add fd77::{CLIENT_INDEX}/64 dev eth0 nodad", "link set eth0 up"])

    def delete(self):
        """Everything; nothing is left behind, and nothing need be there."""
        for namespace in (self.client, self.switch):
            if Path("/run/netns", namespace).exists():
                run(["ip", "netns", "delete", namespace])

    def add_taps(self, node):
        """A tap for each NIC of the node, on its bridge. Returns their names."""
        taps = [f"{node}.{nic}" for nic in range(len(IFACES))]
        lines = []
        for tap, (bridge, _) in zip(taps, IFACES):
            lines += [f"tuntap add dev {tap} mode tap", f"link set {tap} master {bridge} up"]
        self._batch(self.switch, lines)
        return taps

    def cut(self, node, bridge, cut=True):
        """Let the node's ports on that bridge carry nothing, or heal them.

        The guest's links stay up and the bridge keeps what it learnt: as when
        the cable beyond the next switch is pulled.
        """
        self._cut_ports(self._ports(node, bridge), cut)

    def cut_nics(self, node, nics, cut=True):
        """The same for these of its ports alone, by number."""
        self._cut_ports([f"{node}.{nic}" for nic in nics], cut)

    def _cut_ports(self, ports, cut):
        state = _PORT_DISABLED if cut else _PORT_FORWARDING
        for port in ports:
            run(["bridge", "-n", self.switch, "link", "set", "dev", port, "state", state])

    def is_cut(self, node, bridge):
        """Whether the node is cut off from that bridge."""
        port = self._ports(node, bridge)[0]
        out = run(["bridge", "-n", self.switch, "link", "show", "dev", port])
        return "state disabled" in out and "NO-CARRIER" not in out

    @staticmethod
    def _ports(node, bridge):
        return [f"{node}.{nic}" for nic, (where, _) in enumerate(IFACES) if where == bridge]

    @staticmethod
    def _sysctl(namespace, name, value):
        run(["ip", "netns", "exec", namespace, "sh", "-c",
             f"echo {value} > /proc/sys/{name}"])

    @staticmethod
    def _batch(namespace, lines):
        run(["ip", "-n", namespace, "-batch", "-"], input="\n".join(lines) + "\n")


def enter(namespace):
    """Words to put before a command, to run it in that namespace."""
    if not os.path.exists(f"/run/netns/{namespace}"):
        raise LabError(f"no network namespace {namespace}; start the lab with: lab up")
    return ["ip", "netns", "exec", namespace]
