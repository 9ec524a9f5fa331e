# SPDX-License-Identifier: GPL-2.0
"""What the kernels of a lab said since somebody last looked.

A message that is expected is excused for one node, one of its boots, and until
the next look: whatever says the same elsewhere or later is a complaint. Of a
boot that is over there is the console, which has warnings and worse; of one
that runs, the whole log as well.
"""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from . import kmsg
from .kmsglog import read_log

# Mistakes of Debian's kernels, told by WARN_ONCE(): (kernel, expression). Each
# is excused once in a boot.
KNOWN = (
    # the iSCSI transport, when a session ends
    ("6.1", re.compile(r"check_flush_dependency|WQ_MEM_RECLAIM iscsi_ctrl")),
)


@dataclass
class _Boot:
    """How far the log of one boot was read."""
    number: int
    console: int = 0                # lines
    sequence: int = 0               # the next record
    known: set = field(default_factory=set)     # of KNOWN, what it said


class _Ear:
    """One node's kernel."""

    def __init__(self, node):
        self.node = node
        self.boot = _Boot(1)
        self.excuses = {}           # number of the boot: expressions

    def excuse(self, expressions):
        """What the boot of now may say."""
        now = len(self.node.console_boots())
        self.excuses.setdefault(now, []).extend(expressions)

    def listen(self):
        """Complaints since the last time, as text."""
        boots = self.node.console_boots()
        parts = []
        for number in range(self.boot.number, len(boots) + 1):
            if number > self.boot.number:
                self.boot = _Boot(number)
            lines = boots[number - 1].splitlines()
            # the last line may not be whole yet
            whole = len(lines) if number < len(boots) or not self.node.running() else len(lines) - 1
            parts.append(self._judge(lines[self.boot.console:whole]))
            self.boot.console = max(self.boot.console, whole)
        if self.node.running() and self.node.state() == "running":
            with self.node.session() as session:
                parts.append(self._records(read_log(session, time.monotonic() + 60)))
        self.excuses.clear()
        return "\n".join(filter(None, parts))

    def _records(self, raw):
        records = kmsg.parse(raw)
        if not records or records[0].sequence > self.boot.sequence:
            return "the kernel log lost records; boot with a larger log_buf_len"
        new = [record for record in records if record.sequence >= self.boot.sequence]
        self.boot.sequence = records[-1].sequence + 1
        return self._judge([str(record) for record in new if record.from_kernel])

    def _judge(self, texts):
        allow = list(self.excuses.get(self.boot.number, []))
        for kernel, expression in KNOWN:
            if not self.node.kernel.release.startswith(f"{kernel}."):
                continue
            said = {line.split("] ", 1)[-1] for line in texts
                    if expression.search(line) and "WARNING:" in line}
            # console and log both have it: the same line twice is once
            if len(said | self.boot.known) <= 1:
                allow.append(expression.pattern)
            self.boot.known |= said
        found = kmsg.complaints(texts, allow)
        return kmsg.report(texts, found) if found else ""


class KmsgWatch:
    """The kernels of all nodes of a lab."""

    def __init__(self, lab):
        self.lab = lab
        self._ears = {}

    def _ear(self, name):
        return self._ears.setdefault(name, _Ear(self.lab[name]))

    def excuse(self, name, *expressions):
        """Until the next look, the boot that this node is in may say such a thing."""
        self._ear(name).excuse(expressions)

    def look(self):
        """Complaints by node, since the last look; empty when there are none."""
        ears = [self._ear(name) for name in self.lab.nodes]
        with ThreadPoolExecutor(len(ears) or 1) as pool:
            said = dict(zip(self.lab.nodes, pool.map(_Ear.listen, ears)))
        return {name: text for name, text in said.items() if text}
