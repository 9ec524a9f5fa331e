# SPDX-License-Identifier: GPL-2.0
"""Wrong configuration: the file, the line, the key and the fix are told, and nothing is done."""

import re

from hotidtest.topology import IDENTITY, MAC

from hotidtest import config
from hotidtest.expect import same, says
from hotidtest.suite import cases, test
from hotidtest.storage import serial

FILE = f"/etc/hotid/identities/{IDENTITY}.yaml"
FENCE = "fence: reservation\n"
PORT = "  - match: {INTERFACE: eth1}\n"

# name: (old text, new text, part of the line that is meant, key and fix)
IN_THE_FILE = {
    "unknown key": (
        "    mac: ", "    mack: ", "mack:", r"ports\[0\]\.mack: .*did you mean \"mac\"\?"),
    "wrong type": (
        f"mac: {MAC}", f"mac: [{MAC}]", f"mac: [{MAC}]",
        r"ports\[0\]\.mac: is a list where one value is wanted; write "),
    "multicast MAC": (
        f"mac: {MAC}", "mac: 01:00:5e:00:00:01", "mac: 01:00:5e:00:00:01",
        r"ports\[0\]\.mac: .*01:00:5e:00:00:01.* multicast.*; "),
    "MAC used twice": (
        "iscsi:\n", f"  - match: {{INTERFACE: eth2}}\n    mac: {MAC}\niscsi:\n",
        f"mac: {MAC}\niscsi", r"ports\[1\]\.mac: is that of ports\[0\] \(line 8\) too; "),
    "no fence": (
        FENCE, "", None, r"fence: is missing; give it \(reservation, or none"),
    "LUN that nothing fences": (
        "luns: [0]", "luns: [0, 5]", "luns: [0, 5]",
        r"iscsi\[0\]\.luns\[1\]: LUN 5 is no disk, .*; name it under disks"),
    "not YAML": (
        FENCE, "fence: [reservation\n", None, r"web\.yaml:\d+: "),
}

# name: (old text, new text, what the step says)
ON_THE_NODE = {
    "port matches nothing": (
        "{INTERFACE: eth1}", "{INTERFACE: eth7}", r"no network device has INTERFACE=eth7; "),
    "port matches two": (
        "{INTERFACE: eth1}", "{ID_NET_DRIVER: virtio_net}",
        r"both eth\d and eth\d have ID_NET_DRIVER=virtio_net; add a property"),
    "port of the beats": (
        "{INTERFACE: eth1}", "{INTERFACE: eth0}", r"eth0.*match another port"),
    "port of the storage": (
        "{INTERFACE: eth1}", "{INTERFACE: eth2}", r"the portal \S+ is reached through eth2.*; (match|the node needs)"),
    "MAC of another port": (
        f"mac: {MAC}", "mac: 52:54:00:77:02:02",
        r"52:54:00:77:02:02 is the MAC address of eth2 of this node already; "),
    "unit that is not there": (
        "[ledger.service]", "[nosuch.service]", r"nosuch\.service: there is no such unit; "),
    "file where a mount goes": (
        "where: /srv/web", "where: /srv/file/web",
        r"/srv/file/web.*(Not a directory|is no directory)"),
}


def _refused(member, bare, text):
    """Arming failed with that text, and left nothing. Returns the identity."""
    identity = member.expect("failed", clean=True, reason="step-failed", holder=None)
    says(identity["message"], text)
    found = member.footprint()
    same(found, bare, "what the refused arming left")
    return identity


@cases(IN_THE_FILE)
def wrong_file(world, case):
    """Refused by hotidd --check, by a reload and by arm, all with the same words."""
    old, new, part, words = case
    _, spare = world.rested()
    bare = spare.footprint()
    pid, identities = spare.daemon(), spare.status()["identities"]
    text = spare.configure((old, new))
    if part:
        words = re.escape(f"{FILE}:{config.line_of(text, part)}: ") + words
    spare.run("/usr/sbin/hotidd", "--check", status=1, wanted=words)
    # A reload checks first; a signal that comes without it is refused by the daemon itself.
    spare.run("systemctl", "reload", "hotidd", status=1)
    spare.run("kill", "-HUP", pid)
    spare.ctl("arm", IDENTITY, status=1, wanted=[r"web: failed after"])
    _refused(spare, bare, words)
    spare.run("journalctl", "-u", "hotidd", "--no-pager", "-o", "cat", "-n", "30",
              wanted=[words, "configuration not read again; nothing changed"])
    same(spare.daemon(), pid, "pid of hotidd")
    same([(one["name"], one["flags"]) for one in spare.status()["identities"]],
         [(one["name"], one["flags"]) for one in identities], "identities after the reload")


@cases(ON_THE_NODE)
def wrong_for_this_node(world, case):
    """The file is right, but not here: hotidd --check takes it, arm does not."""
    old, new, words = case
    _, spare = world.rested()
    spare.shell("touch /srv/file")
    bare = spare.footprint()
    spare.configure((old, new))
    spare.run("/usr/sbin/hotidd", "--check", wanted="no mistakes")
    said = spare.ctl("arm", IDENTITY, status=1, wanted=[words, r"web: failed after"])
    _refused(spare, bare, words)
    step = spare.failed_step()
    same(step["verb"], "validate", f"the verb that failed\n{said.out}")
    says(step["message"], words)


@test
def mac_of_another_identity(world):
    """Two identities of one node have nothing in common; the second file is named."""
    _, spare = world.rested()
    bare = spare.footprint()
    other = "/etc/hotid/identities/lamp.yaml"
    text = f"fence: none\nports:\n  - match: {{INTERFACE: eth1}}\n    mac: {MAC}\n"
    words = (rf"MAC address {MAC} of identity {IDENTITY} is also in {re.escape(other)}:4 "
             r"\(ports\[0\]\.mac of identity lamp\); no two identities may share it")
    spare.node.write_file(other, text)
    try:
        spare.run("/usr/sbin/hotidd", "--check", status=1,
                  wanted=rf"{re.escape(f'{FILE}:9')}: ports\[0\]\.mac: {words}")
        spare.ctl("arm", IDENTITY, status=1)
        _refused(spare, bare, words)
    finally:
        spare.run("rm", other)


def _on_eth1(number):
    """An identity without storage."""
    return (f"fence: none\nports:\n  - match: {{INTERFACE: eth1}}\n    mac: 02:00:00:77:00:{number}\n"
            f"    addresses: [10.77.0.{number}/24]\n")


@test
def one_port_for_two(world):
    """A spare for two servers, with one port: armed for both, and only one at a time is on it."""
    _, spare = world.rested()
    bare = spare.footprint()
    files = {name: f"/etc/hotid/identities/{name}.yaml" for name in ("bulb", "lamp")}
    for number, file in enumerate(files.values(), 11):
        spare.node.write_file(file, _on_eth1(number))
    borne = "cat /sys/class/net/eth1/address; ip -o address show dev eth1; tc filter show dev eth1 egress"

    def takes(name, mac, other):
        """It is taken, and the other one stays off its port, whatever it is told."""
        words = rf"identity {name} is on this node now; release it first: .*INTERFACE=eth1 of identity {other}"
        spare.ctl("arm", name, wanted=f"{name}: armed after")
        spare.ctl("takeover", name, wanted=f"{name}: held after")
        port = spare.shell(borne)
        says(port, mac)
        # It can no longer be taken here, which its state tells.
        says(spare.wait_state("failed", name=other)["message"], words)
        spare.ctl("arm", other, status=1, wanted=words)
        spare.ctl("takeover", other, status=1)
        spare.ctl("disarm", other)
        same(spare.shell(borne), port, f"the port that {name} has")

    try:
        spare.run("/usr/sbin/hotidd", "--check", wanted=[
            rf"ports\[0\]\.match: port INTERFACE=eth1 of identity lamp is also in "
            rf"{re.escape(files['bulb'])}:3 .*; this node can take only one of the two at a time",
            "no mistakes"])
        spare.reload()
        for name in files:
            spare.wait_state("offline", name=name)
        spare.ctl("arm", "bulb", wanted="bulb: armed after")
        takes("lamp", "02:00:00:77:00:12", "bulb")
        spare.ctl("release", "lamp", wanted="lamp: offline after")
        same(spare.footprint(), bare, "what is left of both")
        spare.ctl("arm", "lamp", wanted="lamp: armed after")
        takes("bulb", "02:00:00:77:00:11", "lamp")
    finally:
        for name, file in files.items():
            spare.make_offline(name)
            spare.run("rm", file)
        spare.reload()
    same(spare.footprint(), bare, "what is left in the end")


# Of which there can be any number.
MANY = ("/run/systemd/system/many@.service",
        "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n")
# What is as large as can be takes its time on emulated CPUs.
PATIENT = ("--timeout", "290s")


def _largest():
    """As many ports, addresses, routes and units as a file may have, and as many steps."""
    text = ["fence: none", "identity: {step-timeout: 120s}", "ports:"]
    for port in range(16):
        addresses = [f"10.103.{port}.10/24"] if port else [f"10.101.{i}.10/24" for i in range(64)]
        text += [f"  - match: {{INTERFACE: p{port}}}", f"    mac: 02:00:00:77:01:{port:02x}",
                 f"    addresses: [{', '.join(addresses)}]"]
    text[6:6] = ["    routes:"] + [f"      - {{to: 10.102.{i}.0/24, via: 10.101.{i}.1}}" for i in range(64)]
    return "\n".join([*text, "units:", *(f"  - many@{i}.service" for i in range(31)), ""])


@test
def largest_identity(world):
    """What hotidd --check takes as the largest is armed, taken, shown and undone: every list has an end."""
    _, spare = world.rested()
    bare = spare.footprint()
    name, file = "large", "/etc/hotid/identities/large.yaml"
    spare.shell("for i in $(seq 0 15); do ip link add p$i type veth peer name q$i && ip link set q$i up; done; "
                "udevadm settle")
    links = "cd /sys/class/net; cat p*/address p*/flags; ip rule; ip route show table all dev p0"
    port = spare.shell(links)
    spare.node.write_file(*MANY)
    spare.node.write_file(file, _largest())
    try:
        spare.run("systemctl", "daemon-reload")
        spare.run("/usr/sbin/hotidd", "--check", wanted="no mistakes")
        spare.reload()
        spare.wait_state("offline", name=name, limit=300)
        spare.ctl("arm", name, *PATIENT, wanted=f"{name}: armed after", timeout=300)
        said = spare.ctl("--json", "takeover", name, *PATIENT, timeout=300)
        same(len(said.taken()), 1 + 63, "steps of the takeover, with the module's own")
        same(len(spare.identity(name)["steps"]), 64, "steps that the module shows")
        same(spare.shell("ip -o -4 address show dev p0 | wc -l; ip route show dev p0 proto static | wc -l").split(),
             ["64", "64"], "addresses and routes of the largest port")
        same(spare.run("systemctl", "is-active", "many@30").out, "active\n", "the last unit")
        spare.ctl("release", name, *PATIENT, wanted=f"{name}: offline after", timeout=300)
        same(spare.shell(links), port, "the ports as they were")
        # One more is refused before anything is touched.
        spare.node.write_file(file, _largest() + "  - many@31.service\n")
        spare.run("/usr/sbin/hotidd", "--check", status=1, wanted="the plan would have 64 steps; at most 63 fit")
    finally:
        spare.make_offline(name)
        spare.run("rm", file)
        spare.shell("for i in $(seq 0 15); do ip link del p$i; done")
        spare.reload()
    same(spare.footprint(), bare, "what is left of it")


SHELF, SHELF_IQN = "10.78.0.3:3262", "iqn.2026-01.example.hotid:shelf"


def _sessions(targets):
    """The sessions of an identity."""
    return ["iscsi:"] + [f"  - {{initiator: {SHELF_IQN}, portal: '{SHELF}', target: {target}, "
                         f"luns: [{', '.join(map(str, range(luns)))}]}}" for target, luns in targets.items()]


def _disks(targets):
    """Every LUN is a disk of it."""
    luns = [(target, lun) for target, luns in targets.items() for lun in range(luns)]
    return ["disks:"] + [f"  - {{name: d{number}, iscsi: {target}, lun: {lun}, serial: {serial(number)}}}"
                         for number, (target, lun) in enumerate(luns)]


# name: (LUNs of each target, whether they are reserved)
MOST_STORAGE = {
    "sessions and steps": ([8] + [1] * 15, True),
    "LUNs of a session": ([32], False),
}


@cases(MOST_STORAGE)
def most_storage(world, case):
    """The largest identities with storage that hotidd --check takes are armed, taken, shown and undone."""
    sizes, reserved = case
    _, spare = world.rested()
    bare = spare.footprint()
    name, file = "large", "/etc/hotid/identities/large.yaml"
    targets = {f"{SHELF_IQN}{number:02}": luns for number, luns in enumerate(sizes)}
    luns, steps = sum(sizes), len(sizes)
    text = [f"fence: {'reservation' if reserved else 'none'}", "identity: {step-timeout: 240s}", *_sessions(targets)]
    if reserved:
        text += [*_disks(targets), "units: [many@0.service]"]
        steps += 2 * luns + 1
        same(steps, 63, "steps of the plan")
    spare.node.write_file(*MANY)
    spare.node.write_file(file, "\n".join([*text, ""]))
    with world.storage.shelf(SHELF, SHELF_IQN, targets):
        try:
            spare.run("systemctl", "daemon-reload")
            spare.run("/usr/sbin/hotidd", "--check", wanted="no mistakes")
            spare.reload()
            spare.wait_state("offline", name=name, limit=300)
            spare.ctl("arm", name, *PATIENT, wanted=f"{name}: armed after", timeout=300)
            said = spare.ctl("--json", "takeover", name, *PATIENT, timeout=300)
            same(len(said.taken()), 1 + steps, "steps of the takeover, with the module's own")
            same(len(spare.identity(name)["steps"]), 1 + steps, "steps that the module shows")
            same(spare.shell("ls -d /sys/class/iscsi_session/* | wc -l; ls -d /sys/class/scsi_disk/* | wc -l").split(),
                 [str(len(sizes)), str(luns)], "sessions and disks")
            spare.ctl("release", name, *PATIENT, wanted=f"{name}: offline after", timeout=300)
        finally:
            spare.make_offline(name)
            spare.run("rm", file)
            spare.reload()
    same(spare.footprint(), bare, "what is left of it")


@test
def identity_without_a_fence(world):
    """fence: none, said explicitly, is taken without any disk and undone."""
    _, spare = world.rested()
    bare = spare.footprint()
    name, address = "lamp", "10.77.0.11/24"
    file = f"/etc/hotid/identities/{name}.yaml"
    text = ("fence: none\nports:\n  - match: {INTERFACE: eth1}\n    mac: 02:00:00:77:00:11\n"
            f"    addresses: [{address}]\n    routes: [{{to: 10.77.0.96/27}}]\n")
    spare.node.write_file(file, text)
    try:
        spare.reload()
        spare.wait_state("offline", name=name)
        spare.ctl("arm", name, wanted="lamp: armed after")
        said = spare.ctl("--json", "takeover", name)
        same([step["kind"] for step in said.taken()], ["detect", "net", "announce"],
             "steps of a takeover without storage")
        says("\n".join(spare.footprint()["addresses"]), re.escape(address))
        same(spare.footprint()["sessions"], [""], "sessions")
        spare.ctl("release", name, wanted="lamp: offline after")
        same(spare.footprint(), bare, "what is left of it")
    finally:
        spare.make_offline(name)
        spare.run("rm", file)
        spare.reload()
