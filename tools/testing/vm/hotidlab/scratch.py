# SPDX-License-Identifier: GPL-2.0
"""A directory that goes when its process goes, however it goes."""

import contextlib
import fcntl
import shutil
import tempfile
from pathlib import Path

_PREFIX = "hotidlab-run-"


@contextlib.contextmanager
def scratch():
    """A new directory, removed at the end; also those of processes that died."""
    _sweep()
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with open(directory / "owner", "wb") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX)
            yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _sweep():
    for directory in Path(tempfile.gettempdir()).glob(_PREFIX + "*"):
        with contextlib.suppress(OSError), open(directory / "owner", "rb") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)     # fails while it lives
            shutil.rmtree(directory, ignore_errors=True)
