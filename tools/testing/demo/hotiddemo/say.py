# SPDX-License-Identifier: GPL-2.0
"""What a person sees while the demo works: one line for each thing, with its time."""

import contextlib
import sys
import time

_START = time.monotonic()


class DemoError(Exception):
    """The demo failed; the text says at what. nodes: whose logs may tell why."""

    def __init__(self, text, nodes=()):
        super().__init__(text)
        self.nodes = nodes


def say(text):
    """A line with the time since the start."""
    print(f"[{time.monotonic() - _START:5.1f} s] {text}", flush=True)


def warn(text):
    """Trouble, on stderr."""
    print(f"demo: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def doing(text):
    """Something that takes a while: said when it begins, with its duration when it ends."""
    begin = time.monotonic()
    say(f"{text} ...")
    notes = []
    yield notes.append
    took = time.monotonic() - begin
    if took >= 1 or notes:
        say("    " + "; ".join([*notes, f"{took:.1f} s"]))
