"""Looking through what is loaded, check by check, and keeping what was found."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

import psycopg
from psycopg.types.json import Jsonb

from erp_adapters.store.checks import (
    contacts,
    costs,
    late_posting,
    lead_times,
    materials,
    predictions,
    references,
    sensors,
    signals,
    stock,
    structures,
    suppliers,
    suspended,
)
from erp_adapters.store.checks.finding import Argument, Finding, Found
from erp_adapters.store.checks.look import Check, Connection, Look
from erp_adapters.store.checks.measures import Money
from erp_adapters.store.checks.proposing import as_record
from erp_adapters.store.failures import translated

CHECKS: tuple[Check, ...] = (
    materials.CHECK,
    suppliers.CHECK,
    structures.CHECK,
    costs.MISSING_CHECK,
    costs.OFF_CHECK,
    stock.NEGATIVE_CHECK,
    stock.UNMOVED_CHECK,
    lead_times.CHECK,
    late_posting.CHECK,
    sensors.CHECK,
    signals.CHECK,
    predictions.CHECK,
    suspended.CHECK,
    contacts.OFFLINE_CHECK,
    contacts.OVERDUE_CHECK,
    references.UNDATED_CHECK,
    references.ORPHANS_CHECK,
    references.OVERLAPS_CHECK,
    references.RATES_CHECK,
)

Json: TypeAlias = "str | int | dict[str, str]"


@dataclass(frozen=True, slots=True)
class Looked:
    """What one check did."""

    check: str
    rows: int
    found: int
    seconds: float


def look_through(owner_dsn: str, sites: Sequence[str] | None = None) -> tuple[Looked, ...]:
    """Look through some sites, or all, with a connection of its own.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    with translated(), psycopg.connect(owner_dsn) as connection:
        connection.execute("set local statement_timeout = 0")
        return find(connection, sites)


def find(connection: Connection, sites: Sequence[str] | None = None) -> tuple[Looked, ...]:
    """Look through some sites, or all, and keep what is found in the place of what was found before.

    Decisions stay with the findings that they were made on. Checks that hold sites against each other look at
    all of them, whichever are named.
    """
    some, everything = Look(connection, sites), Look(connection)
    money = Money(everything)
    done = []
    # Two looks at once would each delete what the other has found.
    connection.execute("select pg_advisory_xact_lock(hashtext('erp.finding'))")
    for check in CHECKS:
        look = everything if check.across_sites else some
        began = time.monotonic()
        found = check.find(look)
        seconds = time.monotonic() - began
        _keep(connection, look, check.name, found, money, seconds)
        done.append(Looked(check.name, sum(found.looked_at.values()), len(found.findings), seconds))
    return tuple(done)


_FORGET = """
with gone as (
    select site, finding_id, status from erp.finding
    where check_name = %(check)s and site = any(%(sites)s) and not finding_id = any(%(kept)s)
), undecided as (
    delete from erp.finding f using gone g
    where f.site = g.site and f.finding_id = g.finding_id and g.status = 'open'
)
update erp.finding f set gone_at = clock_timestamp() from gone g
where f.site = g.site and f.finding_id = g.finding_id and g.status <> 'open' and f.gone_at is null
"""
_KEEP = """
insert into erp.finding as old (
    finding_id, site, other_sites, source_system, check_name, record, source_key, other_keys, severity, what,
    arguments, measure, expected_low, expected_high, unit, at_stake, currency, stake_order, proposal,
    confidence, load_ids)
values (%(id)s, %(site)s, %(other_sites)s, %(source)s, %(check)s, %(record)s, %(key)s, %(others)s,
        %(severity)s,
        %(what)s, %(arguments)s, %(measure)s, %(low)s, %(high)s, %(unit)s, %(stake)s, %(currency)s, %(order)s,
        %(proposal)s, %(confidence)s,
        (select coalesce(array_agg(load_id order by load_id), '{}') from (
             select distinct on (site, source_system) load_id from erp.load
             where status = 'loaded' and site = any(array_append(%(other_sites)s::text[], %(site)s))
             order by site, source_system, finished_at desc) latest))
on conflict (site, finding_id) do update set
    source_key = excluded.source_key, severity = excluded.severity, arguments = excluded.arguments,
    measure = excluded.measure,
    expected_low = excluded.expected_low, expected_high = excluded.expected_high, unit = excluded.unit,
    at_stake = excluded.at_stake, currency = excluded.currency, stake_order = excluded.stake_order,
    proposal = excluded.proposal,
    confidence = excluded.confidence, load_ids = excluded.load_ids, other_keys = excluded.other_keys,
    gone_at = null
"""
_LOOKED = """
insert into erp.look (site, check_name, rows, found, seconds) values (%s, %s, %s, %s, %s)
on conflict (site, check_name) do update set rows = excluded.rows, found = excluded.found,
    seconds = excluded.seconds, looked_at = clock_timestamp()
"""


def _keep(connection: Connection, look: Look, check: str, found: Found, money: Money, seconds: float) -> None:
    findings = {finding.id: finding for finding in found.findings}
    connection.execute(_FORGET, {"check": check, "sites": look.sites, "kept": list(findings)})
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, [_row(finding, money) for finding in findings.values()])
        cursor.executemany(
            _LOOKED,
            [
                (
                    site,
                    check,
                    found.looked_at.get(site, 0),
                    sum(1 for finding in findings.values() if finding.key.site == site),
                    round(seconds, 3),
                )
                for site in look.sites
            ],
        )


def _row(finding: Finding, money: Money) -> dict[str, object]:
    measure, stake = finding.measure, finding.stake
    return {
        "id": finding.id,
        "site": finding.key.site,
        "other_sites": list(finding.other_sites),
        "source": finding.source_system,
        "check": finding.check,
        "record": finding.key.record,
        "key": finding.key.source_key,
        "others": Jsonb(
            [{"site": k.site, "record": k.record, "source_key": k.source_key} for k in finding.others]
        ),
        "severity": finding.severity,
        "what": finding.what,
        "arguments": Jsonb({name: as_json(value) for name, value in finding.arguments.items()}),
        "measure": measure and measure.value,
        "low": measure and measure.low,
        "high": measure and measure.high,
        "unit": measure.unit if measure else "",
        "stake": stake and stake.amount,
        "currency": stake and stake.currency,
        "order": stake and money.common(stake.amount, stake.currency),
        "proposal": Jsonb(as_record(finding.proposal)),
        "confidence": Decimal(str(finding.confidence)),
    }


def as_json(value: Argument) -> Json:
    """An argument with its type beside it, so that it can be written as each language writes it."""
    match value:
        case Decimal():
            return {"number": format(value.normalize(), "f")}
        case date():
            return {"day": value.isoformat()[:10]}
        case _:
            return value
