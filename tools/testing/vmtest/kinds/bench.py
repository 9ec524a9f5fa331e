# SPDX-License-Identifier: GPL-2.0
"""A lab whose nodes can bear one identity, and what a test asks of it."""

import contextlib
import re
import shutil
import subprocess
from pathlib import Path

from hotidlab import KmsgWatch
from hotidtest.build import TOP, output_dir
from hotidtest.expect import check, same
from hotidtest.topology import ACTIVE, IQN as INITIATOR, MAC, SPARE, STORAGE, TARGET, WWID

HERE = Path(__file__).resolve().parent
BUILD = output_dir()
OVERLAY = BUILD / "vmtest/kinds"
PROGRAM = "/opt/hotid/bin/hotid-kind-test"
UNIT = """[Service]
ExecStart=/bin/sh -c 'cd /srv/web && date >>log && exec sleep infinity'
"""
# Of the LUN of target.sh, as udev's ID_SCSI_SERIAL names it.
SERIAL = "6e4f7d00-1d1d-4a77-9c10-000000000001"
# What a disk may say that does not answer any more.
NO_ANSWER = (r"EXT4-fs", r"I/O error", r"detected conn error", r"JBD2", r"Aborting journal",
             r"lost \w+ page write", r"critical nexus error")
LINE = re.compile(r"(ok|failed) (\w+) (\w+)\.(\d+) ([\d.]+) ms ?(.*)")


class Outcome:
    """What hotid-kind-test printed, line by line."""

    def __init__(self, result):
        self.status = result.status
        self.text = result.stdout.decode() + result.stderr.decode()
        self.lines = [match.groups() for match in map(LINE.fullmatch, self.text.splitlines())
                      if match]

    def ok(self, *verbs):
        """All went well, and each of the verbs ran."""
        same(self.status, 0, f"exit code\n{self.text}")
        for verb in verbs:
            check(any(line[1] == verb for line in self.lines), f"no {verb} in\n{self.text}")
        return self

    def failed(self, step, errno, *says):
        """The last line tells that the step failed, how and why."""
        same(self.status, 1, f"exit code\n{self.text}")
        state, _, kind, _, _, message = self.lines[-1]
        same((state, kind), ("failed", step), f"last line\n{self.text}")
        for words in (errno, *says):
            check(re.search(words, message), f"{words!r} is not in {message!r}")
        return self

    def tell_failures(self):
        """For a run in the wake of a failure, which would hide its own."""
        if self.status:
            print("".join(f"# {line}\n" for line in self.text.splitlines()), end="")
        return self

    def message(self, step, verb):
        """What a step said to a verb."""
        return next(line[5] for line in self.lines if (line[1], line[2]) == (verb, step))

    def milliseconds(self, step, verb):
        """How long it took."""
        return float(next(line[4] for line in self.lines if (line[1], line[2]) == (verb, step)))


class Side:
    """A node that may bear the identity."""

    def __init__(self, node):
        self.node = node
        self.portal = f"10.78.0.3:{3259 + node.spec.index}"
        self.peers = ()

    def identity(self, **changes):
        """Write the identity's file with some things otherwise, and return its path."""
        values = {"fence": "reservation", "match": "{INTERFACE: eth1}", "portal": self.portal,
                  "initiator": INITIATOR, "lun": 0, "wwid": f", wwid: '{WWID}'", "type": "ext4", "units": "[kt.service]",
                  "with_errors": "", "timeout": "20s", "routes": "[{to: 192.0.2.0/24, via: 10.77.0.100}]",
                  } | changes
        path = "/etc/hotid/identities/web.yaml"
        self.node.write_file(path, """
identity: {{step-timeout: {timeout}}}
fence: {fence}
ports:
  - match: {match}
    mac: {mac}
    addresses: [10.77.0.10/24, "fd77::10/64"]
    routes: {routes}
iscsi:
  - {{initiator: "{initiator}", portal: "{portal}", target: "{target}", luns: [{lun}]}}
disks:
  - {{name: data, iscsi: "{target}", lun: {lun}{wwid}}}
mounts:
  - {{disk: data, where: /srv/web, type: {type}, options: noatime{with_errors}}}
units: {units}
""".format(mac=MAC, target=TARGET, **values))
        return path

    def command(self, step, *verbs, epoch=1, options=(), **changes):
        """The words of one run."""
        peers = [word for peer in self.peers for word in ("-p", peer.id())]
        return [PROGRAM, "-n", self.id(), *peers, "-e", str(epoch), *options,
                self.identity(**changes), step, *verbs]

    def id(self):
        """The node's."""
        return self.node.read_file("/etc/machine-id").decode().strip()

    def run(self, step, *verbs, **how):
        """One run of hotid-kind-test."""
        return Outcome(self.node.exec(*self.command(step, *verbs, **how), check=False))

    def shell(self, script, **kwargs):
        """What a script prints."""
        return self.node.shell(script, **kwargs).text

    def fails(self, script):
        """A script must not succeed; what it says."""
        result = self.node.exec("sh", "-c", script, check=False)
        check(result.status, f"{script!r} succeeded on {self.node.name}")
        return result.stderr.decode()

    def reserve(self, key, victim=0):
        """As somebody else's software would: take the disk with that key."""
        # Only what is to outlive a power cycle is in the target's file.
        self._persist("--register-ignore", f"--param-sark={key:#x}", "--param-aptpl")
        if victim:
            self._persist("--preempt-abort", f"--param-rk={key:#x}", f"--param-sark={victim:#x}",
                          "--prout-type=5")
        else:
            self._persist("--reserve", f"--param-rk={key:#x}", "--prout-type=5")

    def give_up(self):
        """And give it up."""
        self._persist("--register-ignore", "--param-sark=0")

    def clear_keys(self):
        """Take all keys off the disk, whoever registered them. Needs a session."""
        self._persist("--register-ignore", "--param-sark=1")
        self._persist("--clear", "--param-rk=1")

    def _persist(self, *words):
        device = self.shell("ls -d /sys/class/iscsi_session/session*/device/target*/*/block/*")
        command = ["sg_persist", "--out", *words, f"/dev/{device.strip().rsplit('/', 1)[1]}"]
        # The first command after a preemption is answered with the news of it, and not done.
        if self.node.exec(*command, check=False).status:
            self.node.exec(*command)

    def clean(self):
        """Nothing of the identity is left on it."""
        left = self.shell("""
            ls -d /sys/class/iscsi_session/* /etc/iscsi/nodes/* /etc/iscsi/ifaces/* \
                /run/hotid-kind-test/* 2>/dev/null || true
            grep /srv/web /proc/self/mountinfo || true
            ! systemctl is-active --quiet kt || echo kt.service
            ip -o address show dev eth1
            tc qdisc show dev eth1 clsact
            tc filter show dev eth1 egress 2>/dev/null || true
            ip rule show priority 18505; ip -6 rule show priority 18505
            cat /sys/class/net/eth1/address /sys/class/net/eth1/flags
            cat /proc/sys/net/ipv6/conf/eth1/disable_ipv6 /proc/sys/net/ipv6/conf/eth1/addr_gen_mode
        """)
        same(left.split(), [self.node.mac(1), "0x1002", "0", "0"], f"left on {self.node.name}")


class Bench:
    """The lab, its sides, and an epoch that grows."""

    def __init__(self, lab):
        self.lab = lab
        self.active, self.spare = Side(lab[ACTIVE]), Side(lab[SPARE])
        self.active.peers, self.spare.peers = (self.spare,), (self.active,)
        self.storage = lab[STORAGE]
        self.kernels = KmsgWatch(lab)
        self._epoch = 0

    def epoch(self):
        """The next one."""
        self._epoch += 1
        return self._epoch

    def excuse(self, side, *expressions):
        """What the kernel of a side may say until the test ends."""
        self.kernels.excuse(side.node.name, *expressions)

    def complaints(self):
        """What kernels said since the last test that they must not, or None."""
        return "\n".join(f"the kernel of {name}:\n{text}"
                         for name, text in self.kernels.look().items()) or None

    def failed(self):
        """A test failed: what the kernels said is no fault of the next one's."""
        return self.complaints() or ""

    def raw_keys(self):
        """The registered keys, as the target has them, with whether one holds the disk."""
        text = self.storage.shell("cat $(cat /sys/kernel/config/target/dbroot)/pr/* || true").text
        return {int(key): bool(int(holds)) for key, holds in
                re.findall(r"sa_res_key=(\d+)\nres_holder=(\d)", text)}

    def keys(self):
        """The same, by the epochs in them."""
        return {key & 0xffffffff: holds for key, holds in self.raw_keys().items()}

    def holder(self):
        """The key that holds the disk; 0 for none."""
        return next((key for key, holds in self.raw_keys().items() if holds), 0)

    def generation(self):
        """How often the registrations were changed."""
        return self.storage.shell("cat /sys/kernel/config/target/core/fileio_0/store/pr/res_pr_generation").text


@contextlib.contextmanager
def held(side, epoch, **changes):
    """The identity on a node; undone at the end, whatever happens."""
    try:
        yield side.run("all", "validate", "stage", "settle", "take", "verify", epoch=epoch,
                       **changes).ok("take", "verify")
    finally:
        undone = side.run("all", "undo", epoch=epoch, **changes).tell_failures()
    undone.ok("undo")


@contextlib.contextmanager
def undone_after(side, epoch, **changes):
    """For runs that fail on purpose."""
    try:
        yield
    finally:
        undone = side.run("all", "undo", epoch=epoch, **changes).tell_failures()
    undone.ok("undo")
    side.clean()


def build():
    """The program, and the trees of files for the nodes."""
    subprocess.run(["make", "-s", "--no-print-directory", "-C", str(TOP), "-f", "Makefile", "-f",
                    str(HERE.relative_to(TOP) / "build.mk"), "HOTID_READY=1", f"O={BUILD}",
                    "kindtest"], check=True)
    shutil.rmtree(OVERLAY, ignore_errors=True)
    for source, place in ((BUILD / "bin/hotid-kind-test", "nodes/opt/hotid/bin"),
                          (BUILD / "lib/libhotid.so.0", "nodes/opt/hotid/lib"),
                          (HERE / "target.sh", "storage/root")):
        (OVERLAY / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(source, OVERLAY / place)
    unit = OVERLAY / "nodes/etc/systemd/system/kt.service"
    unit.parent.mkdir(parents=True)
    unit.write_text(UNIT, encoding="ascii")
