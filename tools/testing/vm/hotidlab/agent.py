# SPDX-License-Identifier: GPL-2.0
"""The host's side of guest/agent.c: run commands in a guest, read its clocks.

A session owns one of the guest's ports from open to close; free ports are
found by flock, so any number of processes may talk to the same guest.
"""

import fcntl
import os
import selectors
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
        self._hello = b""
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
                lock = open(directory / f"agent{port}.lock", "wb")
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    lock.close()
                    continue
                self._lock = lock
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                try:
                    self._socket.connect(os.fspath(directory / f"agent{port}"))
                except OSError as error:
                    raise GuestGone(f"{self.name}: not running ({error.strerror}); "
                                    "see: lab console") from error
                return
            if time.monotonic() > deadline:
                raise GuestGone(f"{self.name}: all {PORTS} ports of its agent are in use")
            time.sleep(0.01)

    def _receive(self, deadline):
        """More bytes into the buffer; GuestGone at the deadline (None: never)."""
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise NoAnswer(f"{self.name}: no answer within the time limit")
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(65536)
        except TimeoutError as error:
            raise NoAnswer(f"{self.name}: no answer within the time limit") from error
        except OSError as error:
            raise GuestGone(f"{self.name}: died ({error.strerror})") from error
        if not data:
            raise GuestGone(f"{self.name}: died")
        self._data += data

    def _send(self, kind, payload=b""):
        self._socket.settimeout(None)
        try:
            self._socket.sendall(_HEADER.pack(ord(kind), len(payload)) + payload)
        except OSError as error:
            raise GuestGone(f"{self.name}: died ({error.strerror})") from error

    def _sync(self, deadline):
        """Skip what an earlier session left behind: up to our own nonce.

        Asked again each second: what is sent while the guest's driver still
        believes that no host is there may be lost.
        """
        self._hello = _MAGIC + os.urandom(_NONCE)
        while self._hello not in self._data:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            self._socket.sendall(self._hello)
            again = time.monotonic() + 1
            try:
                while self._hello not in self._data:
                    self._receive(min(again, deadline))
            except NoAnswer:
                if time.monotonic() >= deadline:
                    raise
        del self._data[:self._data.index(self._hello) + len(self._hello)]

    def _frame(self, deadline):
        """The next frame: its type and payload."""
        while True:
            if self._data.startswith(self._hello):       # asked twice, answered twice
                del self._data[:len(self._hello)]
            elif self._data[:1] != _MAGIC[:1] and len(self._data) >= _HEADER.size:
                kind, length = _HEADER.unpack_from(self._data)
                end = _HEADER.size + length
                if len(self._data) >= end:
                    payload = bytes(self._data[_HEADER.size:end])
                    del self._data[:end]
                    return chr(kind), payload
                self._receive(deadline)
            else:
                self._receive(deadline)

    def clock(self, timeout=5.0):
        """Read the guest's clocks once."""
        cookie = os.urandom(8)
        before = time.monotonic_ns()
        self._send("C", cookie)
        kind, payload = self._frame(time.monotonic() + timeout)
        after = time.monotonic_ns()
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
        self._send("X", payload)

    def signal(self, number):
        """Send a signal to the running command's process group."""
        self._send("S", bytes([number]))

    def finish(self, stdin=b"", stdout=None, stderr=None, deadline=None):
        """Wait for the command; returns a Result.

        stdin: bytes, or a file object read as data comes (None: nothing, and
        the guest's end stays open). stdout, stderr: called with each piece of
        output; without them the output is in the Result.
        """
        out, err = bytearray(), bytearray()
        takers = {"o": stdout or out.extend, "e": stderr or err.extend}
        feeder = _Feeder(self, stdin)
        try:
            while True:
                feeder.wait(self._data, deadline)
                kind, payload = self._frame(deadline)
                if kind in takers:
                    takers[kind](payload)
                elif kind == "x":
                    return Result(_exit_code(struct.unpack("<I", payload)[0]),
                                  bytes(out), bytes(err))
                elif kind == "f":
                    raise LabError(f"{self.name}: command not started: {payload.decode()}")
        finally:
            feeder.close()

    def send_stdin(self, data):
        """A piece of standard input for the running command; empty: its end."""
        self._send("I", data)


class _Feeder:
    """Feeds standard input while output is awaited."""

    def __init__(self, session, stdin):
        self._session = session
        self._file = None
        if isinstance(stdin, (bytes, bytearray)):
            for start in range(0, len(stdin), _CHUNK):
                session.send_stdin(stdin[start:start + _CHUNK])
            session.send_stdin(b"")
        elif stdin is not None:
            self._file = stdin
        self._selector = selectors.DefaultSelector()
        self._selector.register(session._socket, selectors.EVENT_READ)
        if self._file:
            try:
                self._selector.register(self._file, selectors.EVENT_READ)
            except (ValueError, PermissionError):    # a plain file: always ready
                while self._feed():
                    pass

    def _feed(self):
        data = os.read(self._file.fileno(), _CHUNK)
        self._session.send_stdin(data)
        return bool(data)

    def wait(self, buffered, deadline):
        """Until the guest has said something; meanwhile feed."""
        while not buffered:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready = [key.fileobj for key, _ in self._selector.select(left)]
            if self._file in ready and not self._feed():
                self._selector.unregister(self._file)
                self._file = None
            if not ready or self._session._socket in ready:
                return

    def close(self):
        """Give the selector back; the session lives on."""
        self._selector.close()


def _exit_code(wait_status):
    code = os.waitstatus_to_exitcode(wait_status)
    return 128 - code if code < 0 else code
