# SPDX-License-Identifier: GPL-2.0
"""A node that was booted is a spare again, what failed for a passing cause is tried again, and
no epoch is given twice. A boot is to hotid that its module forgot everything."""

import contextlib

from hotidtest.topology import IDENTITY

from hotidtest.expect import check, poll, same, says
from hotidtest.suite import test

BOOT = ("arm: manual", "arm: boot")
SHORT = ("step-timeout: 20s", "step-timeout: 8s")
KEPT = f"/var/lib/hotid/{IDENTITY}.epoch"


@contextlib.contextmanager
def _without_storage(member):
    member.node.partition("san")
    try:
        yield
    finally:
        member.node.heal("san")


@test
def node_is_a_spare_after_a_boot(world):
    """Nobody arms it by hand; arm: manual leaves it alone, and so does a disarm by hand."""
    _, spare = world.rested()
    spare.configure(BOOT)
    spare.forget()
    spare.start_daemon()
    spare.wait_state("armed")
    spare.ctl("disarm", IDENTITY, wanted="web: offline after")
    pid = spare.daemon()
    spare.run("systemctl", "restart", "hotidd")
    spare.wait_daemon(other_than=pid)
    spare.expect("offline")

    spare.configure_node(f"arm: {{{IDENTITY}: manual}}\n")
    spare.forget()
    spare.start_daemon()
    spare.expect("offline", changed_ns=0)
    # Untouched still, so that a word in node.yaml is all it takes.
    spare.configure_node()
    spare.wait_state("armed")


@test
def arming_is_tried_again(world):
    """At boot the target cannot be reached; when it can, the node is armed. A mistake is not."""
    _, spare = world.rested()
    spare.configure(BOOT, SHORT)
    spare.forget()
    with _without_storage(spare):
        spare.start_daemon()
        says(spare.wait_state("failed")["message"], "cannot reach the portal")
        tries = len([change for change in spare.history() if change["state"] == "arming"])
        poll("it is tried again", 60, lambda: len(
            [change for change in spare.history() if change["state"] == "arming"]) > tries)
    spare.wait_state("armed", limit=150)

    spare.ctl("disarm", IDENTITY)
    spare.configure(BOOT, ("INTERFACE: eth1", "INTERFACE: eth0"))
    spare.forget()
    spare.start_daemon()
    spare.wait_state("failed")
    pid = spare.daemon()
    spare.configure(BOOT)
    spare.reload()
    spare.wait_state("armed")
    said = [line for line in spare.journal(40).splitlines() if f"hotidd[{pid}]" in line]
    says("\n".join(said), "match another port")
    check(not [line for line in said if "armed again in" in line],
          "what needs a person is tried again")


@test
def takeover_is_tried_again(world):
    """The holder dies while the heir does not reach the storage: it takes over when it does."""
    holder, heir = world.roles()
    heir.ctl("disarm", IDENTITY)
    heir.configure(SHORT)
    heir.arm()
    poll("the heir knows the holder", 30, lambda: heir.identity()["holder"] == holder.name)
    epoch = heir.identity()["epoch"]
    with _without_storage(heir):
        holder.node.kill()
        poll("the takeover failed", 90, lambda: [
            change for change in heir.history()
            if (change["state"], change["previous"]) == ("failed", "taking")
            and change["epoch"] > epoch])
        says(heir.journal(100), r"armed again in \d+ s and taken over if that is still needed")
        world.borne_by_none()
    heir.wait_state("held", limit=200)
    check(heir.identity()["epoch"] > epoch + 1, "the epoch of the takeover that failed was used")
    taking = [change for change in heir.history() if change["state"] == "taking"]
    same({change["reason"] for change in taking[-2:]}, {"peer-silent"}, "why it was taken")
    heir.bears_all()
    world.borne_by(heir)


@test
def epoch_outlives_all_nodes(world):
    """Both nodes are down at once. No epoch is given by hand, and none is given twice."""
    active, spare = world.rested()
    active.take()
    spare.arm()
    poll("the spare knows", 30, lambda: spare.identity()["holder"] == active.name)
    epoch = active.identity()["epoch"]
    poll("both disks know", 30, lambda: all(
        int(member.node.read_file(KEPT).split()[2]) == epoch for member in (active, spare)))
    active.ctl("release", IDENTITY)
    spare.ctl("disarm", IDENTITY)
    for member in (active, spare):
        member.forget()
    for member in (active, spare):
        member.start_daemon()
    spare.expect("offline", epoch=epoch)
    spare.take()
    spare.expect("held", epoch=epoch + 1)
    world.borne_by(spare)


@test
def epoch_is_learnt_from_the_disk(world):
    """A node that knows nothing is told by the reservation; then it goes beyond it."""
    holder, heir = world.roles()
    epoch = holder.identity()["epoch"]
    heir.ctl("disarm", IDENTITY)
    # It never heard anything, and cannot now: the holder is alone in its own world.
    holder.node.kill()
    poll("the holder is down", 60, lambda: heir.peer()["state"] == "down")
    heir.make_offline()
    heir.forget()
    heir.run("rm", KEPT)
    heir.start_daemon()
    heir.expect("offline", epoch=0)
    heir.arm()
    said = heir.ctl("takeover", IDENTITY, status=1)
    says(said.text, rf"epoch {epoch} holds the disk")
    poll("it is learnt", 30, lambda: heir.identity()["known_epoch"] >= epoch)
    heir.make_offline()
    heir.take()
    heir.expect("held", epoch=epoch + 1)
    world.borne_by(heir)
