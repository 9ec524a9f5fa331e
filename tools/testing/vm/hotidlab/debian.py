# SPDX-License-Identifier: GPL-2.0
"""Debian roots by mmdebstrap, from the same mirror as the host's own APT."""

import os
import re
import subprocess

from .command import run
from .errors import LabError

# suite: the suites that complete it (label as in their Release file, name)
SUITES = {
    "bookworm": [("Debian", "bookworm"), ("Debian", "bookworm-updates"),
                 ("Debian-Security", "bookworm-security")],
    "trixie": [("Debian", "trixie"), ("Debian", "trixie-updates"),
               ("Debian-Security", "trixie-security")],
    "sid": [("Debian", "sid")],
}


def _mirrors():
    """Label of an archive: its address, from the host's sources."""
    mirrors = {}
    for line in run(["apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)",
                     "Created-By: Packages"]).splitlines():
        label, _, uri = line.partition(" ")
        mirrors.setdefault(label, uri)
    return mirrors


def sources(suite, extra):
    """sources.list of SUITE, if any, and of further suites by the same mirror."""
    mirrors = _mirrors()
    if "Debian" not in mirrors:         # labels are known once the lists were fetched
        run(["apt-get", "update"])
        mirrors = _mirrors()
    if "Debian" not in mirrors:
        raise LabError("no Debian archive among the host's APT sources; add one")
    wanted = SUITES.get(suite, []) + [("Debian", name) for name in extra]
    return "\n".join(f"deb {mirrors[label]} {name} main"
                     for label, name in wanted if label in mirrors) + "\n"


def _apt_options():
    """Proxies and date checks of the host hold for the guests' APT as well."""
    keep = re.compile(r"Acquire::(http|https|ftp)::|Acquire::(Check-Valid-Until|Check-Date) ")
    return [f"--aptopt={line.rstrip(';')}" for line in run(["apt-config", "dump"]).splitlines()
            if keep.match(line) and '""' not in line]


def make_root(directory, suite, packages, hooks=(), extra_suites=(), without=()):   # pylint: disable=R0913
    """A minimal root of SUITE with PACKAGES; HOOKS are mmdebstrap options.

    Files that match one of the patterns WITHOUT are not unpacked.

    The host's archive keys are used, so a suite newer than the host needs a
    debian-archive-keyring that knows it. Headers of newer kernels depend on the
    kernel's image; no initramfs is made for it, which takes minutes.
    """
    # Its mounts (of the host's proc, sys and devices) are seen by nobody else, and
    # they and all that it started end when it ends, however that is.
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
               "mmdebstrap", "--mode=root", "--variant=minbase",
               "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
               "--dpkgopt=path-exclude=/usr/share/locale/*",
               *[f"--dpkgopt=path-exclude={pattern}" for pattern in without],
               *_apt_options(), *hooks, f"--include={','.join(packages)}", suite, directory, "-"]
    done = subprocess.run(command, input=sources(suite, extra_suites), text=True, check=False,
                          env={**os.environ, "INITRD": "No"},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        said = [line for line in done.stdout.splitlines()
                if re.match(r"(E|W): (?!setup failed|mmdebstrap failed)", line)]
        raise LabError("\n".join([f"mmdebstrap could not make a root of {suite}:",
                                  *(said or done.stdout.splitlines()[-20:]),
                                  "check the package names and the host's APT sources"]))
