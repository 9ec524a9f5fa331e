# SPDX-License-Identifier: GPL-2.0
"""The storage node: an iSCSI target (LIO) with the identity's LUN, and what can go wrong with it."""

import contextlib
import json

from . import build, facts
from .topology import ACTIVE, IQN, SPARE, STORAGE, TARGET

DISK = "lun"                    # of the node, as its serial number; LUN 0
_CONFIG = "etc/rtslib-fb-target/saveconfig.json"
_TARGET = f"/sys/kernel/config/target/iscsi/{TARGET}"
_TAGS = {ACTIVE: 1, SPARE: 2}   # portal groups
BLANK_LUN = 1                   # without a file system
BLANK_WWID = "360014056e4f7d001d1d4a779c2000000"


def qemu_args(image):
    """The node's QEMU has that image as the disk that it exports."""
    return {STORAGE: ["-drive", f"file={image},format=raw,if=none,id={DISK},cache=writethrough",
                      "-device", f"virtio-blk-pci,drive={DISK},serial={DISK}"]}


def overlay(directory):
    """The configuration of the target in nodes/, with a blank LUN beside the other."""
    target = json.loads((build.NODES / STORAGE / _CONFIG).read_text(encoding="utf-8"))
    target["storage_objects"].append({
        "plugin": "ramdisk", "name": "blank", "size": 8 << 20,
        "wwn": "6e4f7d00-1d1d-4a77-9c20-000000000001", "attributes": {"emulate_pr": 1}})
    for tpg in target["targets"][0]["tpgs"]:
        tpg["luns"].append({"index": BLANK_LUN, "storage_object": "/backstores/ramdisk/blank"})
        tpg["node_acls"][0]["mapped_luns"].append(
            {"index": BLANK_LUN, "tpg_lun": BLANK_LUN, "write_protect": False})
    tree = directory / STORAGE
    (tree / _CONFIG).parent.mkdir(parents=True, exist_ok=True)
    (tree / _CONFIG).write_text(json.dumps(target), encoding="utf-8")
    return tree


# More targets, with nothing in them, on a portal of their own: $1 the portal, $2
# who may log in, then for each target its name and how many LUNs it has. Serial
# numbers are those of serial().
_SHELF = """
cd /sys/kernel/config/target
portal=$1 initiator=$2 number=0
shift 2
while [ $# -gt 0 ]; do
    tpg=iscsi/$1/tpgt_1
    mkdir -p $tpg/np/$portal $tpg/acls/$initiator
    echo 0 > $tpg/attrib/authentication
    echo 0 > $tpg/attrib/generate_node_acls
    for lun in $(seq 0 $(($2 - 1))); do
        disk=core/rd_mcp_$((100 + number))/shelf$number
        mkdir -p $disk $tpg/lun/lun_$lun
        echo rd_pages=64 > $disk/control
        printf 5e1f%04x-1d1d-4a77-9c30-000000000000 $number > $disk/wwn/vpd_unit_serial
        echo 1 > $disk/enable
        ln -s $PWD/$disk $tpg/lun/lun_$lun/store
        mkdir -p $tpg/acls/$initiator/lun_$lun
        ln -s $PWD/$tpg/lun/lun_$lun $tpg/acls/$initiator/lun_$lun/store
        number=$((number + 1))
    done
    echo 1 > $tpg/enable
    shift 2
done
"""


def serial(number):
    """Serial number of a disk on the shelf."""
    return f"5e1f{number:04x}-1d1d-4a77-9c30-000000000000"


class Storage:
    """What a test does to it, and what it tells."""

    def __init__(self, lab):
        self.lab = lab

    @property
    def node(self):
        """The lab's node."""
        return self.lab[STORAGE]

    def view(self):
        """Sessions, keys and the reservation as the target has them."""
        return facts.observe(self.lab)

    def export(self):
        """Set the target up as its file says, without any reservation of before."""
        self.node.shell("modprobe -a iscsi_target_mod target_core_iblock\n"
                        # where Debian's rtslib lets the target keep reservations
                        "mkdir -p /etc/rtslib-fb-target/pr\n"
                        "targetctl clear\n"
                        # else the target finds its reservations there again
                        "rm -f /etc/rtslib-fb-target/pr/*\n"
                        "said=$(targetctl restore 2>&1)\n"
                        # it ends with 0 whatever went wrong
                        'test -z "$said" || { echo "$said" >&2; exit 1; }')

    @contextlib.contextmanager
    def shelf(self, portal, initiator, targets):
        """More targets: {name: number of LUNs}."""
        words = " ".join(f"{name} {luns}" for name, luns in targets.items())
        try:
            self.node.shell(f"set -- {portal} {initiator} {words}\n{_SHELF}")
            yield
        finally:
            self.export()

    @contextlib.contextmanager
    def refuses(self, name):
        """The portal group of that node is off: the portal answers, the login is refused."""
        path = f"{_TARGET}/tpgt_{_TAGS[name]}/enable"
        self.node.shell(f"echo 0 > {path}")
        try:
            yield
        finally:
            self.node.shell(f"echo 1 > {path}")

    @contextlib.contextmanager
    def unreachable(self):
        """Cut off from the storage network."""
        self.node.partition("san")
        try:
            yield
        finally:
            self.node.heal("san")

    @contextlib.contextmanager
    def unmapped(self, name):
        """The LUN is not shown to the identity's initiator name through that node's portal."""
        tpg = f"{_TARGET}/tpgt_{_TAGS[name]}"
        acl = f"{tpg}/acls/{IQN}/lun_0"
        link = self.node.shell(f"find {acl} -type l").text
        self.node.shell(f"rm {link} && rmdir {acl}")
        try:
            yield
        finally:
            self.node.shell(f"mkdir {acl} && ln -s {tpg}/lun/lun_0 {link}")
