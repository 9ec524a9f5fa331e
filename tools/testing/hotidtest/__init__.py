# SPDX-License-Identifier: GPL-2.0
"""What the suites of hotid share, above the VM lab: see README.md."""
