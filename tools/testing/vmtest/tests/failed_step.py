# SPDX-License-Identifier: GPL-2.0
"""A step of a takeover fails: it is told which and why, and all is undone in reverse order."""

import contextlib

from hotidtest.topology import IDENTITY, IQN, PORTALS, SPARE, TARGET, WWID

from hotidtest.expect import same, says
from hotidtest.suite import test
from hotidtest.storage import BLANK_LUN, BLANK_WWID

SHORT = ("step-timeout: 20s", "step-timeout: 8s")


def _undone(member, said, bare, stage, kind, verb, words):
    """The takeover failed there, said so, and everything was undone."""
    identity = member.expect("failed", clean=True, reason="step-failed", holder=None)
    says(identity["message"], *words)
    told = [event["identity"]["message"] for event in said.events()
            if event["event"] == "identity"][-1]
    same(told, identity["message"], "what the command said of it")
    step = member.failed_step()
    same((step["stage"], step["kind"], step["verb"]), (stage, kind, verb), "where it failed")
    same(f"{step['name']}: {step['message']}", identity["message"], "what the step says")
    # The failed step's own undo is not told of: its record is that of the failure.
    others = [one["index"] for one in identity["steps"] if one["index"] not in (0, step["index"])]
    same(said.undone(), others[::-1], "steps that were undone, in this order")
    same(member.footprint(), bare, "what the failed takeover left")
    member.bears_nothing()


def _fails(world, edits, stage, kind, words, meanwhile=contextlib.nullcontext, verb="take"):
    """Arm on the spare, then take over while something is wrong."""
    _, spare = world.rested()
    bare = spare.footprint()
    spare.configure(*edits)
    spare.arm()
    epoch = spare.identity()["known_epoch"]
    with meanwhile():
        said = spare.ctl("--json", "takeover", IDENTITY, status=1)
        same(said.events()[-1]["exit"], 1, "exit in the last line")
        _undone(spare, said, bare, stage, kind, verb, words)
    spare.expect("failed", epoch=epoch + 1)
    world.borne_by_none()
    seen = world.storage.view()
    same((seen.keys, seen.reservation_key), ((), ""), "keys and reservation at the target")
    return spare


@test
def unreachable_target(world):
    """The portal does not answer: refused by arm, and by a takeover that was armed before."""
    _fails(world, [SHORT], "fence", "iscsi",
           [rf"cannot reach the portal {PORTALS[SPARE]} of {TARGET}: ", "is the target up"],
           world.storage.unreachable)
    _, spare = world.rested()
    bare = spare.footprint()
    spare.configure(SHORT)
    with world.storage.unreachable():
        spare.ctl("arm", IDENTITY, status=1, wanted=[
            rf"cannot reach the portal {PORTALS[SPARE]}", "web: failed after"])
    spare.expect("failed", clean=True)
    same(spare.failed_step()["verb"], "stage", "the verb that failed")
    same(spare.footprint(), bare, "what the failed arming left")


@test
def refusing_target(world):
    """The portal answers, the target does not let us in."""
    spare = _fails(world, [SHORT], "fence", "iscsi",
                   [rf"cannot log in to {TARGET} at {PORTALS[SPARE]}: ",
                    rf"is the target up, and does it know {IQN}\?"],
                   lambda: world.storage.refuses(SPARE))
    # Failed and clean: the same node may try again as soon as it is fixed.
    spare.take()
    world.borne_by(spare)


@test
def lun_never_appears(world):
    """Logged in, but the LUN is not shown to this initiator."""
    _fails(world, [SHORT], "fence", "iscsi",
           [rf"LUN 0 of {TARGET} did not appear; does the target map it to {IQN}\?"],
           lambda: world.storage.unmapped(SPARE))


@test
def blank_lun(world):
    """A LUN without a file system cannot be mounted."""
    _fails(world, [("luns: [0]", f"luns: [{BLANK_LUN}]"), ("lun: 0", f"lun: {BLANK_LUN}"),
                   (WWID, BLANK_WWID)],
           "mount", "mount", [r"wrong fs type.* /dev/sd\S+,", r"is the type right, and was the LUN formatted\?"])


@test
def wrong_file_system(world):
    """Nor can one with another."""
    _fails(world, [("type: ext4", "type: xfs")], "mount", "mount",
           [r"wrong fs type.* /dev/sd\S+,", r"is the type right, and was the LUN formatted\?"])


@test
def file_in_the_way(world):
    """Between arming and the takeover somebody put a file where the mount goes."""
    spare = world.spare

    @contextlib.contextmanager
    def file():
        spare.shell("rmdir /srv/web && touch /srv/web")
        try:
            yield
        finally:
            spare.shell("rm /srv/web")
    _fails(world, [], "mount", "mount", [r"/srv/web: "], file)


@test
def wrong_disk(world):
    """The LUN is another one than the identity's: no command that changes anything reaches it."""
    _fails(world, [(WWID, BLANK_WWID)], "fence", "reservation",
           [rf"data: LUN 0 of \S+ is another disk: wwid {WWID}, .*; the file has wwid: {BLANK_WWID}; "])


@test
def wrong_disk_of_a_holder(world):
    """The number of the LUN leads to a disk that somebody else holds: its owner keeps it."""
    holder, heir = world.roles()
    seen = world.borne_by(holder)
    heir.ctl("disarm", IDENTITY)
    heir.configure((WWID, BLANK_WWID))
    heir.arm()
    with holder.stopped_daemon():
        heir.ctl("takeover", IDENTITY, status=1, wanted=["is another disk"])
        kept = world.storage.view()
        same((kept.keys, kept.reservation_key), (seen.keys, seen.reservation_key),
             "keys and reservation of the owner")
        holder.shell("echo still mine > /srv/web/mine && sync -f /srv/web/mine")
    heir.expect("failed", clean=True)
    heir.bears_nothing()


BROKEN = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/false\n"


@test
def unit_does_not_start(world):
    """The second service fails: the first is stopped, and all else is undone."""
    _, spare = world.rested()
    spare.node.write_file("/etc/systemd/system/broken.service", BROKEN)
    spare.run("systemctl", "daemon-reload")
    _fails(world, [("[ledger.service]", "[ledger.service, broken.service]")], "units", "unit",
           [r"broken\.service did not start \(failed, exit-code, status 1\)",
            r"\"journalctl -u broken\.service\" says why"])


@test
def failure_after_the_fence(world):
    """The old holder was preempted before the takeover failed: its reservation is not given
    up, so that whoever lives on cannot write, until a later epoch takes it."""
    holder, heir = world.roles()
    seen = world.borne_by(holder)
    heir.node.write_file("/etc/systemd/system/broken.service", BROKEN)
    heir.run("systemctl", "daemon-reload")
    heir.ctl("disarm", IDENTITY)
    heir.configure(("[ledger.service]", "[ledger.service, broken.service]"))
    bare = heir.footprint()
    heir.arm()
    # With its daemon the old holder would let go at once, and nobody were preempted.
    with holder.stopped_daemon():
        said = heir.ctl("--json", "takeover", IDENTITY, status=1)
    says(said.out, rf"taken from epoch {int(seen.reservation_key, 16) & 0xffffffff} ")
    _undone(heir, said, bare, "units", "unit", "take", [r"broken\.service did not start"])
    epoch = heir.identity()["epoch"]

    holder.wait_state("offline")
    same([change["reason"] for change in holder.history() if change["state"] == "releasing"][-1],
         "superseded", "why the old holder let go")
    holder.bears_nothing()
    world.borne_by_none()
    kept = world.storage.view()
    same(len(kept.keys), 1, f"keys at the target {kept.keys}")
    same((kept.reservation_key, int(kept.reservation_key, 16) & 0xffffffff),
         (kept.keys[0], epoch), "the reservation that stays")

    heir.configure()
    heir.take()
    same(heir.identity()["epoch"], epoch + 1, "epoch of the takeover after the fix")
    world.borne_by(heir)
