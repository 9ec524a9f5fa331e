# SPDX-License-Identifier: GPL-2.0
"""One node that runs hotidd, as a test talks to it."""

import contextlib
import json
import re
from dataclasses import dataclass

from hotidlab import GuestGone

from . import config
from .expect import check, poll, same, says
from .topology import IDENTITY, MAC, UNIT

SETTLE = 60.0                   # seconds: any change of state, emulated, on a busy host

# Everything hotid may leave on a node, a section each. The order is a person's.
_FOOTPRINT = f"""
set +e
section() {{ echo "=== $1"; }}
section link; ip -o link show dev eth1 | sed 's/^.*<\\(.*\\)>.*link.ether \\(\\S*\\).*$/\\1 \\2/'
section addresses; ip -o address show dev eth1 | sed 's/^[0-9]*: //; s/ valid_lft.*//'
section routes; ip route show dev eth1; ip -6 route show dev eth1
section settings; cd /proc/sys/net; grep . ipv4/conf/eth1/arp_ignore ipv4/conf/eth1/arp_notify \\
    ipv6/conf/eth1/accept_ra ipv6/conf/eth1/autoconf ipv6/conf/eth1/addr_gen_mode \\
    ipv6/conf/eth1/accept_dad ipv6/conf/eth1/disable_ipv6
section filters; tc qdisc show dev eth1 | grep -v -e fifo -e noqueue -e codel; \
    tc filter show dev eth1 ingress; tc filter show dev eth1 egress
section sessions; ls /sys/class/iscsi_session 2>/dev/null
section records; ls /etc/iscsi/nodes /etc/iscsi/ifaces 2>/dev/null | grep -v -e : -e '^$' -e iface.example
section disks; ls /dev/sd* 2>/dev/null
section mounts; grep ' /srv' /proc/self/mountinfo | cut -d ' ' -f 4-
section units; systemctl is-active {UNIT} | grep -v '^inactive$'; systemctl --failed --plain --no-legend
section processes; pgrep -x -l 'ledger|iscsiadm'
section kept; ls /run/hotid/default | grep -v '^lock$'
exit 0
"""


HAS_FAILED = 10                 # status of `hotidctl status` when an identity is failed
_DIGITS = re.compile(r".*_ns|(known_)?epoch|seq")


def read_json(text):
    """What hotidctl --json prints; 64-bit numbers, which are strings there, as numbers."""
    return json.loads(text, object_hook=lambda found: {
        key: int(value) if _DIGITS.fullmatch(key) else value for key, value in found.items()})


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""
    status: int
    out: str
    err: str

    @property
    def text(self):
        """All of it."""
        return self.out + self.err

    def events(self):
        """Of a command with --json that follows what happens: its lines."""
        return [read_json(line) for line in self.out.splitlines()]

    def _steps(self):
        return [event["step"] for event in self.events() if event["event"] == "step"]

    def begun(self):
        """Indexes of the steps of a takeover that were told of as they began."""
        return [step["index"] for step in self._steps()
                if (step["verb"], step["status"]) == ("take", "running")]

    def taken(self):
        """The steps that were taken, and read back."""
        return [step for step in self._steps()
                if step["verb"] != "undo" and step["status"] == "done"]

    def undone(self):
        """Indexes of the steps that were undone."""
        return [step["index"] for step in self._steps()
                if (step["verb"], step["status"]) == ("undo", "done")]


class Member:
    """A node of the lab by its name; it stays the same over reboots."""

    def __init__(self, lab, name, peer):
        self.lab = lab
        self.name = name
        self.peer_name = peer
        self.edited = set()         # files that are not those of its boot

    @property
    def node(self):
        """The lab's node."""
        return self.lab[self.name]

    # --- commands

    def run(self, *argv, status=0, wanted=(), timeout=120.0):
        """Run a command; it ends with that status (None: any) and says what is wanted."""
        result = self.node.exec(*argv, check=False, timeout=timeout)
        said = Said(result.status, result.stdout.decode(errors="replace"),
                    result.stderr.decode(errors="replace"))
        if status is not None and said.status != status:
            same(said.status, status,
                 f"{self.name}: status of `{' '.join(map(str, argv))}`, which says\n{said.text}\n")
        says(said.text, *([wanted] if isinstance(wanted, str) else wanted))
        return said

    def ctl(self, *words, **how):
        """hotidctl."""
        return self.run("hotidctl", *words, **how)

    def shell(self, script):
        """A script that must end well; its output."""
        return self.node.shell(script).text

    # --- what it says of itself

    def status(self):
        """All that the module says."""
        said = self.ctl("--json", "status", status=None)
        found = read_json(said.out) if said.status in (0, HAS_FAILED) else {}
        failed = any(one["state"] == "failed" for one in found.get("identities", []))
        same(said.status, HAS_FAILED if failed else 0, f"exit status of\n{said.text}\n")
        return found

    def identity(self, name=IDENTITY):
        """The identity there, {} when it is not known."""
        return next((one for one in self.status()["identities"] if one["name"] == name), {})

    def peer(self):
        """What it thinks of the other one."""
        return next(peer for peer in self.status()["peers"] if peer["name"] == self.peer_name)

    def history(self, name=IDENTITY):
        """Changes of state, oldest first."""
        return read_json(self.ctl("--json", "history", name).out)["history"]

    def wait_state(self, state, limit=SETTLE, name=IDENTITY):
        """Until the identity is in that state. Returns it."""
        last = {}

        def look():
            last.clear()
            last.update(self.identity(name))
            return last if last["state"] == state else None
        try:
            return dict(poll(f"{self.name}: {name} is {state}", limit, look))
        except AssertionError as error:
            error.args = (f"{error}; it is {last.get('state')}, {last.get('reason')}: "
                          f"{last.get('message')}",)
            raise

    def expect(self, state, **fields):
        """The identity is in that state now, with these other fields. Returns it."""
        identity = self.identity()
        wanted = {"state": state, **fields}
        same({key: identity[key] for key in wanted}, wanted, f"{self.name}: {IDENTITY}")
        return identity

    def failed_step(self):
        """The step of the plan that failed, in the identity's own record."""
        failed = [step for step in self.identity()["steps"] if step["status"] == "failed"]
        same(len(failed), 1, f"{self.name}: number of failed steps")
        return failed[0]

    # --- what is

    def footprint(self):
        """All that hotid may leave behind, by section."""
        text = self.shell(_FOOTPRINT)
        parts = re.split(r"^=== (\w+)\n", text + "\n", flags=re.MULTILINE)[1:]
        return {name: body.split("\n") for name, body in zip(parts[::2],
                                                             map(str.strip, parts[1::2]))}

    def bears_nothing(self, footprint=None):
        """Nothing of the identity is on it. Returns the footprint."""
        found = footprint or self.footprint()
        for name in ("addresses", "routes", "filters", "sessions", "records", "disks", "mounts", "units",
                     "processes", "kept"):
            same(found[name], [""], f"{self.name}: {name} that are left")
        says("\n".join(found["link"]), rf" {self.node.mac(1)}$")
        return found

    def bears_all(self):
        """Everything of the identity is on it: MAC, addresses, session, mount, service."""
        found = self.footprint()
        says("\n".join(found["link"]), rf"UP.* {MAC}$")
        says("\n".join(found["addresses"]), r"inet 10\.77\.0\.10/24", r"inet6 fd77::10/64")
        says("\n".join(found["routes"]), r"10\.77\.0\.96/27", r"fd77::100/120")
        says("\n".join(found["settings"]), r"eth1/arp_ignore:0")
        same(len(found["sessions"]), 1, f"{self.name}: sessions {found['sessions']}")
        says("\n".join(found["mounts"]), r" /srv/web rw,")
        same(found["units"], ["active"], f"{self.name}: {UNIT}")
        return found

    # --- changes

    def configure(self, *edits):
        """Another file of the identity; without edits the first one again. Returns its text."""
        text = config.identity(self.name, *edits)
        self.node.write_file(f"/etc/hotid/identities/{IDENTITY}.yaml", text)
        self._note("identity", edits)
        return text

    def write_node(self, extra=""):
        """node.yaml with more at its end."""
        self.node.write_file("/etc/hotid/node.yaml", config.node(self.name, self.peer_name) + extra)
        self._note("node", extra)

    def configure_node(self, extra=""):
        """The same, and the daemon has read it when this returns."""
        self.write_node(extra)
        said = self._last_reload()
        self.reload()
        poll(f"{self.name} has read node.yaml", SETTLE, lambda: self._last_reload() != said)

    def restore_files(self):
        """Both files as they were at first, and the daemon has read them."""
        self.configure()
        if "node" in self.edited:
            self.configure_node()
        else:
            self.reload()
        poll(f"{self.name} has read its files", SETTLE,
             lambda: self.identity()["flags"] == ["auto"])

    def _note(self, file, is_edited):
        (self.edited.add if is_edited else self.edited.discard)(file)

    def make_offline(self, name=IDENTITY):
        """From whatever state; fine when it is not known."""
        state = ""
        for _ in range(4):
            state = self.identity(name).get("state", "offline")
            if state in ("held", "taking"):
                self.ctl("release", name, status=None)
            elif state in ("armed", "arming", "failed"):
                self.ctl("disarm", name, status=None)
            elif state == "releasing":
                self.wait_state("offline", name=name)
            else:
                return
        check(False, f"{self.name}: {name} is {state} and cannot be brought offline")

    def arm(self):
        """It ends armed."""
        return self.ctl("arm", IDENTITY, wanted="web: armed after")

    def take(self):
        """Arm and take over, whoever holds it."""
        self.arm()
        self.ctl("takeover", IDENTITY, wanted="web: held after")

    # --- the daemon

    def daemon(self):
        """Its pid; 0 when it does not run."""
        return int(self.run("systemctl", "show", "-P", "MainPID", "hotidd").out)

    def wait_daemon(self, other_than=0):
        """Until the daemon runs, is another one than that, and the module has heard of it."""
        def look():
            pid = self.daemon()
            return pid and pid != other_than and \
                "userspace" in self.status()["node"]["health"] and \
                self.run("systemctl", "is-active", "hotidd", status=None).out == "active\n"
        poll(f"{self.name}: hotidd runs", SETTLE, look)

    @contextlib.contextmanager
    def stopped_daemon(self):
        """It is there and does nothing; systemd's watchdog lets it be, for as long as it takes."""
        pid = self.daemon()
        check(pid, f"{self.name}: hotidd does not run")
        self.run("systemctl", "service-watchdogs", "no")
        self.run("kill", "-STOP", pid)
        try:
            yield
        finally:
            with contextlib.suppress(GuestGone):
                self.run("kill", "-CONT", pid, status=None)
                self.run("systemctl", "service-watchdogs", "yes", status=None)

    def _last_reload(self):
        """The line of the journal, with its time; the journal's end alone is looked at."""
        said = [line for line in self.journal(300).splitlines() if "read again" in line]
        return said[-1] if said else ""

        return said[-1] if said else ""

    def reload(self):
        """Tell the daemon to read its configuration again; what follows is polled for."""
        self.run("systemctl", "reload", "hotidd")

    def forget(self):
        """What a boot does to hotid: /run, the probe and the module are gone, /var is not.

        The daemon does not run then.
        """
        self.shell("systemctl stop hotidd && rm -rf /run/hotid/* /sys/fs/bpf/hotid && "
                   "ip link set eth0 xdp off; ip link set eth2 xdp off; rmmod hotid")
        check(self.run("test", "-d", "/sys/module/hotid", status=None).status, "hotid is loaded")

    def start_daemon(self):
        """Load the module, start the daemon."""
        self.shell("systemctl start hotidd")
        self.wait_daemon()

    def uptime(self):
        """Seconds since its boot, by its own clock."""
        return float(self.node.read_file("/proc/uptime").split()[0])

    def boot_id(self):
        """Of its kernel."""
        return self.node.read_file("/proc/sys/kernel/random/boot_id").decode().strip()

    def journal(self, lines=60):
        """The end of what the daemon and the service said."""
        return self.run("journalctl", "-u", "hotidd", "-u", UNIT, "-n", lines, "-o",
                        "short-monotonic", "--no-pager", status=None, timeout=20).out
