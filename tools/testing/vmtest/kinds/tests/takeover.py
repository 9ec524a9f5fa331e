# SPDX-License-Identifier: GPL-2.0
"""A takeover of the whole identity: what it takes, what it fences, what it says and when."""

import subprocess

from hotidlab import pcap
from hotidtest.expect import check, same
from hotidtest.suite import test

from bench import BUILD, MAC, held, undone_after


@test
def armed_and_disarmed_leaves_nothing(bench):
    """Staged, nothing is taken; undone, nothing is left."""
    outcome = bench.spare.run("all", "validate", "stage").ok("validate", "stage")
    same(bench.spare.shell("ls /sys/class/iscsi_session || true").strip(), "", "sessions")
    same(bench.spare.shell("cat /sys/class/net/eth1/address").strip(), bench.spare.node.mac(1), "MAC")
    same(bench.spare.shell("ip -o address show dev eth1").strip(), "", "addresses")
    check("slot" in outcome.message("iscsi", "validate"), outcome.text)
    bench.spare.run("all", "undo").ok("undo")
    bench.spare.clean()


@test
def old_holder_is_fenced(bench):
    """The spare takes the disk from a live holder, whose writes the target refuses from then on."""
    old, new = bench.epoch(), bench.epoch()
    with held(bench.active, old):
        same(bench.keys(), {old: True}, "keys")
        bench.active.shell("echo acknowledged >/srv/web/data; sync -f /srv/web")
        bench.active.shell("echo more >/srv/web/later; sync -f /srv/web")
        with held(bench.spare, new) as taken:
            same(bench.keys(), {new: True}, "keys")
            check(f"taken from epoch {old}" in taken.message("reservation", "take"), taken.text)
            same(bench.spare.shell("cat /srv/web/data"), "acknowledged", "data")
            check("recovery complete" in bench.spare.shell("dmesg"), "no journal was replayed")
            for step in ("iscsi", "reservation", "net", "disk", "mount", "unit", "announce"):
                print(f"# take {step}: {taken.milliseconds(step, 'take'):.0f} ms")

            bench.active.fails("dd if=/dev/zero of=/dev/sda bs=4096 seek=4000 count=1 oflag=direct")
            check("reservation conflict" in bench.active.shell("dmesg"), "no conflict was seen")
            bench.active.run("reservation", "verify", epoch=old).failed(
                "reservation", "EBADE", "instead of ours")
            bench.active.run("reservation", "take", epoch=old).failed(
                "reservation", "ESTALE", f"epoch {new} holds the disk", "take over again")
            bench.active.run("reservation", "take", epoch=new).failed(
                "reservation", "EEXIST", f"the same epoch {new}", "take over again")
            undone = bench.active.run("all", "undo", epoch=old).ok("undo")
            check("shut down, since another node holds" in undone.message("mount", "undo"), undone.text)
            bench.active.clean()
            bench.spare.shell("echo mine >>/srv/web/data; sync -f /srv/web")
            same(bench.keys(), {new: True}, "keys after the old holder's undo")
    bench.spare.clean()
    same(bench.keys(), {new: True}, "the fence stays after the release")


@test
def a_node_in_the_same_portal_group_is_refused(bench):
    """LIO cannot tell it from the holder, so it would not be fenced."""
    old, new = bench.epoch(), bench.epoch()
    with held(bench.active, old):
        before = bench.keys()
        with undone_after(bench.spare, new, portal=bench.active.portal):
            bench.spare.run("all", "stage", "take", epoch=new, portal=bench.active.portal).failed(
                "reservation", "EPERM", "cannot tell this node", "portal group")
        same(bench.keys(), before, "keys")
        bench.active.run("reservation", "verify", epoch=old).ok("verify")
        bench.active.shell("echo still mine >/srv/web/data; sync -f /srv/web")


@test
def nothing_is_said_before_announce(bench):
    """No frame has the identity's MAC until the services run; then both families are told."""
    epoch, spare = bench.epoch(), bench.spare
    path = BUILD / "vmtest/kinds.pcap"

    def frames():
        return [frame.data for frame in pcap.read(path)
                if frame.data[6:12] == bytes.fromhex(MAC.replace(":", ""))]

    bench.lab.capture("lan", path)
    try:
        with undone_after(spare, epoch):
            spare.run("all", "stage", epoch=epoch).ok("stage")
            for step in ("iscsi", "reservation", "net", "disk", "mount", "unit"):
                spare.run(step, "take", "verify", epoch=epoch).ok("take")
            for address in ("10.77.0.10", "fd77::10"):
                ping = bench.lab.client("ping", "-c1", "-W1", address, stdout=subprocess.DEVNULL)
                check(ping.wait(), f"{address} answered before it was announced")
            bench.lab.stop_capture(path)
            same(len(frames()), 0, "frames with the identity's MAC before announce")

            bench.lab.capture("lan", path)
            spare.run("announce", "take", "verify", epoch=epoch).ok("take")
            for address in ("10.77.0.10", "fd77::10"):
                ping = bench.lab.client("ping", "-c1", "-W5", address, stdout=subprocess.DEVNULL)
                same(ping.wait(), 0, f"ping of {address}")
            check(MAC in bench.lab.client("ip", "neigh", "show", "10.77.0.10", stdout=subprocess.PIPE)
                  .communicate()[0].decode(), "the client does not know the identity by its MAC")
    finally:
        bench.lab.stop_capture(path)
    everything = [frame.data for frame in pcap.read(path)]
    sent = [data for data in everything if (data[12:14], data[26:30]) ==
            (b"\x08\x00", bytes([10, 77, 0, 10]))]
    check(sent, "no packet from 10.77.0.10 was seen")
    same({data[6:12].hex(":") for data in sent}, {MAC}, "MAC of packets from 10.77.0.10")
    sent = [data for data in everything if data[12:14] == b"\x86\xdd" and
            data[22:38] == bytes.fromhex("fd77" + "0" * 26 + "10")]
    same({data[6:12].hex(":") for data in sent}, {MAC}, "MAC of packets from fd77::10")
    told = frames()
    arp = [data for data in told if data[12:14] == b"\x08\x06" and data[28:32] == data[38:42]]
    same(sorted(data[21] for data in arp), [1] * 3 + [2] * 3, "gratuitous ARP requests, replies")
    adverts = [data for data in told if data[12:14] == b"\x86\xdd" and data[54] == 136
               and data[38:54] == bytes.fromhex("ff02" + "0" * 27 + "1")]
    check(len(adverts) >= 6, f"{len(adverts)} unsolicited neighbour advertisements of two addresses")
    spare.clean()
