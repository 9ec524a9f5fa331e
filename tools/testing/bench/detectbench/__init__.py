# SPDX-License-Identifier: GPL-2.0
"""What `make bench-detect` runs; see ../detect."""
