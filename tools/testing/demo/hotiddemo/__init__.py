# SPDX-License-Identifier: GPL-2.0
"""The demo of hotid, on the VM lab: see ../README.md."""
