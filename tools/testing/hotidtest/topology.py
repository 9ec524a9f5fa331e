# SPDX-License-Identifier: GPL-2.0
"""Names and addresses of the nodes and of their identity, as nodes/ has them too."""

ACTIVE, SPARE, STORAGE = "active", "spare", "storage"
NODES = (ACTIVE, SPARE, STORAGE)
PEERS = {ACTIVE: SPARE, SPARE: ACTIVE}

IDENTITY = "web"
IP = "10.77.0.10"
IP6 = "fd77::10"
MAC = "02:00:00:77:00:10"
IQN = "iqn.2026-01.example.hotid:web"
TARGET = "iqn.2026-01.example.hotid:store"
WWID = "360014056e4f7d001d1d4a779c1000000"      # LIO makes it from the first 25 digits of the "wwn"
UNIT = "ledger.service"

SAN = {ACTIVE: "10.78.0.1", SPARE: "10.78.0.2"}
# portal groups of the target, each with a port; the configuration of the target has them
PORTALS = {ACTIVE: "10.78.0.3:3260", SPARE: "10.78.0.3:3261"}

# eth1 is the port of the identity on every node: see hotidlab/net.py
IDENTITY_NIC = 1

STAGES = ("detect", "fence", "net", "storage", "mount", "units", "announce")
