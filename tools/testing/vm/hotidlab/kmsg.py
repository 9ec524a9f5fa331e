# SPDX-License-Identifier: GPL-2.0
"""What a kernel log must not contain."""

import re
from dataclasses import dataclass

from .errors import LabError

# Unsigned and out-of-tree modules may say so; everything else here is a defect.
BAD = re.compile("|".join([
    r"\bWARNING: ", r"\bBUG: ", r"\bBUG at ", r"\bOops\b", r"Kernel panic", r"Call Trace:",
    r"general protection fault", r"divide error", r"invalid opcode", r"stack segment",
    r"Unable to handle kernel", r"unable to handle page fault",
    r"unregister_netdevice: waiting", r"refcount_t: ", r"kmemleak: [0-9]+ new suspected",
    r"ref_tracker: .*leaked", r"\bUBSAN: ", r"\bKASAN: ", r"\bKCSAN: ", r"\bKFENCE: ",
    r"blocked for more than [0-9]+ seconds", r"soft lockup", r"hard LOCKUP",
    r"rcu: INFO: ", r"rcu_.*self-detected stall", r"rcu_.*detected stalls",
    r"possible (circular|recursive) locking", r"inconsistent lock state",
    r"suspicious RCU usage", r"sleeping function called from invalid context",
    r"scheduling while atomic", r"bad unlock balance", r"held lock freed",
    r"Objects remaining in ", r"list_(add|del) corruption",
    # a kernel that looks for it says so when it starts
    r"slab-out-of-bounds", r"use-after-free(?! debug is enabled)", r"nobody cared",
    r"EXT4-fs error", r"Out of memory: Killed",
]))

CONTEXT_AFTER = 30


@dataclass
class Record:
    """One record of /dev/kmsg."""
    priority: int
    sequence: int
    usec: int
    text: str

    @property
    def from_kernel(self):
        """Whether the kernel said it; processes can write to the log as well."""
        return self.priority >> 3 == 0

    def __str__(self):
        return f"[{self.usec / 1e6:12.6f}] {self.text}"


def parse(raw):
    """Records of /dev/kmsg as the agent prints them."""
    records = []
    for line in raw.splitlines():
        head, separator, text = line.partition(";")
        fields = head.split(",")
        if not separator or line.startswith(" ") or len(fields) < 3:
            continue            # a record's dictionary
        try:
            records.append(Record(int(fields[0]), int(fields[1]), int(fields[2]), text))
        except ValueError:
            continue
    return records


def complaints(texts, allow=()):
    """Lines of a log that match BAD and none of the expressions in allow.

    A WARN and its call trace are one event: a line is allowed when it, or the
    first bad line in the same report, is.
    """
    allowed = [re.compile(expression) for expression in allow]
    found = []
    excused_until = -1
    for number, text in enumerate(texts):
        if any(expression.search(text) for expression in allowed):
            excused_until = number + CONTEXT_AFTER
        elif BAD.search(text) and not ("Call Trace:" in text and number <= excused_until):
            found.append((number, text))
    return found


def report(texts, found):
    """The bad places with what follows them, for a person."""
    shown = set()
    lines = []
    for number, _ in found[:5]:
        for index in range(max(0, number - 2), min(len(texts), number + CONTEXT_AFTER)):
            if index not in shown:
                shown.add(index)
                lines.append(("> " if index == number else "  ") + texts[index])
    return "\n".join(lines)


def check_records(raw, allow=()):
    """Check a whole kernel log. Returns complaints as text, '' when clean.

    A log that lost its beginning proves nothing, so that is a complaint too.
    """
    records = parse(raw)
    if not records:
        raise LabError("the kernel log is empty: the agent could not read /dev/kmsg")
    if records[0].sequence != 0:
        return (f"the kernel log lost its first {records[0].sequence} records; "
                "boot with a larger log_buf_len")
    texts = [str(record) for record in records if record.from_kernel]
    found = complaints(texts, allow)
    return report(texts, found) if found else ""


def check_console(text, allow=()):
    """The same for a console log, which may end anywhere."""
    texts = text.splitlines()
    found = complaints(texts, allow)
    return report(texts, found) if found else ""
