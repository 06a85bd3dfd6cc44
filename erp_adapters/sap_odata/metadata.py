"""What a service says of itself: its entity sets, their properties with types, keys and lengths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

from erp_adapters.errors import CapabilityMissing, ErpUnavailable
from erp_adapters.sap_odata.values import Version

_DOCTYPE: Final = re.compile(r"<!DOCTYPE", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an entity type."""

    kind: str
    """Such as `Edm.String`."""


@dataclass(frozen=True, slots=True)
class Entity:
    """The type of an entity set's rows."""

    set: str
    properties: Mapping[str, Property]
    keys: tuple[str, ...]
    links: Mapping[str, str]
    """Name of the type behind each navigation property."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """One service."""

    service: str
    version: Version
    schema_version: str
    sets: Mapping[str, Entity]
    types: Mapping[str, Entity]

    def entity(self, name: str) -> Entity:
        """The type of a set's rows.

        Raises:
            CapabilityMissing: the service has no such set.
        """
        if name not in self.sets:
            raise CapabilityMissing(
                f"SAP's service {self.service} has no entity set {name!r}: it is of another release than this"
                f" adapter knows; it has {', '.join(sorted(self.sets)[:12]) or 'none'}"
            )
        return self.sets[name]


def parse(text: str, service: str) -> Metadata:
    """The metadata in an EDMX document.

    Raises:
        ErpUnavailable: it is none.
    """
    if _DOCTYPE.search(text):
        raise ErpUnavailable(f"the metadata of {service} declares a document type, which SAP's never does")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ErpUnavailable(f"the metadata of {service} is no XML: {error}") from error
    version: Version = 4 if root.get("Version", "").startswith("4") else 2
    associations = {
        each.get("Name", ""): {end.get("Role", ""): _last(end.get("Type", "")) for end in _all(each, "End")}
        for each in _all(root, "Association")
    }
    types: dict[str, Entity] = {}
    for each in _all(root, "EntityType"):
        links: dict[str, str] = {}
        for link in _all(each, "NavigationProperty"):
            target = link.get("Type")
            if target is None:
                ends = associations.get(_last(link.get("Relationship", "")), {})
                target = ends.get(link.get("ToRole", ""), "")
            links[link.get("Name", "")] = _last(target.removeprefix("Collection(").removesuffix(")"))
        types[each.get("Name", "")] = Entity(
            each.get("Name", ""),
            {p.get("Name", ""): Property(p.get("Type", "")) for p in _all(each, "Property")},
            tuple(ref.get("Name", "") for ref in _all(each, "PropertyRef")),
            links,
        )
    sets = {}
    for each in _all(root, "EntitySet"):
        name, kind = each.get("Name", ""), _last(each.get("EntityType", ""))
        if kind in types:
            found = types[kind]
            sets[name] = Entity(name, found.properties, found.keys, found.links)
    if not sets:
        raise ErpUnavailable(f"the metadata of {service} names no entity set")
    return Metadata(service, version, _schema_version(root), sets, types)


def _schema_version(root: ElementTree.Element) -> str:
    for each in _all(root, "Annotation"):
        if each.get("Term", "").endswith("SchemaVersion") and each.get("String"):
            return str(each.get("String"))
    for each in _all(root, "Schema"):
        for name, value in each.attrib.items():
            if name.endswith("schema-version"):
                return value
    return "1"


def _all(within: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Every element of this name below, whatever its namespace: each release has another."""
    return [each for each in within.iter() if each.tag.rpartition("}")[2] == name]


def _last(name: str) -> str:
    return name.rpartition(".")[2]
