# SPDX-License-Identifier: GPL-2.0
"""Progress lines on stderr, so that stdout stays the command's own."""

import contextlib
import os
import sys
import time


def say(text):
    """One progress line. LAB_QUIET=1 silences them."""
    if os.environ.get("LAB_QUIET") != "1":
        print(f"lab: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def stage(text):
    """Say that something begins, and how long it took."""
    say(f"{text} ...")
    start = time.monotonic()
    yield
    say(f"{text}: {time.monotonic() - start:.1f} s")
