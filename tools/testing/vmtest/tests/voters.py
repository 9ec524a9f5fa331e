# SPDX-License-Identifier: GPL-2.0
"""Three voters: active, spare, and the storage node, which only watches."""

import contextlib

from hotidlab import pcap
from hotidtest import config, frames
from hotidtest.expect import check, poll, same
from hotidtest.member import Member, SETTLE
from hotidtest.suite import test
from hotidtest.topology import IDENTITY_NIC, IP, MAC, STORAGE

BEAT_NICS = (0, 2)
VOTERS = ("fence: reservation\n", "fence: reservation\nvoters: [active, spare, storage]\n")
# The client's address on the service LAN. Nothing has to answer.
TALK = f"ping -q -i 0.02 -I {IP} 10.77.0.100 >/dev/null 2>&1 & echo $! >/run/talker"


@contextlib.contextmanager
def with_witness(world):
    """Both nodes have the storage node as a peer, and it watches both."""
    witness = Member(world.lab, STORAGE, "")
    members = world.members.values()
    witness.shell("systemctl start hotidd")
    try:
        for member in members:
            member.configure_node(config.peer_of(STORAGE))
            member.configure(VOTERS)
        poll("all hear the witness", SETTLE, lambda: all(
            peer["state"] == "up" for member in (*members, witness)
            for peer in member.status()["peers"]))
        yield
    finally:
        for member in members:
            member.configure_node()
        witness.shell("systemctl stop hotidd; rm -rf /run/hotid/* /sys/fs/bpf/hotid; "
                      "ip link set eth0 xdp off; ip link set eth2 xdp off; rmmod hotid")


@contextlib.contextmanager
def ports_captured(world):
    """What leaves the identity's ports of both nodes: name -> file, complete at the end."""
    files = {name: world.directory / f"{name}.port.pcap" for name in world.members}
    pidfiles = {name: world.lab.directory / f"{name}.port.capture" for name in files}
    for name, file in files.items():
        pcap.start(world.lab.network.switch, f"{name}.{IDENTITY_NIC}", file, pidfiles[name],
                   "inbound")
    try:
        yield files
    finally:
        for name, file in files.items():
            pcap.stop(file, pidfiles[name])


def spoken(file, since_ns):
    """Times at which the identity's MAC said something."""
    return [frame.time_ns for frame in map(frames.parse, pcap.read(file))
            if frame and frame.mac == MAC and frame.time_ns > since_ns]


@test
def unheard_holder_is_silent(world):
    """Its beats are cut off, and its clients are not: it says nothing once the heir may speak."""
    holder, heir = world.rested()
    with with_witness(world):
        holder.take()
        heir.arm()
        poll("the heir knows the holder", SETTLE,
             lambda: heir.identity()["holder"] == holder.name)
        epoch = holder.identity()["epoch"]
        same(holder.identity()["guard"]["egress"], "open", "the guard of the holder")
        holder.shell(TALK)
        world.excuse(holder, r"EXT4-fs error")
        try:
            with ports_captured(world) as files:
                cut_ns = holder.node.unplug(*BEAT_NICS)
                heir.wait_state("held")
                # It has heard of nothing, and its service runs.
                held = holder.expect("held", epoch=epoch)
            same(held["guard"]["egress"], "blocked", "the guard of the old holder")
            check(held["guard"]["blocked_frames"], "it did not try to speak")
        finally:
            holder.node.plug(*BEAT_NICS)
            holder.shell("kill $(cat /run/talker)")
        old, new = (spoken(files[member.name], cut_ns) for member in (holder, heir))
        check(old, "the holder was silent at once; it had a lease")
        check(new, "the heir said nothing")
        print(f"# {len(old)} frames of the old holder after the cut, the last one "
              f"{(new[0] - old[-1]) / 1e6:.1f} ms before the first of the new one")
        check(old[-1] < new[0], f"both spoke for {(old[-1] - new[0]) / 1e6:.1f} ms")
        holder.wait_state("offline")
        holder.bears_nothing()
        heir.expect("held", epoch=epoch + 1)
        same(heir.identity()["guard"]["egress"], "open", "the guard of the new holder")
        for member in (holder, heir):
            member.make_offline()
        same(heir.identity().get("guard"), None, "the guard of what is released")
