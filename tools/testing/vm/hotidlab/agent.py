# SPDX-License-Identifier: GPL-2.0
"""The host's side of guest/session.c: run commands in a guest, read its clocks.

A session owns one of the guest's ports from open to close; free ports are
found by flock, so any number of processes may talk to the same guest.
"""

import fcntl
import os
import select
import socket
import struct
import time
from dataclasses import dataclass

from .errors import LabError

PORTS = 6
_MAGIC = b"\xffhotid-lab-sync\xff"
_NONCE = 16
_HEADER = struct.Struct("<BI")
_CHUNK = 32768
_UNSENT_MAX = 262144        # above it, no more is read from standard input


class GuestGone(LabError):
    """The guest died, or does not answer."""


class NoAnswer(GuestGone):
    """The guest does not answer within the time limit."""


class CommandFailed(LabError):
    """A command in a guest ended with a status other than 0."""

    def __init__(self, node, argv, result):
        self.result = result
        said = (result.stderr or result.stdout).decode(errors="replace").strip()
        super().__init__(f"{node}: `{' '.join(argv)}` ended with {result.status}"
                         + (f": {said}" if said else ""))


@dataclass
class Result:
    """How a command ended. status is 128 + signal when a signal ended it."""
    status: int
    stdout: bytes = b""
    stderr: bytes = b""

    @property
    def text(self):
        """stdout as text, without the last newline."""
        return self.stdout.decode(errors="replace").rstrip("\n")


@dataclass
class ClockSample:
    """One reading of the guest's clocks, bracketed by the host's monotonic clock."""
    before_ns: int
    after_ns: int
    monotonic_ns: int
    realtime_ns: int
    boottime_ns: int


class Session:
    """One conversation with a guest over one port. Use as a context manager."""

    def __init__(self, directory, timeout, name="guest"):
        """DIRECTORY holds the port sockets; TIMEOUT seconds to get an answer."""
        self.name = name
        self._data = bytearray()
        self._unsent = bytearray()
        self._hello = _MAGIC + os.urandom(_NONCE)
        self._lock = None
        self._socket = None
        deadline = time.monotonic() + timeout
        try:
            self._open(directory, deadline)
            self._sync(deadline)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Let go of the port; what still runs in it is killed by the agent."""
        if self._socket:
            self._socket.close()
        if self._lock:
            self._lock.close()
        self._socket = self._lock = None

    def _open(self, directory, deadline):
        while True:
            for port in range(PORTS):
                lock = open(directory / f"agent{port}.lock", "wb")   # pylint: disable=R1732
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    lock.close()
                    continue
                self._lock = lock
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                try:
                    self._socket.connect(os.fspath(directory / f"agent{port}"))
                    self._socket.setblocking(False)
                except OSError as error:
                    raise GuestGone(f"{self.name}: not running ({error.strerror}); "
                                    "see: lab console") from error
                return
            if time.monotonic() > deadline:
                raise GuestGone(f"{self.name}: all {PORTS} ports of its agent are in use")
            time.sleep(0.01)

    def _transfer(self, deadline, stdin=None):
        """Wait once, send what waits, take what came; feed from stdin, a file.

        Both directions go on together: an agent whose output nobody takes
        does not take input either. Returns whether stdin has more to give.
        NoAnswer at the deadline (None: never).
        """
        poll = select.poll()
        poll.register(self._socket, select.POLLIN | (select.POLLOUT if self._unsent else 0))
        if stdin and len(self._unsent) < _UNSENT_MAX:
            poll.register(stdin, select.POLLIN)
        left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
        ready = dict(poll.poll(left))
        if not ready:
            raise NoAnswer(f"{self.name}: no answer within the time limit")
        events = ready.pop(self._socket.fileno(), 0)
        try:
            if events & select.POLLOUT:
                del self._unsent[:self._socket.send(self._unsent)]
            if events & ~select.POLLOUT:
                data = self._socket.recv(65536)
                if not data:
                    raise GuestGone(f"{self.name}: died")
                self._data += data
        except OSError as error:
            raise GuestGone(f"{self.name}: died ({error.strerror})") from error
        if not ready:
            return True
        piece = os.read(stdin.fileno(), _CHUNK)
        self._queue("I", piece)
        return bool(piece)

    def _queue(self, kind, payload=b""):
        self._unsent += _HEADER.pack(ord(kind), len(payload)) + payload

    def _flush(self, timeout=10.0):
        deadline = time.monotonic() + timeout
        while self._unsent:
            self._transfer(deadline)

    def _sync(self, deadline):
        """Skip what an earlier session left behind: up to our own nonce.

        Asked again each second: what is sent while the guest's driver still
        believes that no host is there may be lost.
        """
        while self._hello not in self._data:
            self._unsent += self._hello
            again = time.monotonic() + 1
            try:
                while self._hello not in self._data:
                    self._transfer(min(again, deadline))
            except NoAnswer:
                if time.monotonic() >= deadline:
                    raise
        del self._data[:self._data.index(self._hello) + len(self._hello)]

    def _take_frame(self):
        """The next frame that has come in whole: type and payload, or None."""
        while self._data.startswith(self._hello):       # asked twice, answered twice
            del self._data[:len(self._hello)]
        if self._data[:1] == _MAGIC[:1] or len(self._data) < _HEADER.size:
            return None
        kind, length = _HEADER.unpack_from(self._data)
        end = _HEADER.size + length
        if len(self._data) < end:
            return None
        payload = bytes(self._data[_HEADER.size:end])
        del self._data[:end]
        return chr(kind), payload

    def clock(self, timeout=5.0):
        """Read the guest's clocks once."""
        cookie = os.urandom(8)
        before = time.monotonic_ns()
        self._queue("C", cookie)
        while not (frame := self._take_frame()):
            self._transfer(time.monotonic() + timeout)
        after = time.monotonic_ns()
        kind, payload = frame
        if kind != "c" or payload[:8] != cookie:
            raise LabError(f"{self.name}: the agent does not speak this lab's language")
        return ClockSample(before, after, *struct.unpack("<QQQ", payload[8:]))

    def start(self, argv, env=None, cwd="/root"):
        """Start a command; read it with events() or finish()."""
        variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                     "HOME": "/root", "LC_ALL": "C.UTF-8", "TERM": "dumb", **(env or {})}
        words = [cwd, *(f"{k}={v}" for k, v in variables.items()), "", *map(str, argv)]
        if any("\0" in word for word in words):
            raise LabError("a command for a guest cannot hold a NUL byte")
        payload = b"".join(os.fsencode(word) + b"\0" for word in words)
        if len(payload) > 65536:
            raise LabError("a command for a guest is limited to 64 KiB; send data as stdin")
        self._queue("X", payload)
        self._flush()

    def signal(self, number):
        """Send a signal to the running command's process group."""
        self._queue("S", bytes([number]))
        self._flush()

    def finish(self, stdin=b"", stdout=None, stderr=None, deadline=None):
        """Wait for the command; returns a Result.

        stdin: bytes, or a file object read as data comes (None: nothing, and
        the guest's end stays open). stdout, stderr: called with each piece of
        output; without them the output is in the Result.
        """
        out, err = bytearray(), bytearray()
        takers = {"o": stdout or out.extend, "e": stderr or err.extend}
        if isinstance(stdin, (bytes, bytearray)):
            self.send_stdin(stdin)
            self.send_stdin(b"")
            stdin = None
        while True:
            while not (frame := self._take_frame()):
                if not self._transfer(deadline, stdin):
                    stdin = None
            kind, payload = frame
            if kind in takers:
                takers[kind](payload)
            elif kind == "x":
                return Result(_exit_code(struct.unpack("<I", payload)[0]), bytes(out), bytes(err))
            elif kind == "f":
                raise LabError(f"{self.name}: command not started: {payload.decode()}")

    def send_stdin(self, data):
        """Standard input for the running command; finish() sends it. Empty: its end."""
        for start in range(0, len(data) or 1, _CHUNK):
            self._queue("I", bytes(data[start:start + _CHUNK]))


def _exit_code(wait_status):
    code = os.waitstatus_to_exitcode(wait_status)
    return 128 - code if code < 0 else code
