# SPDX-License-Identifier: GPL-2.0
"""Holders that are believed dead and are not: they must not write or answer any more."""

import contextlib

from hotidtest.topology import IDENTITY, MAC, SAN

from hotidtest.expect import check, poll, same, says
from hotidtest.suite import test
from hotidtest.watcher import watching
from hotidtest.writer import writing


@test
def one_cut_path_is_no_failure(world):
    """The other path carries the beats: an event, and nothing else."""
    holder, heir = world.roles()
    epoch, downs = heir.identity()["epoch"], heir.peer()["downs"]
    with watching(heir) as events:
        holder.node.partition("lan")
        try:
            poll("the path is seen to be down", 30, lambda: [
                path["state"] for path in heir.peer()["paths"]] == ["down", "up"])
            same((heir.peer()["state"], heir.peer()["downs"]), ("up", downs), "the peer")
            heir.expect("armed", epoch=epoch, holder=holder.name)
        finally:
            holder.node.heal("lan")
        poll("the path is back", 30, lambda: [
            path["state"] for path in heir.peer()["paths"]] == ["up", "up"])
    told = [event["peer"]["event"] for event in events if event["event"] == "peer"
            and event["peer"]["event"] != "none"]
    same(told, ["path-silent", "path-beat"], "what was told of the peer")
    check(not [event for event in events if event["event"] == "identity"], "the identity changed")
    heir.expect("armed", epoch=epoch)
    holder.expect("held", epoch=epoch)
    world.borne_by(holder)


def _succeeded(world, client, holder, heir, epoch, since_ns):
    """The heir holds it, and clients and target agree."""
    client.is_served(since_ns=since_ns)
    heir.wait_state("held")
    heir.expect("held", epoch=epoch + 1, holder=heir.name)
    taking = [entry for entry in heir.history() if entry["state"] == "taking"][-1]
    same((taking["reason"], taking["steps"][0]["message"]), ("peer-silent", holder.name),
         "why it was taken, and from whom")


# A broadcast frame from the identity's MAC, through a port that never had it.
SPEAK = f"""
import socket
frame = bytes.fromhex("ffffffffffff{MAC.replace(':', '')}88b5") + bytes(46)
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(("eth0", 0))
link.send(frame)
"""


def _let_go(world, client, holder, heir, epoch):
    """The old holder learnt that it is none, and is bare; clients stay with the new one."""
    identity = holder.wait_state("offline")
    same(identity["epoch"], epoch + 1, "the epoch that the old holder learnt")
    same([entry["reason"] for entry in holder.history() if entry["state"] == "releasing"][-1],
         "superseded", "why the old holder let go")
    holder.bears_nothing()
    undone = {step["kind"]: step for step in identity["steps"] if step["verb"] == "undo"}
    check(undone["net"]["end_ns"] <= min(undone[kind]["start_ns"] for kind in ("unit", "mount")),
          "its port was not the first thing that it let go of")
    # What it may have said before it knew: switches then send the clients' frames to it.
    holder.run("python3", "-c", SPEAK)
    client.is_served(limit=30)
    world.borne_by(heir)
    heir.bears_all()
    ledger = client.settle()
    same([run["writer"] for run in ledger["runs"]], [holder.name, heir.name], "who wrote")


@test
def paused_holder_is_fenced(world):
    """Paused for longer than the deadline, then resumed: its write is refused, it lets go."""
    holder, heir = world.roles()
    epoch = holder.identity()["epoch"]
    world.excuse(holder, r"EXT4-fs error")
    with world.client(holder) as client, writing(holder) as writer, world.pinging():
        paused_ns = holder.node.pause()
        try:
            _succeeded(world, client, holder, heir, epoch, paused_ns)
        finally:
            holder.node.resume()
        writer.is_refused()
        _let_go(world, client, holder, heir, epoch)


@test
def cut_off_holder_is_fenced(world):
    """Cut off from everything: the same. It finds out when it is healed."""
    holder, heir = world.roles()
    epoch = holder.identity()["epoch"]
    world.excuse(holder, r"EXT4-fs error")
    with world.client(holder) as client:
        cut_ns = holder.node.partition()
        try:
            _succeeded(world, client, holder, heir, epoch, cut_ns)
            # It cannot know, and nobody can reach it.
            holder.expect("held", epoch=epoch)
        finally:
            holder.node.heal()
        _let_go(world, client, holder, heir, epoch)
    heir.ctl("status", IDENTITY, wanted="held")


@test
def failed_attempt_leaves_the_holder(world):
    """A takeover that fails before its fence: the holder lives, and holds on and serves."""
    holder, heir = world.roles()
    epoch = holder.identity()["epoch"]
    with world.client(holder) as client:
        with world.storage.refuses(heir.name):
            heir.ctl("takeover", IDENTITY, status=1, wanted=r"web: failed after")
        heir.expect("failed", clean=True, reason="step-failed", epoch=epoch + 1,
                    holder=holder.name)
        # It has heard of the attempt, and that changed nothing.
        holder.expect("held", epoch=epoch, known_epoch=epoch + 1, holder=holder.name)
        holder.bears_all()
        ledger = client.settle()
    same([run["writer"] for run in ledger["runs"]], [holder.name], "who wrote")
    world.borne_by(holder)
    # And the heir is its heir again.
    heir.arm()
    heir.expect("armed", holder=holder.name)
    holder.node.kill()
    heir.wait_state("held")
    heir.expect("held", epoch=epoch + 2)
    world.borne_by(heir)


@test
def spare_without_daemon(world):
    """It says that it cannot take over, and does when its daemon goes on."""
    holder, heir = world.roles()
    epoch = holder.identity()["epoch"]
    with heir.stopped_daemon():
        poll("the daemon of the heir counts as dead", 8,
             lambda: "userspace" not in heir.status()["node"]["health"])
        holder.node.kill()
        poll("the holder is down", 8, lambda: heir.peer()["state"] == "down")
        # In the moment in which it went down.
        heir.expect("armed", epoch=epoch, reason="unfit", holder=holder.name)
    heir.wait_state("held")
    heir.expect("held", epoch=epoch + 1)
    world.borne_by(heir)


# What a disk may say that does not answer any more.
_NO_ANSWER = (r"EXT4-fs", r"I/O error", r"detected conn error", r"JBD2", r"Aborting journal",
              r"lost \w+ page write", r"reservation conflict", r"critical nexus error")


def _bare_after_heal(world, holder):
    """What was left behind ends once storage answers; then a disarm takes off the rest."""
    def disarmed():
        if holder.identity()["state"] == "offline":
            return True
        holder.ctl("disarm", IDENTITY, status=None)
        return False
    poll(f"nothing of it is left on {holder.name}", 60, disarmed)
    holder.bears_nothing()
    poll("the target ends its session", 60, lambda: holder.name not in [
        name for name, address in SAN.items() if address in world.storage.view().sessions])


@contextlib.contextmanager
def _trusting(member):
    """Sessions that are made on it do not miss their target for two minutes, instead of 10 s."""
    words = r"s/^\(node.conn.0..timeo.noop_out_timeout =\).*/\1 {}/"
    member.shell(f"sed -i '{words.format(120)}' /etc/iscsi/iscsid.conf; "
                 "grep -q 'noop_out_timeout = 120' /etc/iscsi/iscsid.conf")
    try:
        yield
    finally:
        member.shell(f"sed -i '{words.format(5)}' /etc/iscsi/iscsid.conf")


@test
def silent_target_does_not_hold_a_release(world):
    """It takes connections and answers nothing: the release ends, and says what it left behind."""
    world.rested()
    holder = world.active
    holder.configure(("step-timeout: 20s", "step-timeout: 10s"))
    world.excuse(holder, *_NO_ANSWER)
    with _trusting(holder):
        holder.take()
        holder.shell("echo later > /srv/web/later")
        with world.storage.unreachable():
            said = holder.ctl("release", IDENTITY, status=7)
            says(said.text, "left behind: undo of \"mount /srv/web\"")
            identity = holder.expect("failed", clean=False)
            says(identity["message"], "left behind: undo of \"mount /srv/web\"")
            # Clients do not find it here any more.
            says("\n".join(holder.footprint()["link"]), rf" {holder.node.mac(1)}$")
        _bare_after_heal(world, holder)


@test
def silent_target_does_not_hold_the_superseded(world):
    """The old holder sees its disk no more: it lets go of what it can, whatever the target does."""
    holder, heir = world.roles()
    epoch = holder.identity()["epoch"]
    world.excuse(holder, *_NO_ANSWER)
    holder.node.partition("san")
    try:
        # Into the cache, as it cannot reach the disk; whoever writes may have to wait for that.
        holder.shell("(echo later > /srv/web/superseded) > /dev/null 2>&1 &")
        heir.ctl("takeover", IDENTITY, wanted="web: held after")
        heir.expect("held", epoch=epoch + 1)
        poll("the old holder has let go as far as it can", 90,
             lambda: holder.identity()["state"] in ("offline", "failed"))
        same(holder.identity()["epoch"], epoch + 1, "the epoch that the old holder learnt")
        says("\n".join(holder.footprint()["link"]), rf" {holder.node.mac(1)}$")
        world.answers_once(heir)
    finally:
        holder.node.heal("san")
    _bare_after_heal(world, holder)
    world.borne_by(heir)
    heir.run("test", "!", "-e", "/srv/web/superseded")
