# SPDX-License-Identifier: GPL-2.0
"""What the host must have: Debian packages, installed only where missing."""

import os
import shutil
import subprocess

from .command import run
from .errors import LabError
from .progress import stage

# package: a program or file that shows that it is there
PACKAGES = {
    "qemu-system-x86": "qemu-system-x86_64",
    "mmdebstrap": "mmdebstrap",
    "e2fsprogs": "mke2fs",
    "busybox-static": "/bin/busybox",
    "cpio": "cpio",
    "kmod": "depmod",
    "iproute2": "ip",
    "tcpdump": "tcpdump",
    "xz-utils": "xz",
    "gcc": "gcc",
    "libc6-dev": "/usr/lib/x86_64-linux-gnu/libc.a",
    "arping": "arping",
    "iputils-ping": "ping",
}


def _has(mark):
    if mark.startswith("/"):
        return os.path.exists(mark)
    return shutil.which(mark, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is not None


def need_packages():
    """Install what is missing. Nothing is asked of APT when all is there."""
    missing = [name for name, mark in PACKAGES.items() if not _has(mark)]
    if not missing:
        return
    need_root()
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y",
               "--no-install-recommends", *missing]
    with stage(f"installing {' '.join(missing)}"):
        if subprocess.run(install, env=env, check=False, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode:
            run(["apt-get", "update"])
            run(install, env=env, fix="install these packages by hand, then try again")


def need_root():
    """The lab makes namespaces, devices and file systems."""
    if os.geteuid() != 0:
        raise LabError("the lab needs root: run it with sudo")


def kvm_works():
    """A /dev/kvm without Intel's or AMD's own module hangs stock kernels."""
    return (os.access("/dev/kvm", os.R_OK | os.W_OK) and
            any(os.path.exists(f"/sys/module/{name}") for name in ("kvm_intel", "kvm_amd")))
