# SPDX-License-Identifier: GPL-2.0
"""Kernels the guests can boot.

A kernel bundle is build/kernels/NAME-HASH/:
    release       what uname -r says
    vmlinuz       the kernel: uncompressed where it can start so, see vmlinux.py
    modules.img   ext4 with all its modules, mounted on /usr/lib/modules
    root/         the builder: a root of the kernel's own suite with its headers
                  and compiler, and the modules in lib/modules/RELEASE
It is separate from the guests' userland, so one userland serves all kernels.
HASH covers the recipe, and the version where the suite moves on.
"""

import lzma
import os
import shlex
from pathlib import Path

from . import debian, image, offered, sourcekernel, vmlinux
from .builder import Builder
from .cache import cached, digest
from .command import run
from .errors import LabError
from .progress import say, stage

# name: suite, further suites, the headers to build against (their metapackage)
# or the source to build the kernel itself from. A name that begins with a
# digit is what the release must begin with.
KERNELS = {
    "6.1": ("bookworm", (), "linux-headers-amd64"),
    "6.1-rt": ("bookworm", (), "linux-headers-rt-amd64"),
    "6.12": ("bookworm", ("bookworm-backports",), "linux-headers-amd64/bookworm-backports"),
    "new": ("trixie", ("trixie-backports",), "linux-headers-amd64/trixie-backports"),
    "debug": ("bookworm", (), sourcekernel.PACKAGE),
}
DEFAULT = "6.1"
MOVING = {"new"}            # whatever is newest in their last suite

LAYOUT = 2          # of a bundle; a new number builds all bundles again

BUILD_PACKAGES = ["make", "gcc", "libc6-dev", "libelf-dev", "kmod", "xz-utils"]

# Takes the kernel's files out of its packages; installing them would pull in
# an initramfs generator and a boot loader. Newer suites split the image.
UNPACK_KERNEL = """
set -eu
cd "$1/tmp"
release=$(ls "$1/lib/modules" | head -n 1)
for package in linux-image-$release linux-binary-$release linux-modules-$release; do
    chroot "$1" apt-cache show "$package" > /dev/null 2>&1 || continue
    chroot "$1" sh -c "cd /tmp && apt-get -q download $package"
done
mkdir kernel
for deb in *.deb; do dpkg-deb -x "$deb" kernel; done
modules=$(find kernel -type d -path "*/lib/modules/$release")
cp -a "$modules/." "$1/lib/modules/$release/"
vmlinuz=$(find kernel -name "vmlinuz-$release" -o -path "*/$release/vmlinuz")
cp -a "$vmlinuz" "$1/boot/vmlinuz"
rm -rf kernel *.deb
"""


class Kernel:
    """One kernel bundle, built when it is first asked for."""

    def __init__(self, name=None):
        self.name = name or os.environ.get("KERNEL") or DEFAULT
        if self.name not in KERNELS:
            raise LabError(f"no kernel called {self.name}; there are: {', '.join(KERNELS)}")
        suite, extra, package = KERNELS[self.name]
        packages, script, files = BUILD_PACKAGES, UNPACK_KERNEL, []
        if package == sourcekernel.PACKAGE:
            packages = BUILD_PACKAGES + sourcekernel.BUILD_PACKAGES
            script, files = sourcekernel.BUILD_KERNEL, [sourcekernel.CONFIG]
        recipe = [suite, extra, package, packages, script, LAYOUT, *files]
        if self.name in MOVING:
            recipe.append(offered.version(package.split("/")[0], extra[-1]))
        key = f"{self.name}-{digest(*recipe)}"
        self.path = cached("kernels", key, lambda directory: self._make(
            directory, suite, extra, package, packages, script, files))

    def _make(self, directory, suite, extra, package, packages, script, files):  # pylint: disable=too-many-arguments
        with stage(f"kernel {self.name}: making its bundle from {suite}"):
            hook = directory / "put-kernel"
            hook.write_text("#!/bin/sh" + script, encoding="ascii")
            hook.chmod(0o755)
            root = directory / "root"
            debian.make_root(root, suite, [package, *packages],
                             [*[f"--customize-hook=copy-in {shlex.quote(str(file))} /tmp"
                                for file in files], f"--customize-hook={hook}"], extra)
            hook.unlink()
            release = next((root / "lib/modules").iterdir()).name
            if self.name[0].isdigit() and not release.startswith(self.name.split("-")[0] + "."):
                raise LabError(f"kernel {self.name} is not to be had: {(suite, *extra)[-1]} has "
                               f"{release} now; see KERNELS in hotidlab/kernel.py")
            modules = root / "lib/modules" / release
            for module in modules.rglob("*.ko.xz"):
                module.with_suffix("").write_bytes(lzma.decompress(module.read_bytes()))
                module.unlink()
            run(["depmod", "-b", root, release])
            packed = (root / "boot/vmlinuz").read_bytes()
            if package != sourcekernel.PACKAGE:     # KASAN has no shadow yet at the PVH entry
                packed = vmlinux.unpack(packed) or packed
            (directory / "vmlinuz").write_bytes(packed)
            image.make_ext4(root / "lib/modules", directory / "modules.img", spare_mib=64)
            (directory / "release").write_text(release, encoding="ascii")
        say(f"kernel {self.name} is {release}")

    @property
    def release(self):
        """What uname -r says in the guest."""
        return (self.path / "release").read_text(encoding="ascii")

    @property
    def vmlinuz(self):
        """The kernel image."""
        return self.path / "vmlinuz"

    @property
    def modules_image(self):
        """ext4 with all modules of this kernel."""
        return self.path / "modules.img"

    @property
    def modules_dir(self):
        """The same modules as a directory."""
        return self.path / "root/lib/modules" / self.release

    def module_files(self, names, where_split=()):
        """Files of the modules and of all they depend on, in loading order.

        Those in WHERE_SPLIT are modules of some kernels and a library of others.
        """
        depends = {}
        for line in (self.modules_dir / "modules.dep").read_text(encoding="ascii").splitlines():
            path, _, needs = line.partition(":")
            depends[Path(path).name.split(".")[0].replace("-", "_")] = (path, needs.split())
        builtin = (self.modules_dir / "modules.builtin").read_text(encoding="ascii")
        order = []
        for name in names:
            if name not in depends:
                if name in where_split or f"/{name}.ko" in builtin or f"/{name.replace('_', '-')}.ko" in builtin:
                    continue
                raise LabError(f"kernel {self.name} has no module {name}")
            path, needs = depends[name]
            # modules.dep lists what is needed most directly first
            for need in [*reversed(needs), path]:
                if need not in order:
                    order.append(need)
        return [self.modules_dir / path for path in order]

    def build_module(self, source, output):
        """Build the external module in SOURCE; *.ko to OUTPUT. See builder.py."""
        return Builder(self.path / "root", self.release).build_module(source, output)
