# SPDX-License-Identifier: GPL-2.0
"""Who bears the identity, as others see it: the client, the switch, the target.

Nothing here asks the node that claims to be the holder.
"""

import json
import re
from dataclasses import dataclass

from hotidlab.command import run

from .topology import IDENTITY_NIC, IP, IQN, MAC, STORAGE, TARGET

_LUN = "/sys/kernel/config/target/core/iblock_0/store"
_ACLS = f"/sys/kernel/config/target/iscsi/{TARGET}/tpgt_*/acls/{IQN}"


@dataclass(frozen=True)
class Facts:                        # pylint: disable=too-many-instance-attributes
    """What was seen at one time. Empty where nothing was seen."""
    ip: str                         # that the client has an entry for
    mac: str                        # of that entry
    node: str                       # behind whose port the switch learnt that MAC
    sessions: dict                  # of the target: initiator name by the address it came from
    reservation_key: str            # of the holder of the reservation
    reservation_type: str
    keys: tuple                     # all that are registered


def observe(lab):
    """Look from outside."""
    mac = _neighbour(lab)
    key, kind, keys = _reservation(lab)
    return Facts(IP if mac else "", mac, _node_behind(lab, mac or MAC), _sessions(lab),
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


def _sessions(lab):
    info = lab[STORAGE].shell(f"cat {_ACLS}/info").text
    return {address: name for name, address in re.findall(
        r"^InitiatorName: (\S+)$.*?^\s+Address (\S+) TCP", info, re.MULTILINE | re.DOTALL)}


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
