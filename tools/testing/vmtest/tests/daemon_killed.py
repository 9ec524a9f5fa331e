# SPDX-License-Identifier: GPL-2.0
"""The daemon is killed, at each step of what it does, or hangs: never half a server is left."""

from pathlib import Path

from hotidtest.topology import IDENTITY

from hotidtest.expect import check, poll, same, says
from hotidtest.suite import test
from hotidtest.writer import writing

KILLER = (Path(__file__).resolve().parents[1] / "guest/killer").read_bytes()
KINDS = ("iscsi", "reservation", "net", "disk", "mount", "unit", "announce")


def _killed(member, command, *steps, then=(), status=0):
    """Run the command and kill the daemon at those steps; systemd starts it each time."""
    member.node.write_file("/root/killer", KILLER, 0o755)
    pid = member.daemon()
    said = member.run("/root/killer", *then, command, *steps, status=status, timeout=140)
    same(said.out.splitlines(), [f"killed at {step}" for step in steps], "kills")
    member.wait_daemon(other_than=pid)
    return said


@test
def daemon_killed_in_each_step_of_a_takeover(world):
    """Seven kills in one takeover: each daemon goes on, and in the end all is there."""
    _, spare = world.rested()
    spare.arm()
    _killed(spare, f"takeover {IDENTITY}", *(f"take:{kind}" for kind in KINDS))
    spare.expect("held", reason="steps-done", holder="spare")
    spare.bears_all()
    world.borne_by(spare)
    says(spare.journal(200), "going on with a takeover that was interrupted")
    spare.ctl("release", IDENTITY, wanted="web: offline after")
    spare.bears_nothing()


@test
def daemon_killed_in_a_takeover_that_fails(world):
    """The next daemon finds that it cannot go on, and undoes what the one before did."""
    _, spare = world.rested()
    bare = spare.footprint()
    spare.node.write_file("/etc/systemd/system/broken.service",
                          "[Service]\nType=oneshot\nExecStart=/bin/false\n")
    spare.run("systemctl", "daemon-reload")
    spare.configure(("[ledger.service]", "[ledger.service, broken.service]"))
    spare.arm()
    _killed(spare, f"takeover {IDENTITY}", "take:unit", status=1)
    identity = spare.expect("failed", clean=True, reason="step-failed")
    says(identity["message"], r"broken\.service did not start")
    same(spare.footprint(), bare, "what is left")
    world.borne_by_none()


@test
def daemon_killed_and_the_identity_released(world):
    """What is released while no daemon runs is undone by the next one."""
    _, spare = world.rested()
    bare = spare.footprint()
    spare.arm()
    _killed(spare, f"takeover {IDENTITY}", "take:mount",
            then=("--then", f"release {IDENTITY} --no-wait"), status=1)
    spare.wait_state("offline")
    same(spare.footprint(), bare, "what is left")
    world.borne_by_none()
    same(world.storage.view().keys, (), "keys at the target")


@test
def daemon_killed_while_it_arms_and_releases(world):
    """The same for arming, for an armed one, and for the undoing."""
    _, spare = world.rested()
    bare = spare.footprint()
    _killed(spare, f"arm {IDENTITY}", "validate:net", "stage:iscsi", "stage:unit")
    spare.expect("armed")
    pid = spare.daemon()
    spare.run("kill", "-KILL", pid)
    spare.wait_daemon(other_than=pid)
    spare.ctl("takeover", IDENTITY, wanted="web: held after")
    spare.bears_all()
    _killed(spare, f"release {IDENTITY}", *(f"undo:{kind}" for kind in ("unit", "mount", "net",
                                                                       "iscsi")))
    spare.expect("offline", reason="steps-done")
    same(spare.footprint(), bare, "what is left")
    world.borne_by_none()
    same(world.storage.view().keys, (), "keys at the target")


@test
def daemon_killed_while_it_holds(world):
    """Nothing changes for the clients; the next daemon reads back that all is there."""
    holder, heir = world.roles()
    before = world.borne_by(holder)
    service = holder.run("systemctl", "show", "-P", "MainPID", "ledger").out
    pid = holder.daemon()
    holder.run("kill", "-KILL", pid)
    holder.wait_daemon(other_than=pid)
    poll("the new daemon has verified it", 30,
         lambda: "identity web: held, and whole" in holder.journal(20))
    same(holder.run("systemctl", "show", "-P", "MainPID", "ledger").out, service,
         "pid of the service")
    poll("the audit is well", 30, lambda: "audit" in holder.status()["node"]["health"])
    holder.expect("held")
    heir.expect("armed", epoch=holder.identity()["epoch"])
    same(world.borne_by(holder), before, "what is seen from outside")


def _beats_go_on(watcher, before, slots):
    """The probe has so many slots, beats were counted all the time, and nobody was missed."""
    poll(f"a probe with {slots} slots", 30,
         lambda: f"loaded with {slots} slots" in watcher.journal(20))
    now = watcher.status()
    count = now["node"]["received"]["accepted"]
    check(count >= before["node"]["received"]["accepted"], "beats were forgotten")
    poll("more beats", 30, lambda: watcher.status()["node"]["received"]["accepted"] > count + 10)
    same(watcher.status()["node"]["probes"], before["node"]["probes"], "probes")
    same(watcher.peer()["state"], "up", "peer")
    same(watcher.peer()["downs"], before["peers"][0]["downs"], "failures seen")
    return watcher.status()


@test
def room_for_more_peers(world):
    """The probe gets more slots by a reload, and fewer by another daemon, without a gap."""
    _, heir = world.roles()
    before = heir.status()
    check(before["node"]["probes"], "there is no probe")
    heir.configure_node("probe: {room: 5000}\n")
    before = _beats_go_on(heir, before, 65536)
    heir.write_node()
    pid = heir.daemon()
    heir.run("kill", "-KILL", pid)
    heir.wait_daemon(other_than=pid)
    _beats_go_on(heir, before, 1024)


def _hangs(holder, heir):
    """The heir sees that the daemon is dead and the kernel is not."""
    peer = poll("the heir sees a hung peer", 30,
                lambda: heir.peer() if heir.peer()["state"] == "hung" else None)
    same(peer["reason"], "user-silent", "reason")
    check("userspace" not in peer["health"], f"health {peer['health']}")
    heir.ctl("status", wanted=rf"{holder.name} .*hung .*user-silent")


@test
def hung_daemon_is_no_failure(world):
    """The kernel of the holder lives, so an identity with `takeover: auto` stays where it is."""
    holder, heir = world.roles()
    epoch = heir.identity()["epoch"]
    with holder.stopped_daemon():
        # The module decides in the moment in which the state changes.
        _hangs(holder, heir)
        heir.expect("armed", epoch=epoch, holder=holder.name)
        world.answers_once(holder)
    poll("the daemon is back", 30, lambda: heir.peer()["state"] == "up")
    heir.expect("armed", epoch=epoch, holder=holder.name)
    holder.expect("held", epoch=epoch)


@test
def hung_daemon_loses_to_auto_hung(world):
    """With `takeover: auto-hung` it is one: the kernel that lives on cannot write any more."""
    holder, heir = world.roles()
    epoch = heir.identity()["epoch"]
    heir.configure(("takeover: auto", "takeover: auto-hung"))
    heir.reload()
    poll("the flag is set", 30, lambda: heir.identity()["flags"] == ["auto", "auto-hung"])
    heir.expect("armed", epoch=epoch)
    world.excuse(holder, r"EXT4-fs error")
    with writing(holder) as writer, holder.stopped_daemon():
        heir.wait_state("held")
        same([entry["reason"] for entry in heir.history() if entry["state"] == "taking"][-1],
             "user-silent", "why it was taken")
        heir.expect("held", epoch=epoch + 1)
        writer.is_refused()
    identity = holder.wait_state("offline")
    same(identity["epoch"], epoch + 1, "the epoch that the old holder learnt")
    same([entry["reason"] for entry in holder.history() if entry["state"] == "releasing"][-1],
         "superseded", "why the old holder let go")
    holder.bears_nothing()
    heir.bears_all()
    world.borne_by(heir)
