# SPDX-License-Identifier: GPL-2.0
"""What is held or armed is lost behind the daemon's back: each loss is made for real, and told."""

import contextlib
from dataclasses import dataclass

from hotidtest.topology import MAC, UNIT

from hotidtest.expect import check, poll, same, says
from hotidtest.suite import cases, test

FOUND = 60.0                    # seconds: the period, an iSCSI timeout, a busy host

# The key of the reservation, and the two ways to change that: see <linux/pr.h>.
RESERVATION = """
import fcntl, glob, struct, sys
name, = glob.glob("/sys/class/iscsi_session/*/device/target*/*:*:*:0/block/*")
disk = open("/dev/" + name.rsplit("/", 1)[1], "rb")
key = int(sys.argv[2], 16)
if sys.argv[1] == "clear":
    fcntl.ioctl(disk, 0x401070cd, struct.pack("QII", key, 0, 0))
else:
    fcntl.ioctl(disk, 0x401870c8, struct.pack("QQII", 0, key, 0, 0))
    fcntl.ioctl(disk, 0x401070c9, struct.pack("QII", key, 3, 0))
"""


def _findings(member):
    return {finding["kind"]: finding for finding in member.identity()["findings"]}


def _period(member, period):
    """Another audit.period in its node.yaml; one audit is due at once then."""
    member.configure_node(f"audit: {{period: {period}}}\n")


@dataclass(frozen=True)
class Loss:
    """What is done to the holder, which kind of step finds it in which words, and the fix."""
    kind: str
    words: str
    breaking: str
    fixing: str
    period: str = "3600s"          # so that it is found only if the system tells of it
    excuse: str = ""


_DISK = "$(basename $(ls -d /sys/class/iscsi_session/*/device/target*/*:*:*:0/block/*))"

LOSSES = {
    # Routes that prefer the address go with it.
    "address": Loss("net", r"10\.77\.0\.10", "ip -4 route save table all dev eth1 > /run/routes; "
                    "ip addr del 10.77.0.10/24 dev eth1",
                    "ip addr add 10.77.0.10/24 dev eth1; ip route restore < /run/routes"),
    "MAC address": Loss("net", r"MAC|02:00:00", "ip link set eth1 address 02:00:00:77:00:99",
                        f"ip link set eth1 address {MAC}"),
    "route": Loss("net", r"10\.77\.0\.96/27", "ip route del 10.77.0.96/27 dev eth1",
                  "ip route add 10.77.0.96/27 dev eth1"),
    "unit": Loss("unit", rf"{UNIT} is (inactive|failed)", "systemctl stop ledger",
                 "systemctl start ledger"),
    "file system": Loss("mount", r"read-only",
                        "systemctl stop ledger; mount -o remount,ro /srv/web",
                        "mount -o remount,rw /srv/web; systemctl start ledger"),
    "file system, of this mount alone": Loss(
        "mount", r"read-only", "systemctl stop ledger; mount -o remount,bind,ro /srv/web",
        "mount -o remount,bind,rw /srv/web; systemctl start ledger"),
    "mount": Loss("mount", r"not mounted", "systemctl stop ledger; umount /srv/web",
                  f"mount -o noatime /dev/{_DISK} /srv/web; systemctl start ledger"),
    "disk": Loss("disk", r"No such device or address", "systemctl stop ledger; sync; "
                 f"echo offline > /sys/block/{_DISK}/device/state",
                 f"echo running > /sys/block/{_DISK}/device/state; systemctl start ledger",
                 period="1s", excuse=r"I/O error|offline device|EXT4-fs|JBD2"),
}


def _is_told(holder, heir, kind, words):
    """In its state, in events that others see, and in its beats; it stays the holder."""
    finding = poll(f"an audit finds it: {kind}", FOUND, lambda: _findings(holder).get(kind))
    same((finding["verb"], finding["status"]), ("verify", "failed"), "the finding")
    says(finding["message"], words)
    says(holder.ctl("status").out, rf"audit: step {finding['index']} ")
    poll("the beats say so", 30, lambda: "audit" not in heir.peer()["health"])
    check("userspace" in heir.peer()["health"], "the daemon is said to be dead")
    holder.expect("held")


def _is_well(holder, heir):
    poll("the audits find no fault", FOUND, lambda: not _findings(holder))
    poll("the beats say so", 30, lambda: "audit" in heir.peer()["health"])
    holder.expect("held")
    heir.expect("armed")


@cases(LOSSES)
def what_is_held_is_lost(world, loss):
    """On the holder itself."""
    holder, heir = world.roles()
    if loss.excuse:
        world.excuse(holder, loss.excuse)
    _period(holder, loss.period)
    same(_findings(holder), {}, "findings before")
    try:
        holder.shell(loss.breaking)
        _is_told(holder, heir, loss.kind, loss.words)
    finally:
        holder.shell(loss.fixing)
    _is_well(holder, heir)


@test
def session_is_lost(world):
    """The target cannot be reached; when it can the session is there again."""
    holder, heir = world.roles()
    _period(holder, "1s")
    with world.storage.unreachable():
        _is_told(holder, heir, "iscsi", r"the session to \S+ is FAILED")
        # Who asks the disk is left behind, or told of the error: that is no answer of the disk's,
        # and not said to be one.
        for kind in {"reservation", "disk", "mount"} & set(findings := _findings(holder)):
            says(findings[kind]["message"], r"does the storage answer\?|Input/output error")
    _is_well(holder, heir)
    world.borne_by(holder)


@test
def reservation_is_lost(world):
    """Somebody cleared it: then anybody may write to the disk."""
    holder, heir = world.roles()
    _period(holder, "1s")
    key = world.storage.view().reservation_key
    holder.run("python3", "-c", RESERVATION, "clear", key)
    try:
        _is_told(holder, heir, "reservation", r"nobody holds the disk")
    finally:
        holder.run("python3", "-c", RESERVATION, "take", key)
    _is_well(holder, heir)
    world.borne_by(holder)


@test
def spare_is_not_fit_any_more(world):
    """Another port of the heir has the identity's MAC address: told while nothing has failed yet."""
    holder, heir = world.roles()
    _period(heir, "3600s")
    with contextlib.ExitStack() as undo:
        undo.callback(heir.shell, "ip link del other")
        heir.shell(f"ip link add other address {MAC} type dummy")
        finding = poll("an audit finds it", FOUND, lambda: _findings(heir).get("net"))
        same((finding["verb"], finding["status"]), ("validate", "failed"), "the finding")
        says(finding["message"], "other")
        poll("the beats say so", 30, lambda: "audit" not in holder.peer()["health"])
        heir.expect("armed")
    poll("it is fit again", FOUND, lambda: not _findings(heir))
    poll("the beats say so", 30, lambda: "audit" in holder.peer()["health"])
    heir.expect("armed")
    holder.expect("held")
