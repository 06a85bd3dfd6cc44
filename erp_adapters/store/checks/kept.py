"""Findings as they are kept: listed for a steward, and decided by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias, cast
from uuid import UUID

from pydantic import TypeAdapter

from erp_adapters.errors import RecordNotFound
from erp_adapters.store.checks.finding import Key, Severity
from erp_adapters.store.session import OwnTransaction, ReadTransaction, Rows

Status: TypeAlias = Literal["open", "accepted", "dismissed"]
Outcome: TypeAlias = Literal["open", "accepted", "dismissed", "not allowed", "not found"]
SEVERITIES: tuple[Severity, ...] = ("serious", "flag", "note")


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A finding with what was decided about it."""

    finding_id: str
    site: str
    source_system: str
    check_name: str
    record: str
    source_key: str
    other_keys: tuple[Key, ...]
    severity: Severity
    what: str
    arguments: Mapping[str, str | int | dict[str, str]]
    measure: Decimal | None
    expected_low: Decimal | None
    expected_high: Decimal | None
    unit: str
    at_stake: Decimal | None
    currency: str | None
    proposal: Mapping[str, str]
    confidence: Decimal
    load_ids: tuple[UUID, ...]
    found_at: datetime
    gone_at: datetime | None
    status: Status
    decided_by: str | None
    decided_at: datetime | None
    decided_why: str | None

    @property
    def key(self) -> Key:
        """The row that it is about."""
        return Key(self.site, self.record, self.source_key)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every row that it names."""
        return (self.key, *self.other_keys)


@dataclass(frozen=True, slots=True)
class Watched:
    """A check's last look at a site."""

    site: str
    check_name: str
    rows: int
    found: int
    seconds: Decimal
    looked_at: datetime
    is_behind: bool
    """True where something was loaded since."""


_COLUMNS = ", ".join(KeptFinding.__dataclass_fields__)
_OF_FINDING = ", ".join(f"f.{name}" for name in KeptFinding.__dataclass_fields__)
_LIST = f"""
select {_COLUMNS} from erp.finding
where (%(site)s::text is null or site = %(site)s or %(site)s = any(other_sites))
  and (%(check)s::text is null or check_name = %(check)s)
  and (%(record)s::text is null or record = %(record)s)
  and (%(severity)s::text is null or severity = %(severity)s)
  and (%(status)s::text is null or status = %(status)s and gone_at is null)
order by array_position(array['serious', 'flag', 'note'], severity), stake_order desc nulls last,
         confidence desc, site, check_name, source_key
limit %(limit)s
"""
_OF_MATERIAL = """
    select 'material', source_key from erp.material where site = %(site)s and material_id = %(id)s
    union all select 'stock', source_key from erp.stock where site = %(site)s and material_id = %(id)s
    union all
    select 'info_record', source_key from erp.info_record where site = %(site)s and material_id = %(id)s
    union all select 'bom_item', source_key from erp.bom_item where site = %(site)s and parent_id = %(id)s
"""
_OF_SUPPLIER = """
    select 'supplier', source_key from erp.supplier where site = %(site)s and supplier_id = %(id)s
"""
_TOUCHING = f"""
with named (record, source_key) as ({{rows}})
select {_OF_FINDING} from erp.finding f
where f.status = 'open' and f.severity = 'serious' and f.gone_at is null and (
    f.site = %(site)s and (f.record, f.source_key) in (select record, source_key from named)
    or exists (select from jsonb_array_elements(f.other_keys) k, named n
               where k ->> 'site' = %(site)s and k ->> 'record' = n.record
                 and k ->> 'source_key' = n.source_key))
order by f.confidence desc, f.finding_id
"""
_WATCHED = """
select k.site, k.check_name, k.rows, k.found, k.seconds, k.looked_at,
       exists (select from erp.load l
               where l.site = k.site and l.status = 'loaded' and l.finished_at > k.looked_at) as is_behind
from erp.look k order by k.site, k.check_name
"""


async def kept_findings(
    tx: ReadTransaction,
    *,
    site: str | None = None,
    check: str | None = None,
    record: str | None = None,
    severity: Severity | None = None,
    status: Status | None = "open",
    limit: int | None = None,
) -> list[KeptFinding]:
    """The findings that the caller may see, the gravest and dearest first; gone ones only by status None."""
    wanted = {
        "site": site, "check": check, "record": record, "severity": severity, "status": status, "limit": limit
    }  # fmt: skip
    return _findings(await tx.fetch(_LIST, wanted))


async def touching(
    tx: ReadTransaction, record: Literal["material", "supplier"], site: str, id: str
) -> list[KeptFinding]:
    """Open serious findings about a material with its stock, structure and sources, or about a supplier."""
    rows = _OF_MATERIAL if record == "material" else _OF_SUPPLIER
    return _findings(await tx.fetch(_TOUCHING.replace("{rows}", rows), {"site": site, "id": id}))


async def kept_finding(tx: ReadTransaction, id: str) -> KeptFinding:
    """The finding with an id, or with the beginning of one.

    Raises:
        RecordNotFound: the caller sees none, or several begin like this.
    """
    found = _findings(
        await tx.fetch(
            f"select {_COLUMNS} from erp.finding where starts_with(finding_id, %(id)s) order by site limit 2",
            {"id": id},
        )
    )
    if len(found) != 1 or not id:
        many = "several findings begin with" if found else "there is no finding"
        raise RecordNotFound(f"{many} {id!r}; `plantwright quality` lists them")
    return found[0]


async def looks(tx: ReadTransaction) -> list[Watched]:
    """When each check last looked at each site, and at how much."""
    found = await tx.fetch(_WATCHED)
    return [Watched(*cast("tuple[Any, ...]", row)) for row in found.rows]


async def decide(tx: OwnTransaction, finding: KeptFinding, decision: Status, why: str) -> Outcome:
    """Record what the caller decides about a finding; the database says whether they may."""
    found = await tx.fetch(
        "select app.decide_finding(%(id)s, %(decision)s, %(why)s)",
        {"id": finding.finding_id, "decision": decision, "why": why},
    )
    return cast(Outcome, found.rows[0][0])


_KEPT = TypeAdapter(KeptFinding)


def _findings(found: Rows) -> list[KeptFinding]:
    return [_KEPT.validate_python(dict(zip(found.columns, row, strict=True))) for row in found.rows]
