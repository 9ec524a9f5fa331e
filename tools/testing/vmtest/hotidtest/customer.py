# SPDX-License-Identifier: GPL-2.0
"""The client of the ledger: writes all the time, and knows what was acknowledged."""

import json
import signal
import subprocess
import time

from hotiddemo import build, clientlog
from hotiddemo.cast import IP

from .expect import check, poll, same

INTERVAL_US = 20000
SOME = 40                       # acknowledgements that show that it is served


class Customer:
    """Writes from start() to the end of the with statement."""

    def __init__(self, lab, log):
        self.lab = lab
        self.log = log
        self.process = None

    def __enter__(self):
        self.log.unlink(missing_ok=True)
        self.process = self.lab.client(build.client_program(), "write", IP, self.log,
                                       INTERVAL_US, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def is_served(self, limit=60.0, since_ns=0):
        """Until some more is acknowledged, and something that was first sent since then."""
        wanted = clientlog.count(self.log) + SOME

        def look():
            if self.process.poll() is not None:
                check(False, f"the client ended: {self.process.stderr.read().strip()}")
            return clientlog.count(self.log) >= wanted and (
                not since_ns or clientlog.answered_since(self.log, since_ns))
        begin = time.monotonic()
        poll("the client is served", limit, look)
        return time.monotonic() - begin

    def settle(self):
        """Stop, and compare the ledger with what was acknowledged. Returns what was found."""
        self.process.send_signal(signal.SIGTERM)
        try:
            out, err = self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            check(False, "the client does not get its last acknowledgements")
        check(self.process.returncode == 0, f"the client failed: {err.strip()} {out}")
        sent = json.loads(out)
        same(sent["acked"], sent["sent"], "acknowledged writes")
        checker = self.lab.client(build.client_program(), "check", IP, self.log,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = checker.communicate(timeout=60)
        check(out, f"the ledger cannot be checked: {err.strip()}")
        ledger = json.loads(out)
        same(ledger["lost"], 0, "acknowledged writes that are lost")
        same(ledger["acked"], sent["acked"], "acknowledgements in the log")
        check(ledger["acked"] >= SOME, f"only {ledger['acked']} writes prove nothing")
        return ledger
