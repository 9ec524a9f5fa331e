# SPDX-License-Identifier: GPL-2.0
"""A takeover of the whole identity: what it takes, what it fences, what it says and when."""

import subprocess

from hotidtest import frames
from hotidtest.expect import check, same
from hotidtest.suite import test
from hotidtest.topology import IP, IP6, MAC

from bench import BUILD, held, undone_after


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
def key_of_an_earlier_session_stays(bench):
    """No other session can unregister it: the undo says so, and the next takeover preempts it."""
    spare, earlier, later = bench.spare, bench.epoch(), bench.epoch()
    spare.run("all", "stage", epoch=earlier).ok("stage")
    spare.run("iscsi", "take", epoch=earlier).ok("take")
    spare.clear_keys()
    spare.run("reservation", "take", epoch=earlier).ok("take")
    spare.shell("iscsiadm -m node -u")
    spare.run("iscsi", "stage", "take", epoch=earlier).ok("take")
    undone = spare.run("all", "undo", epoch=earlier).ok("undo")
    check("an earlier session" in undone.message("reservation", "undo"), undone.text)
    same(bench.keys(), {earlier: True}, "keys")
    spare.clean()
    with held(spare, later):
        same(bench.keys(), {later: True}, "keys")


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

    def told():
        return [frame for frame in frames.read(path) if frame.mac == MAC]

    bench.lab.capture("lan", path)
    try:
        with undone_after(spare, epoch):
            spare.run("all", "stage", epoch=epoch).ok("stage")
            for step in ("iscsi", "reservation", "net", "disk", "mount", "unit"):
                spare.run(step, "take", "verify", epoch=epoch).ok("take")
            for address in (IP, IP6):
                ping = bench.lab.client("ping", "-c1", "-W1", address, stdout=subprocess.DEVNULL)
                check(ping.wait(), f"{address} answered before it was announced")
            bench.lab.stop_capture(path)
            same(len(told()), 0, "frames with the identity's MAC before announce")

            bench.lab.capture("lan", path)
            spare.run("announce", "take", "verify", epoch=epoch).ok("take")
            for address in (IP, IP6):
                ping = bench.lab.client("ping", "-c1", "-W5", address, stdout=subprocess.DEVNULL)
                same(ping.wait(), 0, f"ping of {address}")
            check(MAC in bench.lab.client("ip", "neigh", "show", IP, stdout=subprocess.PIPE)
                  .communicate()[0].decode(), "the client does not know the identity by its MAC")
    finally:
        bench.lab.stop_capture(path)
    for address in (IP, IP6):
        sent = [frame for frame in frames.read(path) if frame.source == address]
        check(sent, f"no packet from {address} was seen")
        same({frame.mac for frame in sent}, {MAC}, f"MAC of packets from {address}")
    operations = [frame.payload[7] for frame in told() if frame.is_gratuitous_arp(IP)]
    same(sorted(operations), [1] * 3 + [2] * 3, "gratuitous ARP requests, replies")
    adverts = [frame for frame in told() if frame.is_advertisement() and frame.target == "ff02::1"]
    check(len(adverts) >= 6, f"{len(adverts)} unsolicited neighbour advertisements of two addresses")
    spare.clean()
