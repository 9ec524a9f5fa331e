# SPDX-License-Identifier: GPL-2.0
"""Directories that are built once: keyed by their recipe, atomic, locked.

Several labs may run on one machine: whoever comes second waits for the first
builder and then finds the result. A build that dies leaves only a directory
with the suffix .new, which the next builder removes.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import time
from pathlib import Path

from .errors import LabError
from .paths import build_dir

UNUSED_DAYS = 14


def digest(*parts):
    """A short name for a recipe: strings, lists, or files by their content."""
    total = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else json.dumps(part).encode()
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()[:12]


@contextlib.contextmanager
def locked(name):
    """Hold the lock of that name, shared by all labs on this machine."""
    locks = build_dir() / "locks"
    locks.mkdir(exist_ok=True)
    path = locks / name.replace("/", "_")
    with open(path, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove(directory):
    """Remove a tree, but never through a mount: below one is somebody else's."""
    below = f"{directory.resolve()}/"
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        found = [place for line in mounts
                 if (place := line.split()[4].replace("\\040", " ")).startswith(below)]
    if found:
        raise LabError(f"{directory} is not removed, since something is mounted in it: "
                       f"{', '.join(found)}; umount that first")
    shutil.rmtree(directory)


def cached(kind, key, make):
    """build/KIND/KEY, made by make(directory) where it does not exist yet."""
    final = build_dir() / kind / key
    if final.exists():
        os.utime(final)
        return final
    with locked(f"{kind}-{key}"):
        if final.exists():
            return final
        aside = final.with_name(final.name + ".new")
        if aside.exists():
            remove(aside)
        aside.mkdir(parents=True)
        try:
            make(aside)
            aside.rename(final)
        except BaseException:
            with contextlib.suppress(LabError, OSError):
                remove(aside)
            raise
        _forget_unused(final.parent)
    return final


def _forget_unused(kind):
    """Old recipes' results go; a guest that still has one open keeps it."""
    for entry in kind.iterdir():
        if time.time() - entry.stat().st_mtime > UNUSED_DAYS * 86400:
            with contextlib.suppress(LabError, OSError):
                remove(entry)
