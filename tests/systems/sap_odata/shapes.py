"""What the stand-in serves: SAP's published shapes, read from `shapes.yaml`, and their metadata documents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

_TYPE = re.compile(r"(?P<kind>\w+)(?:\((?P<size>\d+)(?:,(?P<scale>\d+))?\))?(?P<flags>.*)")
_TICKS = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


LINKS_4 = {"to_Description": "_ProductDescription", "to_Plant": "_ProductPlant"}
"""What links are called in version 4."""


class Invalid(Exception):
    """A value does not fit its property."""


@dataclass(frozen=True)
class Property:
    name: str
    kind: str
    size: int | None
    scale: int | None
    is_read_only: bool
    is_fixed: bool
    is_filterable: bool

    def read(self, value: Any) -> Any:
        """The value of a request, as it is kept; Invalid where SAP would not parse it."""
        if value is None:
            return None
        try:
            match self.kind:
                case "String" if isinstance(value, str):
                    if self.size is not None and len(value) > self.size:
                        raise Invalid(
                            f"Value '{value}' of '{self.name}' exceeds the maximum length {self.size}"
                        )
                    return value
                case "Decimal" if isinstance(value, str):
                    return self._decimal(Decimal(value))
                case "Boolean" if isinstance(value, bool):
                    return value
                case "DateTime" if isinstance(value, str) and (found := _TICKS.fullmatch(value)):
                    return (_EPOCH + timedelta(milliseconds=int(found[1]))).date()
                case "DateTimeOffset" if isinstance(value, str) and (found := _TICKS.fullmatch(value)):
                    return _EPOCH + timedelta(milliseconds=int(found[1]))
        except InvalidOperation:
            pass
        raise Invalid(f"Invalid value '{value}' for property '{self.name}' of type 'Edm.{self.kind}'")

    def _decimal(self, value: Decimal) -> Decimal:
        places = -int(value.as_tuple().exponent)
        if self.scale is not None and places > self.scale:
            raise Invalid(f"Value '{value}' of '{self.name}' has more than {self.scale} decimals")
        if self.size is not None and len(str(abs(int(value)))) > self.size - (self.scale or 0):
            raise Invalid(f"Value '{value}' of '{self.name}' is too large")
        return value.quantize(Decimal(1).scaleb(-(self.scale or 0)))

    def written(self, value: Any, version: int) -> Any:
        """The value as an answer has it."""
        match value:
            case None:
                return "" if self.kind == "String" else None
            case Decimal():
                return f"{value:f}"
            case datetime():
                ticks = (value - _EPOCH) // timedelta(milliseconds=1)
                return f"/Date({ticks}+0000)/" if version == 2 else value.isoformat()
            case date():
                moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
                ticks = (moment - _EPOCH) // timedelta(milliseconds=1)
                return f"/Date({ticks})/" if version == 2 else value.isoformat()
            case _:
                return value


@dataclass(frozen=True)
class Shape:
    """One entity set."""

    name: str
    service: str
    keys: tuple[str, ...]
    properties: dict[str, Property]
    links: dict[str, str]
    joins: dict[str, dict[str, str]] = field(default_factory=dict)
    aggregates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Service:
    name: str
    path: str
    schema: str
    version: int
    sets: dict[str, Shape]


def services() -> dict[str, Service]:
    """Every service, by its name; products in version 4 too."""
    given = yaml.safe_load(Path(__file__).with_name("shapes.yaml").read_text(encoding="utf-8"))
    found = {name: _service(name, spec) for name, spec in given.items()}
    products = found["API_PRODUCT_SRV"]
    path = "/sap/opu/odata4/sap/api_product/srvd_a2x/sap/product/0002"
    sets = {name.removeprefix("A_"): shape for name, shape in products.sets.items()}
    found["api_product"] = Service("api_product", path, "1.0.0", 4, sets)
    return found


def _service(name: str, spec: dict[str, Any]) -> Service:
    sets = {}
    for set_name, given in spec["sets"].items():
        joins = {
            link: {each: each for each in by} if isinstance(by, list) else by
            for link, by in given.get("joins", {}).items()
        }
        sets[set_name] = Shape(
            set_name,
            name,
            tuple(given["keys"]),
            {p: _property(p, text) for p, text in given["properties"].items()},
            given.get("links", {}),
            {link: joins.get(link) or {key: key for key in given["keys"]} for link in given.get("links", {})},
            tuple(given.get("aggregates", ())),
        )
    return Service(name, spec["path"], spec["schema"], 2, sets)


def _property(name: str, text: str) -> Property:
    found = _TYPE.fullmatch(text)
    assert found is not None, text
    size, scale, flags = found["size"], found["scale"], found["flags"]
    return Property(
        name,
        found["kind"],
        int(size) if size else None,
        int(scale) if scale else None,
        "ro" in flags.split(),
        "fixed" in flags,
        "no filter" not in flags,
    )


def metadata(service: Service, *, without: str = "") -> str:
    """The EDMX document of a service, in its version."""
    return _metadata_4(service) if service.version == 4 else _metadata_2(service, without)


def _metadata_2(service: Service, without: str) -> str:
    types, ends, sets = [], [], []
    for shape in service.sets.values():
        keys = "".join(f'<PropertyRef Name="{key}"/>' for key in shape.keys)
        properties = "".join(_edm(p, shape, without) for p in shape.properties.values() if p.name != without)
        links = ""
        for link, target in shape.links.items():
            role = f"{shape.name}_{link}"
            links += (
                f'<NavigationProperty Name="{link}" Relationship="{service.name}.assoc_{role}"'
                f' FromRole="From_{role}" ToRole="To_{role}"/>'
            )
            ends.append(
                f'<Association Name="assoc_{role}"><End Type="{service.name}.{shape.name}Type"'
                f' Multiplicity="1" Role="From_{role}"/><End Type="{service.name}.{target}Type"'
                f' Multiplicity="*" Role="To_{role}"/></Association>'
            )
        types.append(f'<EntityType Name="{shape.name}Type"><Key>{keys}</Key>{properties}{links}</EntityType>')
        sets.append(f'<EntitySet Name="{shape.name}" EntityType="{service.name}.{shape.name}Type"/>')
    return (
        '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="1.0"'
        ' xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"'
        ' xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"'
        ' xmlns:sap="http://www.sap.com/Protocols/SAPData"><edmx:DataServices m:DataServiceVersion="2.0">'
        f'<Schema Namespace="{service.name}" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">'
        f'<Annotation Term="Core.SchemaVersion" String="{service.schema}"'
        ' xmlns="http://docs.oasis-open.org/odata/ns/edm"/>'
        f"{''.join(types)}{''.join(ends)}"
        f'<EntityContainer Name="{service.name}_Entities" m:IsDefaultEntityContainer="true">{"".join(sets)}'
        "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
    )


def _metadata_4(service: Service) -> str:
    space, types, sets = "com.sap.gateway.srvd_a2x.product.v0002", "", ""
    for shape in service.sets.values():
        keys = "".join(f'<PropertyRef Name="{key}"/>' for key in shape.keys)
        properties = "".join(_edm(p, shape, "", 4) for p in shape.properties.values())
        links = "".join(
            f'<NavigationProperty Name="{LINKS_4[link]}" Type="Collection({space}.{target[2:]}Type)"/>'
            for link, target in shape.links.items()
        )
        name = shape.name.removeprefix("A_")
        types += f'<EntityType Name="{name}Type"><Key>{keys}</Key>{properties}{links}</EntityType>'
        sets += f'<EntitySet Name="{name}" EntityType="{space}.{name}Type"/>'
    return (
        '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0"'
        ' xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
        f'<Schema Namespace="{space}" xmlns="http://docs.oasis-open.org/odata/ns/edm">{types}'
        f'<EntityContainer Name="Container">{sets}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>'
    )


def _edm(one: Property, shape: Shape, without: str, version: int = 2) -> str:
    kind = "Date" if version == 4 and one.kind == "DateTime" else one.kind
    sizes = ""
    if one.kind == "String" and one.size:
        sizes = f' MaxLength="{one.size}"'
    elif one.kind == "Decimal":
        sizes = f' Precision="{one.size}" Scale="{one.scale}"'
    key = ' Nullable="false"' if one.name in shape.keys else ""
    fixed = ' ConcurrencyMode="Fixed"' if one.is_fixed else ""
    flags = ' sap:creatable="false" sap:updatable="false"' if one.is_read_only and version == 2 else ""
    if not one.is_filterable and version == 2:
        flags += ' sap:sortable="false" sap:filterable="false"'
    return f'<Property Name="{one.name}" Type="Edm.{kind}"{key}{sizes}{fixed}{flags}/>'
