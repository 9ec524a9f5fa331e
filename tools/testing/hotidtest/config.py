# SPDX-License-Identifier: GPL-2.0
"""Configuration of the nodes, as text: tests change single lines of it and count lines."""

from hotidlab.lab import KNOWN_INDEXES

from .expect import check
from .topology import IDENTITY as NAME, IQN, MAC, PORTALS, TARGET, WWID

# Emulated CPUs that share two real ones stall for long. How quick detection is
# is not asked here, so it is given time: 50 ms x 30.
INTERVAL_MS, MULTIPLIER = 50, 30

NODE = f"""\
node:
  name: {{name}}
  key-file: /etc/hotid/key
beats:
  interval: {INTERVAL_MS}ms
  multiplier: {MULTIPLIER}
daemon:
  keepalive-limit: 1500ms
peers:
"""

PEER = """\
  - name: {peer}
    id: f07d000000000000000000000000000{index}
    paths:
      - address: 10.77.0.{index}
      - address: 10.78.0.{index}
"""

# The routes are for the client, as eth0 is on the same LAN.
IDENTITY = f"""\
identity:
  name: web
  takeover: auto
  arm: manual
  step-timeout: 20s
fence: reservation
ports:
  - match: {{INTERFACE: eth1}}
    mac: {MAC}
    addresses: [10.77.0.10/24, "fd77::10/64"]
    routes:
      - {{to: 10.77.0.96/27}}
      - {{to: "fd77::100/120"}}
iscsi:
  - initiator: {IQN}
    portal: @PORTAL@
    target: {TARGET}
    luns: [0]
disks:
  - {{name: data, iscsi: {TARGET}, lun: 0, wwid: {WWID}}}
mounts:
  - {{disk: data, where: /srv/web, type: ext4, options: noatime}}
units: [ledger.service]
"""


def peer_of(peer):
    """That peer, as an entry at the end of node.yaml."""
    return PEER.format(peer=peer, index=KNOWN_INDEXES[peer])


def node(name, *peers):
    """node.yaml of one node."""
    return NODE.format(name=name) + "".join(map(peer_of, peers))


def identity(name, *edits):
    """web.yaml of one node, with (old, new) replaced; each old text is there once."""
    text = IDENTITY.replace("@PORTAL@", PORTALS[name])
    for old, new in edits:
        check(text.count(old) == 1, f"{old!r} is {text.count(old)} times in the configuration")
        text = text.replace(old, new)
    return text


def files(name, peer):
    """All of one node, for build.build()."""
    return {"node.yaml": node(name, peer), f"identities/{NAME}.yaml": identity(name)}


def line_of(text, part):
    """Number of the first line with that in it."""
    return text[:text.index(part)].count("\n") + 1
