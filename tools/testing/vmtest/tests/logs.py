# SPDX-License-Identifier: GPL-2.0
"""The last test."""

from hotidtest.expect import check
from hotidtest.ktap import test


@test
def kernels_complain_of_nothing(world):
    """No kernel of the lab, of all boots, but for what tests provoked."""
    complaints = world.lab.check_logs(world.excuses)
    check(not complaints, "\n".join(f"{name}:\n{text}" for name, text in complaints.items()))
