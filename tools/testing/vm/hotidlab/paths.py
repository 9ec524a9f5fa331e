# SPDX-License-Identifier: GPL-2.0
"""Where things are: sources, what is built, and the state of running labs."""

import os
from pathlib import Path

VM_DIR = Path(__file__).resolve().parents[1]
TOP = VM_DIR.parents[2]
GUEST_SOURCES = VM_DIR / "guest"


def build_dir():
    """Everything that can be built again. LAB_BUILD moves it."""
    path = Path(os.environ.get("LAB_BUILD") or TOP / "build")
    path.mkdir(parents=True, exist_ok=True)
    return path


def state_dir(lab):
    """State of one running lab: short, because unix sockets live there."""
    return Path("/run/hotidlab") / lab
