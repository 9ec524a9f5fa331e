# SPDX-License-Identifier: GPL-2.0
"""Captures of a takeover: both networks, and what leaves the identity port of the next holder."""

from hotidlab import pcap

from .topology import IDENTITY_NIC


class Captures:
    """Runs from start() to stop(), or in a with statement; files has their paths by name."""

    def __init__(self, lab, directory, node):
        self.lab = lab
        self.node = node
        self.files = {name: directory / f"{name}.pcap" for name in ("lan", "san", "port")}
        self._pidfile = lab.directory / "port.capture"

    def start(self):
        """Begin; returns when all are listening."""
        self.lab.capture("lan", self.files["lan"])
        self.lab.capture("san", self.files["san"],
                         f"udp port 7707 or host {self.lab[self.node].san_address}")
        pcap.start(self.lab.network.switch, f"{self.node}.{IDENTITY_NIC}", self.files["port"],
                   self._pidfile, "inbound")        # from the guest
        return self

    def stop(self):
        """Complete the files."""
        pcap.stop(self.files["port"], self._pidfile)
        for name in ("lan", "san"):
            self.lab.stop_capture(self.files[name])

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
