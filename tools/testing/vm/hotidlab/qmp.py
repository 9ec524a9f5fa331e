# SPDX-License-Identifier: GPL-2.0
"""A client of QEMU's machine protocol: one command per connection."""

import json
import socket

from .errors import LabError


def qmp(path, command, timeout=10.0, **arguments):
    """Run one QMP command over the socket PATH and return its answer."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(timeout)
            link.connect(str(path))
            with link.makefile("rw", encoding="utf-8") as stream:
                json.loads(stream.readline())            # greeting
                _ask(stream, "qmp_capabilities", {})
                return _ask(stream, command, arguments)
    except (OSError, ValueError) as error:
        raise LabError(f"QEMU does not answer {command} on {path}: {error}") from error


def _ask(stream, command, arguments):
    request = {"execute": command}
    if arguments:
        request["arguments"] = arguments
    stream.write(json.dumps(request) + "\n")
    stream.flush()
    while True:
        answer = json.loads(stream.readline())
        if "error" in answer:
            raise LabError(f"QEMU refuses {command}: {answer['error'].get('desc')}")
        if "return" in answer:
            return answer["return"]
