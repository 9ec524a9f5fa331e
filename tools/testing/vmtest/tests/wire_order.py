# SPDX-License-Identifier: GPL-2.0
"""A takeover as it is on the wire: what nobody's own word is needed for."""

from hotidlab import ClockMap
from hotidtest import wire
from hotidtest.topology import SAN

from hotidtest.expect import check, same
from hotidtest.suite import test


@test
def fence_comes_first_on_the_wire(world):
    """No write and no frame of the identity before the fence; clients are told last."""
    active, spare = world.rested()
    active.take()
    spare.arm()
    world.roles()               # the spare knows the holder
    clock = ClockMap([spare.node.anchor()])
    with world.captured(spare) as captures, world.client(active) as client:
        killed_ns = active.node.kill()
        client.is_served(since_ns=killed_ns)
        held = spare.wait_state("held")
        clock.add(spare.node.anchor())
        client.settle()
    same(held["holder"], spare.name, "holder")
    seen = wire.read(captures.files, world.lab.nodes, killed_ns)
    same(seen["login_address"], SAN[spare.name], "where the login came from")
    stages = {stage["name"]: stage for stage in spare.history()[-1]["stages"]}
    end_ns, error_ns = clock.to_host(stages["units"]["end_ns"])
    wrong = [f"{what}: {how}" for what, good, how in wire.proofs(seen, end_ns - error_ns)
             if not good]
    check(not wrong, "\n".join(wrong))
