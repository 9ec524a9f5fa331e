# SPDX-License-Identifier: GPL-2.0
"""QEMU's command line and process."""

import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import host
from .agent import PORTS
from .errors import LabError
from .kernel import Kernel

# What emulation is slow at: byte-wise string copies (the kernel picks others
# when they are not advertised), five-level page tables, access flag flips.
TCG_CPU = "max,-erms,-fsrm,-la57,-smap,-smep"

# No devices that nobody uses: each costs boot time.
MACHINE = "q35,usb=off,vmport=off,sata=off,smbus=off,i8042=off"

# Boot time, without changing what is tested: the console carries warnings and
# worse only (the agent reads the whole log), no crypto self-tests, and no
# mitigations, which only cost under emulation.
KERNEL_PARAMETERS = ["console=ttyS0", "panic=-1", "net.ifnames=0", "log_buf_len=2M",
                     "printk.devkmsg=on", "unknown_nmi_panic=1", "cryptomgr.notests",
                     "mitigations=off", "random.trust_cpu=on", "audit=0", "8250.nr_uarts=1",
                     "systemd.show_status=0", "systemd.log_level=warning",
                     # the check panics when a busy host stalls the guest during it
                     "no_timer_check"]


@dataclass
class Nic:
    """One virtio NIC: its MAC and either a host tap or a hub inside QEMU."""
    mac: str
    tap: str = ""
    options: str = ""


@dataclass
class Machine:                       # pylint: disable=too-many-instance-attributes
    """What one guest is made of. directory gets its sockets and its console."""
    directory: Path
    kernel: Kernel
    root_image: Path
    initrd: Path
    mode: str                        # "run" or "boot", see guest/init
    memory_mib: int = 512
    cpus: int = 1
    icount: bool = False
    one_thread: bool = False         # emulate the CPUs by turns
    verbose: bool = False
    nics: list = field(default_factory=list)
    append: str = ""                 # more kernel parameters
    extra: list = field(default_factory=list)       # more QEMU arguments

    @property
    def console(self):
        """The console's log."""
        return self.directory / "console"

    @property
    def qmp(self):
        """QEMU's machine protocol socket."""
        return self.directory / "qmp"

    def _accelerator(self):
        if self.icount:
            # guest time is a function of instructions; idle time passes at once
            return ["-accel", "tcg,thread=single", "-icount", "shift=3,sleep=off", "-cpu", TCG_CPU]
        if host.kvm_works():
            return ["-accel", "kvm", "-cpu", "host"]
        threads = "single" if self.one_thread else "multi"
        return ["-accel", f"tcg,thread={threads}", "-cpu", TCG_CPU]

    def _cmdline(self):
        return " ".join([*KERNEL_PARAMETERS, "loglevel=7" if self.verbose else "loglevel=5",
                         f"LAB_MODE={self.mode}", f"LAB_PORTS={PORTS}", self.append]).strip()

    def argv(self):
        """QEMU's arguments."""
        here = self.directory
        argv = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
                "-no-reboot", "-M", MACHINE, *self._accelerator(),
                "-m", str(self.memory_mib), "-smp", str(1 if self.icount else self.cpus),
                "-bios", "qboot.rom", "-kernel", str(self.kernel.vmlinuz), "-initrd", str(self.initrd),
                "-append", self._cmdline(),
                "-qmp", f"unix:{self.qmp},server=on,wait=off",
                "-chardev", f"socket,id=console,path={here}/tty,server=on,wait=off,"
                            f"logfile={self.console},logappend=on",
                "-serial", "chardev:console"]
        # fixed PCI addresses: a port's path is the same whatever else there is
        for addr, serial, image in ((1, "root", self.root_image),
                                    (2, "modules", self.kernel.modules_image)):
            argv += ["-drive", f"file={image},format=raw,if=none,id={serial},snapshot=on,"
                               "cache=unsafe,discard=unmap",
                     "-device", f"virtio-blk-pci,addr={addr},drive={serial},serial={serial}"]
        argv += ["-device", f"virtio-serial-pci,addr=3,max_ports={PORTS + 1}"]
        for port in range(PORTS):
            argv += ["-chardev", f"socket,id=agent{port},path={here}/agent{port},server=on,wait=off",
                     "-device", f"virtserialport,chardev=agent{port},name=lab.{port},nr={port + 1}"]
        for number, nic in enumerate(self.nics):
            backend = (f"tap,id=net{number},ifname={nic.tap},script=no,downscript=no"
                       if nic.tap else f"hubport,id=net{number},hubid=0")
            argv += ["-netdev", backend,
                     "-device", f"virtio-net-pci,addr={number + 4:x},netdev=net{number},"
                                f"mac={nic.mac}{nic.options}"]
        if any(not nic.tap for nic in self.nics):
            # a hub of guests only does not start; this host answers nothing but its own ARP
            argv += ["-netdev", "user,id=host,restrict=on,ipv6=off,net=192.0.2.0/24",
                     "-netdev", "hubport,id=hub,hubid=0,netdev=host"]
        return argv + self.extra

    def start(self, namespace="", outlive=False):
        """Start QEMU (in a network namespace). Returns its Popen.

        Unless it may outlive us, the kernel kills it when the calling thread ends.
        """
        argv = self.argv()
        if not outlive:
            argv = ["setpriv", "--pdeathsig", "KILL", *argv]
        if namespace:
            argv = ["ip", "netns", "exec", namespace, *argv]
        self.console.touch()
        with open(self.directory / "qemu.log", "ab") as log:
            process = subprocess.Popen(             # pylint: disable=consider-using-with
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self._wait_listening(process)
        return process

    def _wait_listening(self, process):
        """QEMU binds its sockets in the order of its arguments; the last is last."""
        deadline = time.monotonic() + 30
        while not (self.directory / f"agent{PORTS - 1}").exists():
            if process.poll() is not None:
                raise LabError(f"QEMU did not start:\n{self.console_tail()}")
            if time.monotonic() > deadline:
                process.kill()
                raise LabError(f"QEMU hangs at its start:\n{self.console_tail()}")
            time.sleep(0.01)

    def console_tail(self, lines=100):
        """The end of the console and of what QEMU itself said."""
        text = ""
        for name in ("console", "qemu.log"):
            path = self.directory / name
            if path.exists():
                text += path.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.replace("\r", "").splitlines()[-lines:])
