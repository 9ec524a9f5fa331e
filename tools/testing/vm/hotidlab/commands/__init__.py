# SPDX-License-Identifier: GPL-2.0
"""Subcommands of `lab`: each has add_arguments(parser) and main(args)."""
