# SPDX-License-Identifier: GPL-2.0
"""File systems and mounts."""

from hotidtest.expect import check, same
from hotidtest.suite import test

from bench import NO_ANSWER, held, undone_after


@test
def wrong_file_system(bench):
    """The kernel's and libmount's words, and a fix."""
    epoch = bench.epoch()
    with undone_after(bench.spare, epoch, type="xfs"):
        bench.spare.run("all", "stage", "take", epoch=epoch, type="xfs").failed(
            "mount", "EINVAL", "wrong fs type", "is the type right")
    bench.spare.run("mount", "validate", type="nosuchfs").failed("mount", "ENODEV", "nosuchfs")


@test
def file_system_with_errors(bench):
    """Refused with the fix, mounted where the file says so, and fine once it was checked."""
    epoch, image = bench.epoch(), "/root/store.img"
    bench.excuse(bench.spare, r"EXT4-fs")
    bench.storage.exec("debugfs", "-w", "-R", "set_super_value state 3", image)
    with undone_after(bench.spare, epoch):
        bench.spare.run("all", "stage", "take", epoch=epoch).failed(
            "mount", "EUCLEAN", "/srv/web", "the kernel found errors in it", "e2fsck -f")
        same(bench.spare.shell("grep /srv/web /proc/self/mountinfo || true"), "", "mounts")
    with held(bench.spare, bench.epoch(), with_errors=", with-errors: mount"):
        bench.spare.shell("touch /srv/web/it")
    bench.storage.exec("e2fsck", "-f", "-y", image, check=False)
    with held(bench.spare, bench.epoch()):
        pass


@test
def errors_that_only_the_journal_has(bench):
    """The holder found errors and lost the disk before its journal was written back."""
    old, new, image = bench.epoch(), bench.epoch(), "/root/store.img"
    bench.excuse(bench.spare, r"EXT4-fs")
    bench.excuse(bench.active, *NO_ANSWER, r"reservation conflict")
    try:
        with held(bench.active, old):
            bench.active.shell("echo test >/sys/fs/ext4/sda/trigger_fs_error; sync -f /srv/web")
            state = bench.storage.shell(f"debugfs -R 'stats -h' {image} 2>&1 | grep -i 'system state'")
            print(f"# before the journal's replay: {state.text.strip()}")
            with undone_after(bench.spare, new):
                bench.spare.run("all", "stage", "take", epoch=new).failed(
                    "mount", "EUCLEAN", "the kernel found errors in it", "e2fsck -f")
                same(bench.spare.shell("grep /srv/web /proc/self/mountinfo || true"), "", "mounts")
    finally:
        bench.storage.exec("e2fsck", "-f", "-y", image, check=False)


@test
def mount_point_is_taken(bench):
    """Something else is mounted there: named, and left alone."""
    epoch = bench.epoch()
    bench.spare.shell("mkdir -p /srv/web; mount -t tmpfs other /srv/web")
    try:
        bench.spare.run("mount", "validate").failed("mount", "EBUSY", "/srv/web")
        outcome = bench.spare.run("all", "stage", "take", epoch=epoch)
        outcome.failed("mount", "EBUSY", "other is mounted on /srv/web")
        bench.spare.run("all", "undo", epoch=epoch).ok("undo")
        check("other" in bench.spare.shell("grep /srv/web /proc/self/mountinfo"), "it was unmounted")
    finally:
        bench.spare.shell("umount /srv/web")
    bench.spare.clean()


@test
def busy_mount_names_who_holds_it(bench):
    """It stays mounted, with the disk below it, until the process is gone."""
    epoch, spare = bench.epoch(), bench.spare
    patience = "cat /sys/class/iscsi_session/session*/recovery_tmo"
    with held(spare, epoch, timeout="4s"):
        same(spare.shell(patience), "120", "the same while it is held")
        spare.shell("cd /srv/web; echo $$ >/run/holder; nohup sleep 1000 >/dev/null 2>&1 & echo $! >/run/holder")
        spare.run("unit", "undo", epoch=epoch).ok()
        spare.run("mount", "undo", epoch=epoch, timeout="4s").failed(
            "mount", "EBUSY", r"/srv/web is in use by sleep \(\d+\)")
        same(spare.shell(patience), "120", "seconds that I/O of a mounted disk waits for the target")
        spare.run("mount", "verify", epoch=epoch).ok()
        spare.shell("kill $(cat /run/holder)")
    spare.clean()


@test
def mounting_twice_is_mounting_once(bench):
    """Taking what is there changes nothing."""
    epoch = bench.epoch()
    with held(bench.spare, epoch):
        bench.spare.run("all", "take", "verify", epoch=epoch).ok("take", "verify")
        same(bench.spare.shell("grep -c ' /srv/web ' /proc/self/mountinfo").strip(), "1", "mounts")
