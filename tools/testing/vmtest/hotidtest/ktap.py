# SPDX-License-Identifier: GPL-2.0
"""The list of tests, their running, and KTAP about it."""

import signal
import time
import traceback

TEST_LIMIT = 900                # seconds for one test; the alarm is a last resort
_TESTS = []


class TimeIsUp(BaseException):
    """The alarm went off. No test must take it for a failure of its own and go on."""


def test(function):
    """Register a test, which is called with the world; its name is the function's."""
    _TESTS.append((function.__module__, function.__name__, function))
    return function


def cases(table):
    """Register a test for each entry of a dictionary, called with the world and the entry."""
    def register(function):
        for name, case in table.items():
            _TESTS.append((function.__module__, f"{function.__name__}: {name}",
                           lambda world, case=case: function(world, case)))
        return function
    return register


def chosen(words, part=1, parts=1):
    """(name, function) of the tests with one of the words in their names; of all without.

    Of several parts one: files go to the parts by turns.
    """
    files = list(dict.fromkeys(file for file, _, _ in _TESTS))
    return [(name, function) for file, name, function in _TESTS
            if files.index(file) % parts == part - 1
            and (not words or any(word in name for word in words))]


def _ring(*_):
    raise TimeIsUp("the test's time limit is over")


def comment(text):
    """Lines that are no result."""
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


def _run_one(function, world):
    """None, or why it failed. What the kernels said meanwhile belongs to the test."""
    signal.signal(signal.SIGALRM, _ring)
    signal.alarm(TEST_LIMIT)
    try:
        function(world)
        return world.complaints()
    except (Exception, TimeIsUp):          # pylint: disable=broad-except
        return traceback.format_exc()
    finally:
        signal.alarm(0)


def run(tests, world, deadline):
    """Run them in order. What cannot begin before the deadline fails. Returns how many passed."""
    print(f"KTAP version 1\n1..{len(tests)}", flush=True)
    passed = 0
    for number, (name, function) in enumerate(tests, 1):
        begin = time.monotonic()
        why = "no time was left for it" if begin > deadline else _run_one(function, world)
        took = f"# {time.monotonic() - begin:.1f} s"
        if why is None:
            passed += 1
            print(f"ok {number} {name} {took}", flush=True)
            continue
        comment(why)
        if begin <= deadline:
            comment(world.story())
            world.suspect()
        print(f"not ok {number} {name} {took}", flush=True)
    return passed
