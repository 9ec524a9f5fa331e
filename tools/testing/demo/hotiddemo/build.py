# SPDX-License-Identifier: GPL-2.0
"""What the guests run: built by make, laid out as the trees that the lab lays over them."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from string import Template

from hotidlab.command import run
from hotidlab.kernel import Kernel
from hotidlab.lab import KNOWN_INDEXES

from .cast import ACTIVE, IDENTITY, PORTALS, SPARE, STORAGE
from .say import DemoError

HERE = Path(__file__).resolve().parents[1]
TOP = HERE.parents[2]
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
        raise DemoError(f"`{' '.join(command)}` failed")


def build(directory):
    """Build everything. Returns the overlays by node name."""
    output = f"O={_output()}"
    _make(output, "all", "demo-programs")
    root = directory / "root"
    shutil.rmtree(root, ignore_errors=True)
    # with no jobs of its own: it only copies
    run(["make", "-s", "--no-print-directory", "-C", TOP, output, f"DESTDIR={root}",
         "PREFIX=/usr", "install"], env={**os.environ, "MAKEFLAGS": "", "MFLAGS": ""})
    _add_module(root)
    _add_key(root)
    common = [root, HERE / "nodes/common"]
    return {ACTIVE: [*common, _configure(directory, ACTIVE, SPARE)],
            SPARE: [*common, _configure(directory, SPARE, ACTIVE)],
            STORAGE: [HERE / "nodes" / STORAGE]}


def _add_module(root):
    kernel = Kernel()
    modules = kernel.build_module(TOP, output_dir() / "kmod" / kernel.release)
    target = root / "usr/lib/hotid/hotid.ko"
    target.parent.mkdir(parents=True, exist_ok=True)
    run(["strip", "--strip-debug", "-o", target, modules[0]])


def _configure(directory, name, peer):
    """/etc/hotid of one node, from templates/."""
    etc = directory / name / "etc/hotid"
    values = {"name": name, "peer": peer, "peer_index": KNOWN_INDEXES[peer],
              "portal": PORTALS[name]}
    for template, target in (("node.yaml", "node.yaml"),
                             ("web.yaml", f"identities/{IDENTITY}.yaml")):
        text = Template((HERE / "templates" / template).read_text(encoding="utf-8"))
        (etc / target).parent.mkdir(parents=True, exist_ok=True)
        (etc / target).write_text(text.substitute(values), encoding="utf-8")
    return directory / name


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
    return output_dir() / "demo/bin/client"
