# SPDX-License-Identifier: GPL-2.0
"""The client of the ledger: writes all the time, and knows what was acknowledged."""

import json
import signal
import subprocess

from . import build, clientlog
from .expect import check, poll, same
from .topology import IP

INTERVAL_US = 20000
SOME = 40                       # acknowledgements that show that it is served


class Client:
    """Writes from start() to the end of the with statement."""

    def __init__(self, lab, log, interval_us=INTERVAL_US):
        self.lab = lab
        self.log = log
        self.interval_us = interval_us
        self.process = None

    def start(self):
        """Write from now on."""
        self.log.unlink(missing_ok=True)
        self.process = self._run("write", self.log, self.interval_us)
        return self

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def _run(self, command, *arguments):
        return self.lab.client(build.client_program(), command, IP, *arguments, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def is_served(self, limit=60.0, since_ns=0, more=SOME):
        """Until so many more are acknowledged, and something that was first sent since then."""
        wanted = clientlog.count(self.log) + more

        def look():
            if self.process.poll() is not None:
                check(False, f"the client ended: {self.process.stderr.read().strip()}")
            return clientlog.count(self.log) >= wanted and (
                not since_ns or clientlog.answered_since(self.log, since_ns))
        poll("the client is served", limit, look, 0.02)

    def stop(self):
        """It ends when all it sent is acknowledged. Returns what it counted."""
        self.process.send_signal(signal.SIGTERM)
        try:
            out, err = self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            check(False, "the client does not get its last acknowledgements")
        check(self.process.returncode != 2 and out, f"the client failed: {err.strip()}")
        return json.loads(out)

    def compare(self):
        """Read every record back. Returns how many that were acknowledged are lost, and more."""
        out, err = self._run("check", self.log).communicate(timeout=120)
        check(out, f"the ledger cannot be checked: {err.strip()}")
        return json.loads(out)

    def settle(self):
        """Stop, and nothing is lost. Returns what was found in the ledger."""
        sent = self.stop()
        same(sent["acked"], sent["sent"], "acknowledged writes")
        ledger = self.compare()
        same(ledger["lost"], 0, "acknowledged writes that are lost")
        same(ledger["acked"], sent["acked"], "acknowledgements in the log")
        check(ledger["acked"] >= SOME, f"only {ledger['acked']} writes prove nothing")
        return ledger
