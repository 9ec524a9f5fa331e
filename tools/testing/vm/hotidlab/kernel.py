# SPDX-License-Identifier: GPL-2.0
"""Kernels the guests can boot, and out-of-tree modules built for them.

A kernel bundle is build/kernels/NAME-HASH/:
    release       what uname -r says
    vmlinuz       the kernel: uncompressed where it can start so, see vmlinux.py
    modules.img   ext4 with all its modules, mounted on /usr/lib/modules
    root/         the builder: a root of the kernel's own suite with its headers
                  and compiler, and the modules in lib/modules/RELEASE
It is separate from the guests' userland, so one userland serves all kernels.
"""

import lzma
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from . import debian, image, sourcekernel, vmlinux
from .cache import cached, digest, locked
from .command import run
from .errors import LabError
from .paths import build_dir
from .progress import say, stage

# name: suite, further suites, the headers to build against (their metapackage)
# or the source to build the kernel itself from
KERNELS = {
    "6.1": ("bookworm", (), "linux-headers-amd64"),
    "6.1-rt": ("bookworm", (), "linux-headers-rt-amd64"),
    "6.12": ("bookworm", ("bookworm-backports",), "linux-headers-amd64/bookworm-backports"),
    "7.2": ("trixie", ("trixie-backports",), "linux-headers-amd64/trixie-backports"),
    "debug": ("bookworm", (), sourcekernel.PACKAGE),
}
DEFAULT = "6.1"

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
        key = f"{self.name}-{digest(suite, extra, package, packages, script, LAYOUT, *files)}"
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
        """Build the external module in SOURCE (a Kbuild there); *.ko to OUTPUT.

        Nothing is done when no source changed since. Returns the modules.
        """
        source, output = Path(source).resolve(), Path(output).resolve()
        if not (source / "Kbuild").exists() and not (source / "Makefile").exists():
            raise LabError(f"{source}: neither Kbuild nor Makefile is there")
        work = build_dir() / "kmod-work" / digest(str(source), str(output), str(self.path))
        with locked(f"kmod-{work.name}"):
            return self._build_module(source, output, work)

    def _build_module(self, source, output, work):
        files = module_sources(source)
        key = digest(str(self.path), *[str(f.relative_to(source)) for f in files], *files)
        stamp = output / ".lab-sources"
        made = sorted(output.glob("*.ko"))
        if made and stamp.exists() and stamp.read_text(encoding="ascii") == key:
            return made
        with stage(f"building the module for {self.release}"):
            sync_sources(source, files, work)
            self._kbuild(work)
            output.mkdir(parents=True, exist_ok=True)
            for old in made:
                old.unlink()
            built = list(work.rglob("*.ko"))
            if not built:
                raise LabError(f"{source}: the build made no .ko; is obj-m set in Kbuild?")
            for module in built:
                shutil.copy2(module, output / module.name)
            stamp.write_text(key, encoding="ascii")
        return sorted(output.glob("*.ko"))

    def _kbuild(self, work):
        """Run kbuild in the builder root, in a mount namespace of its own."""
        root = self.path / "root"
        inside = root / "src"
        inside.mkdir(exist_ok=True)
        script = ('mount --bind "$1" "$2/src" && mount -t proc proc "$2/proc" && '
                  'exec chroot "$2" make -C "/lib/modules/$3/build" M=/src -j"$4" modules')
        command = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", script, "kbuild",
                   str(work), str(root), self.release, str(os.cpu_count())]
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
               "KBUILD_BUILD_TIMESTAMP": "2026-01-01", "KBUILD_BUILD_USER": "hotid",
               "KBUILD_BUILD_HOST": "hotid"}
        done = subprocess.run(command, env=env, text=True, check=False, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        # compiler messages name files of the work directory: show them as ours
        text = re.sub(r"(?<![\w/.-])/src/", "", done.stdout)
        noise = ("make: ", "make[", "  CC ", "  LD ", "  MODPOST ", "  BTF ",
                 "warning: the compiler differs", "  The kernel was built by", "  You are using",
                 "Skipping BTF generation")
        for line in text.splitlines():
            if done.returncode or not line.startswith(noise):
                say(line)
        if done.returncode:
            raise LabError(f"the module does not build for {self.release} (messages above)")


def module_sources(source):
    """Files a module's build may read: no build output, no hidden files."""
    skip = {"build", "userspace", "tools", "bpf"}
    found = []
    for where, directories, names in os.walk(source):
        directories[:] = sorted(d for d in directories if not d.startswith(".")
                                and not (Path(where) == source and d in skip))
        found += [Path(where) / name for name in sorted(names)
                  if name in ("Kbuild", "Makefile") or name.endswith((".c", ".h", ".S"))
                  and not name.endswith(".mod.c")]
    return found


def sync_sources(source, files, work):
    """Copy what differs, so that kbuild rebuilds only what changed."""
    work.mkdir(parents=True, exist_ok=True)
    wanted = {work / f.relative_to(source): f for f in files}
    for old in module_sources(work):
        if old not in wanted:
            old.unlink()
    for target, origin in wanted.items():
        data = origin.read_bytes()
        if not target.exists() or target.read_bytes() != data:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
