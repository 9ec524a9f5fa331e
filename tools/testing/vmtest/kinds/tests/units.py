# SPDX-License-Identifier: GPL-2.0
"""Services, and the processes that the daemon starts."""

from hotidtest.expect import check, same
from hotidtest.suite import test

from bench import Outcome, undone_after


@test
def unit_that_fails(bench):
    """The unit's own result, and where to read on."""
    node = bench.spare.node
    node.write_file("/run/systemd/system/bad.service",
                    "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'exit 7'\n")
    node.write_file("/run/systemd/system/slow.service",
                    "[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\n")
    node.write_file("/run/systemd/system/once.service", "[Service]\nType=oneshot\nExecStart=/bin/true\n")
    node.write_file("/run/systemd/system/says.service", "[Service]\nType=oneshot\n"
                    "ExecStart=/bin/sh -c 'for word in one two three four; do echo $word; done; exit 1'\n")
    node.exec("systemctl", "daemon-reload")
    run = bench.spare.run
    run("unit", "take", units="[bad.service]").failed(
        "unit", "EIO", "bad.service did not start", "exit-code, status 7", "journalctl -u bad.service")
    run("unit", "undo", units="[bad.service]").ok()
    run("unit", "take", units="[says.service]").failed(
        "unit", "EIO", "says.service did not start", r"it said: two \| three \| four$")
    run("unit", "undo", units="[says.service]").ok()
    run("unit", "take", units="[slow.service]", timeout="2s").failed(
        "unit", "ETIMEDOUT", "slow.service did not start")
    run("unit", "undo", units="[slow.service]").ok()
    same(node.exec("systemctl", "is-active", "slow.service", check=False).text, "inactive", "slow.service")
    run("unit", "take", "verify", "undo", units="[once.service]").ok("take", "verify", "undo")


@test
def unit_that_dies_at_once(bench):
    """What systemd calls started lives no moment: found, with what it said; readiness is not waited for."""
    node, run = bench.spare.node, bench.spare.run

    def service(name, *lines):
        node.write_file(f"/run/systemd/system/{name}.service", "\n".join(["[Service]", *lines, ""]))

    service("dies", "ExecStart=/bin/sh -c 'echo reading; echo cannot open /srv/web/data >&2; exit 3'")
    service("noexec", "ExecStart=/nonexistent/program")
    service("loops", "Restart=always", "RestartSec=50ms",
            "ExecStart=/bin/sh -c 'echo still no data; exit 4'")
    service("twice", "Restart=on-failure", "RestartSec=50ms", "ExecStart=/bin/sh -c "
            "'test -e /run/twice && exec sleep infinity; touch /run/twice; exit 5'")
    service("lives", "ExecStart=/bin/sleep infinity")
    service("tells", "Type=notify", "NotifyAccess=all",
            "ExecStart=/bin/sh -c 'systemd-notify --ready; exec sleep infinity'")
    node.exec("systemctl", "daemon-reload")

    def fails(units, error, *words, **changes):
        run("unit", "take", "verify", units=units, **changes).failed("unit", error, *words)
        run("unit", "undo", units=units).ok("undo")

    fails("[dies.service]", "EIO", r"dies.service is failed \(failed, exit-code, status 3\)",
          r"it said: .*reading \| cannot open /srv/web/data$")
    fails("[noexec.service]", "EIO", "noexec.service is failed .*status 203", "/nonexistent/program")
    # Not the last one of them either, and the report names the one that died.
    fails("[dies.service, lives.service]", "EIO", "dies.service is failed .*cannot open")
    # A limit on starts ends it, or the time of the step.
    fails("[loops.service]", "EIO", "loops.service is failed", "still no data")
    node.exec("mkdir", "-p", "/run/systemd/system/loops.service.d")
    node.write_file("/run/systemd/system/loops.service.d/on.conf", "[Unit]\nStartLimitIntervalSec=0\n")
    node.exec("systemctl", "daemon-reload")
    fails("[loops.service]", "ETIMEDOUT", r"loops.service did not stay active \(\d+ restarts; ",
          "still no data", timeout="10s")
    # One that comes up at the second try is up.
    outcome = run("unit", "take", "verify", units="[twice.service, lives.service, tells.service]")
    run("unit", "undo", units="[twice.service, lives.service, tells.service]").ok("undo")
    outcome.ok("take", "verify")


@test
def unit_that_is_not_there(bench):
    """Found when it is armed, with the fix; one that comes with the mount is not refused."""
    run, shell = bench.spare.run, bench.spare.shell
    run("unit", "validate", units="[nosuch.service]").failed("unit", "ENOENT", "nosuch.service")
    bench.spare.node.write_file("/usr/local/lib/systemd/system/low.service",
                                "[Service]\nExecStart=/bin/sleep 1000\n")
    shell("systemctl mask --runtime low")
    run("unit", "validate", units="[low.service]").failed(
        "unit", "EPERM", "low.service is masked", "systemctl unmask low.service")
    shell("ln -s /srv/web/lun.service /run/systemd/system/lun.service; systemctl daemon-reload")
    try:
        epoch = bench.epoch()
        with undone_after(bench.spare, epoch, units="[lun.service]"):
            outcome = run("all", "validate", "stage", epoch=epoch, units="[lun.service]").ok("stage")
            check("comes with /srv/web" in outcome.message("unit", "validate"), outcome.text)
            run("mount", "verify", units="[]").failed("mount", "ENODEV")
            for step in ("iscsi", "reservation", "disk", "mount"):
                run(step, "take", epoch=epoch, units="[lun.service]").ok()
            shell("printf '[Service]\\nExecStart=/bin/sleep infinity\\n' >/srv/web/lun.service")
            run("unit", "take", "verify", epoch=epoch, units="[lun.service]").ok("verify")
    finally:
        shell("rm /run/systemd/system/lun.service; systemctl daemon-reload")


@test
def children_are_ordinary(bench):
    """What is run is neither spared when memory runs out nor deaf to a broken pipe."""
    spare, wrapper, log = bench.spare, "/usr/local/sbin/iscsiadm", "/run/child.log"
    spare.node.write_file(wrapper, f"""#!/bin/sh
echo $(cat /proc/self/oom_score_adj) $(awk '/SigIgn/ {{ print $2 }}' /proc/self/status) >>{log}
exec /usr/sbin/iscsiadm "$@"
""")
    spare.shell(f"chmod 755 {wrapper}")
    try:
        with undone_after(spare, 1):
            result = spare.node.exec("sh", "-c", "echo -500 >/proc/self/oom_score_adj; trap '' PIPE; exec \"$@\"",
                                     "sh", *spare.command("iscsi", "stage"), check=False)
            Outcome(result).ok("stage")
            lines = set(spare.shell(f"cat {log}").splitlines())
            same(lines, {"0 0000000000000000"}, "OOM score and ignored signals of children")
    finally:
        spare.shell(f"rm -f {wrapper} {log}")
