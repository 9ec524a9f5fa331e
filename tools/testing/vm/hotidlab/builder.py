# SPDX-License-Identifier: GPL-2.0
"""Out-of-tree modules, built with the headers and the compiler of the kernel's own suite."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from .cache import digest, locked
from .errors import LabError
from .paths import build_dir
from .progress import say, stage

# What kbuild says when all is well.
NOISE = ("make: ", "make[", "  CC ", "  LD ", "  MODPOST ", "  BTF ",
         "warning: the compiler differs", "  The kernel was built by", "  You are using",
         "Skipping BTF generation")
ERROR = re.compile(r"\berror: |^ERROR: ")


class Builder:
    """A root that has the headers of RELEASE and what builds with them."""

    def __init__(self, root, release):
        self.root = root
        self.release = release

    def build_module(self, source, output):
        """Build the external module in SOURCE (a Kbuild there); *.ko to OUTPUT.

        Nothing is done when no source changed since. Returns the modules.
        """
        source, output = Path(source).resolve(), Path(output).resolve()
        if not (source / "Kbuild").exists() and not (source / "Makefile").exists():
            raise LabError(f"{source}: neither Kbuild nor Makefile is there")
        work = build_dir() / "kmod-work" / digest(str(source), str(output), str(self.root),
                                                  self.release)
        with locked(f"kmod-{work.name}"):
            return self._build_module(source, output, work)

    def _build_module(self, source, output, work):
        files = module_sources(source)
        key = digest(str(self.root), self.release,
                     *[str(f.relative_to(source)) for f in files], *files)
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
        inside = self.root / "src"
        inside.mkdir(exist_ok=True)
        script = ('mount --bind "$1" "$2/src" && mount -t proc proc "$2/proc" && '
                  'exec chroot "$2" make -C "/lib/modules/$3/build" M=/src -j"$4" '
                  'KCFLAGS=-Werror modules')
        command = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", script, "kbuild",
                   str(work), str(self.root), self.release, str(os.cpu_count())]
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
               "KBUILD_BUILD_TIMESTAMP": "2026-01-01", "KBUILD_BUILD_USER": "hotid",
               "KBUILD_BUILD_HOST": "hotid"}
        done = subprocess.run(command, env=env, text=True, check=False, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        # compiler messages name files of the work directory: show them as ours
        lines = re.sub(r"(?<![\w/.-])/src/", "", done.stdout).splitlines()
        log = work.with_suffix(".log")
        log.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for line in lines:
            if not line.startswith(NOISE):
                say(line)
        if done.returncode:
            why = next(filter(ERROR.search, lines), lines[-1] if lines else "")
            raise LabError(f"the module does not build for {self.release}: {why}; "
                           f"all messages: {log}")


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
