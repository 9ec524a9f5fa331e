# SPDX-License-Identifier: GPL-2.0
"""The VM lab of hotid: real kernels on a real learning bridge.

See ../README.md for how to write a test on it.
"""
