# SPDX-License-Identifier: GPL-2.0
"""The holder dies, in three ways, and the heir becomes it."""

from hotidlab.node import EXPECTED_PANIC
from hotidtest.topology import IDENTITY, IQN, SAN, STAGES

from hotidtest.config import INTERVAL_MS, MULTIPLIER
from hotidtest.expect import check, poll, same
from hotidtest.suite import test
from stalls import measured

INTERVAL_NS = INTERVAL_MS * 1_000_000
PROMPT_NS = 100_000_000


def _in_time(start_ns, end_ns, stalled_ns):
    """Detection takes the time allowed, and what the heir's processor stood still: once
    itself, and once more as grace, which the module gives for its own stalls."""
    took, allowed = end_ns - start_ns, INTERVAL_NS * MULTIPLIER
    check(took > 0, "detection took no time")
    # a timer may share an interrupt: 1/32; the rounds of a slow, emulated processor
    bound = allowed + allowed // 32 + 2 * stalled_ns + PROMPT_NS
    check(took <= bound, f"detection took {took / 1e6:.0f} ms; {allowed / 1e6:.0f} ms are "
          f"allowed, and the heir stood still for {stalled_ns / 1e6:.0f} ms")


def _succession(world, die, reason, gasp):
    """die(holder) returns a time before its end, and the heir takes over with that reason.

    Returns the dead node.
    """
    holder, heir = world.roles()
    epoch = holder.identity()["epoch"]
    with measured(heir) as stalls, world.client(holder) as client:
        before = world.borne_by(holder)
        boot, uptime = heir.boot_id(), heir.uptime()
        died_ns = die(holder)
        client.is_served(since_ns=died_ns)
        heir.wait_state("held")
        ledger = client.settle()
    poll(f"QEMU of {holder.name} has ended", 60, lambda: not holder.node.running())
    heir.expect("held", epoch=epoch + 1, holder=heir.name, clean=True)
    same((heir.peer()["state"], heir.peer()["reason"]), ("down", reason), "the dead peer")
    if gasp:
        same(heir.peer()["gasp"], gasp, "its last words")
    same([run["writer"] for run in ledger["runs"]], [holder.name, heir.name],
         "who wrote to the ledger, in its order")

    after = world.borne_by(heir)
    same((after.ip, after.mac), (before.ip, before.mac), "IP and MAC as the client has them")
    same((before.sessions.get(SAN[holder.name]), after.sessions.get(SAN[heir.name])), (IQN, IQN),
         "initiator names at the target, before and after")
    check(before.reservation_key not in after.keys, "the old key is registered")
    heir.bears_all()
    same(heir.boot_id(), boot, "incarnation of the heir")
    check(heir.uptime() > uptime, "the heir's uptime fell")

    taking, held = heir.history()[-2:]
    same([(one["previous"], one["state"], one["reason"]) for one in (taking, held)],
         [("armed", "taking", reason), ("taking", "held", "steps-done")], "history")
    same([stage["name"] for stage in held["stages"]], list(STAGES), "stages")
    detect = held["stages"][0]
    _in_time(detect["start_ns"], detect["end_ns"],
             stalls.between(detect["start_ns"], detect["end_ns"]))
    return holder


@test
def killed_holder_is_succeeded(world):
    """Its QEMU gets SIGKILL in the middle of writing. Booted again, it takes the identity back."""
    dead = _succession(world, lambda holder: holder.node.kill(), "peer-silent", None)
    holder, heir = world.roles()
    check(heir is dead, f"{dead.name} is not the heir after its boot")
    holder.ctl("release", IDENTITY, wanted="web: offline after")
    heir.ctl("takeover", IDENTITY, wanted="web: held after")
    heir.bears_all()
    world.borne_by(heir)


@test
def panic_is_told_by_a_gasp(world):
    """Its last frame says so, and the heir does not wait for the deadline."""
    def panic(holder):
        world.excuse(holder, *EXPECTED_PANIC)
        return holder.node.panic(wait=False)
    _succession(world, panic, "peer-gasp", "panic")


def _reboot(holder):
    before = holder.node.anchor().host_ns
    holder.run("systemctl", "--no-block", "reboot")
    return before


@test
def reboot_is_told_by_a_gasp(world):
    """A planned one: the node says that it goes, and the service goes on elsewhere."""
    _succession(world, _reboot, "peer-gasp", "reboot")
