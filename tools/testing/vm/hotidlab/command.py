# SPDX-License-Identifier: GPL-2.0
"""Run a program of the host; when it fails, show what it said."""

import subprocess

from .errors import LabError


def run(argv, fix="", **kwargs):
    """Run argv, return its stdout as text. A failure is a LabError."""
    argv = [str(arg) for arg in argv]
    try:
        done = subprocess.run(argv, check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT if kwargs.pop("merge", False)
                              else subprocess.PIPE, **kwargs)
    except FileNotFoundError as error:
        raise LabError(f"{argv[0]} is not installed; run: lab prepare") from error
    if done.returncode:
        said = (done.stderr or done.stdout or "").strip().splitlines()[-20:]
        text = "\n".join([f"`{' '.join(argv)}` failed ({done.returncode})"] + said)
        raise LabError(f"{text}\n{fix}" if fix else text)
    return done.stdout
