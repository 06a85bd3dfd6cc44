"""The bill of materials of a bundle in CycloneDX: what lies in its wheels, and what the built panel holds.

    .venv-deploy/bin/python .ci/bill.py WHEELS OUT

Written by CycloneDX's own library and held against its schema before it is kept.
"""

from __future__ import annotations

import base64
import email
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.exception import CycloneDxException
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
VERSION = SchemaVersion.V1_6
OURS = "plantwright"


def main(wheels: Path, out: Path) -> int:
    """Write the bill; 1 and what is wrong where it is not valid."""
    found = {
        name: (component, needs) for name, component, needs in map(of_wheel, sorted(wheels.glob("*.whl")))
    }
    ours = found[OURS][0]
    ours.type = ComponentType.APPLICATION
    bom = Bom(components=[component for component, _ in found.values() if component is not ours])
    bom.metadata.component = ours
    panel = list(of_panel())
    bom.components.update(panel)
    for component, needs in found.values():
        there = [found[name][0] for name in needs if name in found]
        bom.register_dependency(component, [*there, *(panel if component is ours else [])])
    text = make_outputter(bom, OutputFormat.JSON, VERSION).output_as_string(indent=1)
    if (wrong := JsonStrictValidator(VERSION).validate_str(text)) is not None:
        print(f"the bill of materials is not valid: {wrong}", file=sys.stderr)
        return 1
    out.write_text(text, encoding="utf-8")
    print(f"    {len(found)} packages and {len(panel)} of the panel in {out.name}")
    return 0


def of_wheel(wheel: Path) -> tuple[str, Component, set[str]]:
    """A wheel's name, what it is, and the names of what it needs here."""
    with zipfile.ZipFile(wheel) as opened:
        (metadata,) = [name for name in opened.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
        held = email.message_from_bytes(opened.read(metadata))
    name, version = canonicalize_name(str(held["Name"])), str(held["Version"])
    wants = map(Requirement, held.get_all("Requires-Dist") or [])
    # Extras too: which of them is used the bundle does not say, only what lies in it.
    extras = ["", *(held.get_all("Provides-Extra") or [])]
    needs = {
        canonicalize_name(each.name)
        for each in wants
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras)
    }
    component = Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=f"pypi:{name}@{version}",
        purl=PackageURL("pypi", None, name, version),
        licenses=licence(LISTED.get(name) or (str(held["License-Expression"]) if name == OURS else "")),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(wheel.read_bytes()).hexdigest())],
    )
    return name, component, needs


def of_panel() -> Iterable[Component]:
    """What the panel is built from, as its lock says; tools of the build are not among it."""
    lock = json.loads((ROOT / "server" / "panel" / "package-lock.json").read_text(encoding="utf-8"))
    seen = set()
    for place, held in lock["packages"].items():
        name, version = place.rpartition("node_modules/")[2], held.get("version", "")
        if not place or held.get("dev") or name.startswith("@types/") or (name, version) in seen:
            continue
        seen.add((name, version))
        scope, _, bare = name.rpartition("/")
        algorithm, _, digest = held["integrity"].partition("-")
        assert algorithm == "sha512"
        yield Component(
            name=bare,
            group=scope or None,
            version=version,
            type=ComponentType.LIBRARY,
            bom_ref=f"npm:{name}@{version}",
            purl=PackageURL("npm", scope or None, bare, version),
            licenses=licence(held["license"]),
            hashes=[HashType(alg=HashAlgorithm.SHA_512, content=base64.b64decode(digest).hex())],
        )


def licence(text: str) -> list:
    """The licence as an expression of SPDX."""
    try:
        return [LicenseFactory().make_from_string(text)] if text else []
    except CycloneDxException:
        return []


def listed() -> dict[str, str]:
    """The licences that docs/licences.md lists; a test keeps that list equal to the lock."""
    text = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", text, re.MULTILINE)
    return {canonicalize_name(name): said.strip() for name, said in rows}


LISTED = listed()

if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
