# SPDX-License-Identifier: GPL-2.0
"""What the module of a node tells while something happens."""

import contextlib
import signal

from .expect import poll, same
from .member import read_json


@contextlib.contextmanager
def watching(member, *name):
    """Events while the block runs, of that name alone: a list that is filled at its end."""
    events, command = [], ["hotidctl", "--json", "watch", *name]
    with member.node.session() as session:
        session.start(command)
        poll("the watch has begun", 10,
             lambda: member.run("pgrep", "-f", " ".join(command), status=None).out)
        yield events
        session.signal(signal.SIGINT)
        result = session.finish()
    same(result.status, 0, "status of hotidctl watch")
    events.extend(read_json(line) for line in result.text.splitlines())
