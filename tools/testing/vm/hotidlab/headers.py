# SPDX-License-Identifier: GPL-2.0
"""Headers of every kernel that Debian offers, to compile against and no more.

build/headers/SUITE-HASH is a root of the suite with its headers and compiler;
HASH covers the version that the suite offers today.
"""

from . import debian, offered
from .builder import Builder
from .cache import cached, digest
from .errors import LabError
from .kernel import BUILD_PACKAGES
from .progress import stage

PACKAGES = ["linux-headers-amd64", "linux-headers-rt-amd64"]

# Headers depend on the image of their kernel, which nobody boots here.
UNUSED = ["/boot/*", "/lib/modules/*/kernel/*", "/usr/lib/modules/*/kernel/*", "/lib/firmware/*"]

# suite: the one that it completes, if it is no whole one
SUITES = {
    "bookworm": None,
    "bookworm-backports": "bookworm",
    "trixie": None,
    "trixie-backports": "trixie",
    "sid": None,
}


def builders(suite):
    """A builder for each flavour of the kernel that SUITE offers."""
    base = SUITES[suite]
    extra, wanted = [], PACKAGES
    if base:
        extra, wanted = [suite], [f"{package}/{suite}" for package in PACKAGES]
    packages = [*wanted, *BUILD_PACKAGES]
    versions = [offered.version(package, suite) for package in PACKAGES]
    key = f"{suite}-{digest(base, packages, versions, UNUSED)}"

    def make(directory):
        with stage(f"headers of {suite}: making a root with {versions[0]}"):
            debian.make_root(directory / "root", base or suite, packages, extra_suites=extra,
                             without=UNUSED)

    root = cached("headers", key, make) / "root"
    releases = sorted(entry.name for entry in (root / "lib/modules").iterdir())
    if len(releases) != len(PACKAGES):
        raise LabError(f"{suite}: headers of {', '.join(releases)}, wanted {', '.join(PACKAGES)}")
    return [Builder(root, release) for release in releases]
