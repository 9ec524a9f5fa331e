# SPDX-License-Identifier: GPL-2.0
"""/etc/hotid of the nodes, from templates/, which people read."""

from pathlib import Path
from string import Template

from hotidlab.lab import KNOWN_INDEXES
from hotidtest.topology import IDENTITY, PORTALS

_TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


def files(name, peer):
    """Text by path below /etc/hotid, for hotidtest.build."""
    values = {"name": name, "peer": peer, "peer_index": KNOWN_INDEXES[peer],
              "portal": PORTALS[name]}
    return {path: Template((_TEMPLATES / template).read_text(encoding="utf-8")).substitute(values)
            for template, path in (("node.yaml", "node.yaml"),
                                   ("web.yaml", f"identities/{IDENTITY}.yaml"))}
