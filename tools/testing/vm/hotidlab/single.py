# SPDX-License-Identifier: GPL-2.0
"""One throw-away guest that runs one command: what `lab run` does.

Success is positive only. The command's exit status counts once it came over
the port and the kernel log was read after it and found clean; a guest that
panics, hangs or complains is a failure whatever the command said.
"""

import subprocess
import sys
import time
from dataclasses import dataclass, field

from . import initramfs, kmsg
from .agent import GuestGone, Session
from .kernel import Kernel
from .kmsglog import read_log, scan_leaks
from .progress import say
from .qemu import Machine, Nic
from .root import root_image
from .scratch import scratch

EXIT_GUEST_DIED = 125       # panic, hang, or a guest that never came up
EXIT_BAD_LOG = 124          # the command ended, but the kernel complained

BOOT_TIMEOUT = 180.0        # seconds


class Stuck(GuestGone):
    """The guest hangs before it could be asked for anything."""


@dataclass
class SingleRun:            # pylint: disable=too-many-instance-attributes
    """Parameters of `lab run`; see its --help."""
    argv: list
    kernel: str = None
    icount: bool = False
    one_thread: bool = False
    cpus: int = 1
    memory_mib: int = 512
    timeout: float = 300.0
    overlays: list = field(default_factory=list)
    nics: int = 0
    allow_log: list = field(default_factory=list)
    append: str = ""
    verbose: bool = False
    env: dict = field(default_factory=dict)
    stdin: object = b""
    stdout: object = None       # called with bytes; None: our own stdout
    stderr: object = None

    def run(self):
        """Boot, run, check, stop. Returns the exit code for the caller.

        An emulated processor loses its timer now and then while the kernel
        starts it. Nothing of ours runs by then, so such a guest gets a second
        chance; one that dies does not, nor one that hangs later.
        """
        try:
            with scratch() as directory:
                return self._run_in(directory)
        except Stuck as error:
            say(f"{error}, after {BOOT_TIMEOUT:.0f} s; once more")
        try:
            with scratch() as directory:
                return self._run_in(directory)
        except Stuck:
            return EXIT_GUEST_DIED

    def _run_in(self, directory):
        kernel = Kernel(self.kernel)
        initrd = directory / "initrd"
        initramfs.node_archive(initrd, kernel, {"NODE_NAME": "guest", "NODE_ADDRESSES": ""},
                               self.overlays)
        machine = Machine(directory, kernel, root_image(), initrd, "run",
                          memory_mib=self.memory_mib, cpus=self.cpus, icount=self.icount,
                          one_thread=self.one_thread, verbose=self.verbose, append=self.append,
                          nics=[Nic(f"52:54:00:77:0{n}:ff") for n in range(self.nics)])
        start = time.monotonic()
        process = machine.start()
        try:
            return self._command(machine, process, start)
        except GuestGone as error:
            how = _how_it_ended(process)
            print(f"{machine.console_tail()}\nlab: FAILED: {error}; {how}; "
                  "the end of its console is above", file=sys.stderr)
            if isinstance(error, Stuck):
                raise
            return EXIT_GUEST_DIED
        finally:
            process.kill()
            process.wait()

    def _session(self, machine, process):
        try:
            return Session(machine.directory, min(self.timeout, BOOT_TIMEOUT), "guest")
        except GuestGone as error:
            if self.timeout > BOOT_TIMEOUT and process.poll() is None:
                raise Stuck(str(error)) from error
            raise

    def _command(self, machine, process, start):
        deadline = start + self.timeout
        with self._session(machine, process) as session:
            say(f"guest up after {time.monotonic() - start:.1f} s "
                f"(kernel {machine.kernel.release})")
            session.start(self.argv, self.env)
            result = session.finish(self.stdin, self.stdout or _writer(sys.stdout.buffer),
                                    self.stderr or _writer(sys.stderr.buffer), deadline)
            bad = self._check_log(session, machine, deadline)
        if bad:
            print(f"{bad}\nlab: FAILED: the kernel complained (above); "
                  f"the command itself ended with {result.status}", file=sys.stderr)
            return EXIT_BAD_LOG
        say(f"ended with {result.status} after {time.monotonic() - start:.1f} s, "
            "kernel log clean")
        return result.status

    def _check_log(self, session, machine, deadline):
        leaks = scan_leaks(session, deadline)
        raw = read_log(session, deadline)
        return (leaks or kmsg.check_records(raw, self.allow_log) or
                kmsg.check_console(machine.console_tail(1000000), self.allow_log))


def _how_it_ended(process):
    """A panic ends QEMU by itself, a moment after the ports went dead."""
    try:
        return f"QEMU ended with {process.wait(timeout=1)}"
    except subprocess.TimeoutExpired:
        return "it hangs"


def _writer(stream):
    def write(data):
        stream.write(data)
        stream.flush()
    return write
