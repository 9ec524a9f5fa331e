# SPDX-License-Identifier: GPL-2.0
"""The play itself: set up, kill, wait, look. Each act is one function."""

import json
import signal
import subprocess
from dataclasses import dataclass

from hotidlab import pcap, process
from hotidlab.clock import Anchor, ClockMap

from . import build, clientlog, facts
from .cast import ACTIVE, IDENTITY, IDENTITY_NIC, IP, SPARE, STORAGE
from .say import DemoError, doing, poll, say

INTERVAL_US = 5000              # of the client
BEFORE_KILL = 300               # acknowledgements
TAKEOVER_LIMIT = 60.0
NODES = (ACTIVE, SPARE, STORAGE)


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
        self.directory = directory
        self.client = None
        self.client_log = directory / "client.log"
        self.captures = {name: directory / f"{name}.pcap" for name in ("lan", "san", "port")}

    # --- before

    def boot(self, overlays, lun):
        """All three, each with its own part of nodes/."""
        disk = ["-drive", f"file={lun},format=raw,if=none,id=lun,cache=writethrough",
                "-device", "virtio-blk-pci,drive=lun,serial=lun"]
        self.lab.up(NODES, overlays=overlays, qemu_args={STORAGE: disk})

    def export_lun(self):
        """LIO: the LUN is visible to the identity's initiator name and nobody else."""
        self.lab[STORAGE].shell("modprobe -a iscsi_target_mod target_core_iblock\n"
                                # where Debian's rtslib lets the target keep reservations
                                "mkdir -p /etc/rtslib-fb-target/pr\n"
                                "said=$(targetctl restore 2>&1)\n"
                                # it ends with 0 whatever went wrong
                                'test -z "$said" || { echo "$said" >&2; exit 1; }')

    def pid(self, node):
        """Of its QEMU."""
        return process.alive(self.lab[node].pidfile)

    def status(self, node):
        """What the module of a node says."""
        return json.loads(self.lab[node].exec("hotidctl", "--json", "status").stdout)

    def identity(self, node):
        """The identity on a node."""
        return next((one for one in self.status(node)["identities"]
                     if one["name"] == IDENTITY), {})

    def wait_for_beats(self):
        """Until active and spare hear each other."""
        for node in (ACTIVE, SPARE):
            poll(f"{node} hears its peer", 30, lambda n=node: self._hears(n), nodes=(ACTIVE, SPARE))

    def _hears(self, node):
        peers = self.status(node)["peers"]
        return peers and all(peer["state"] == "up" for peer in peers)

    def _ctl(self, node, *words):
        result = self.lab[node].exec("hotidctl", *words, check=False)
        if result.status:
            said = (result.stdout + result.stderr).decode(errors="replace").strip()
            raise DemoError(f"{node}: `hotidctl {' '.join(words)}` ended with {result.status}:\n"
                            f"{said}", (node,))

    def make_active_the_holder(self):
        """Epoch 1."""
        self._ctl(ACTIVE, "arm", IDENTITY)
        self._ctl(ACTIVE, "takeover", IDENTITY, "--epoch", "1")

    def start_client(self):
        """It writes from now on, and for the rest of the play."""
        self.client_log.unlink(missing_ok=True)
        self.client = self.lab.client(build.client_program(), "write", IP, self.client_log,
                                      INTERVAL_US, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True)
        self.wait_for_acks(BEFORE_KILL)

    def wait_for_acks(self, more):
        """Until the client has so many more acknowledgements."""
        wanted = clientlog.count(self.client_log) + more
        poll(f"the client gets {more} acknowledgements", TAKEOVER_LIMIT,
             lambda: self._client_lives() and clientlog.count(self.client_log) >= wanted,
             nodes=(ACTIVE,))

    def _client_lives(self):
        if self.client.poll() is not None:
            raise DemoError(f"the client ended: {self.client.stderr.read().strip()}", (ACTIVE,))
        return True

    def start_captures(self):
        """Both bridges, and the port on which the spare will bear the identity."""
        self.lab.capture("lan", self.captures["lan"])
        self.lab.capture("san", self.captures["san"],
                         f"udp port 7707 or host {self.lab[SPARE].san_address}")
        pcap.start(self.lab.network.switch, f"{SPARE}.{IDENTITY_NIC}", self.captures["port"],
                   self._spare_pidfile(), "inbound")     # from the guest

    def _spare_pidfile(self):
        return self.lab.directory / "spare-port.capture"

    def stop_captures(self):
        """Complete the files."""
        for name in ("lan", "san"):
            self.lab.stop_capture(self.captures[name])
        pcap.stop(self.captures["port"], self._spare_pidfile())

    def _uptime(self, node):
        return float(self.lab[node].read_file("/proc/uptime").split()[0])

    # --- the takeover

    def look_before(self):
        """What there is while active lives."""
        poll("the spare knows that active is the holder", 10,
             lambda: self.identity(SPARE).get("holder") == ACTIVE, nodes=(ACTIVE, SPARE))
        return Before(facts.observe(self.lab), self.identity(ACTIVE)["holder"],
                      self._uptime(SPARE), self.lab[SPARE].anchor())

    def arm_and_kill(self):
        """From armed to dead at once: every moment between is one for a false alarm.

        Returns when active was killed.
        """
        with doing("Spare: arming the identity"):
            self._ctl(SPARE, "arm", IDENTITY)
        if self.identity(SPARE).get("state") != "armed":
            raise FalseAlarm("the spare takes over while active lives", (ACTIVE, SPARE))
        killed_ns = self.lab[ACTIVE].kill()
        say("active is dead: its QEMU got SIGKILL")
        return killed_ns

    def wait_for_service(self, killed_ns):
        """Somebody serves again, and the spare says that it is the one."""
        with doing("Waiting for somebody to acknowledge writes again"):
            poll("a write sent after the kill is acknowledged", TAKEOVER_LIMIT,
                 lambda: self._client_lives()
                 and clientlog.answered_since(self.client_log, killed_ns), 0.02, (SPARE,))
        poll("the spare says that it is the holder", TAKEOVER_LIMIT,
             lambda: self.identity(SPARE).get("state") == "held", nodes=(SPARE,))
        self.wait_for_acks(BEFORE_KILL)

    def look_after(self, before, killed_ns):
        """The same again, with the spare's own record of the takeover."""
        clock = ClockMap([before.anchor, self.lab[SPARE].anchor()])
        record = self._record()
        decided = next((s["end_ns"] for s in record["steps"] if s["stage"] == "detect"), None)
        if decided is not None and clock.to_host(decided)[0] < killed_ns:
            raise FalseAlarm("the spare decided to take over before active was killed", (SPARE,))
        return Taken(killed_ns, before, facts.observe(self.lab), record,
                     self.identity(SPARE)["holder"], self._uptime(SPARE), clock)

    def _record(self):
        history = json.loads(self.lab[SPARE].exec("hotidctl", "--json", "history", IDENTITY).stdout)
        changes = {entry["state"]: entry for entry in history["history"]}
        if "taking" not in changes or changes.get("held", {}).get("previous") != "taking":
            raise DemoError("the spare's history has no takeover", (SPARE,))
        return {**changes["held"], "reason": changes["taking"]["reason"]}

    # --- after

    def stop_client(self):
        """It ends when all it sent is acknowledged. Returns what it counted."""
        self.client.send_signal(signal.SIGTERM)
        try:
            out, err = self.client.communicate(timeout=60)
        except subprocess.TimeoutExpired as error:
            raise DemoError("the client does not end", (SPARE,)) from error
        if self.client.returncode == 2 or not out:
            raise DemoError(f"the client failed: {err.strip()}", (SPARE,))
        return json.loads(out)

    def check_ledger(self):
        """Every record is read back and compared with what was acknowledged."""
        checker = self.lab.client(build.client_program(), "check", IP, self.client_log,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = checker.communicate(timeout=120)
        if checker.returncode not in (0, 1):
            raise DemoError(f"the ledger cannot be checked: {err.strip()}", (SPARE,))
        return json.loads(out)

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
