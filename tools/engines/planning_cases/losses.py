"""Cases of scrap: what has to be started so that enough comes out good."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tools.engines import scrap
from tools.engines.planning_cases.keys import CaseInvalid, Given, Json, Key, keys_of, read, shown
from tools.engines.structure import ZERO

_CONVENTION = Key("scrap_convention", "text", choices=("surcharge", "yield"))
ASSEMBLY_KEYS = keys_of(
    "assembly",
    Key("yield_qty", "not_negative", required=True),
    Key("assembly_scrap_pct", "percent", required=True),
    _CONVENTION,
)
COMPONENT_KEYS = keys_of(
    "component",
    Key("yield_qty", "not_negative", required=True),
    Key("assembly_scrap_pct", "percent"),
    Key("component_scrap_pct", "percent", required=True),
    Key("quantity_per", "positive"),
    _CONVENTION,
)
OPERATION_KEYS = keys_of(
    "operation",
    Key("required_qty", "not_negative", required=True),
    Key("assembly_scrap_pct", "percent"),
    Key("components", "any", required=True),
    _CONVENTION,
)
_LINE_KEYS = keys_of(
    "scrap_line",
    Key("operation_scrap_pct", "percent"),
    Key("component_scrap_pct", "percent"),
    Key("net", "flag"),
    Key("quantity_per", "positive"),
)


def _convention(given: Given, default: scrap.Convention = "surcharge") -> scrap.Convention:
    named = given.text("scrap_convention", default)
    if named == "yield":
        for name in ("assembly_scrap_pct", "component_scrap_pct", "operation_scrap_pct"):
            if given.number(name, ZERO) >= 100:
                raise CaseInvalid(
                    f"{name!r} is {given.number(name)}: below 100 where yield divides by 1 - scrap"
                )
        given.note("scrap convention: quantity / (1 - scrap)")
        return "yield"
    given.note("scrap convention: quantity x (1 + scrap)")
    return "surcharge"


def assembly(given: Given) -> dict[str, Json]:
    """What to start of an assembly, by surcharge where nothing else is said."""
    return _assembly(given, "surcharge")


def assembly_by_yield(given: Given) -> dict[str, Json]:
    """What to start of an assembly, by yield where nothing else is said (as APO does)."""
    return _assembly(given, "yield")


def _assembly(given: Given, default: scrap.Convention) -> dict[str, Json]:
    good = given.number("yield_qty")
    total = scrap.started(good, given.number("assembly_scrap_pct"), _convention(given, default))
    return {"required_qty": total, "total_qty": total, "scrap_qty": total - good}


def component(given: Given) -> dict[str, Json]:
    """What to issue of a component: its scrap comes on top of the assembly's."""
    good = given.number("yield_qty") * given.number("quantity_per", Decimal(1))
    total = scrap.component_quantity(
        good,
        given.number("assembly_scrap_pct", ZERO),
        given.number("component_scrap_pct"),
        None,
        net=False,
        convention=_convention(given),
    )
    return {"required_qty": total, "total_qty": total, "scrap_qty": total - good}


def operation(given: Given) -> dict[str, Json]:
    """What to issue of each component where operations have scrap of their own."""
    components = given.raw("components")
    if not isinstance(components, Mapping):
        raise CaseInvalid("'components' is no object of components by name")
    convention = _convention(given)
    found: dict[str, Json] = {}
    for name, value in components.items():
        if not isinstance(value, Mapping):
            raise CaseInvalid(
                f"{name!r} is {shown(value)}, not an object with 'operation_scrap_pct' and 'net'"
            )
        line = read(name, value, _LINE_KEYS)
        _convention(Given({**line.values, "scrap_convention": convention}, []))
        found[f"{name}_qty"] = scrap.component_quantity(
            given.number("required_qty") * line.number("quantity_per", Decimal(1)),
            given.number("assembly_scrap_pct", ZERO),
            line.number("component_scrap_pct", ZERO),
            line.number("operation_scrap_pct") if line.has("operation_scrap_pct") else None,
            net=line.flag("net", False),
            convention=convention,
        )
    given.note("a net line is calculated without the assembly's scrap")
    return found
