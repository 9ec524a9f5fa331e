# SPDX-License-Identifier: GPL-2.0
"""A guest of one scene: boots, runs programs, is checked, goes.

In virtual time (the default) one instruction of the guest takes 2^shift ns,
so nothing the host does changes a figure, and the guest is a processor of
1000 / 2^shift MIPS. In real time it has the host's clock, with the host's
stalls in it.
"""

import contextlib
import shutil
import time

from .paths import BENCH_DIR, BUILD, INSIDE, OUT, TOP

# pylint: disable=wrong-import-position
from hotidlab import Kernel, initramfs, kmsg                       # noqa: E402
from hotidlab.agent import Session                                 # noqa: E402
from hotidlab.errors import LabError                               # noqa: E402
from hotidlab.kmsglog import read_log                              # noqa: E402
from hotidlab.qemu import Machine, Nic                             # noqa: E402
from hotidlab.qmp import qmp                                       # noqa: E402
from hotidlab.root import root_image                               # noqa: E402
from hotidlab.scratch import scratch                               # noqa: E402

MODULE = f"{INSIDE}/hotid.ko"


class BenchError(Exception):
    """A scene did not come to its end."""


def overlay(name=None):
    """Programs and modules of all scenes as a tree for the root of a kernel's guests."""
    kernel = Kernel(name)
    tree = OUT / "overlay" / kernel.release
    where = tree / INSIDE.lstrip("/")
    shutil.rmtree(tree, ignore_errors=True)
    where.mkdir(parents=True)
    for source, output in ((TOP, BUILD / "kmod" / kernel.release),
                           (TOP / "tools/testing/selftests/hotid/stall", OUT / "stall" / kernel.release)):
        for module in kernel.build_module(source, output):
            shutil.copy2(module, where)
    for programs in (OUT / "guest", OUT / "host", BENCH_DIR / "guest"):
        for program in programs.iterdir():
            if program.is_file() and not program.suffix:
                shutil.copy2(program, where)
    return tree


class Guest:
    """One running guest. Its kernel is asked for complaints before it goes."""

    def __init__(self, directory, machine, process):
        self.directory = directory
        self.machine = machine
        self.process = process

    def run(self, *argv, timeout=600.0, env=None):
        """Run a program of the bench; returns its output as lines of words."""
        deadline = time.monotonic() + timeout
        with Session(self.directory, timeout, "guest") as session:
            session.start([f"{INSIDE}/{argv[0]}", *argv[1:]],
                          {"HOTID_MODULE": MODULE, **(env or {})})
            result = session.finish(deadline=deadline)
        if result.status:
            raise BenchError(f"{' '.join(map(str, argv))} ended with {result.status}: "
                             f"{result.stderr.decode(errors='replace').strip()}")
        return [line.split() for line in result.text.splitlines()]

    def session(self, timeout=60.0):
        """A conversation with its agent."""
        return Session(self.directory, timeout, "guest")

    def qmp(self, command):
        """Ask QEMU itself."""
        return qmp(self.directory / "qmp", command)

    def check(self, allow=()):
        """Raise BenchError when its kernel complained."""
        with self.session() as session:
            log = read_log(session, time.monotonic() + 60)
        bad = (kmsg.check_records(log, list(allow)) or
               kmsg.check_console(self.machine.console_tail(1000000), list(allow)))
        if bad:
            raise BenchError(f"the guest's kernel complained:\n{bad}")


@contextlib.contextmanager
def guest(tree, shift=3, memory_mib=512, nics=0, append="", extra=(), allow=(), check=True,
          kernel=None, cpus=1):
    """Boot one; shift None is real time, which alone can have several processors."""
    with scratch() as directory:
        kernel = Kernel(kernel)
        initramfs.node_archive(directory / "initrd", kernel,
                               {"NODE_NAME": "guest", "NODE_ADDRESSES": ""}, [tree])
        extra = list(extra)
        if shift is not None:
            extra += ["-icount", f"shift={shift},sleep=off"]
        machine = Machine(directory, kernel, root_image(), directory / "initrd", "run",
                          memory_mib=memory_mib, icount=shift is not None, append=append,
                          cpus=cpus,
                          nics=[Nic(f"52:54:00:77:0{n}:ff") for n in range(nics)], extra=extra)
        process = machine.start()
        try:
            running = Guest(directory, machine, process)
            with running.session(60):
                pass
            yield running
            if check:
                running.check(allow)
        except LabError as error:
            raise BenchError(f"{error}; the end of its console:\n"
                             f"{machine.console_tail()}") from error
        finally:
            process.kill()
            process.wait()
