# SPDX-License-Identifier: GPL-2.0
"""What the guests run: built by make, laid out as the trees that the lab lays over them."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from hotidlab import Kernel, LabError
from hotidlab.command import run

from .topology import PEERS, STORAGE

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[2]
NODES = HERE / "nodes"
LUN_MIB = 64


def _output():
    """O as in the Makefile: make's notes on dependencies have it in them as it was given."""
    return os.environ.get("O") or "build"


def output_dir():
    """Where build output goes."""
    return TOP / _output()


def _make(*goals):
    """Only what changed is built; make knows."""
    # a make that started us must not hand down its job server or its variables
    env = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "HOTID_READY")}
    command = ["make", "-s", "--no-print-directory", "-C", str(TOP), f"-j{os.cpu_count()}", *goals]
    if subprocess.run(command, env=env, check=False).returncode:
        raise LabError(f"`{' '.join(command)}` failed")


def install(root, *goals):
    """Make these goals, and lay what `make install` installs, and the module, out as a tree."""
    output = f"O={_output()}"
    _make(output, *goals)
    shutil.rmtree(root, ignore_errors=True)
    # with no jobs of its own: it only copies
    run(["make", "-s", "--no-print-directory", "-C", TOP, output, f"DESTDIR={root}",
         "PREFIX=/usr", "install"], env={**os.environ, "MAKEFLAGS": "", "MFLAGS": ""})
    _add_module(root)


def build(directory, etc):
    """Build everything. Returns the overlays by node name.

    etc(name, peer) gives the files of a node: text by its path below /etc/hotid.
    """
    root = directory / "root"
    install(root, "all", "ledger-programs")
    _add_key(root)
    overlays = {name: [root, NODES / "common", _configure(directory / name, etc(name, peer))]
                for name, peer in PEERS.items()}
    return {**overlays, STORAGE: [NODES / STORAGE]}


def _add_module(root):
    kernel = Kernel()
    modules = kernel.build_module(TOP, output_dir() / "kmod" / kernel.release)
    target = root / "usr/lib/hotid/hotid.ko"
    target.parent.mkdir(parents=True, exist_ok=True)
    run(["strip", "--strip-debug", "-o", target, modules[0]])


def _configure(tree, files):
    """A tree with a node's /etc/hotid."""
    for path, text in files.items():
        target = tree / "etc/hotid" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return tree


def _add_key(root):
    key = root / "etc/hotid/key"
    key.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
              encoding="ascii") as out:
        out.write(secrets.token_hex(16) + "\n")


def make_lun(directory):
    """The identity's disk: ext4, with its service on it. Returns the image."""
    tree, image = directory / "lun", directory / "lun.img"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "bin").mkdir(parents=True)
    shutil.copy2(client_program().with_name("ledger"), tree / "bin/ledger")
    with open(image, "wb") as out:
        out.truncate(LUN_MIB << 20)
    run(["mke2fs", "-q", "-F", "-t", "ext4", "-E", "lazy_itable_init=0,root_owner=0:0",
         "-d", tree, image])
    return image


def client_program():
    """The client, which runs on the host, in a namespace."""
    return output_dir() / "ledger/client"
