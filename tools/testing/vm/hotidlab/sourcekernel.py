# SPDX-License-Identifier: GPL-2.0
"""The kernel `debug`: Debian's 6.1, built with the kernel's own checkers.

No distribution ships such a kernel. It has few drivers, so that it builds in
minutes: it is for `lab run`, not for whole servers.
"""

from .paths import VM_DIR

PACKAGE = "linux-source-6.1"
CONFIG = VM_DIR / "debug.config"
BUILD_PACKAGES = ["bc", "bison", "cpio", "dpkg-dev", "flex", "libssl-dev", "rsync"]

# Runs where the other kernels' packages are unpacked, and leaves the same
# files. The kernel's own packaging knows what its headers are. Kconfig drops
# in silence what lacks a dependency: a checker must not go missing like that.
BUILD_KERNEL = """
set -eu
chroot "$1" sh -eu <<'END'
mkdir /tmp/kernel
cd /tmp/kernel
tar -xf /usr/src/linux-source-*.tar.xz --strip-components=1
KCONFIG_ALLCONFIG=/tmp/debug.config make -s alldefconfig
if grep CONFIG_ /tmp/debug.config | grep -vxF -f .config; then
	echo "E: debug.config: Kconfig did not take the lines above"
	exit 1
fi
export KBUILD_BUILD_TIMESTAMP=2026-01-01 KBUILD_BUILD_USER=hotid KBUILD_BUILD_HOST=hotid
make -s -j"$(nproc)" bindeb-pkg DPKG_FLAGS=-d
PATH=/usr/sbin:/usr/bin dpkg --unpack ../linux-headers-*.deb ../linux-image-*.deb
mv /boot/vmlinuz-* /boot/vmlinuz
cd /
rm -rf /tmp/kernel /tmp/linux-* /tmp/debug.config /usr/src/linux-source-*.tar.xz
END
"""
