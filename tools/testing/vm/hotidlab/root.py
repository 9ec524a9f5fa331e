# SPDX-License-Identifier: GPL-2.0
"""The guests' root: Debian userland as a raw ext4 image, build/roots/HASH/root.img.

One image serves every kernel, every node and `lab run`: guests write to a
snapshot of it. What changes often comes in as an overlay at boot.
"""

import os
import shutil

from . import debian, image
from .cache import cached, digest
from .progress import stage

SUITE = "bookworm"

PACKAGES = """
    systemd systemd-sysv udev dbus kmod util-linux procps psmisc busybox-static
    iproute2 ethtool iputils-ping arping netcat-openbsd tcpdump
    e2fsprogs xfsprogs open-iscsi targetcli-fb python3-rtslib-fb sg3-utils
    libnl-3-200 libnl-genl-3-200 libnl-route-3-200 libmnl0 libudev1 libbpf1 libsystemd0
    libmount1 libyaml-0-2 libjansson4 libsgutils2-1.46-2 libelf1 zlib1g
    bpftool jq strace python3-minimal
""".split()

# Units that cost boot time, or would act on their own in a test.
MASKED_UNITS = """
    open-iscsi.service rtslib-fb-targetctl.service targetclid.service targetclid.socket
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer
    e2scrub_reap.service fstrim.timer systemd-tmpfiles-clean.timer xfs_scrub_all.timer
    systemd-timesyncd.service systemd-networkd.service systemd-networkd.socket
    systemd-networkd-wait-online.service systemd-update-utmp.service
    systemd-update-utmp-runlevel.service systemd-pstore.service systemd-random-seed.service
    systemd-firstboot.service systemd-binfmt.service systemd-hwdb-update.service
    systemd-journal-flush.service systemd-machine-id-commit.service systemd-sysusers.service
    systemd-remount-fs.service systemd-user-sessions.service systemd-logind.service
    systemd-ask-password-console.path systemd-ask-password-wall.path
    systemd-boot-system-token.service systemd-modules-load.service systemd-sysctl.service
    systemd-tmpfiles-setup-dev.service systemd-journald-audit.socket systemd-initctl.socket
    systemd-pcrphase-sysinit.service systemd-pcrphase.service systemd-repart.service
    getty.target getty@tty1.service serial-getty@ttyS0.service getty-static.service
    dev-hugepages.mount dev-mqueue.mount sys-fs-fuse-connections.mount
    sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount
    proc-sys-fs-binfmt_misc.automount systemd-rfkill.socket kmod-static-nodes.service
    modprobe@.service ldconfig.service
""".split()

# guest/init has done what they would do; each costs a process at boot.
MASKED_GENERATORS = """
    systemd-bless-boot-generator systemd-cryptsetup-generator systemd-debug-generator
    systemd-fstab-generator systemd-getty-generator systemd-gpt-auto-generator
    systemd-hibernate-resume-generator systemd-integritysetup-generator
    systemd-rc-local-generator systemd-run-generator systemd-system-update-generator
    systemd-sysv-generator systemd-veritysetup-generator
""".split()

FILES = {
    "etc/fstab": "",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "etc/systemd/journald.conf.d/lab.conf":
        "[Journal]\nStorage=volatile\nRuntimeMaxUse=32M\nRateLimitBurst=0\nReadKMsg=no\nAudit=no\n",
    # the devices that tests use; what comes later is handled as anywhere
    "etc/systemd/system/systemd-udev-trigger.service.d/lab.conf":
        "[Service]\nExecStart=\nExecStart=udevadm trigger --type=devices --action=add "
        "--subsystem-match=net --subsystem-match=block\n",
}


def packages():
    """The guests' packages; LAB_PACKAGES adds to them."""
    return PACKAGES + sorted(set(os.environ.get("LAB_PACKAGES", "").split()) - set(PACKAGES))


def root_image():
    """The image for these packages, built when it is first asked for."""
    wanted = packages()
    key = f"{SUITE}-{digest(SUITE, wanted, MASKED_UNITS, MASKED_GENERATORS, FILES)}"

    def make(directory):
        with stage(f"guest root: making it from {SUITE} ({len(wanted)} packages)"):
            tree = directory / "tree"
            debian.make_root(tree, SUITE, wanted)
            _trim(tree)
            image.make_ext4(tree, directory / "root.img", spare_mib=1024)
            shutil.rmtree(tree)
            (directory / "packages").write_text("\n".join(wanted) + "\n", encoding="ascii")

    return cached("roots", key, make) / "root.img"


def _trim(tree):
    """What a guest of the lab must not do at boot, and what it should."""
    for directory, names in (("system", MASKED_UNITS), ("system-generators", MASKED_GENERATORS)):
        where = tree / "etc/systemd" / directory
        where.mkdir(exist_ok=True)
        for name in names:
            (where / name).unlink(missing_ok=True)
            (where / name).symlink_to("/dev/null")
    for path, text in FILES.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text, encoding="ascii")
    shutil.rmtree(tree / "var/lib/apt/lists", ignore_errors=True)
    (tree / "usr/lib/modules").mkdir(parents=True, exist_ok=True)
