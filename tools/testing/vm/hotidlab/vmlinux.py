# SPDX-License-Identifier: GPL-2.0
"""The uncompressed kernel inside a bzImage.

QEMU starts an ELF kernel by its PVH entry: no BIOS probing and no
decompression, which under emulation is more than half of the boot time.
"""

import gzip
import lzma
import struct
import subprocess

_MAGICS = {b"\xfd7zXZ": "xz", b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


def unpack(bzimage):
    """The ELF image as bytes, or None where it has to boot as it is."""
    setup_sectors = bzimage[0x1f1] or 4
    offset, length = struct.unpack_from("<II", bzimage, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    payload = bzimage[start:start + length]
    kind = next((name for magic, name in _MAGICS.items() if payload.startswith(magic)), None)
    try:
        if kind == "xz":
            image = lzma.LZMADecompressor().decompress(payload)
        elif kind == "gzip":
            image = gzip.decompress(payload)
        elif kind == "zstd":         # four bytes of size follow the stream
            image = subprocess.run(["zstd", "-dcq"], input=payload[:-4], check=True,
                                   stdout=subprocess.PIPE).stdout
        else:
            return None
    except (OSError, lzma.LZMAError, EOFError, subprocess.CalledProcessError):
        return None
    return image if image.startswith(b"\x7fELF") and _has_pvh_entry(image) else None


def _has_pvh_entry(image):
    """Whether there is the note that names the PVH entry: owner "Xen", type 18."""
    return any(struct.pack("<III", 4, size, 18) + b"Xen\0" in image for size in (4, 8))
