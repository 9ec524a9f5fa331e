# SPDX-License-Identifier: GPL-2.0
"""Ethernet frames, as far as tests ask about them."""

import ipaddress
import struct
from dataclasses import dataclass

from hotidlab import pcap

ARP, IPV4, IPV6 = 0x0806, 0x0800, 0x86dd
TCP, UDP, ICMPV6 = 6, 17, 58
_NEIGHBOUR_ADVERTISEMENT = 136


@dataclass(frozen=True)
class Frame:                        # pylint: disable=too-many-instance-attributes
    """One frame. Addresses as text; ports 0 where there are none."""
    time_ns: int
    mac: str                        # of the sender
    kind: int                       # EtherType
    source: str = ""
    target: str = ""
    protocol: int = 0
    source_port: int = 0
    target_port: int = 0
    payload: bytes = b""            # of UDP, TCP (see seq) or ICMPv6; of ARP the whole
    seq: int = 0
    flags: int = 0

    def speaks_for(self, address):
        """It says that its sender has that IPv4 address: as a source, or in ARP."""
        return self.source == address or (
            self.kind == ARP and self.payload[14:18] == ipaddress.IPv4Address(address).packed)

    def is_gratuitous_arp(self, address):
        """It tells everybody who has that address."""
        text = ipaddress.IPv4Address(address).packed
        return (self.kind == ARP and len(self.payload) >= 28
                and self.payload[14:18] == text and self.payload[24:28] == text)

    def is_advertisement(self):
        """It is a neighbour advertisement."""
        return self.protocol == ICMPV6 and self.payload[:1] == bytes([_NEIGHBOUR_ADVERTISEMENT])

    def is_unsolicited_na(self, address):
        """It tells everybody who has that IPv6 address."""
        return (self.is_advertisement()
                and self.payload[8:24] == ipaddress.IPv6Address(address).packed
                and ipaddress.IPv6Address(self.target).is_multicast)


def read(path):
    """The frames of a capture that can be parsed."""
    return [frame for frame in map(parse, pcap.read(path)) if frame]


def parse(packet):
    """A Frame from a captured pcap.Packet; None for what is too short."""
    data = packet.data
    if len(data) < 14:
        return None
    mac = data[6:12].hex(":")
    kind = struct.unpack_from("!H", data, 12)[0]
    if kind == IPV4 and len(data) >= 34:
        header = 14 + (data[14] & 15) * 4
        end = 14 + struct.unpack_from("!H", data, 16)[0]
        addresses = [str(ipaddress.IPv4Address(data[at:at + 4])) for at in (26, 30)]
        return _transport(packet.time_ns, mac, kind, addresses, data[23], data[header:end])
    if kind == IPV6 and len(data) >= 54:
        end = 54 + struct.unpack_from("!H", data, 18)[0]
        addresses = [str(ipaddress.IPv6Address(data[at:at + 16])) for at in (22, 38)]
        return _transport(packet.time_ns, mac, kind, addresses, data[20], data[54:end])
    return Frame(packet.time_ns, mac, kind, payload=data[14:])


def _transport(time_ns, mac, kind, addresses, protocol, data):   # pylint: disable=R0913
    base = (time_ns, mac, kind, *addresses, protocol)
    if protocol == UDP and len(data) >= 8:
        return Frame(*base, *struct.unpack_from("!HH", data), data[8:])
    if protocol == TCP and len(data) >= 20:
        source, target, seq = struct.unpack_from("!HHI", data)
        return Frame(*base, source, target, data[(data[12] >> 4) * 4:], seq, data[13])
    return Frame(*base, payload=data)
