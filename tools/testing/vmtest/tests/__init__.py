# SPDX-License-Identifier: GPL-2.0
"""The tests, by what they are about; ../main.py imports them."""
