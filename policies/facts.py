"""Versions of the ERP's records that a draft relies on, as they were and as they are now."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

import rfc8785

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError
from erp_adapters.store.session import ReadTransaction, Store
from policies.drafts.parts import FactVersion, plain


@dataclass(frozen=True, slots=True)
class FactRecord:
    """A record type that drafts rely on."""

    table: str
    key: tuple[str, ...]
    """Key columns beside the site, in the order in which a fact names them."""
    counts: tuple[str, ...]
    """Columns whose change means that what was confirmed is no longer so."""


RECORDS: Mapping[str, FactRecord] = {
    "material": FactRecord(
        "erp.material",
        ("material_id",),
        (
            *("number", "is_made", "base_unit", "category", "minimum_lot", "maximum_lot", "rounding_value"),
            *("standard_cost", "currency", "discontinued_on"),
        ),
    ),
    "supplier": FactRecord("erp.supplier", ("supplier_id",), ("number", "name", "is_active")),
    "info_record": FactRecord(
        "erp.info_record",
        ("material_id", "supplier_id"),
        (
            *("lead_time_days", "standard_price", "last_price", "minimum_order", "maximum_order", "unit"),
            *("currency", "valid_from", "valid_to"),
        ),
    ),
    "price_scale": FactRecord(
        "erp.price_scale", ("material_id", "supplier_id"), ("from_quantity", "unit_price", "currency")
    ),
    "contract": FactRecord(
        "erp.contract",
        ("contract_id",),
        ("supplier_id", "material_id", "unit_price", "currency", "target_quantity", "valid_from", "valid_to"),
    ),
    "quota": FactRecord(
        "erp.quota", ("material_id",), ("supplier_id", "share_pct", "valid_from", "valid_to")
    ),
    "stock": FactRecord("erp.stock", ("material_id",), ("status", "unit", "quantity")),
    "batch": FactRecord("erp.batch", ("batch_id",), ("material_id", "made_on", "expires_on")),
    "location": FactRecord("erp.location", ("location_id",), ("name",)),
    "standard_cost": FactRecord(
        "erp.standard_cost_version",
        ("material_id",),
        ("valid_from", "valid_to", "standard_cost", "currency"),
    ),
    "unit_conversion": FactRecord(
        "erp.unit_conversion", ("material_id",), ("from_unit", "to_unit", "factor")
    ),
    "cost_centre": FactRecord("erp.cost_centre", ("cost_centre_id",), ("name", "parent_id")),
    "account": FactRecord("erp.account", ("account_id",), ("code", "name", "kind")),
    "budget": FactRecord(
        "erp.budget", ("cost_centre_id", "account_id", "period"), ("company", "amount", "currency")
    ),
    "fiscal_period": FactRecord(
        "erp.fiscal_period", ("company", "period"), ("starts_on", "ends_on", "status")
    ),
}
"""Record types that a fact may name."""


class Facts(Protocol):
    """The records that drafts rely on."""

    async def versions(self, caller: Caller, facts: Sequence[FactVersion]) -> tuple[FactVersion, ...]:
        """The same records, as the caller sees them now."""
        ...


class StoreFacts:
    """The records as the operational store has them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def versions(self, caller: Caller, facts: Sequence[FactVersion]) -> tuple[FactVersion, ...]:
        """The same records, in one snapshot."""
        if not facts:
            return ()
        async with self._store.reading(caller) as tx:
            return tuple([await fact(tx, each.record, each.site, each.key) for each in facts])


async def fact(tx: ReadTransaction, record: str, site: str, key: Sequence[str]) -> FactVersion:
    """The version of a record as the transaction sees it.

    Raises:
        ConfigurationError: no such record type, or a key of another length.
    """
    known = RECORDS.get(record)
    if known is None:
        raise ConfigurationError(
            f"{record!r} is no record that drafts rely on; there are {', '.join(RECORDS)}"
        )
    if len(key) != len(known.key):
        raise ConfigurationError(f"a {record} is named by {', '.join(known.key)}, not by {tuple(key)!r}")
    names = {f"key_{place}": value for place, value in enumerate(key)}
    where = " and ".join(f"{column} = %(key_{place})s" for place, column in enumerate(known.key))
    columns = ", ".join(known.counts)
    found = await tx.fetch(
        f"select {columns} from {known.table} where site = %(site)s and {where}", {"site": site, **names}
    )
    return FactVersion(record=record, site=site, key=tuple(key), version=_version(known, found.rows))


def drifted(relied: Sequence[FactVersion], now: Sequence[FactVersion]) -> tuple[str, ...]:
    """What is no longer as it was, in words; a record that could not be read again has changed."""
    current = {(each.record, each.site, each.key): each.version for each in now}
    return tuple(
        f"{each.record.replace('_', ' ')} {' / '.join(each.key)} of {each.site}"
        for each in relied
        if current.get((each.record, each.site, each.key)) != each.version
    )


def _version(record: FactRecord, rows: Sequence[tuple[object, ...]]) -> str:
    if not rows:
        return "absent"
    texts = sorted([[_text(value) for value in row] for row in rows], key=str)
    sum_ = hashlib.sha256(rfc8785.dumps([list(record.counts), texts])).hexdigest()
    return f"sha256:{sum_}"


def _text(value: object) -> str | None:
    match value:
        case None:
            return None
        case Decimal():
            return plain(value)
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)
