# SPDX-License-Identifier: GPL-2.0
"""Tests of hotid in several virtual machines: see ../run."""
