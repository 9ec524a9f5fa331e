# SPDX-License-Identifier: GPL-2.0
"""Which version of a package a suite of Debian offers today.

What is built from a suite that moves is named by that version, so that it is
built again when the suite has moved. The archive is asked once a day, or all
runs of one day would not be about the same kernel.
"""

import os
import tempfile
import time
from pathlib import Path

from . import debian
from .cache import locked
from .command import run
from .errors import LabError
from .paths import build_dir
from .progress import say

FRESH_S = 86400


def version(package, suite):
    """The newest version of PACKAGE in SUITE, as the archive said within a day.

    When it cannot be asked, what it said last is believed.
    """
    known = build_dir() / "offered" / f"{suite}-{package}"
    with locked(f"offered-{suite}"):
        try:
            if time.time() - known.stat().st_mtime < FRESH_S:
                return known.read_text(encoding="ascii")
        except OSError:
            pass
        try:
            found = _ask(package, suite)
        except LabError as error:
            if not known.exists():
                raise
            say(f"{suite} cannot be asked for {package} ({str(error).splitlines()[-1]}): "
                "taking the version of the last time")
            return known.read_text(encoding="ascii")
        known.parent.mkdir(exist_ok=True)
        aside = known.with_suffix(".new")
        aside.write_text(found, encoding="ascii")
        aside.rename(known)
        return found


def extend():
    """Believe what is known for one more day: a long run must not change kernels."""
    for known in (build_dir() / "offered").glob("*"):
        if time.time() - known.stat().st_mtime < FRESH_S:
            os.utime(known)


def _ask(package, suite):
    """Fetch the suite's index with APT, aside from the host's own."""
    with tempfile.TemporaryDirectory(prefix="hotidlab-apt-") as scratch:
        Path(scratch, "lists/partial").mkdir(parents=True)
        Path(scratch, "cache/archives/partial").mkdir(parents=True)
        sources = Path(scratch, "sources.list")
        sources.write_text(debian.sources(None, [suite]), encoding="ascii")
        options = {"Dir::Etc::SourceList": sources, "Dir::Etc::SourceParts": "/dev/null",
                   "Dir::State::Lists": f"{scratch}/lists", "Dir::Cache": f"{scratch}/cache",
                   "Acquire::Languages": "none", "APT::Sandbox::User": "root"}
        flags = [f"--option={name}={value}" for name, value in options.items()]
        run(["apt-get", *flags, "--error-on=any", "update"])
        lines = run(["apt-cache", *flags, "madison", package]).splitlines()
    versions = [fields[1].strip() for fields in (line.split("|") for line in lines)
                if f" {suite}/" in fields[2] and fields[2].endswith("Packages")]
    if not versions:
        raise LabError(f"{suite} offers no {package}")
    return versions[0]      # APT lists the newest first
