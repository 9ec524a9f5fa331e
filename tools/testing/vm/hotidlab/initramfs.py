# SPDX-License-Identifier: GPL-2.0
"""The two archives a guest starts from.

The first is the same for all guests of a kernel: busybox, the drivers for the
disks and ports, guest/init and the agent. The second is the node's own: its
name, its addresses, and the files to lay over the root.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .cache import cached, digest
from .command import run
from .errors import LabError
from .paths import GUEST_SOURCES

DRIVERS = ["virtio_pci", "virtio_blk", "virtio_net", "virtio_console",
           "crc32c_generic", "ext4", "configfs"]
# What ext4 asks for by name at run time, until checksums became a library.
WHERE_SPLIT = ["crc32c_generic"]


def _pack(tree, archive):
    """Pack a directory as an uncompressed newc archive (QEMU copies it as is)."""
    names = b"\0".join(os.fsencode(os.path.relpath(os.path.join(where, name), tree))
                       for where, dirs, files in os.walk(tree) for name in sorted(dirs + files))
    with open(archive, "wb") as out:
        done = subprocess.run(["cpio", "--quiet", "-0", "-o", "-H", "newc", "-R", "0:0"],
                              cwd=tree, input=names, stdout=out, stderr=subprocess.PIPE,
                              check=False)
    if done.returncode:
        raise LabError(f"cpio failed: {done.stderr.decode(errors='replace').strip()}")


def agent_binary():
    """The guests' agent, compiled for the host's architecture, static."""
    sources = [GUEST_SOURCES / name for name in ("agent.c", "session.c")]
    flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-static"]

    def make(directory):
        run(["gcc", *flags, "-o", directory / "agent", *sources])
        run(["strip", directory / "agent"])

    return cached("agent", digest(flags, *sources, GUEST_SOURCES / "session.h"), make) / "agent"


def base_archive(kernel):
    """The archive all guests of KERNEL share."""
    agent = agent_binary()
    init = GUEST_SOURCES / "init"
    busybox = Path("/bin/busybox")
    modules = kernel.module_files(DRIVERS, WHERE_SPLIT)

    def make(directory):
        tree = directory / "tree"
        for name in ("bin", "dev", "proc", "sys", "root", "drivers", "node"):
            (tree / name).mkdir(parents=True)
        shutil.copy2(busybox, tree / "bin/busybox")
        for applet in run([busybox, "--list"]).split():
            if applet != "busybox":
                (tree / "bin" / applet).symlink_to("busybox")
        shutil.copy2(init, tree / "init")
        shutil.copy2(agent, tree / "agent")
        for module in modules:
            shutil.copy2(module, tree / "drivers" / module.name)
        (tree / "drivers/order").write_text(
            "".join(f"{module.name}\n" for module in modules), encoding="ascii")
        _pack(tree, directory / "base.cpio")
        shutil.rmtree(tree)

    key = digest(kernel.path.name, [str(m) for m in modules], init, agent, busybox)
    return cached("initramfs", key, make) / "base.cpio"


def _merge_usr(overlay):
    """/bin, /lib and so on are links in the root: their files go to /usr."""
    for name in ("bin", "sbin", "lib", "lib64"):
        old = overlay / name
        if old.is_dir() and not old.is_symlink():
            shutil.copytree(old, overlay / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(old)
    if overlay.exists():
        overlay.chmod(0o755)     # becomes the mode of the guest's /


def node_archive(archive, kernel, env, overlays):
    """ARCHIVE for one boot of one node: base, ENV, and the trees OVERLAYS.

    Later overlays win over earlier ones. Owners become root.
    """
    with tempfile.TemporaryDirectory(prefix="hotidlab-") as scratch:
        node = Path(scratch) / "node"
        node.mkdir()
        (node / "env").write_text("".join(f'{name}="{value}"\n' for name, value in env.items()),
                                  encoding="utf-8")
        for overlay in overlays:
            overlay = Path(overlay)
            if not overlay.is_dir():
                raise LabError(f"overlay {overlay}: no such directory")
            shutil.copytree(overlay, node / "overlay", symlinks=True, dirs_exist_ok=True)
        _merge_usr(node / "overlay")
        _pack(scratch, archive.with_suffix(".node"))
    with open(archive, "wb") as out:
        for part in (base_archive(kernel), archive.with_suffix(".node")):
            with open(part, "rb") as data:
                shutil.copyfileobj(data, out)
            out.write(b"\0" * (-out.tell() % 512))
    archive.with_suffix(".node").unlink()
