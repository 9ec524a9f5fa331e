# SPDX-License-Identifier: GPL-2.0
"""KTAP: the one writer and the one reader of all suites, and the count that each ends with.

A suite prints a plan, a result per test, and as its last line "N passed, N failed,
N skipped". This file imports nothing of the others: guests use it as well.
"""

import re
from dataclasses import dataclass

VERSION = "KTAP version 1"
_PLAN = re.compile(r"^1\.\.(\d+)")
_RESULT = re.compile(r"^(ok|not ok) (\d+)\s*(?:- )?(.*)$")
_SKIP = re.compile(r"#\s*SKIP\b:?\s*(.*)$", re.IGNORECASE)
_TALLY = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")


def comment(text):
    """Lines that are no result."""
    print("".join(f"# {line}\n" for line in str(text).splitlines()), end="", flush=True)


def tally(passed, failed, skipped=0):
    """Print the last line. Returns the exit status: 0 if something passed and nothing failed."""
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 0 if passed and not failed else 1


def read_tally(line):
    """(passed, failed, skipped) if this is the last line of a suite, else None."""
    match = _TALLY.match(line.strip())
    return tuple(map(int, match.groups())) if match else None


class Writer:
    """Prints results as they come, numbered."""

    def __init__(self, plan=None):
        self.plan = plan
        self.passed = self.failed = 0
        print(VERSION if plan is None else f"{VERSION}\n1..{plan}", flush=True)

    def result(self, title, problems=(), seconds=None):
        """One test: it passed if there are no problems, which are a text or a list of lines."""
        if problems:
            comment(problems if isinstance(problems, str) else "\n".join(problems))
        self.failed += bool(problems)
        self.passed += not problems
        took = "" if seconds is None else f" # {seconds:.1f} s"
        print(f"{'not ok' if problems else 'ok'} {self.passed + self.failed} {title}{took}",
              flush=True)

    def end(self):
        """The count, in which tests without a result have failed. Returns the exit status."""
        if self.plan is None:
            print(f"1..{self.passed + self.failed}")
        return tally(self.passed, max(self.failed, (self.plan or 0) - self.passed))


@dataclass(frozen=True)
class Result:
    """One line of results."""
    passed: bool                # also if it was skipped
    number: int
    title: str
    skipped: bool

    @staticmethod
    def parse(line):
        """The line's result, or None."""
        match = _RESULT.match(line)
        if not match:
            return None
        title = match.group(3)
        return Result(match.group(1) == "ok", int(match.group(2)), title,
                      match.group(1) == "ok" and bool(_SKIP.search(title)))


class Reader:
    """One level of KTAP, fed line by line: a plan and its results."""

    def __init__(self):
        self.plan = None
        self.results = []

    def feed(self, line):
        """Take a line of this level. Returns its result, or None."""
        match = _PLAN.match(line)
        if match and self.plan is None:
            self.plan = int(match.group(1))
        result = Result.parse(line)
        if result:
            self.results.append(result)
        return result

    @property
    def passed(self):
        """How many passed."""
        return sum(result.passed and not result.skipped for result in self.results)

    @property
    def failed(self):
        """How many failed."""
        return sum(not result.passed for result in self.results)

    @property
    def skipped(self):
        """How many were skipped."""
        return sum(result.skipped for result in self.results)

    def fault(self):
        """How the results differ from the plan, or None."""
        if not self.plan:
            return "it has no plan"
        if [result.number for result in self.results] != list(range(1, self.plan + 1)):
            return f"it planned {self.plan} tests and reported {len(self.results)}"
        return None
