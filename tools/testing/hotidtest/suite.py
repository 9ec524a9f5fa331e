# SPDX-License-Identifier: GPL-2.0
"""A suite of test functions: their registry, its command line, and their running.

A function with @test, or @cases for a table of cases, is a test; its name is the
function's. It is called with the suite's fixture, which has to have

    complaints()    what went wrong beside the test since the last call, or None
    failed()        a test failed: returns text that may tell why
"""

import argparse
import random
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from typing import Callable

from . import ktap

TEST_LIMIT = 900                # seconds for one test; the alarm is a last resort
_TESTS = []


@dataclass(frozen=True)
class Test:
    """One test."""
    file: str
    name: str
    run: Callable


class TimeIsUp(BaseException):
    """The alarm went off. No test must take it for a failure of its own and go on."""


def test(function):
    """Register a test."""
    _TESTS.append(Test(function.__module__, function.__name__, function))
    return function


def cases(table):
    """Register a test for each entry of a dictionary, called with the fixture and the entry."""
    def register(function):
        for name, case in table.items():
            _TESTS.append(Test(function.__module__, f"{function.__name__}: {name}",
                               lambda fixture, case=case: function(fixture, case)))
        return function
    return register


def _part(text):
    """K/N as numbers."""
    part, slash, parts = text.partition("/")
    if not (slash and part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text}: write K/N, as 1/2")
    return int(part), int(parts)


def arguments(about, lab=True):
    """The command line of a suite, which has a lab that all of its tests share."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="names of the tests, and no more")
    parser.set_defaults(part=(1, 1))
    if lab:
        parser.add_argument("--keep", action="store_true", help="leave the lab up for a look")
        parser.add_argument("--part", type=_part, metavar="K/N",
                            help="of N parts, each with a lab of its own, this one")
    parser.add_argument("--shuffle", type=int, metavar="SEED", help="in an order of chance")
    parser.add_argument("tests", nargs="*", metavar="TEST", help="a word of their names")
    return parser.parse_args()


def chosen(args):
    """The tests that the command line asks for; with --list it prints them and ends.

    Of several parts, files go to the parts by turns.
    """
    part, parts = args.part
    files = list(dict.fromkeys(one.file for one in _TESTS))
    tests = [one for one in _TESTS if files.index(one.file) % parts == part - 1
             and (not args.tests or any(word in one.name for word in args.tests))]
    if not tests:
        sys.exit(f"run: no test has {' or '.join(args.tests)} in its name; see run --list")
    if args.shuffle is not None:
        random.Random(args.shuffle).shuffle(tests)
    if args.list:
        print("\n".join(one.name for one in tests))
        sys.exit()
    if args.shuffle is not None:
        ktap.comment(f"shuffled: --shuffle {args.shuffle} gives this order again")
    return tests


def _ring(*_):
    raise TimeIsUp("the test's time limit is over")


def _run_one(one, fixture):
    """None, or why it failed."""
    signal.signal(signal.SIGALRM, _ring)
    signal.alarm(TEST_LIMIT)
    try:
        one.run(fixture)
        return fixture.complaints()
    except (Exception, TimeIsUp):          # pylint: disable=broad-except
        return traceback.format_exc()
    finally:
        signal.alarm(0)


def run(tests, fixture, writer, limit=float("inf")):
    """Run them in order. One that cannot begin within so many seconds fails."""
    deadline = time.monotonic() + limit
    for one in tests:
        begin = time.monotonic()
        if begin > deadline:
            writer.result(one.name, "no time was left for it")
            continue
        problems = _run_one(one, fixture)
        if problems:
            problems = f"{problems}\n{fixture.failed()}".strip()
        writer.result(one.name, problems, time.monotonic() - begin)
