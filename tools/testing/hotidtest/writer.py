# SPDX-License-Identifier: GPL-2.0
"""A process on the holder that writes to its LUN for as long as it can."""

import contextlib

from .expect import check, poll, says

# Past any cache; says how often it went well, and then what the last try said.
# Where the LUN is mounted no more it makes no file.
_SCRIPT = """
n=0
: > /srv/web/probe
while dd if=/dev/zero of=/srv/web/probe bs=512 count=1 conv=notrunc,nocreat,fsync 2> /run/probe.new
do n=$((n + 1)); mv /run/probe.new /run/probe.said; done
echo $n
cat /run/probe.new >&2
"""


class Writer:                       # pylint: disable=too-few-public-methods
    """What became of it."""

    def __init__(self, session):
        self._session = session

    def is_refused(self):
        """It wrote, and then it could not any more."""
        said = self._session.finish()
        check(int(said.text) > 0, "it never wrote")
        says(said.stderr.decode(), r"Invalid exchange|Input/output error|Read-only|No such file")


@contextlib.contextmanager
def writing(member):
    """It writes when this begins."""
    with member.node.session() as session:
        member.run("rm", "-f", "/run/probe.said")
        session.start(["sh", "-c", _SCRIPT])
        poll(f"{member.name} writes", 30,
             lambda: member.run("test", "-s", "/run/probe.said", status=None).status == 0)
        yield Writer(session)
