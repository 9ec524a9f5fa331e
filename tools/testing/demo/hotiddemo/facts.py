# SPDX-License-Identifier: GPL-2.0
"""Who bears the identity, as others see it: the client, the switch, the target.

Nothing here asks the node that claims to be the holder.
"""

import json
import re
from dataclasses import dataclass

from hotidlab.command import run

from .cast import IDENTITY_NIC, IP, IQN, MAC, STORAGE, TARGET

_LUN = "/sys/kernel/config/target/core/iblock_0/store"
_ACL = f"/sys/kernel/config/target/iscsi/{TARGET}/tpgt_1/acls/{IQN}"


@dataclass(frozen=True)
class Facts:                        # pylint: disable=too-many-instance-attributes
    """What was seen at one time. Empty where nothing was seen."""
    ip: str                         # that the client has an entry for
    mac: str                        # of that entry
    node: str                       # behind whose port the switch learnt that MAC
    iqn: str                        # that the target has a session with
    iqn_address: str                # from where
    reservation_key: str            # of the holder of the reservation
    reservation_type: str
    keys: tuple                     # all that are registered


def observe(lab):
    """Look from outside."""
    mac = _neighbour(lab)
    iqn, address = _session(lab)
    key, kind, keys = _reservation(lab)
    return Facts(IP if mac else "", mac, _node_behind(lab, mac or MAC), iqn, address,
                 key, kind, keys)


def _neighbour(lab):
    entries = json.loads(run(["ip", "-n", lab.network.client, "-j", "neigh", "show", IP]) or "[]")
    return next((entry["lladdr"] for entry in entries if "lladdr" in entry), "")


def _node_behind(lab, mac):
    entries = json.loads(run(["bridge", "-n", lab.network.switch, "-j", "fdb", "show", "br",
                              "lan"]))
    port = next((entry["ifname"] for entry in entries
                 if entry["mac"] == mac and "permanent" not in entry.get("state", "")), "")
    node, _, nic = port.rpartition(".")
    return node if nic == str(IDENTITY_NIC) else port


def _session(lab):
    """The newest session of the identity's initiator name."""
    info = lab[STORAGE].exec("cat", f"{_ACL}/info").text
    name = re.search(r"^InitiatorName: (\S+)", info, re.MULTILINE)
    address = re.search(r"^\s+Address (\S+) TCP", info, re.MULTILINE)
    return name[1] if name else "", address[1] if address else ""


def _reservation(lab):
    """Key and type of the reservation, and all registered keys, from the target's own tables."""
    out = lab[STORAGE].shell(f"cat {_LUN}/pr/res_holder; echo ==; cat {_LUN}/pr/res_type; "
                             f"echo ==; cat {_LUN}/pr/res_pr_registered_i_pts").text
    holder, kind, registered = (part.strip() for part in out.split("=="))
    entries = re.findall(r"(iqn\.\S+?)(?:,\s*i,\s*\S+)? Key: (0x[0-9a-f]+)", registered)
    owner = re.search(r"iqn\.\S+", holder)
    keys = tuple(key for _, key in entries)
    mine = [key for name, key in entries if owner and owner[0].startswith(name)]
    return mine[0] if len(mine) == 1 else "", kind, keys
