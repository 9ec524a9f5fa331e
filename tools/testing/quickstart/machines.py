# SPDX-License-Identifier: GPL-2.0
"""The three machines of the page, as virtual ones of the lab."""

import re
import shutil
import subprocess

from hotidlab import LabError
from hotidtest import build

# The lab gives these the addresses that the page has in its table.
NODES = {"target": "storage", "holder": "active", "spare": "spare"}
# What a machine's own disk keeps: what was written there since the boot. A guest's disk does
# not outlive its QEMU.
KEPT = """
cd /
find etc/hotid etc/iscsi etc/sysctl.d etc/systemd/system srv var/lib/hotid -xdev \\
    \\( -type d -o -newermt "$(uptime -s)" \\) -print0 | tar --null --no-recursion -c -T -
"""
SCP = re.compile(r"scp -p (/\S+) root@(\S+):(/\S+)")
LIMIT = 600.0                   # seconds for one block; a block that waits for ever fails by it


class Machines:
    """A lab in which the steps of the page are done."""

    def __init__(self, lab, directory):
        self.lab = lab
        self.directory = directory

    # --- what "sh build" stands for

    def start(self):
        """Boot them, with hotid built and installed where the page builds it."""
        shutil.rmtree(self.directory, ignore_errors=True)
        root = self.directory / "root"
        build.install(root, "all")
        conf = root / "etc/modprobe.d/hotid.conf"
        conf.parent.mkdir(parents=True)
        shutil.copy2(build.NODES / "common/etc/modprobe.d/hotid.conf", conf)
        kept = {name: self._kept(name) for name in ("holder", "spare")}
        for tree in kept.values():
            tree.mkdir()
        self.lab.up(list(NODES.values()),
                    overlays={NODES[name]: [root, tree] for name, tree in kept.items()})

    # --- steps

    def node(self, machine):
        """The lab's node that is this machine of the page."""
        return self.lab[NODES[machine]]

    def sh(self, machine, script):
        """Commands of the page. Returns what they print; an error has all they said."""
        return self.node(machine).shell(script, timeout=LIMIT).stdout.decode(errors="replace")

    def write(self, machine, path, text):
        """A file of the page."""
        self.node(machine).write_file(path, text)

    def copy(self, machine, script):
        """Lines of scp: there is no sshd in the lab."""
        machines = {getattr(self.node(name), kind): name for name in NODES
                    for kind in ("address", "san_address")}
        for line in script.splitlines():
            match = SCP.fullmatch(line)
            if not match or match[2] not in machines:
                raise LabError(f"{line!r} is not: scp -p PATH root@ADDRESS:PATH")
            source = self.node(machine)
            mode = int(source.exec("stat", "-c", "%a", match[1]).text, 8)
            self.node(machines[match[2]]).write_file(match[3], source.read_file(match[1]), mode)

    def off(self, machine):
        """Cut its power. What its disk has by then is kept for when it is switched on."""
        packed = self.node(machine).shell(KEPT).stdout
        subprocess.run(["tar", "-C", self._kept(machine), "-x"], input=packed, check=True)
        self.node(machine).kill()

    def on(self, machine):
        """Switch it on, with the disk that it had."""
        self.lab.boot(NODES[machine])

    def _kept(self, machine):
        return self.directory / f"kept-{machine}"

    def story(self):
        """What may tell why a step failed."""
        parts = []
        for machine in ("holder", "spare"):
            try:
                parts.append(f"--- {machine}\n" + self.node(machine).exec(
                    "journalctl", "-u", "hotidd", "-u", "web", "-n", "30", "--no-pager",
                    check=False, timeout=30).text)
            except LabError as error:
                parts.append(f"--- {machine}: {error}")
        return "\n".join(parts)
