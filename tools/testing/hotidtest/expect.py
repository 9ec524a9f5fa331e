# SPDX-License-Identifier: GPL-2.0
"""What a test says of what it sees. There is no other way to fail or to wait."""

import re
import time


class Unexpected(AssertionError):
    """Something is not as it must be; the text says what and how it is."""


def check(true, why):
    """The one assertion."""
    if not true:
        raise Unexpected(why)


def same(got, wanted, what):
    """Equality, with a message that shows both; of dictionaries only what differs."""
    if got == wanted:
        return
    if isinstance(got, dict) and isinstance(wanted, dict):
        keys = sorted(key for key in {*got, *wanted} if got.get(key) != wanted.get(key))
        raise Unexpected("\n".join([f"{what}:", *(
            f"  {key}: got {got.get(key)!r}, wanted {wanted.get(key)!r}" for key in keys)]))
    raise Unexpected(f"{what}: got {got!r}, wanted {wanted!r}")


def says(text, *expressions):
    """Each of the regular expressions is found in the text."""
    for expression in expressions:
        if not re.search(expression, text):
            raise Unexpected(f"{expression!r} is not said; what is said:\n{text}")


def poll(what, limit, look, every=0.05):
    """look() until it gives something true, which is returned."""
    deadline = time.monotonic() + limit
    while True:
        late = time.monotonic() > deadline
        found = look()
        if found:
            return found
        check(not late, f"waited {limit:g} s in vain: {what}")
        time.sleep(every)
