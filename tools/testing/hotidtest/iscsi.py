# SPDX-License-Identifier: GPL-2.0
"""iSCSI as it was on the wire (RFC 7143): the PDUs of captured TCP streams.

Only streams whose beginning was captured are read. Frames that are missing
from a capture end the reading of that stream there.
"""

from dataclasses import dataclass

from . import frames
from .topology import PORTALS

PORTS = frozenset(int(portal.rpartition(":")[2]) for portal in PORTALS.values())
_BHS = 48                           # basic header segment
_SYN, _RST = 2, 4

# opcodes
SCSI_COMMAND, LOGIN_REQUEST = 0x01, 0x03
SCSI_RESPONSE, LOGIN_RESPONSE = 0x21, 0x23

_PR_OUT, _PREEMPT_AND_ABORT = 0x5f, 5
_WRITES = (0x0a, 0x2a, 0x8a, 0xaa, 0x41, 0x93, 0x42)    # WRITE, WRITE SAME, UNMAP


@dataclass(frozen=True)
class Pdu:
    """One PDU; time_ns is that of the frame which completed its header."""
    time_ns: int
    source: str
    connection: tuple
    header: bytes
    data: bytes

    @property
    def opcode(self):
        """What it is."""
        return self.header[0] & 0x3f

    @property
    def tag(self):
        """Initiator task tag: joins a command and its response."""
        return self.header[16:20]

    @property
    def cdb(self):
        """SCSI command, of a SCSI_COMMAND."""
        return self.header[32:48]

    def text(self):
        """Keys and values, of a login."""
        pairs = (word.partition("=") for word in
                 self.data.decode(errors="replace").split("\0") if word)
        return {key: value for key, _, value in pairs}

    def is_preempt(self):
        """PERSISTENT RESERVE OUT, PREEMPT AND ABORT."""
        return (self.opcode == SCSI_COMMAND and self.cdb[0] == _PR_OUT
                and self.cdb[1] & 0x1f == _PREEMPT_AND_ABORT)

    def is_write(self):
        """It changes what is on the LUN."""
        return self.opcode == SCSI_COMMAND and self.cdb[0] in _WRITES

    def went_well(self):
        """A response without an error."""
        if self.opcode == LOGIN_RESPONSE:
            return self.header[36] == 0
        return self.opcode == SCSI_RESPONSE and self.header[2] == 0 and self.header[3] == 0


class _Stream:
    """One direction of one connection: bytes in order, cut into PDUs."""

    def __init__(self, first_seq):
        self.next_seq = first_seq
        self.early = {}             # seq: frame that came before its turn
        self.buffer = bytearray()
        self.seen = []              # (length of all bytes so far, time)
        self.used = 0

    def add(self, frame):
        """Take a frame; yields (time of the header, header, data) of what it completes."""
        self.early[frame.seq] = frame
        while True:
            ready = [f for f in self.early.values()
                     if 0 <= (self.next_seq - f.seq) & 0xffffffff < 1 << 31]
            if not ready:
                break
            for one in ready:
                del self.early[one.seq]
                new = one.payload[(self.next_seq - one.seq) & 0xffffffff:]
                if new:
                    self.buffer += new
                    self.next_seq = (self.next_seq + len(new)) & 0xffffffff
                    self.seen.append((self.used + len(self.buffer), frame.time_ns))
        yield from self._cut()

    def _cut(self):
        while len(self.buffer) >= _BHS:
            ahs = self.buffer[4] * 4
            length = int.from_bytes(self.buffer[5:8], "big")
            end = _BHS + ahs + (length + 3) // 4 * 4
            if len(self.buffer) < end:
                return
            header, data = bytes(self.buffer[:_BHS]), bytes(self.buffer[_BHS + ahs:][:length])
            time_ns = min(when for total, when in self.seen if total >= self.used + _BHS)
            del self.buffer[:end]
            self.used += end
            self.seen = [entry for entry in self.seen if entry[0] > self.used]
            yield time_ns, header, data


def pdus(captured):
    """All PDUs of the frames, in the order they were complete."""
    streams = {}
    for frame in captured:
        if frame.protocol != frames.TCP or PORTS.isdisjoint((frame.source_port,
                                                             frame.target_port)):
            continue
        ends = (frame.source, frame.source_port, frame.target, frame.target_port)
        if frame.flags & _SYN:
            streams[ends] = _Stream((frame.seq + 1) & 0xffffffff)
        elif frame.flags & _RST:
            streams.pop(ends, None)
        elif frame.payload and ends in streams:
            connection = ends if frame.target_port in PORTS else ends[2:] + ends[:2]
            for time_ns, header, data in streams[ends].add(frame):
                yield Pdu(time_ns, frame.source, connection, header, data)


def answer(all_pdus, request):
    """The response to a command or login PDU; None when there is none."""
    wanted = LOGIN_RESPONSE if request.opcode == LOGIN_REQUEST else SCSI_RESPONSE
    after = all_pdus[all_pdus.index(request) + 1:]
    return next((pdu for pdu in after if pdu.connection == request.connection
                 and pdu.opcode == wanted and pdu.tag == request.tag), None)
