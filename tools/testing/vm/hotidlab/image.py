# SPDX-License-Identifier: GPL-2.0
"""File system images from directories."""

from .command import run


def make_ext4(directory, image, spare_mib):
    """An ext4 image of DIRECTORY with SPARE_MIB free; sparse, no journal.

    Guests only ever write to a throw-away copy, so a journal buys nothing.
    """
    used_kib = int(run(["du", "-sk", "--apparent-size", directory]).split()[0])
    files = int(run(["du", "-s", "--inodes", directory]).split()[0])
    size_mib = used_kib * 5 // 4 // 1024 + files * 4 // 1024 + spare_mib
    with open(image, "wb") as out:
        out.truncate(size_mib << 20)
    run(["mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "-N", str(files + 50000),
         "-O", "^has_journal,^resize_inode", "-E", "lazy_itable_init=1,root_owner=0:0",
         "-d", directory, image])
