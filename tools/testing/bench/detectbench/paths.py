# SPDX-License-Identifier: GPL-2.0
"""Where things are."""

import os
import sys
from pathlib import Path

BENCH_DIR = Path(__file__).resolve().parents[1]
TOP = BENCH_DIR.parents[2]
BUILD = (TOP / os.environ.get("O", "build")).resolve()
OUT = BUILD / "bench"
INSIDE = "/opt/bench"           # where a guest finds programs and modules

# hotidd, hotidctl and the lab are used as they are; the lab and hotidtest as libraries.
sys.path[:0] = [str(TOP / "tools/testing"), str(TOP / "tools/testing/vm")]
