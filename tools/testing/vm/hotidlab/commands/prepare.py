# SPDX-License-Identifier: GPL-2.0
"""Install what the host needs; build the guests' root and the kernel bundle.

Everything else does this by itself when needed; a second time is quick.
LAB_PACKAGES="a b" adds Debian packages to the guests' root.
"""

from concurrent.futures import ThreadPoolExecutor

from .. import host
from ..initramfs import base_archive
from ..kernel import DEFAULT, KERNELS, Kernel
from ..root import root_image


def add_arguments(parser):
    """Options of `lab prepare`."""
    parser.add_argument("--kernel", choices=KERNELS, help=f"kernel to prepare ({DEFAULT})")


def main(args):
    """Prepare, and say where things are."""
    host.need_root()
    host.need_packages()
    with ThreadPoolExecutor() as pool:      # each mostly waits for the archive
        root = pool.submit(root_image)
        kernel = Kernel(args.kernel)
        base_archive(kernel)
        print(f"kernel {kernel.release}: {kernel.path}\nroot: {root.result()}")
    return 0
