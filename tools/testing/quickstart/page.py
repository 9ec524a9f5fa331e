# SPDX-License-Identifier: GPL-2.0
"""docs/quickstart.md as a list of things to do.

A fenced block says in its info string what it is for:
    sh MACHINE...           commands for a shell, on each of these machines
    sh build MACHINE...     the same, done by the suite in another way: packages, sources
    sh copy MACHINE         lines of scp, from that machine
    FORMAT file MACHINE... PATH     what is in a file
    text output             what the commands before it print; "..." is anything
and a comment "lab: power off|on MACHINE" stands for what a hand does.
"""

import re
from dataclasses import dataclass, field

MACHINES = ("target", "holder", "spare")
_FENCE = re.compile(r"^```(.*)$")
_POWER = re.compile(r"^<!-- lab: power (on|off) (\w+) -->$")


class PageError(Exception):
    """The page has something that the suite cannot follow."""


@dataclass
class Step:
    """One thing to do. what is sh, build, copy, file, off or on."""
    what: str
    machines: list
    line: int
    text: str = ""
    path: str = ""
    output: list = field(default_factory=list)

    @property
    def title(self):
        """For the list of tests: where it is in the page, and how it begins."""
        first = self.path or next(iter(self.text.splitlines()), "")
        return f"line {self.line}: {' and '.join(self.machines)}: {self.what} {first}".rstrip()


def _machines(words, line):
    unknown = [word for word in words if word not in MACHINES]
    if unknown or not words:
        raise PageError(f"line {line}: {' '.join(unknown) or 'nothing'} is no machine; there are "
                        f"{', '.join(MACHINES)}")
    return words


def _step(info, line, text):
    """A block as a step, None for one that belongs to the step before it."""
    words = info.split()
    if words[:1] == ["sh"]:
        what = words[1] if words[1:2] in (["build"], ["copy"]) else "sh"
        return Step(what, _machines(words[1 + (what != "sh"):], line), line, text)
    if words[1:2] == ["file"] and words[-1].startswith("/"):
        return Step("file", _machines(words[2:-1], line), line, text, words[-1])
    if words == ["text", "output"]:
        return None
    raise PageError(f"line {line}: a block {info!r}; page.py lists what there is")


def steps(text):
    """All steps of a page, in order."""
    found, info, begin, block = [], None, 0, []
    for number, line in enumerate(text.splitlines(), 1):
        fence, power = _FENCE.match(line), _POWER.match(line)
        if info is None and power:
            found.append(Step(power[1], _machines([power[2]], number), number))
        elif info is None and fence:
            info, begin, block = fence[1], number, []
        elif fence:
            step = _step(info, begin, "".join(f"{one}\n" for one in block))
            if step:
                found.append(step)
            elif found and found[-1].what == "sh":
                found[-1].output = block
            else:
                raise PageError(f"line {begin}: an output without commands before it")
            info = None
        elif info is not None:
            block.append(line)
    if info is not None:
        raise PageError(f"line {begin}: a block without an end")
    return found


def missing(wanted, said):
    """The first line that is wanted and not said, or said too early; None when all are there."""
    lines = iter(said.splitlines())
    for line in wanted:
        words = [".*".join(map(re.escape, word.split("..."))) for word in line.split()]
        expression = re.compile(r"\s*" + r"\s+".join(words) + r"\s*")
        if not any(expression.fullmatch(one) for one in lines):
            return line
    return None
