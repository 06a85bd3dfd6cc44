"""Versions of the ERP records that a draft relies on: the same values give the same version, always."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

import rfc8785

from erp_adapters.caller import Caller
from erp_adapters.errors import DraftInvalid
from erp_adapters.store.session import ReadTransaction, Store
from policies.drafts.parts import FactVersion, plain

ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Fact:
    """Where a record stands, what finds it, and which of its columns a draft relies on."""

    table: str
    key: tuple[str, ...]
    """Key columns in their order; the first of them alone name every row that has them."""
    columns: tuple[str, ...]


FACTS: Mapping[str, Fact] = {
    "material": Fact(
        "material",
        ("material_id",),
        (
            "number",
            "name",
            "is_made",
            "category",
            "base_unit",
            "minimum_lot",
            "maximum_lot",
            "rounding_value",
            "discontinued_on",
            "standard_cost",
            "currency",
        ),
    ),
    "supplier": Fact("supplier", ("supplier_id",), ("number", "name", "is_active")),
    "info_record": Fact(
        "info_record",
        ("material_id", "supplier_id"),
        (
            "lead_time_days",
            "standard_price",
            "last_price",
            "minimum_order",
            "maximum_order",
            "unit",
            "currency",
            "valid_from",
            "valid_to",
        ),
    ),
    "price_scale": Fact(
        "price_scale", ("material_id", "supplier_id", "from_quantity"), ("unit_price", "currency")
    ),
    "contract": Fact(
        "contract",
        ("contract_id",),
        (
            "supplier_id",
            "material_id",
            "unit_price",
            "currency",
            "target_quantity",
            "valid_from",
            "valid_to",
        ),
    ),
    "quota": Fact("quota", ("material_id", "supplier_id", "valid_from"), ("share_pct", "valid_to")),
    "stock": Fact("stock", ("material_id", "location_id", "batch_id", "status"), ("quantity", "unit")),
    "batch": Fact("batch", ("batch_id",), ("material_id", "made_on", "expires_on")),
    "location": Fact("location", ("location_id",), ("name",)),
    "cost_centre": Fact("cost_centre", ("cost_centre_id",), ("name", "parent_id")),
    "account": Fact("account", ("account_id",), ("code", "name", "kind")),
    "budget": Fact("budget", ("cost_centre_id", "account_id", "period"), ("amount", "currency")),
    "fiscal_period": Fact("fiscal_period", ("period",), ("starts_on", "ends_on", "status")),
}
"""Records that a draft may rely on."""


class Facts(Protocol):
    """Reads records again."""

    async def versions(self, caller: Caller, facts: Sequence[FactVersion]) -> tuple[FactVersion, ...]:
        """The same records, as they are now, in the order given."""
        ...


class StoreFacts:
    """`Facts` over the operational store, under the caller's scope."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def versions(self, caller: Caller, facts: Sequence[FactVersion]) -> tuple[FactVersion, ...]:
        """See `Facts.versions`."""
        if not facts:
            return ()
        async with self._store.reading(caller) as tx:
            return tuple([await fact(tx, one.record, one.site, one.key) for one in facts])


async def fact(tx: ReadTransaction, record: str, site: str, key: tuple[str, ...]) -> FactVersion:
    """The version of a record; `absent` where the caller's scope holds none.

    Raises:
        DraftInvalid: no draft can rely on such a record.
    """
    known = FACTS.get(record)
    if known is None or not 1 <= len(key) <= len(known.key):
        raise DraftInvalid(f"a draft cannot rely on {record!r} {key!r}; there are {', '.join(FACTS)}")
    given = known.key[: len(key)]
    wanted = (*known.key, *known.columns)
    found = await tx.fetch(
        f"select {', '.join(wanted)} from erp.{known.table} where site = %(site)s"
        + "".join(f" and {column}::text = %(k{at})s" for at, column in enumerate(given)),
        {"site": site, **{f"k{at}": value for at, value in enumerate(key)}},
    )
    rows = sorted(([_text(cell) for cell in row] for row in found.rows), key=str)
    version = ABSENT if not rows else "sha256:" + hashlib.sha256(rfc8785.dumps(rows)).hexdigest()
    return FactVersion(record=record, site=site, key=key, version=version)


def drifted(relied: Sequence[FactVersion], now: Sequence[FactVersion]) -> tuple[str, ...]:
    """What is no longer as it was, in words; a record that could not be read again has changed."""
    current = {(each.record, each.site, each.key): each.version for each in now}
    return tuple(
        f"{each.record.replace('_', ' ')} {' / '.join(each.key)} of {each.site}"
        for each in relied
        if current.get((each.record, each.site, each.key)) != each.version
    )


def _text(value: object) -> str | None:
    match value:
        case None:
            return None
        case Decimal():
            return plain(value)
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)
