#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Write what follows from the netlink specification.

usage: generate.py SPEC TOP            write the files below TOP
       generate.py --check SPEC TOP    exit 1 and name each file that is stale

From kmod/spec/hotid.yaml come kmod/uapi/linux/hotid.h (the interface),
kmod/netlink_gen.[ch] (policies and the table of operations),
userspace/libhotid/names_gen.[ch] (enum and attribute names in words) and
docs/kernel-interface.md (all of it for readers). From kmod/version.h comes
userspace/libhotid/hotid_version.h.

The first two are made by the kernel's own generator, ynl-gen-c.py, which must
have been fetched by tools/kernel-files (make generate does it). They are left
out of a check when it is not there. Made here is what it cannot make: a table
of operations for 6.1, which has no split operations, names for libhotid,
as its code for user space needs a library of its own, and the reference.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import yaml

BANNER = "Generated from kmod/spec/hotid.yaml by \"make generate\". Do not edit."
TOOLS = Path(os.environ.get("O", "build")) / "kernel-files/tools"


def upper(*words):
    return "_".join(words).upper().replace("-", "_")


def lower(*words):
    return "_".join(words).replace("-", "_")


class Spec:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            data = yaml.safe_load(file)
        self.path, self.name, self.doc = path, data["name"], data["doc"]
        self.consts = [d for d in data["definitions"] if d["type"] == "const"]
        self.enums = [d for d in data["definitions"] if d["type"] != "const"]
        self.sets = {s["name"]: s for s in data["attribute-sets"]}
        self.ops = data["operations"]["list"]
        self.groups = data["mcast-groups"]["list"]

    def attribute(self, set_name, name):
        for attribute in self.sets[set_name]["attributes"]:
            if attribute["name"] == name:
                return attribute
        raise SystemExit(f"{self.path}: set {set_name} has no attribute {name}")

    def requests(self):
        """Operations that take attributes: (op, attribute names)."""
        for op in self.ops:
            names = op.get("do", {}).get("request", {}).get("attributes", [])
            yield op, names


def stock(mode, path):
    """What the kernel's own generator makes of the specification, for the file of that name.

    It reads what is laid out as in the kernel's tree, and knows its top by MAINTAINERS.
    """
    def make(spec):
        with tempfile.TemporaryDirectory() as tree:
            top = Path(tree)
            copy = top / "Documentation/netlink/specs" / Path(spec.path).name
            copy.parent.mkdir(parents=True)
            (top / "MAINTAINERS").touch()
            shutil.copy(spec.path, copy)
            shutil.copy(TOOLS / "Documentation/netlink/genetlink.yaml", copy.parents[1])
            made = top / Path(path).name
            done = subprocess.run(
                [sys.executable, TOOLS / "tools/net/ynl/ynl-gen-c.py", "--spec", copy, "--mode",
                 mode, "--header" if made.suffix == ".h" else "--source", "-o", made],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode or not made.exists():
                raise SystemExit(f"{done.stdout}\n{spec.path}: ynl-gen-c.py refuses it")
            text = made.read_text(encoding="utf-8")
            return text.replace(f"Documentation/netlink/specs/{copy.name}", spec.path).splitlines()
    return make


def kernel_source(path):
    """The kernel's generator's policies, with a table of operations that 6.1 can read."""
    def make(spec):
        lines = stock("kernel", path)(spec)
        lines = lines[:lines.index(f"/* Ops table for {spec.name} */")]
        # Ranges are constant for a policy only from 6.7 on.
        return [line.replace("static const struct netlink_range", "static struct netlink_range")
                for line in lines] + operations(spec)
    return make


def highest(spec, op, names):
    """The attribute of a request with the highest number, where its policy ends."""
    order = [a["name"] for a in spec.sets[op["attribute-set"]]["attributes"]]
    return upper("hotid_a", op["attribute-set"], max(names, key=order.index))


def operations(spec):
    out = ["/* By generate.py: 6.1 has no split operations. */", '#include "netlink.h"', "",
           "static const struct genl_ops hotid_nl_ops[] = {"]
    for op, names in spec.requests():
        if "notify" in op:
            continue
        out += ["\t{", f"\t\t.cmd = {upper('hotid_cmd', op['name'])},"]
        if "do" in op:
            out.append(f"\t\t.doit = {lower('hotid_nl', op['name'], 'doit')},")
        if "dump" in op:
            out.append(f"\t\t.dumpit = {lower('hotid_nl', op['name'], 'dumpit')},")
        if names:
            out += [f"\t\t.policy = hotid_{lower(op['name'])}_nl_policy,",
                    f"\t\t.maxattr = {highest(spec, op, names)},"]
        if "admin-perm" in op.get("flags", []):
            out.append("\t\t.flags = GENL_ADMIN_PERM,")
        out.append("\t},")
    out += ["};", "", "static const struct genl_multicast_group hotid_nl_groups[] = {"]
    for group in spec.groups:
        flags = ", .flags = GENL_MCAST_CAP_NET_ADMIN" if group.get("flags") else ""
        out.append(f"\t[{upper('hotid_nlgrp', group['name'])}] = {{ .name = \"{group['name']}\"{flags} }},")
    out += ["};", "", "struct genl_family hotid_nl_family __ro_after_init = {",
            "\t.name = HOTID_FAMILY_NAME,", "\t.version = HOTID_FAMILY_VERSION,",
            "\t.module = THIS_MODULE,", "\t.netnsok = true,", "\t.parallel_ops = true,",
            "\t.pre_doit = hotid_nl_pre_doit,", "\t.post_doit = hotid_nl_post_doit,",
            "\t.ops = hotid_nl_ops,", "\t.n_ops = ARRAY_SIZE(hotid_nl_ops),",
            f"\t.resv_start_op = {upper('hotid_cmd', spec.ops[0]['name'])},",
            "\t.mcgrps = hotid_nl_groups,", "\t.n_mcgrps = ARRAY_SIZE(hotid_nl_groups),"]
    return out + ["};"]


# What hotid.h calls the enums that it names otherwise; None where it has no function for one.
PUBLIC = {"identity-state": "state", "step-status": "status", "peer-flags": "peer-flag",
          "identity-flags": "identity-flag", "omission": None}


def names_h(spec):
    out = ["/* SPDX-License-Identifier: LGPL-2.1-or-later */", f"/* {BANNER} */",
           "#ifndef HOTID_NAMES_GEN_H", "#define HOTID_NAMES_GEN_H", "", "#include <stdint.h>", ""]
    out += ["/* The attribute set of a command's request, and an attribute's name in it. */",
            "const char *hotid_name_attribute(uint8_t cmd, uint16_t attribute);",
            "/* The same inside a nest: the set's name is that of the nested attributes. */",
            "const char *hotid_name_nested(uint8_t cmd, uint16_t nest, uint16_t attribute);", ""]
    return out + ["#endif /* HOTID_NAMES_GEN_H */"]


def names_c(spec):
    out = ["// SPDX-License-Identifier: LGPL-2.1-or-later", f"/* {BANNER} */",
           '#include "names_gen.h"', "", '#include "hotid.h"', "",
           "#define ENTRY(table, index) \\",
           "\t((index) < sizeof(table) / sizeof((table)[0]) && (table)[index] ? (table)[index] : \"?\")", ""]
    for enum in spec.enums:
        words = ", ".join(f'"{e["name"]}"' for e in enum["entries"])
        name = PUBLIC.get(enum["name"], enum["name"])
        if not name:
            continue
        out += [f"const char *hotid_{lower(name)}_name(uint32_t value)", "{"]
        out += textwrap.wrap(f"static const char *const names[] = {{ {words} }};", 76,
                             initial_indent="\t", subsequent_indent="\t\t",
                             break_on_hyphens=False)
        out += ["", "\treturn ENTRY(names, value);", "}", ""]
    used = {op.get("attribute-set") for op in spec.ops}
    used |= {spec.attribute(op["attribute-set"], n).get("nested-attributes")
             for op, names in spec.requests() for n in names}
    for aset in (s for s in spec.sets.values() if s["name"] in used):
        out.append(f"static const char *const {lower(aset['name'])}_attributes[] = {{")
        out += [f"\t[{upper('hotid_a', aset['name'], a['name'])}] = \"{a['name']}\"," for a in aset["attributes"]]
        out += ["};", ""]
    out += ["const char *hotid_name_attribute(uint8_t cmd, uint16_t attribute)", "{", "\tswitch (cmd) {"]
    for name in spec.sets:
        mine = [op for op in spec.ops if op.get("attribute-set") == name]
        out += [f"\tcase {upper('hotid_cmd', op['name'])}:" for op in mine]
        if mine:
            out.append(f"\t\treturn ENTRY({lower(name)}_attributes, attribute);")
    out += ["\t}", '\treturn "?";', "}", "",
            "const char *hotid_name_nested(uint8_t cmd, uint16_t nest, uint16_t attribute)", "{"]
    for op, names in spec.requests():
        for nest in names:
            attribute = spec.attribute(op["attribute-set"], nest)
            if attribute["type"] == "nest":
                out += [f"\tif (cmd == {upper('hotid_cmd', op['name'])} && nest == {upper('hotid_a', op['attribute-set'], nest)})",
                        f"\t\treturn ENTRY({lower(attribute['nested-attributes'])}_attributes, attribute);"]
    return out + ['\treturn "?";', "}"]


def cell(text):
    """Prose as one line of a table."""
    return " ".join((text or "").split()).replace("|", "\\|")


def paragraphs(text):
    """Prose as it stands, wrapped."""
    for part in text.strip().split("\n\n"):
        yield from textwrap.wrap(" ".join(part.split()), 80, break_on_hyphens=False)
        yield ""


def limits(attribute):
    """What a value must be, in words."""
    checks = attribute.get("checks", {})
    words = [f"{word} {checks[key]}" for key, word in
             (("min", "at least"), ("max", "at most"), ("exact-len", "length"),
              ("max-len", "length at most")) if key in checks]
    words += [f"one of {attribute['enum']}"] if "enum" in attribute else []
    words += [f"nest of {attribute['nested-attributes']}"] if attribute["type"] == "nest" else []
    words += ["may be repeated"] if attribute.get("multi-attr") else []
    return ", ".join(words)


def names_of(op, kind, way):
    """Attributes of a request or a reply, in words."""
    part = op.get(kind, {}).get(way, {}).get("attributes", [])
    return ", ".join(f"`{name}`" for name in part)


def reference_operation(op):
    flags = " (needs `CAP_NET_ADMIN`)" if "admin-perm" in op.get("flags", []) else ""
    yield from [f"### {op['name']}{flags}", ""]
    yield from paragraphs(op["doc"])
    if "notify" in op:
        yield from [f"- event: as from `{op['notify']}`", ""]
    event = ", ".join(f"`{name}`" for name in op.get("event", {}).get("attributes", []))
    lines = [f"- {kind}, {way}: {names}" for kind in ("do", "dump") for way in ("request", "reply")
             if (names := names_of(op, kind, way))]
    lines += ["- dump: as do"] if op.get("dump") == {} else []
    lines += [f"- event: {event}"] if event else []
    yield from [*lines, ""] if lines else []


def reference(spec):
    """docs/kernel-interface.md"""
    yield from [f"<!-- {BANNER} -->", "# The netlink interface", "",
                f"The generic-netlink family `{spec.name}`: all operations, attributes and enums.",
                "hotid-netlink(7) explains how they work together; most programs use libhotid(3).",
                ""]
    yield from paragraphs(spec.doc)
    yield from ["## Operations", ""]
    for op in spec.ops:
        yield from reference_operation(op)
    yield from ["## Attributes", ""]
    for aset in spec.sets.values():
        yield from [f"### {aset['name']}", ""]
        yield from paragraphs(aset.get("doc", ""))
        yield from ["| attribute | type | value | meaning |", "|---|---|---|---|"]
        yield from (f"| `{a['name']}` | {a['type']} | {limits(a)} | {cell(a.get('doc'))} |"
                    for a in aset["attributes"])
        yield ""
    yield from ["## Enums and flags", ""]
    for enum in spec.enums:
        yield from [f"### {enum['name']}", ""]
        yield from paragraphs(enum.get("doc", ""))
        yield from [f"- `{e['name']}`: {cell(e.get('doc'))}" for e in enum["entries"]]
        yield ""
    yield from ["## Constants", "", "| constant | value | meaning |", "|---|---|---|"]
    for const in spec.consts:
        value = const["value"] if const["value"] < 1 << 32 else hex(const["value"])
        yield f"| `{const['name']}` | {value} | {cell(const.get('doc'))} |"


def version_h(spec):
    text = (Path(spec.path).parents[1] / "version.h").read_text(encoding="utf-8")
    major, minor, patch = re.search(r'HOTID_VERSION\t"(\d+)\.(\d+)\.(\d+)"', text).groups()
    return ["/* SPDX-License-Identifier: LGPL-2.1-or-later */",
            '/* Generated from kmod/version.h by "make generate". Do not edit. */',
            "#ifndef HOTID_VERSION_MAJOR", "",
            f"#define HOTID_VERSION_MAJOR\t{major}",
            f"#define HOTID_VERSION_MINOR\t{minor}",
            f"#define HOTID_VERSION_PATCH\t{patch}", "",
            "/* Whether the hotid.h that a program is compiled with is of this version or later. */",
            "#define HOTID_VERSION_AT_LEAST(major, minor, patch)\t\t\t\t\t\\",
            "\t(HOTID_VERSION_MAJOR > (major) ||\t\t\t\t\t\t\\",
            "\t (HOTID_VERSION_MAJOR == (major) &&\t\t\t\t\t\t\\",
            "\t  (HOTID_VERSION_MINOR > (minor) ||\t\t\t\t\t\t\\",
            "\t   (HOTID_VERSION_MINOR == (minor) && HOTID_VERSION_PATCH >= (patch)))))", "",
            "#endif /* HOTID_VERSION_MAJOR */"]


STOCK = {
    "kmod/uapi/linux/hotid.h": stock("uapi", "hotid.h"),
    "kmod/netlink_gen.h": stock("kernel", "netlink_gen.h"),
    "kmod/netlink_gen.c": kernel_source("netlink_gen.c"),
}

OWN = {
    "userspace/libhotid/hotid_version.h": version_h,
    "userspace/libhotid/names_gen.h": names_h,
    "userspace/libhotid/names_gen.c": names_c,
    "docs/kernel-interface.md": reference,
}


def main(arguments):
    check = arguments[:1] == ["--check"]
    if len(arguments) != 2 + check:
        raise SystemExit(__doc__)
    spec_path, top = arguments[check:]
    spec, stale = Spec(spec_path), []
    files = OWN if check and not TOOLS.exists() else STOCK | OWN
    for path, make in files.items():
        text = "\n".join(make(spec)).rstrip("\n") + "\n"
        full = os.path.join(top, path)
        old = None
        if os.path.exists(full):
            with open(full, encoding="utf-8") as file:
                old = file.read()
        if text == old:
            continue
        stale.append(path)
        if not check:
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
            print(f"  GEN     {path}")
    if check:
        for path in stale:
            print(f"{path}: not what {spec_path} says; run \"make generate\"", file=sys.stderr)
        return 1 if stale else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
