# SPDX-License-Identifier: GPL-2.0
"""A whole lab: nodes, their network, a client; many labs may run side by side.

    with Lab("mytest") as lab:
        lab.up(["active", "spare"], overlays={"*": ["build/overlay"]})
        lab["active"].exec("hotidctl", "status")
        died = lab["active"].kill()
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import threading
import time

from . import host, net, pcap, process
from .errors import LabError
from .initramfs import base_archive
from .kernel import Kernel
from .node import Node, NodeSpec
from .paths import state_dir
from .progress import say
from .root import root_image

DEFAULT_NODES = ("active", "spare", "storage")
KNOWN_INDEXES = {"active": 1, "spare": 2, "storage": 3}
_NODE_NAME = re.compile(r"[a-z][a-z0-9]{0,9}")
_LAB_NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")


class Lab:
    """A lab by its name. As a context manager it is taken down at the end,
    also when the test fails, unless LAB_KEEP=1 asks to keep it for a look."""

    def __init__(self, name=None):
        self.name = name or os.environ.get("LAB_NAME") or "hotid-lab"
        if not _LAB_NAME.fullmatch(self.name):
            raise LabError(f"LAB_NAME {self.name!r}: use up to 20 of a-z, 0-9 and -, a letter first")
        self.directory = state_dir(self.name)
        self.network = net.Network(self.name)
        self._outlive = True

    def __enter__(self):
        self._outlive = os.environ.get("LAB_KEEP") == "1"
        return self

    def __exit__(self, *_):
        if self._outlive:
            say(f"kept: LAB_NAME={self.name} lab status; end it with: lab down")
        else:
            self.down()

    # --- nodes

    @property
    def nodes(self):
        """Its nodes by name."""
        found = sorted(self.directory.glob("*/spec.json"))
        return {path.parent.name: Node(self.network, path.parent) for path in found}

    def __getitem__(self, name):
        nodes = self.nodes
        if name not in nodes:
            raise LabError(f"no node {name} in lab {self.name}; "
                           + (f"there are: {', '.join(nodes)}" if nodes else "run: lab up"))
        return nodes[name]

    def _index(self, name):
        if name in KNOWN_INDEXES:
            return KNOWN_INDEXES[name]
        used = {node.spec.index for node in self.nodes.values()} | set(KNOWN_INDEXES.values())
        return next(i for i in range(4, net.CLIENT_INDEX) if i not in used)

    @contextlib.contextmanager
    def _locked(self):
        """One process changes the lab at a time."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with open(self.directory / "lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def up(self, names=DEFAULT_NODES, overlays=None, wait=True, **options):
        """Start nodes, all at once, and wait until systemd has started all.

        overlays: node name, or "*" for all nodes, to a list of trees laid over
        its root. options are those of NodeSpec (kernel, memory_mib, cpus,
        append, qemu_args, nic_options); a dict gives them per node name.
        Returns seconds until booted by node. Adds to a lab that is up.
        """
        host.need_root()
        host.need_packages()
        for name in names:
            if not _NODE_NAME.fullmatch(name):
                raise LabError(f"node name {name!r}: use up to 10 of a-z and 0-9, a letter first")
        image = root_image()
        with self._locked():
            there = self.nodes
            twice = [name for name in names if name in there]
            if twice:
                raise LabError(f"{twice[0]} exists in lab {self.name} already; "
                               f"use: lab boot {twice[0]}, or: lab down")
            try:
                return self._start(names, overlays or {}, options, image, wait)
            except BaseException:
                self._remove()
                raise

    def _start(self, names, overlays, options, image, wait):
        if not self.network.exists():
            self.network.create()
        started = []
        begin = time.monotonic()
        for name in names:
            chosen = {key: value[name] if isinstance(value, dict) else value
                      for key, value in options.items()
                      if not isinstance(value, dict) or name in value}
            spec = NodeSpec(name, self._index(name), root_image=str(image), overlays=[
                str(tree) for tree in [*overlays.get("*", []), *overlays.get(name, [])]],
                **chosen)
            base_archive(Kernel(spec.kernel))
            directory = self.directory / name
            directory.mkdir()
            node = Node(self.network, directory, spec)
            self.network.add_taps(name)
            node.boot(self._outlive)
            started.append(node)
        return self._wait_all(started, begin) if wait else {}

    @staticmethod
    def _wait_all(nodes, begin):
        """Wait for all nodes; the first failure is raised."""
        took, errors = {}, []

        def wait(node):
            try:
                node.wait_agent()
                agent = time.monotonic() - begin
                failed = node.wait_booted()
                took[node.name] = time.monotonic() - begin
                say(f"{node.name}: agent after {agent:.1f} s, booted after "
                    f"{took[node.name]:.1f} s"
                    + (f"; FAILED units: {' '.join(failed)}" if failed else ""))
            except LabError as error:
                errors.append(error)

        waiters = [threading.Thread(target=wait, args=(node,), daemon=True) for node in nodes]
        for waiter in waiters:
            waiter.start()
        for waiter in waiters:
            waiter.join()
        if errors:
            raise errors[0]
        return took

    def boot(self, name):
        """Start a node that has ended again, with a fresh disk. Returns seconds."""
        with self._locked():
            node = self[name]
            begin = time.monotonic()
            node.boot(self._outlive)
        return self._wait_all([node], begin)[name]

    def down(self):
        """Remove everything: processes, namespaces, files."""
        if self.directory.exists() or self.network.exists():
            with self._locked():
                self._remove()

    def _remove(self):
        left = [path.parent.name for path in self.directory.glob("*/pid") if not process.end(path)]
        for pidfile in self.directory.glob("*.capture"):
            process.end(pidfile)
        self.network.delete()
        if left:
            raise LabError(f"QEMU of {', '.join(left)} does not die; see dmesg of the host")
        shutil.rmtree(self.directory, ignore_errors=True)

    def check_logs(self, allow=()):
        """Complaints of the kernels by node name; empty when all are clean."""
        return {name: bad for name, node in self.nodes.items()
                if (bad := node.check_log(allow))}

    # --- the outside

    def client(self, *argv, **kwargs):
        """Start a program in the client's namespace: subprocess.Popen."""
        return subprocess.Popen([*net.enter(self.network.client), *map(str, argv)], **kwargs)

    def capture(self, bridge, path, expression=""):
        """Capture a bridge's frames into a file until stop_capture()."""
        if bridge not in net.BRIDGES:
            raise LabError(f"no bridge {bridge}; there are: {', '.join(net.BRIDGES)}")
        pidfile = self._capture_file(path)
        if process.alive(pidfile):
            raise LabError(f"{path} is being written by a capture already")
        return pcap.start(self.network.switch, bridge, path, pidfile, expression)

    def stop_capture(self, path):
        """End the capture into that file; read it with pcap.read(path)."""
        pidfile = self._capture_file(path)
        if not pidfile.exists():
            raise LabError(f"no capture into {path}")
        pcap.stop(path, pidfile)

    def _capture_file(self, path):
        name = os.path.abspath(path).replace("/", "_")
        return self.directory / f"{name}.capture"
