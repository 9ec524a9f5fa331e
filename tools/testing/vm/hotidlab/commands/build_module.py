# SPDX-License-Identifier: GPL-2.0
"""Build an out-of-tree kernel module for a guest's kernel.

SOURCE has a Kbuild file at its top. The module is built with the headers and
the compiler of the suite the kernel comes from, and only when a source
changed. Prints the modules it made. By default they go to
build/kmod/RELEASE/.
"""

from .. import host
from ..kernel import DEFAULT, KERNELS, Kernel
from ..paths import TOP, build_dir


def add_arguments(parser):
    """Options of `lab build-module`."""
    parser.add_argument("--kernel", choices=KERNELS, help=f"kernel to build for ({DEFAULT})")
    parser.add_argument("source", nargs="?", default=TOP, help="default: the repository's top")
    parser.add_argument("output", nargs="?", help="where the .ko goes")


def main(args):
    """Build and print the paths of the modules."""
    host.need_root()
    host.need_packages()
    kernel = Kernel(args.kernel)
    output = args.output or build_dir() / "kmod" / kernel.release
    for module in kernel.build_module(args.source, output):
        print(module)
    return 0
