# SPDX-License-Identifier: GPL-2.0
"""hotidctl doctor: silent on a node that is well, and each fix fixes what it stands beside."""

import contextlib
import json
from pathlib import Path

from hotidtest.topology import IDENTITY

from hotidtest.expect import check, poll, same, says
from hotidtest.suite import cases, test
from world import CRASH_KERNEL

LOADER = (Path(__file__).resolve().parents[1] / "guest/crashkernel").read_bytes()
EXITS = {"ok": 0, "warn": 9, "bad": 8}
SETTLE = 30.0

# name: (what breaks it, check, what it finds); the fix it gives is a line for a shell
MENDED = {
    "crash kernel is loaded": (
        f"/root/crashkernel load {CRASH_KERNEL}", "kdump",
        r"a panic starts the crash kernel before it is told"),
    "an oops is no panic": (
        "sysctl -q -w kernel.panic_on_oops=0", "panic", r"an oops ends a task, not the node"),
    "a panic hangs": (
        "sysctl -q -w kernel.panic=0", "panic", r"after a panic this node hangs"),
    "identity is offline": (
        f"hotidctl disarm {IDENTITY}", "identities", r"web: offline: "),
}


def _examine(member):
    """All findings; the exit status is that of the worst."""
    said = member.ctl("--json", "doctor", status=None)
    report = json.loads(said.out)
    same(report["worst"], max((finding["verdict"] for finding in report["findings"]),
                              key=list({"n/a": -1} | EXITS).index), "the worst verdict")
    same(said.status, EXITS[report["worst"]], f"exit status of\n{said.text}\n")
    return report["findings"]


def _findings(member):
    """All but how near a silence came to the deadline, which is the host's doing."""
    return [finding for finding in _examine(member) if finding["check"] != "margins"]


def _faults(member):
    return [finding for finding in _findings(member) if finding["verdict"] not in ("ok", "n/a")]


@contextlib.contextmanager
def _patient(world):
    """The spare, armed and well. What a test did to its kernel is undone at the end."""
    _, spare = world.roles()
    if spare is not world.spare:
        active, spare = world.rested()
        active.take()
        spare.arm()
    spare.node.write_file("/root/crashkernel", LOADER, 0o755)
    spare.shell("sysctl -n kernel.panic kernel.panic_on_oops > /root/before\n"
                "sysctl -q -w kernel.panic_on_oops=1")
    poll("nothing is found", SETTLE, lambda: not _faults(spare))
    try:
        yield spare
    finally:
        spare.shell("/root/crashkernel unload\n"
                    "echo 0 > /sys/module/kernel/parameters/crash_kexec_post_notifiers\n"
                    "{ read a; read b; } < /root/before\n"
                    "sysctl -q -w kernel.panic=$a kernel.panic_on_oops=$b")


def _only_fault(member, verdict, name, words):
    """It is found, and nothing else is. Returns the finding."""
    def look():
        faults = _faults(member)
        return faults if any(fault["check"] == name for fault in faults) else None
    faults = poll(f"the check {name} finds something", SETTLE, look)
    same([(fault["check"], fault["verdict"]) for fault in faults], [(name, verdict)],
         f"what was found: {faults}")
    says(faults[0]["finding"], words)
    return faults[0]


@test
def doctor_of_a_node_that_is_well(world):
    """Every check has its say, to people and to scripts, and nobody needs to be root for it."""
    with _patient(world) as spare:
        check("margins" in [finding["check"] for finding in _examine(spare)], "margins are checked")
        findings = _findings(spare)
        same([finding["check"] for finding in findings],
             ["module", "node", "key", "daemon", "process", "realtime", "kdump", "panic", "probe",
              "peers", "gasp", "identities", "voters"], "checks")
        # It holds nothing, so there are no leases to look at.
        same([finding["verdict"] for finding in findings], ["ok"] * 12 + ["n/a"],
             f"verdicts of {findings}")
        same({finding["fix"] for finding in findings}, {""}, f"fixes of {findings}")
        spare.ctl("doctor", status=None,
                  wanted=(r"^CHECK +VERDICT +FINDING\n",
                          r"\ngasp +ok +a panic is announced on 2 paths\n"))
        # A busy host makes long gaps between beats, which are a warning, and no fault of the node.
        spare.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "hotidctl",
                  "doctor", status=None, wanted=r"process +n/a .*root may see more")


@cases(MENDED)
def doctor_fixes(world, case):
    """What is broken is found alone; the fix, given to a shell, fixes it."""
    broken, name, words = case
    with _patient(world) as spare:
        spare.shell(broken)
        fault = _only_fault(spare, "warn", name, words)
        says(spare.ctl("doctor", status=EXITS["warn"]).out, rf"\n{name} +warn +.*{words}")
        check(fault["fix"], f"no fix: {fault}")
        spare.shell(fault["fix"])
        poll("the fix helped", SETTLE, lambda: not _faults(spare))


@test
def doctor_of_a_stopped_daemon(world):
    """Nobody would carry out a takeover, and that is bad."""
    with _patient(world) as spare, spare.stopped_daemon():
        _only_fault(spare, "bad", "daemon", r"hotidd gave no sign of life for 1500 ms")


@test
def doctor_of_a_cut_path(world):
    """The peer is heard on the other one, so it is a warning."""
    with _patient(world) as spare:
        spare.node.partition("san")
        try:
            fault = _only_fault(spare, "warn", "peers",
                                r"active: not heard on the path 10\.78\.0\.1:7707")
            same(fault["fix"], "ping -c 3 10.78.0.1", "fix")
        finally:
            spare.node.heal("san")
        poll("it is heard again", SETTLE, lambda: not _faults(spare))


@test
def doctor_of_another_namespace(world):
    """There the module is a node of its own, that nobody set up."""
    _, spare = world.rested()
    said = spare.run("unshare", "--net", "hotidctl", "--json", "doctor", status=EXITS["bad"])
    bad = [finding["check"] for finding in json.loads(said.out)["findings"]
           if finding["verdict"] == "bad"]
    same(bad, ["node", "daemon", "peers"], "what is bad")
