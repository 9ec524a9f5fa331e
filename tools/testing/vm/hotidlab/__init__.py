# SPDX-License-Identifier: GPL-2.0
"""The VM lab of hotid: real kernels on a real learning bridge.

See ../README.md for how to write a test on it.
"""

from .agent import CommandFailed, GuestGone, Result
from .clock import Anchor, ClockMap
from .errors import LabError
from .kernel import Kernel
from .kmsgwatch import KmsgWatch
from .lab import Lab
from .node import Node, NodeSpec
from .single import SingleRun

__all__ = ["Anchor", "ClockMap", "CommandFailed", "GuestGone", "Kernel", "KmsgWatch", "Lab",
           "LabError", "Node", "NodeSpec", "Result", "SingleRun"]
