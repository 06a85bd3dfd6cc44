"""Rows that lack a date, refer to what is not there, or overlap; and currencies that nothing converts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from erp_adapters.store.checks.finding import ContactSource, Finding, Found, Key, Measure, Review
from erp_adapters.store.checks.limits import limits
from erp_adapters.store.checks.look import Check, Look

UNDATED, ORPHANS, OVERLAPS, RATES = (
    "undated_orders",
    "unknown_references",
    "overlapping_validity",
    "missing_rates",
)

_DATES = {
    "production_order": ("due_on", "status is distinct from 'closed'"),
    "purchase_line": ("due_on", "coalesce(received, 0) < ordered"),
    "sales_line": ("due_on", "coalesce(delivered, 0) < ordered"),
    "planned_order": ("due_on", "true"),
    "requisition": ("needed_on", "true"),
    "reservation": ("needed_on", "withdrawn < quantity"),
}
"""The date that planning needs of each record, and of which of its rows."""
_REFERENCES = {
    ("bom_item", "component_id"): ("material", "material_id"),
    ("bom_item", "parent_id"): ("material", "material_id"),
    ("stock", "material_id"): ("material", "material_id"),
    ("stock", "location_id"): ("location", "location_id"),
    ("stock_movement", "material_id"): ("material", "material_id"),
    ("info_record", "material_id"): ("material", "material_id"),
    ("info_record", "supplier_id"): ("supplier", "supplier_id"),
    ("purchase_order", "supplier_id"): ("supplier", "supplier_id"),
    ("purchase_line", "order_id"): ("purchase_order", "order_id"),
    ("purchase_line", "material_id"): ("material", "material_id"),
    ("goods_receipt", "line_id"): ("purchase_line", "line_id"),
    ("production_order", "material_id"): ("material", "material_id"),
    ("operation_confirmation", "order_id"): ("production_order", "order_id"),
    ("routing_operation", "work_centre_id"): ("work_centre", "work_centre_id"),
    ("sales_order", "customer_id"): ("customer", "customer_id"),
    ("sales_line", "order_id"): ("sales_order", "order_id"),
    ("sales_line", "material_id"): ("material", "material_id"),
    ("sensor", "asset_id"): ("asset", "asset_id"),
    ("substitute", "material_id"): ("material", "material_id"),
    ("substitute", "replaced_by"): ("material", "material_id"),
}
"""What each reference refers to."""
_VALIDITIES = {
    "standard_cost_version": "material_id",
    "list_price_version": "material_id",
    "quota": "material_id, supplier_id",
    "contract": "material_id, supplier_id",
    "recipe": "material_id",
    "substitute": "material_id, replaced_by",
}
"""Records with validity, and what there is one of at a time."""


@dataclass(frozen=True, slots=True)
class Affected:
    """Rows of one record and source that have something in common."""

    site: str
    source_system: str
    rows: int
    affected: int
    keys: list[str]


@dataclass(frozen=True, slots=True)
class UnratedRow:
    """A currency in use, with the day of its last rate."""

    site: str
    source_system: str
    source_key: str
    currency: str
    to_currency: str
    uses: int
    last_rate_on: str | None


_AFFECTED = """
select r.site, r.source_system, count(*) as rows, count(*) filter (where {test}) as affected,
       coalesce((array_agg(r.source_key order by r.source_key) filter (where {test}))[1:%(sample)s], '{{}}')
           as keys
from {rows} r where r.site = any(%(sites)s) group by r.site, r.source_system order by r.site, r.source_system
"""
# A record that was not loaded at a site at all is a gap of the source, not of its rows.
_ORPHAN = """r.{column} is not null and not exists (
    select from erp.{target} o where o.site = r.site and o.{target_column} = r.{column})
    and exists (select from erp.{target} o where o.site = r.site)"""
_OVERLAP = """(select v.*, lead(v.valid_from) over (
    partition by v.site, {of} order by v.valid_from nulls first, v.source_key) as next_from
    from erp.{record} v)"""
_OVERLAPS = "r.next_from is not null and (r.valid_to is null or r.next_from < r.valid_to)"
_UNRATED = """
with used as (
    select l.site, l.source_system, min(l.source_key) as source_key, l.currency, count(*) as uses
    from erp.purchase_line l join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
    join erp.site t on t.site = l.site
    where l.currency is not null and o.ordered_on > t.as_of::date - %(used)s::int group by 1, 2, 4
)
select u.site, u.source_system, u.source_key, u.currency, t.currency as to_currency, u.uses,
       max(f.valid_on)::text as last_rate_on
from used u join erp.site t on t.site = u.site
left join erp.fx_rate f on f.site = u.site
     and (f.from_currency, f.to_currency) in ((u.currency, t.currency), (t.currency, u.currency))
where u.currency <> t.currency and u.site = any(%(sites)s)
group by u.site, u.source_system, u.source_key, u.currency, t.currency, u.uses, t.as_of
having max(f.valid_on) is null or max(f.valid_on) < t.as_of::date - %(rates)s::int
order by u.site, u.currency
"""


def find_undated(look: Look) -> Found:
    """Orders that planning cannot place, because they say no day."""
    found, looked = [], dict.fromkeys(look.sites, 0)
    for record, (column, of_rows) in _DATES.items():
        for each in _affected(look, f"(select * from erp.{record} where {of_rows})", f"r.{column} is null"):
            looked[each.site] += each.rows
            if each.affected:
                found.append(_finding(UNDATED, "rows_without_date", record, each, {"field": column}))
    return Found(tuple(found), looked)


def find_orphans(look: Look) -> Found:
    """Rows that refer to what is not there."""
    found, looked = [], dict.fromkeys(look.sites, 0)
    for (record, column), (target, target_column) in _REFERENCES.items():
        test = _ORPHAN.format(column=column, target=target, target_column=target_column)
        for each in _affected(look, f"erp.{record}", test):
            looked[each.site] += each.rows
            if each.affected:
                arguments = {"field": column, "target": target.replace("_", " ")}
                found.append(_finding(ORPHANS, "unknown_reference", record, each, arguments))
    return Found(tuple(found), looked)


def find_overlaps(look: Look) -> Found:
    """Versions of which two are valid on one day."""
    found, looked = [], dict.fromkeys(look.sites, 0)
    for record, of in _VALIDITIES.items():
        for each in _affected(look, _OVERLAP.format(of=of, record=record), _OVERLAPS):
            looked[each.site] += each.rows
            if each.affected:
                found.append(_finding(OVERLAPS, "validity_overlaps", record, each, {}))
    return Found(tuple(found), looked)


def find_unrated(look: Look) -> Found:
    """Currencies that are bought in and have had no rate for long."""
    limit = limits("references")
    rows = look.rows(
        UnratedRow, _UNRATED, {"used": int(limit["used_days"]), "rates": int(limit["rates_days"])}
    )
    looked = look.counts("select site, count(*) from erp.fx_rate where site = any(%(sites)s) group by site")
    return Found(tuple(_unrated(rows)), looked)


UNDATED_CHECK = Check(UNDATED, find_undated)
ORPHANS_CHECK = Check(ORPHANS, find_orphans)
OVERLAPS_CHECK = Check(OVERLAPS, find_overlaps)
RATES_CHECK = Check(RATES, find_unrated)


def _affected(look: Look, rows: str, test: str) -> list[Affected]:
    return look.rows(
        Affected, _AFFECTED.format(rows=rows, test=test), {"sample": int(limits("references")["sample"])}
    )


def _finding(check: str, what: str, record: str, each: Affected, arguments: dict[str, str]) -> Finding:
    share = each.affected / each.rows
    first, *others = (Key(each.site, record, key) for key in each.keys)
    return Finding(
        check,
        first,
        each.source_system,
        "serious" if share >= limits("references")["serious_share"] else "flag",
        what,
        Review(arguments.get("field", "")),
        1.0,
        {"record": record.replace("_", " "), "rows": each.affected, "all": each.rows, **arguments},
        tuple(others),
        Measure(Decimal(each.affected), high=Decimal(0), unit="rows"),
        # A group keeps its id while rows come and go.
        group=f"{each.site} {each.source_system} {record} {arguments.get('field', '')}",
    )


def _unrated(rows: list[UnratedRow]) -> Iterator[Finding]:
    for row in rows:
        yield Finding(
            RATES,
            Key(row.site, "purchase_line", row.source_key),
            row.source_system,
            "flag",
            "currency_without_rate" if row.last_rate_on else "currency_never_rated",
            ContactSource(row.source_system),
            1.0,
            {
                "currency": row.currency,
                "to": row.to_currency,
                "lines": row.uses,
                "day": row.last_rate_on or "",
            },
        )
