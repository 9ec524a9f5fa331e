# SPDX-License-Identifier: GPL-2.0
"""What the beats say of the daemon: slow is not dead, and who only looks alive is not."""

import signal
from pathlib import Path

from hotidtest.topology import IDENTITY

from hotidtest.expect import check, poll, same, says
from hotidtest.suite import test
from hotidtest.watcher import watching

FREEZER = (Path(__file__).resolve().parents[1] / "guest/freezer").read_bytes()

# Keeps the lock of all network settings, and says where the main loop stood meanwhile.
KEEP_RTNL = """
echo 15000 > /sys/module/stall/parameters/rtnl_ms &
while kill -0 $! 2> /dev/null; do
    cat /proc/{pid}/stack; sleep 0.1
done | grep -v -e poll -e entry_SYSCALL -e do_syscall | sort | uniq -c
wait $!
"""


@test
def slow_rtnl_lock_is_no_hang(world):
    """Somebody keeps the lock of all network settings for 15 s: the beats go on as before."""
    holder, heir = world.roles()
    pid = holder.daemon()
    holder.run("insmod", "/usr/lib/hotid/stall.ko")
    try:
        with watching(heir) as events:
            # The main loop looks at its devices every five seconds, so it waits for the lock.
            # A stack leaves out the functions that sleep: seen is who asks for the lock.
            says(holder.shell(KEEP_RTNL.format(pid=pid)), r"rtnl|bpf_xdp_link")
    finally:
        holder.run("rmmod", "stall")
    told = [event["peer"]["event"] for event in events if event["event"] == "peer"
            and event["peer"]["name"] == holder.name and event["peer"]["event"] != "none"]
    same(told, [], "what was told of the holder meanwhile")
    same(holder.daemon(), pid, "pid of the daemon")
    check("userspace" in heir.peer()["health"], f"health {heir.peer()['health']}")
    holder.expect("held")
    heir.expect("armed")


@test
def dead_worker_is_a_dead_daemon(world):
    """The thread that would do the identity's work stands still; all others go on."""
    holder, heir = world.roles()
    pid = holder.daemon()
    holder.node.write_file("/root/freezer", FREEZER, 0o755)
    same(heir.peer()["state"], "up", "peer")
    with holder.node.session() as freezer:
        freezer.start(["/root/freezer", str(pid), IDENTITY])
        try:
            # In the middle of a step it has the time of that and 30 s more.
            poll("the heir sees that the daemon does not live", 90,
                 lambda: heir.peer()["state"] == "hung")
            same(heir.peer()["reason"], "user-silent", "reason")
            poll("the daemon says which one", 30,
                 lambda: f"identity {IDENTITY}: its thread does not answer" in holder.journal())
        finally:
            freezer.signal(signal.SIGKILL)
            freezer.finish()
    poll("it lives again", 30, lambda: heir.peer()["state"] == "up")
    same(holder.daemon(), pid, "pid of the daemon: systemd ends it only for its main loop")
    holder.expect("held")
    heir.expect("armed")


@test
def dead_main_loop_is_a_dead_daemon(world):
    """The main thread stands still: told to the others, and systemd starts the daemon anew."""
    holder, heir = world.roles()
    pid = holder.daemon()
    comm = holder.node.read_file(f"/proc/{pid}/comm").decode().strip()
    holder.node.write_file("/root/freezer", FREEZER, 0o755)
    with holder.node.session() as freezer:
        freezer.start(["/root/freezer", str(pid), comm])
        try:
            poll("the heir sees that the daemon does not live", 90,
                 lambda: heir.peer()["state"] == "hung")
            poll("systemd ends it", 60, lambda: "Watchdog timeout" in holder.journal())
        finally:
            # Who is traced dies only when the tracer has gone.
            freezer.signal(signal.SIGKILL)
            freezer.finish()
    holder.wait_daemon(other_than=pid)
    poll("it lives again", 30, lambda: heir.peer()["state"] == "up")
    holder.expect("held")
    heir.expect("armed")
