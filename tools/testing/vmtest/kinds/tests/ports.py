# SPDX-License-Identifier: GPL-2.0
"""Network ports and their settings."""

import contextlib

from hotidtest.expect import check, poll, same
from hotidtest.suite import test

from bench import MAC, PROGRAM, Outcome, undone_after


@test
def privileged_ports(bench):
    """What the node itself lives on is refused, and what depends on it is named."""
    run, shell = bench.spare.run, bench.spare.shell
    run("net", "validate", match="{INTERFACE: eth0}").failed("net", "EACCES", r"eth0 has the address 10\.77\.0\.2")
    run("net", "validate", match="{INTERFACE: eth2}").failed("net", "EACCES", r"10\.78\.0\.3:3261 is reached through eth2")
    run("iscsi", "validate", match="{INTERFACE: eth2}").failed("iscsi", "EACCES", "is reached through eth2")
    run("net", "validate", match="{INTERFACE: eth7}").failed("net", "ENODEV", "INTERFACE=eth7")
    run("net", "validate", match="{ID_NET_DRIVER: virtio_net}").failed(
        "net", "ENOTUNIQ", r"both eth\d and eth\d")
    run("net", "validate", match="{INTERFACE: lo}").failed("net", "EINVAL", "lo is not an Ethernet device")
    shell("ip link add link eth1 name eth1.5 type vlan id 5")
    try:
        run("net", "validate").failed("net", "EACCES", r"eth1 carries eth1\.5")
    finally:
        shell("ip link del eth1.5")
    shell("ip link add br7 type bridge; ip link set eth1 master br7")
    try:
        run("net", "validate").failed("net", "EACCES", "eth1 is part of br7")
    finally:
        shell("ip link del br7")
    shell("ip link set eth1 up; ip route add 198.51.100.0/24 dev eth1")
    try:
        run("net", "validate").failed("net", "EACCES", r"198\.51\.100\.0/24 leaves through eth1")
    finally:
        shell("ip link set eth1 down")
    shell("ip route add 192.0.2.0/24 dev eth2")
    try:
        run("net", "validate").failed("net", "EACCES", r"route to 192\.0\.2\.0/24 through eth2")
    finally:
        shell("ip route del 192.0.2.0/24")
    shell("ip address add 10.77.0.10/32 dev eth0")
    try:
        run("net", "validate", match="{INTERFACE: eth1}").ok()      # another prefix: not the identity's
        shell("ip address add 10.77.0.10/24 dev eth0")
        run("net", "validate").failed("net", "EADDRINUSE", r"10\.77\.0\.10/24 is on eth0")
    finally:
        shell("ip address del 10.77.0.10/32 dev eth0; ip address del 10.77.0.10/24 dev eth0 || true")
    shell(f"ip link add d0 address {MAC} type dummy")
    try:
        run("net", "validate").failed("net", "EADDRINUSE", f"{MAC} is the MAC address of d0")
    finally:
        shell("ip link del d0")
    run("net", "validate").ok()
    bench.spare.clean()


@test
def port_is_looked_at_again(bench):
    """What the node came to depend on since the port was staged stops the takeover before it."""
    spare, shell = bench.spare, bench.spare.shell
    own = spare.node.mac(1)
    with undone_after(spare, 1):
        spare.run("net", "validate", "stage").ok("stage")
        shell("ip address add 198.18.0.1/24 dev eth1")
        try:
            spare.run("net", "take").failed("net", "EACCES", r"eth1 has the address 198\.18\.0\.1/24")
            same(shell("cat /sys/class/net/eth1/address").strip(), own, "MAC")
            check("10.77.0.10" not in shell("ip address show dev eth1"), "it has the identity's address")
        finally:
            shell("ip address del 198.18.0.1/24 dev eth1")
        shell(f"ip link add d0 address {MAC} type dummy")
        try:
            spare.run("net", "take").failed("net", "EADDRINUSE", f"{MAC} is the MAC address of d0")
        finally:
            shell("ip link del d0")
        # Begun and interrupted, it goes on.
        spare.run("net", "take", "take", "verify").ok("take", "verify")


@test
def port_for_two(bench):
    """Two identities are armed for one port: either can take it, not both, and the last puts it back."""
    spare, shell = bench.spare, bench.spare.shell
    own, lamp_mac = spare.node.mac(1), "02:00:00:77:00:11"
    file, mark = "/etc/hotid/identities/lamp.yaml", "/run/hotid-kind-test/lamp.taken"
    spare.node.write_file(file, "fence: none\nports:\n  - match: {INTERFACE: eth1}\n"
                          f"    mac: {lamp_mac}\n    addresses: [10.77.0.11/24]\n")

    def lamp(*verbs, armed=()):
        return Outcome(spare.node.exec(PROGRAM, *armed, file, "net", *verbs, check=False))

    def port():
        return shell("cat /sys/class/net/eth1/address /proc/sys/net/ipv6/conf/eth1/disable_ipv6 "
                     "/sys/class/net/eth1/operstate").split()

    try:
        with undone_after(spare, 1):
            spare.run("net", "validate", "stage").ok("stage")
            staged = port()
            check("armed too" in lamp("validate", "stage").ok("stage").message("net", "validate"), "not told")
            same(port(), [own, "1", "up"], "staged for one without IPv6")
            shell(f"touch {mark}")
            lamp("take", "verify").ok("verify")
            same(port(), [lamp_mac, "1", "up"], "the port that is taken")
            # The other one keeps its hands off, whatever it is told.
            for verbs in (["validate"], ["stage"], ["take"], ["stage", "take"]):
                spare.run("net", *verbs).failed("net", "EBUSY", "eth1 is the port of identity lamp")
            same(port(), [lamp_mac, "1", "up"], "the port that is taken")
            lamp("verify").ok("verify")
            shell(f"rm {mark}")
            lamp("undo").ok("undo")
            same(port(), staged, "the port that is still staged for one")
            spare.run("net", "take", "verify").ok("verify")
        # Disarmed while the other one has it; then the other one puts it back.
        spare.run("net", "stage").ok("stage")
        lamp("stage").ok("stage")
        shell(f"touch {mark}")
        lamp("take").ok("take")
        spare.run("net", "undo", options=["-a"]).ok("undo")
        lamp("verify").ok("verify")
    finally:
        shell(f"rm -f {mark}")
        lamp("undo").tell_failures()
        shell(f"rm {file}")
    spare.clean()


@test
def port_without_link(bench):
    """A cable that is out is found when it is armed."""
    spare = bench.spare
    spare.shell("ip link add v0 type veth peer name v1")
    try:
        spare.run("net", "stage", match="{INTERFACE: v0}", timeout="2s").failed(
            "net", "ETIMEDOUT", "v0: no link", "is the cable in")
        spare.run("net", "undo", match="{INTERFACE: v0}").ok()
    finally:
        spare.shell("ip link del v0")


@test
def port_gets_its_own_back(bench):
    """A port that was up, with settings of its own, is as it was afterwards."""
    spare, epoch = bench.spare, bench.epoch()
    look = """cat /sys/class/net/v0/address /sys/class/net/v0/flags
        ip -o address show dev v0 | awk '{print $4}' | sort
        cd /proc/sys/net; cat ipv4/conf/v0/arp_notify ipv6/conf/v0/accept_ra ipv6/conf/v0/accept_dad
        tc qdisc show dev v0 clsact"""
    spare.shell("""ip link add v0 address 02:00:00:00:00:77 type veth peer name v1
        ip link set v1 up; ip link set v0 up
        echo 1 >/proc/sys/net/ipv4/conf/v0/arp_notify; echo 0 >/proc/sys/net/ipv6/conf/v0/accept_ra
        tc qdisc add dev v0 clsact""")
    try:
        poll("a link-local address", 10,
             lambda: "fe80" in spare.shell("ip -6 address show dev v0 -tentative"))
        before = spare.shell(look)
        with undone_after_port(spare, epoch):
            spare.run("net", "stage", "take", "verify", epoch=epoch, match="{INTERFACE: v0}").ok("verify")
            spare.run("announce", "take", "verify", epoch=epoch, match="{INTERFACE: v0}").ok("verify")
            check(MAC in spare.shell(look), "the MAC address is not the identity's")
        poll(f"the port is as it was:\n{before}", 10, lambda: spare.shell(look) == before)
    finally:
        spare.shell("ip link del v0")


@contextlib.contextmanager
def undone_after_port(side, epoch):
    """As undone_after(), for a port that is not eth1."""
    try:
        yield
    finally:
        undone = side.run("net", "undo", epoch=epoch, match="{INTERFACE: v0}")
    undone.ok("undo")
