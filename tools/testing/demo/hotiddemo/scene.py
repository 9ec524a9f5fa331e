# SPDX-License-Identifier: GPL-2.0
"""The play itself: set up, kill, wait, look. Each act is one function."""

from dataclasses import dataclass

from hotidlab import process
from hotidlab.clock import Anchor, ClockMap
from hotidtest import facts, ledger, storage
from hotidtest.captures import Captures
from hotidtest.expect import poll
from hotidtest.member import Member
from hotidtest.topology import ACTIVE, IDENTITY, NODES, PEERS, SPARE

from .say import DemoError, doing, say

INTERVAL_US = 5000              # of the client
BEFORE_KILL = 300               # acknowledgements
TAKEOVER_LIMIT = 60.0


class FalseAlarm(DemoError):
    """The spare took active for dead before it was. On a host that is too busy
    to run the virtual machines in time it was right to."""


@dataclass
class Before:
    """What was seen while active lived."""
    facts: facts.Facts
    holder: str                 # as active itself says
    uptime_s: float             # of the spare
    anchor: Anchor              # of the spare's clock


@dataclass
class Taken:
    """What was collected around the takeover."""
    killed_ns: int
    before: Before
    facts: facts.Facts
    record: dict                # the takeover in the spare's history, with its reason
    holder: str                 # as the spare says
    uptime_s: float
    clock: ClockMap             # of the spare


class Scene:
    """A lab with three nodes and a client."""

    def __init__(self, lab, directory):
        self.lab = lab
        self.active, self.spare = (Member(lab, name, peer) for name, peer in PEERS.items())
        self.client = ledger.Client(lab, directory / "client.log", INTERVAL_US)
        self.captures = Captures(lab, directory, SPARE)

    # --- before

    def boot(self, overlays, lun):
        """All three, each with its own part of nodes/."""
        self.lab.up(NODES, overlays=overlays, qemu_args=storage.qemu_args(lun))

    def export_lun(self):
        """LIO: the LUN is visible to the identity's initiator name and nobody else."""
        storage.Storage(self.lab).export()

    def spare_pid(self):
        """Of its QEMU."""
        return process.alive(self.lab[SPARE].pidfile)

    def wait_for_beats(self):
        """Until active and spare hear each other."""
        for node in (self.active, self.spare):
            poll(f"{node.name} hears its peer", 30, lambda n=node: n.peer()["state"] == "up")

    def make_active_the_holder(self):
        """Epoch 1."""
        self.active.arm()
        self.active.ctl("takeover", IDENTITY, "--epoch", "1")

    def start_client(self):
        """It writes from now on, and for the rest of the play."""
        self.client.start()
        self.client.is_served(TAKEOVER_LIMIT, more=BEFORE_KILL)

    # --- the takeover

    def look_before(self):
        """What there is while active lives."""
        poll("the spare knows that active is the holder", 10,
             lambda: self.spare.identity().get("holder") == ACTIVE)
        return Before(facts.observe(self.lab), self.active.identity()["holder"],
                      self.spare.uptime(), self.lab[SPARE].anchor())

    def arm_and_kill(self):
        """From armed to dead at once: every moment between is one for a false alarm.

        Returns when active was killed.
        """
        with doing("Spare: arming the identity"):
            self.spare.ctl("arm", IDENTITY)
        if self.spare.identity().get("state") != "armed":
            raise FalseAlarm("the spare takes over while active lives", (ACTIVE, SPARE))
        killed_ns = self.lab[ACTIVE].kill()
        say("active is dead: its QEMU got SIGKILL")
        return killed_ns

    def wait_for_service(self, killed_ns):
        """Somebody serves again, and the spare says that it is the one."""
        with doing("Waiting for somebody to acknowledge writes again"):
            self.client.is_served(TAKEOVER_LIMIT, since_ns=killed_ns, more=0)
        poll("the spare says that it is the holder", TAKEOVER_LIMIT,
             lambda: self.spare.identity().get("state") == "held")
        self.client.is_served(TAKEOVER_LIMIT, more=BEFORE_KILL)

    def look_after(self, before, killed_ns):
        """The same again, with the spare's own record of the takeover."""
        clock = ClockMap([before.anchor, self.lab[SPARE].anchor()])
        record = self._record()
        decided = next((s["end_ns"] for s in record["steps"] if s["stage"] == "detect"), None)
        if decided is not None and clock.to_host(decided)[0] < killed_ns:
            raise FalseAlarm("the spare decided to take over before active was killed", (SPARE,))
        return Taken(killed_ns, before, facts.observe(self.lab), record,
                     self.spare.identity()["holder"], self.spare.uptime(), clock)

    def _record(self):
        changes = {entry["state"]: entry for entry in self.spare.history()}
        if "taking" not in changes or changes.get("held", {}).get("previous") != "taking":
            raise DemoError("the spare's history has no takeover", (SPARE,))
        return {**changes["held"], "reason": changes["taking"]["reason"]}

    # --- after

    def logs(self, names):
        """The end of hotidd's journal and of the consoles of those nodes."""
        parts = []
        for name in names:
            node = self.lab.nodes.get(name)
            if not node:
                continue
            if node.running():
                try:
                    journal = node.exec("journalctl", "-u", "hotidd", "-u", "ledger", "-n", "40",
                                        "-o", "short-monotonic", "--no-pager", check=False,
                                        timeout=30).text
                    parts.append(f"--- {name}: journal of hotidd\n{journal}")
                except Exception as error:      # pylint: disable=broad-except
                    parts.append(f"--- {name}: no journal: {error}")
            parts.append(f"--- {name}: end of its console\n{node.console_tail(20)}")
        return "\n".join(parts)
