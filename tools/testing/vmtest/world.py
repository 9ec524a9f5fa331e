# SPDX-License-Identifier: GPL-2.0
"""The lab that all tests share, and the two starts that a test can make in it.

rested() gives both nodes bare, with nothing at the target; roles() gives one
that holds the identity and one that is armed for it, whichever they are. Both
make that start from whatever was before, by commands on the machines that run:
a test may leave them as it likes, and passes after any other. What it changed
elsewhere (a partition, another node's processes, more identities) it undoes itself.
"""

import contextlib
import re
import shutil
import subprocess

from hotidlab import Kernel, KmsgWatch, LabError
from hotidtest import build, config, ledger
from hotidtest.captures import Captures
from hotidtest.expect import check, poll, same, says
from hotidtest.member import Member, SETTLE
from hotidtest.storage import Storage, overlay, qemu_args
from hotidtest.topology import ACTIVE, IDENTITY, IP, MAC, NODES, PEERS, SAN, SPARE, STORAGE

# Keeps locks that others wait for.
STALL = build.TOP / "tools/testing/selftests/hotid/stall"
CRASH_KERNEL = "/boot/crash"    # on the spare, with memory set aside for it


class World:
    """Lab, nodes, storage and client."""

    def __init__(self, lab, directory):
        self.lab = lab
        self.directory = directory
        self.members = {name: Member(lab, name, peer) for name, peer in PEERS.items()}
        self.active = self.members[ACTIVE]
        self.spare = self.members[SPARE]
        self.storage = Storage(lab)
        self.suspicious = False
        self.kernels = KmsgWatch(lab)

    # --- its life

    def start(self):
        """Build, boot, export the LUN."""
        overlays = build.build(self.directory, config.files)
        stall = self._stall()
        for name in PEERS:
            overlays[name].append(stall)
        overlays[STORAGE] += [overlay(self.directory), overlays[SPARE][0], self._witness()]
        overlays[SPARE].append(self._crash_kernel())
        self.lab.up(NODES, overlays=overlays, append={SPARE: "crashkernel=192M"},
                    qemu_args=qemu_args(build.make_lun(self.directory)), memory_mib={SPARE: 768})
        self.storage.export()

    def _witness(self):
        """The storage node can watch both others; its daemon does not run until it is started."""
        tree = self.directory / "witness"
        (tree / "etc/hotid").mkdir(parents=True, exist_ok=True)
        (tree / "etc/hotid/node.yaml").write_text(config.node(STORAGE, ACTIVE, SPARE),
                                                  encoding="utf-8")
        shutil.copytree(build.NODES / "common/etc/modprobe.d", tree / "etc/modprobe.d",
                        dirs_exist_ok=True)
        return tree

    def _stall(self):
        module, = Kernel().build_module(STALL, self.directory / "stall")
        tree = self.directory / "stall-tree"
        target = tree / "usr/lib/hotid/stall.ko"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(module, target)
        return tree

    def _crash_kernel(self):
        image = self.directory / "crash" / CRASH_KERNEL.lstrip("/")
        image.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(Kernel().path / "root/boot/vmlinuz", image)
        return self.directory / "crash"

    def excuse(self, member, *expressions):
        """What that node's kernel may say in its present boot, until the test ends."""
        self.kernels.excuse(member.name, *expressions)

    def complaints(self):
        """What kernels said since the last test that they must not, or None."""
        found = self.kernels.look()
        return "\n".join(f"the kernel of {name}:\n{text}" for name, text in found.items()) or None

    def failed(self):
        """A test failed: what it left is not to be built on. Returns what may tell why."""
        self.suspicious = True
        parts = [self.story()]
        try:
            parts.append(self.complaints() or "")       # they are no fault of the next test's
        except LabError as error:
            parts.append(f"no log of a kernel: {error}")
        return "\n".join(parts).rstrip()

    def story(self):
        """What may tell why a test failed."""
        parts = []
        for member in self.members.values():
            parts.append(f"--- {member.name}")
            try:
                if member.node.state() == "running":
                    parts.append(member.journal(25))
                    parts.append(member.ctl("status", IDENTITY, status=None, timeout=20).text)
                else:
                    parts.append(f"{member.node.state()}; the end of its console:\n"
                                 + member.node.console_tail(15))
            except LabError as error:
                parts.append(f"no journal: {error}")
        return "\n".join(parts)

    # --- how a test finds it

    def _revive(self):
        """Both machines run and hear each other on all paths."""
        for member in self.members.values():
            if not member.node.running():
                self.lab.boot(member.name)
                member.edited.clear()
        for member in self.members.values():
            poll(f"{member.name} hears {member.peer_name}", SETTLE, lambda m=member: self._hears(m))

    @staticmethod
    def _hears(member):
        peer = member.peer()
        return peer["state"] == "up" and {path["state"] for path in peer["paths"]} == {"up"}

    def _make_good(self):
        """After a failed test: a node that cannot be put right is booted anew."""
        for member in self.members.values():
            if not member.node.running():
                continue
            try:
                check(member.node.state() == "running", "it is paused")
                member.wait_daemon()
                member.make_offline()
                member.bears_nothing()
            except (AssertionError, LabError):
                member.node.kill()
        self.suspicious = False

    def rested(self):
        """Both nodes offline, as after their boot, and no session, key or reservation at the
        target. Of the past they know the last epoch."""
        if self.suspicious:
            self._make_good()
        self._revive()
        for member in self.members.values():
            member.make_offline()
            if member.edited:
                member.restore_files()
        for member in self.members.values():
            # one that was claimed by the other node, which let go of it
            if member.identity()["holder"]:
                member.forget()
                member.start_daemon()
        self._revive()
        seen = self.storage.view()
        if seen.keys or seen.sessions:
            poll("the target ends the sessions", SETTLE, lambda: not self.storage.view().sessions)
            self.storage.export()
        return self.active, self.spare

    def _holder(self):
        """The one that holds the identity as its file says, and knows of no later attempt at it."""
        held = [member for member in self.members.values()
                if member.node.running() and member.identity().get("state") == "held"]
        if len(held) != 1 or "identity" in held[0].edited:
            return None
        identity = held[0].identity()
        return held[0] if identity["known_epoch"] == identity["epoch"] else None

    def roles(self):
        """(holder, heir): one holds the identity, whole, and one is armed and knows it."""
        if self.suspicious:
            self._make_good()
        self._revive()
        holder = self._holder()
        if not holder:
            self.rested()
            # A node that was booted anew while nobody held it does not know the epoch.
            holder = max(self.members.values(), key=lambda m: m.identity()["known_epoch"])
            holder.take()
        heir = self.members[PEERS[holder.name]]
        if heir.identity()["state"] != "armed" or "identity" in heir.edited:
            heir.make_offline()
        for member in (holder, heir):
            if member.edited:
                member.restore_files()
        if heir.identity()["state"] != "armed":
            heir.arm()
        poll(f"{heir.name} knows that {holder.name} is the holder, and both are well", SETTLE,
             lambda: self._know_each_other(holder, heir))
        return holder, heir

    @staticmethod
    def _know_each_other(holder, heir):
        ours, theirs = holder.identity(), heir.identity()
        return (theirs["holder"] == holder.name and theirs["known_epoch"] == ours["known_epoch"]
                and not ours["findings"] and not theirs["findings"]
                and all({"audit", "userspace"} <= set(member.peer()["health"])
                        for member in (holder, heir)))

    @contextlib.contextmanager
    def client(self, holder):
        """A client that writes to an empty ledger; it is served when this begins."""
        holder.shell("systemctl stop ledger && rm -f /srv/web/ledger.log && "
                     "systemctl start ledger")
        with ledger.Client(self.lab, self.directory / "client.log") as client:
            client.is_served()
            yield client

    # --- what is seen from outside

    def captured(self, member):
        """Captures while a with statement runs."""
        return Captures(self.lab, self.directory, member.name)

    def borne_by(self, member):
        """Client, switch and target agree that this node, and no other, bears the identity."""
        self.answers_once(member)
        with self._ping() as ping:
            says(ping.communicate()[0], r" 0% packet loss")
        # That of a node's life before is there until the target misses it.
        poll(f"no living node but {member.name} has a session at the target", SETTLE,
             lambda: self._living_sessions() <= {SAN[member.name]})
        seen = self.storage.view()
        same(seen.mac, MAC, "the MAC that the client has for the identity's IP")
        same(seen.node, member.name, "the node behind whose port the switch has that MAC")
        check(SAN[member.name] in seen.sessions, f"{member.name} has no session at the target")
        check(seen.reservation_key, "nobody holds the reservation")
        same(seen.keys, (seen.reservation_key,), "registered keys")
        # userspace/hotidd/config/prkey.h: its lower half
        same(int(seen.reservation_key, 16) & 0xffffffff, member.identity()["epoch"],
             "epoch in the reservation's key")
        return seen

    def _living_sessions(self):
        """Addresses of running nodes from which the target has a session."""
        sessions = self.storage.view().sessions
        return {address for name, address in SAN.items()
                if address in sessions and self.members[name].node.running()}

    def _arping(self, count, seconds, *options):
        """What arping says in the client's namespace, so many seconds between requests."""
        return subprocess.run(["ip", "netns", "exec", self.lab.network.client, "arping", "-i",
                               "eth0", "-W", str(seconds), "-c", str(count), *options, IP],
                              check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT).stdout

    def _ping(self):
        return self.lab.client("ping", "-q", "-c", "3", "-i", "0.2", "-w", "5", IP, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    @contextlib.contextmanager
    def pinging(self):
        """The client asks the kernel of the holder all the time, whoever that is."""
        with self.lab.client("ping", "-q", "-i", "0.02", IP, stdout=subprocess.DEVNULL) as ping:
            try:
                yield
            finally:
                ping.kill()

    def answers_once(self, member):
        """Each ARP request for the IP has one answer, from the identity's MAC and that node."""
        for seconds in (0.25, 1, 4):        # a node that stood still answers late
            said = self._arping(4, seconds)
            says(said, r"\(0 extra\)")
            if "  0% unanswered" in said:
                break
        says(said, r"4 packets transmitted, 4 packets received, +0% unanswered \(0 extra\)")
        same(set(re.findall(r"bytes from (\S+)", said)), {MAC}, "who answers")
        same(self.storage.view().node, member.name, "the node that the answers came from")

    def borne_by_none(self):
        """No session is left at the target, and nobody answers for the IP."""
        poll("the target has no session", SETTLE, lambda: not self.storage.view().sessions)
        says(self._arping(2, 0.25, "-w", "2"), r" 0 packets received")
