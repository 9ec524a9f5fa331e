# SPDX-License-Identifier: GPL-2.0
"""One node of a running lab: everything one can do to it from outside."""

import json
import signal
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import clock, initramfs, kmsg, net, process
from .agent import CommandFailed, GuestGone, Session
from .errors import LabError
from .kernel import Kernel
from .kmsglog import read_log
from .qemu import Machine, Nic
from .qmp import qmp

BOOT_TIMEOUT = 180.0
BOOT_MARK = "lab: a new boot begins\n"      # in the console's log
# what a panic that was asked for says; everything else in the log still counts
EXPECTED_PANIC = [r"Kernel panic - not syncing", r"sysrq: Trigger a crash", r"NMI: ",
                  r"Uhhuh\. NMI received"]


@dataclass
class NodeSpec:                     # pylint: disable=too-many-instance-attributes
    """How a node is to be started. overlays: trees of files, later ones win."""
    name: str
    index: int
    kernel: str = None
    root_image: str = ""
    memory_mib: int = 512
    cpus: int = 1
    overlays: list = field(default_factory=list)
    append: str = ""
    qemu_args: list = field(default_factory=list)
    nic_options: str = ""


class Node:                         # pylint: disable=too-many-public-methods
    """A node, found by its state directory; any process may hold one."""

    def __init__(self, network, directory, spec=None):
        self.network = network
        self.directory = Path(directory)
        if spec is None:
            text = (self.directory / "spec.json").read_text(encoding="utf-8")
            spec = NodeSpec(**json.loads(text))
        self.spec = spec
        self.name = spec.name

    # --- what it is

    @property
    def address(self):
        """Its own address on the service LAN."""
        return f"10.77.0.{self.spec.index}"

    @property
    def san_address(self):
        """Its address on the second path."""
        return f"10.78.0.{self.spec.index}"

    def mac(self, nic):
        """The MAC its NIC number nic was born with."""
        return net.mac(self.spec.index, nic)

    @property
    def kernel(self):
        """The kernel it boots."""
        return Kernel(self.spec.kernel)

    @property
    def pidfile(self):
        """Where QEMU's pid is kept."""
        return self.directory / "pid"

    @property
    def console_file(self):
        """The console's log, of all boots."""
        return self.directory / "console"

    def running(self):
        """Whether its QEMU lives."""
        return bool(process.alive(self.pidfile))

    def state(self):
        """"running", "paused", "stalled", or how it ended."""
        if not self.running():
            return self._ended() or "ended"
        if process.stopped(self.pidfile):
            return "stalled"
        return qmp(self.directory / "qmp", "query-status")["status"]

    # --- start and wait

    def machine(self):
        """Its QEMU machine."""
        spec = self.spec
        return Machine(self.directory, self.kernel, Path(spec.root_image),
                       self.directory / "initrd", "boot", memory_mib=spec.memory_mib,
                       cpus=spec.cpus, append=spec.append, extra=spec.qemu_args,
                       nics=[Nic(self.mac(n), f"{self.name}.{n}", spec.nic_options)
                             for n in range(len(net.IFACES))])

    def boot(self, outlive=True):
        """Start its QEMU with a fresh disk; wait_booted() waits for it."""
        if self.running():
            raise LabError(f"{self.name} is running already; use: lab kill {self.name}")
        for old in [*self.directory.glob("agent*"), self.directory / "qmp",
                    self.directory / "tty", self.directory / "ended"]:
            old.unlink(missing_ok=True)
        (self.directory / "spec.json").write_text(json.dumps(asdict(self.spec)), encoding="utf-8")
        addresses = " ".join(f"{dev}={addr}" for dev, addr in net.addresses(self.spec.index))
        initramfs.node_archive(self.directory / "initrd", self.kernel,
                               {"NODE_NAME": self.name, "NODE_ADDRESSES": addresses},
                               [self._identity(), *self.spec.overlays])
        with open(self.console_file, "a", encoding="ascii") as console:
            console.write(BOOT_MARK)
        process.remember(self.pidfile,
                         self.machine().start(self.network.switch, outlive=outlive).pid)

    def _identity(self):
        """Files that make it this node and no other."""
        tree = self.directory / "identity"
        name = self.name
        files = {
            "etc/machine-id": f"{self.spec.index:032x}\n".replace("0" * 8, "f07d0000", 1),
            "etc/hosts": f"127.0.0.1 localhost\n::1 localhost\n{self.address} {name}\n",
            "etc/iscsi/initiatorname.iscsi": f"InitiatorName=iqn.2026-01.hotid:node-{name}\n",
        }
        for path, text in files.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text, encoding="ascii")
        return tree

    def wait_agent(self, timeout=BOOT_TIMEOUT):
        """Until its agent answers."""
        try:
            with self.session(timeout):
                pass
        except GuestGone as error:
            raise GuestGone(f"{error}; the end of its console:\n{self.console_tail()}") from error

    def wait_booted(self, timeout=BOOT_TIMEOUT):
        """Until systemd has started everything. Returns the units that failed."""
        self.wait_agent(timeout)
        state = self.exec("systemctl", "is-system-running", "--wait", check=False,
                          timeout=timeout).text
        if state == "running":
            return []
        failed = self.exec("systemctl", "list-units", "--failed", "--plain", "--no-legend").text
        return [line.split()[0] for line in failed.splitlines() if line.strip()] or [state]

    # --- inside it

    def session(self, timeout=10.0):
        """A conversation with its agent; see agent.Session."""
        return Session(self.directory, timeout, self.name)

    def exec(self, *argv, stdin=b"", check=True, timeout=120.0, env=None, cwd="/root"):
        """Run a command in it; returns agent.Result. With check a status other
        than 0 is CommandFailed. Works whatever its network is."""
        deadline = time.monotonic() + timeout
        with self.session(timeout) as session:
            session.start(argv, env, cwd)
            result = session.finish(stdin, deadline=deadline)
        if check and result.status:
            raise CommandFailed(self.name, [str(arg) for arg in argv], result)
        return result

    def shell(self, script, **kwargs):
        """exec() of a shell script; it stops at the first command that fails."""
        return self.exec("sh", "-euc", script, **kwargs)

    def read_file(self, path):
        """A file's content."""
        return self.exec("cat", path).stdout

    def write_file(self, path, data, mode=0o644):
        """Make a file in it; parents are made as needed."""
        data = data.encode() if isinstance(data, str) else data
        self.exec("sh", "-euc", 'mkdir -p "$(dirname "$1")"; cat > "$1"; chmod "$2" "$1"',
                  "sh", path, f"{mode:o}", stdin=data)

    def anchor(self):
        """One clock.Anchor between its clock and ours, now."""
        with self.session() as session:
            return clock.measure(session)

    # --- what is done to it

    def _ended(self, how=None):
        note = self.directory / "ended"
        if how:
            note.write_text(how, encoding="ascii")
        return note.read_text(encoding="ascii") if note.exists() else ""

    def kill(self):
        """Cut its power (SIGKILL). Returns the host's CLOCK_MONOTONIC ns just
        before; when this returns, QEMU is gone."""
        self._ended("killed")
        now = time.monotonic_ns()
        if not process.send(self.pidfile, signal.SIGKILL):
            raise LabError(f"{self.name} is not running ({self.state()})")
        process.wait_gone(self.pidfile, 10)
        return now

    def panic(self, wait=True):
        """A real kernel panic, by NMI. Returns CLOCK_MONOTONIC ns just before.

        After its notifiers the kernel restarts the machine, which ends QEMU.
        """
        self._ended("panicked")
        now = time.monotonic_ns()
        qmp(self.directory / "qmp", "inject-nmi")
        if wait and not process.wait_gone(self.pidfile, 30):
            raise LabError(f"{self.name} did not panic:\n{self.console_tail()}")
        return now

    def pause(self, stall=False):
        """Stop its CPUs. Returns CLOCK_MONOTONIC ns when that was done.

        Its clocks stop too, as in a paused cloud guest. With stall they go
        on (SIGSTOP): as in a host that does not schedule it.
        """
        if stall:
            if not process.send(self.pidfile, signal.SIGSTOP):
                raise LabError(f"{self.name} is not running ({self.state()})")
            while self.running() and not process.stopped(self.pidfile):
                time.sleep(0.001)
        else:
            qmp(self.directory / "qmp", "stop")
        return time.monotonic_ns()

    def resume(self):
        """Let it go on after pause(). Returns CLOCK_MONOTONIC ns just before."""
        now = time.monotonic_ns()
        if not process.send(self.pidfile, signal.SIGCONT):
            raise LabError(f"{self.name} is not running ({self.state()})")
        qmp(self.directory / "qmp", "cont")
        return now

    def partition(self, *bridges):
        """Cut it off from "lan", "san" or, without arguments, both."""
        for bridge in bridges or net.BRIDGES:
            self.network.cut(self.name, bridge)
        return time.monotonic_ns()

    def heal(self, *bridges):
        """Undo partition()."""
        for bridge in bridges or net.BRIDGES:
            self.network.cut(self.name, bridge, cut=False)
        return time.monotonic_ns()

    def unplug(self, *nics):
        """Cut these NICs off, by number; the others go on."""
        self.network.cut_nics(self.name, nics)
        return time.monotonic_ns()

    def plug(self, *nics):
        """Undo unplug()."""
        self.network.cut_nics(self.name, nics, cut=False)
        return time.monotonic_ns()

    # --- what it said

    def console_text(self):
        """Everything its console said, over all boots."""
        if not self.console_file.exists():
            return ""
        return self.console_file.read_text(encoding="utf-8", errors="replace").replace("\r", "")

    def console_boots(self):
        """The same, one by one."""
        return self.console_text().split(BOOT_MARK)[1:]

    def console_tail(self, lines=100):
        """The end of its console and of QEMU's own messages."""
        log = self.directory / "qemu.log"
        said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return "\n".join((self.console_text() + said).splitlines()[-lines:])

    def check_log(self, allow=()):
        """Complaints of its kernel as text, '' when clean.

        A running node is asked for its whole log; of a dead one there is the
        console, which has warnings and worse.
        """
        allow = list(allow)
        if self._ended() == "panicked":
            allow += EXPECTED_PANIC
        bad = kmsg.check_console(self.console_text(), allow)
        if not bad and self.running() and self.state() == "running":
            with self.session() as session:
                bad = kmsg.check_records(read_log(session, time.monotonic() + 60), allow)
        return bad
