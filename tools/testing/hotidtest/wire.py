# SPDX-License-Identifier: GPL-2.0
"""What was on the wire, on the host's clock: what nobody's own word is needed for."""

from hotidlab import net

from . import frames, iscsi
from .topology import ACTIVE, IP, IP6, IQN, MAC

BEAT_PORT = 7707
LEDGER_PORT = 7000


def _own_addresses(index):
    return {address.split("/")[0] for _, address in net.addresses(index)}


def _first(found, since_ns=0):
    return next((frame.time_ns for frame in found if frame.time_ns >= since_ns), None)


def read(captures, nodes, killed_ns):
    """Times in ns by what happened; None for what was not seen. foreign_frames
    is a number: frames that speak for the identity's IP with another MAC.

    captures: paths of "lan", "san" and "port" (the spare's identity port).
    """
    lan, san, port = (frames.read(captures[name]) for name in ("lan", "san", "port"))
    beats = [frame.time_ns for frame in lan + san
             if frame.protocol == frames.UDP and frame.target_port == BEAT_PORT
             and frame.source in _own_addresses(nodes[ACTIVE].spec.index)]
    times = {"killed": killed_ns, "last_beat": max(beats, default=None)}
    times.update(_storage(san, killed_ns))
    borne = [frame for frame in port if frame.mac == MAC]
    times["first_frame"] = _first(borne)
    times["first_arp"] = _first([f for f in borne if f.is_gratuitous_arp(IP)])
    times["first_na"] = _first([f for f in borne if f.is_unsolicited_na(IP6)])
    times["first_answer"] = _first([f for f in borne if f.source_port == LEDGER_PORT
                                    and f.source == IP])
    times["foreign_frames"] = sum(frame.speaks_for(IP) and frame.mac != MAC for frame in lan)
    return times


def proofs(times, units_end_ns):
    """(what must be so on the wire, whether it was, what was seen), one by one.

    units_end_ns: when the services were up at the earliest, on the host's clock.
    """
    for text, what in (("no write to the LUN before the fence", "first_write"),
                       ("no frame of the identity before the fence", "first_frame")):
        both = times[what] is not None and times["preempted"] is not None
        after = times[what] - times["preempted"] if both else None
        yield text, both and after >= 0, f"{after / 1e6:.3f} ms after" if both else "not seen"
    told = times["first_arp"] and times["first_na"] and units_end_ns
    yield ("clients are told when the service is up, not before",
           bool(told and min(times["first_arp"], times["first_na"]) >= units_end_ns),
           "ARP and NA, after units" if told else "not seen")
    yield ("nothing spoke for that IP with another MAC", times["foreign_frames"] == 0,
           f"{times['foreign_frames']} frames")
    yield ("the answer left through the spare's identity port", bool(times["first_answer"]),
           "seen on the wire" if times["first_answer"] else "not seen")


def _storage(san, killed_ns):
    """The identity's iSCSI session of the new holder."""
    # in the order of time, whichever port they came through
    seen = [pdu for pdu in iscsi.pdus(sorted(san, key=lambda frame: frame.time_ns))
            if pdu.time_ns >= killed_ns]
    login = next((pdu for pdu in seen if pdu.opcode == iscsi.LOGIN_REQUEST
                  and pdu.text().get("InitiatorName") == IQN), None)
    times = {"login": login and login.time_ns, "preempt": None, "preempted": None,
             "first_write": None, "login_address": login.source if login else ""}
    if not login:
        return times
    own = [pdu for pdu in seen if pdu.source == login.source]
    preempt = next((pdu for pdu in own if pdu.is_preempt()), None)
    if preempt:
        times["preempt"] = preempt.time_ns
        reply = iscsi.answer(seen, preempt)
        times["preempted"] = reply.time_ns if reply and reply.went_well() else None
    times["first_write"] = next((pdu.time_ns for pdu in own if pdu.is_write()), None)
    return times
