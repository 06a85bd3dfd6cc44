"""Versions of the ERP records that a draft relies on: the same values give the same version, always."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, TypeAlias

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
    "production_order": Fact(
        "production_order",
        ("order_id",),
        ("material_id", "status", "ordered", "stocked", "scrapped", "start_on", "end_on", "due_on"),
    ),
    "purchase_line": Fact(
        "purchase_line", ("line_id",), ("order_id", "material_id", "due_on", "ordered", "received")
    ),
    "order_hold": Fact("order_hold", ("order_id",), ("hold_id", "reason", "placed_at")),
    "floor_order": Fact("floor_order", ("order_id",), ("material_id",)),
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
            return await fact_versions(tx, [(one.record, one.site, one.key) for one in facts])


Wanted: TypeAlias = tuple[str, str, tuple[str, ...]]
"""Record, site and key of something that a draft relies on."""


async def fact(tx: ReadTransaction, record: str, site: str, key: tuple[str, ...]) -> FactVersion:
    """The version of one record; see `fact_versions`."""
    return (await fact_versions(tx, [(record, site, key)]))[0]


async def fact_versions(tx: ReadTransaction, wanted: Sequence[Wanted]) -> tuple[FactVersion, ...]:
    """The versions of records in the order given; `absent` where the caller's scope holds none.

    Records of one kind are read in one statement.

    Raises:
        DraftInvalid: no draft can rely on such a record.
    """
    alike: dict[tuple[str, int], list[Wanted]] = defaultdict(list)
    for record, site, key in dict.fromkeys(wanted):
        known = FACTS.get(record)
        if known is None or not 1 <= len(key) <= len(known.key):
            raise DraftInvalid(f"a draft cannot rely on {record!r} {key!r}; there are {', '.join(FACTS)}")
        alike[record, len(key)].append((record, site, key))
    rows: dict[Wanted, list[list[str | None]]] = defaultdict(list)
    for (record, length), asked in alike.items():
        for site, key, row in await _read(tx, FACTS[record], length, asked):
            rows[record, site, key].append(row)
    return tuple(
        FactVersion(record=record, site=site, key=key, version=_version(rows.get((record, site, key), [])))
        for record, site, key in wanted
    )


async def _read(
    tx: ReadTransaction, known: Fact, length: int, asked: Sequence[Wanted]
) -> list[tuple[str, tuple[str, ...], list[str | None]]]:
    """Site, key and values of each row that has one of the keys."""
    keys = range(length)
    names = "".join(f", k{at}" for at in keys)
    given = "".join(f", w.k{at}" for at in keys)
    lists = "".join(f", %(k{at})s::text[]" for at in keys)
    matches = "".join(f" and f.{column}::text = w.k{at}" for at, column in zip(keys, known.key, strict=False))
    columns = ", ".join(f"f.{column}" for column in (*known.key, *known.columns))
    found = await tx.fetch(
        f"select w.site{given}, {columns} from unnest(%(sites)s::text[]{lists}) as w(site{names})"
        f" join erp.{known.table} f on f.site = w.site{matches}",
        {
            "sites": [site for _, site, _ in asked],
            **{f"k{at}": [key[at] for _, _, key in asked] for at in keys},
        },
    )
    return [
        (
            str(row[0]),
            tuple(str(cell) for cell in row[1 : 1 + length]),
            [_text(cell) for cell in row[1 + length :]],
        )
        for row in found.rows
    ]


def _version(rows: list[list[str | None]]) -> str:
    if not rows:
        return ABSENT
    return "sha256:" + hashlib.sha256(rfc8785.dumps(sorted(rows, key=str))).hexdigest()


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
