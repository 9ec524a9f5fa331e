# SPDX-License-Identifier: GPL-2.0
"""The one exception of the lab: its text names the thing and the fix."""


class LabError(Exception):
    """Something the person at the keyboard should read; no traceback needed."""
