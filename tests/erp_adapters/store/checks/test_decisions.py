"""Findings are recomputed, decisions stay; and nobody decides or sees more than is theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.errors import RecordNotFound
from erp_adapters.store import Store
from erp_adapters.store.checks import look_through
from erp_adapters.store.checks.kept import decide, kept_finding, kept_findings, looks
from erp_adapters.store.people import Person, save_people

STEWARD = Caller("steward", "Steward", frozenset({"steward"}), frozenset({"NO", "SU"}), frozenset())
PLANNER = Caller("planner", "Planner", frozenset({"planner"}), frozenset({"NO", "SU"}), frozenset())
OF_NORTH = Caller("north", "North", frozenset({"steward"}), frozenset({"NO"}), frozenset())
NOBODY = Caller("nobody", "Nobody", frozenset(), frozenset(), frozenset())

_LOAD = "00000000-0000-0000-0000-000000000001"
_SITES = (("NO", "NOK"), ("SU", "EUR"))


@pytest.fixture(scope="module")
def stocked(owner_dsn: str) -> str:
    """Two sites, each with stock below zero, and one bar of steel that they name differently."""
    with psycopg.connect(owner_dsn) as connection:
        for site, currency in _SITES:
            connection.execute(
                "insert into erp.site (site, source_system, source_key, load_id, name, time_zone,"
                " currency, as_of)"
                " values (%s, 'test', %s, %s, %s, 'Europe/Berlin', %s, '2026-03-31 12:00+00')",
                (site, site, _LOAD, site, currency),
            )
            connection.execute(
                "insert into erp.fx_rate (site, source_system, source_key, load_id, from_currency,"
                " to_currency, valid_on, closing_rate)"
                " values (%s, 'test', 'r', %s, 'EUR', 'NOK', '2026-03-31', 10)",
                (site, _LOAD),
            )
        for site, currency, number, name, cost in (
            ("NO", "NOK", "BAR-1045", "Bar, carbon steel, C45", "30"),
            ("SU", "EUR", "RS-C45", "Rundstahl C45", "3.1"),
        ):
            connection.execute(
                "insert into erp.material (site, source_system, source_key, load_id, material_id, number,"
                " name, is_made, category, base_unit, currency, standard_cost)"
                " values (%s, 'test', 'material/1', %s, '1', %s, %s, false, 'Bars', 'KG', %s, %s)",
                (site, _LOAD, number, name, currency, cost),
            )
            connection.execute(
                "insert into erp.supplier (site, source_system, source_key, load_id, supplier_id, name,"
                " tax_id)"
                " values (%s, 'test', 'supplier/1', %s, '1', 'Mill', 'DE1')",
                (site, _LOAD),
            )
            connection.execute(
                "insert into erp.info_record (site, source_system, source_key, load_id, material_id,"
                " supplier_id)"
                " values (%s, 'test', 'info/1', %s, '1', '1')",
                (site, _LOAD),
            )
            _set_stock(connection, site, Decimal(-4))
    save_people(
        owner_dsn,
        [Person(c.subject, c.name, tuple(c.roles), tuple(c.sites)) for c in (STEWARD, PLANNER, OF_NORTH)],
    )
    look_through(owner_dsn)
    return owner_dsn


def _set_stock(connection: psycopg.Connection[tuple[object, ...]], site: str, quantity: Decimal) -> None:
    connection.execute("delete from erp.stock where site = %s", (site,))
    connection.execute(
        "insert into erp.stock (site, source_system, source_key, load_id, material_id, location_id,"
        " quantity, unit)"
        " values (%s, 'test', 'stock/1', %s, '1', 'A', %s, 'KG')",
        (site, _LOAD, quantity),
    )


async def _id(store: Store, caller: Caller, check: str, site: str) -> str:
    async with store.reading(caller) as tx:
        return (await kept_findings(tx, check=check, site=site, status=None))[0].finding_id


@pytest.fixture
def open_again(stocked: str) -> Iterator[None]:
    """Leaves no decision behind, and stock below zero at both sites."""
    yield
    with psycopg.connect(stocked) as connection:
        connection.execute("update erp.finding set status = 'open', decided_by = null, decided_at = null,"
                           " decided_why = null")  # fmt: skip
        for site, _ in _SITES:
            _set_stock(connection, site, Decimal(-4))
    look_through(stocked)


async def test_a_decision_survives_the_next_look(stocked: str, store: Store, open_again: None) -> None:
    id = await _id(store, STEWARD, "negative_stock", "NO")
    async with store.remembering(STEWARD) as tx:
        assert await decide(tx, await kept_finding(tx, id), "dismissed", "consignment") == "dismissed"
    await asyncio.to_thread(look_through, stocked)
    async with store.reading(STEWARD) as tx:
        kept = await kept_finding(tx, id)
        assert (kept.status, kept.decided_by, kept.decided_why) == (
            "dismissed",
            "steward",
            "consignment",
        )
        assert id not in {each.finding_id for each in await kept_findings(tx)}


async def test_what_is_mended_is_gone_and_what_was_decided_is_remembered(
    stocked: str, store: Store, open_again: None
) -> None:
    north, south = [await _id(store, STEWARD, "negative_stock", site) for site, _ in _SITES]
    async with store.remembering(STEWARD) as tx:
        await decide(tx, await kept_finding(tx, north), "accepted", "booked")
    with psycopg.connect(stocked) as connection:
        for site, _ in _SITES:
            _set_stock(connection, site, Decimal(4))
    await asyncio.to_thread(look_through, stocked)
    async with store.reading(STEWARD) as tx:
        assert (await kept_finding(tx, north)).gone_at is not None
        with pytest.raises(RecordNotFound):
            await kept_finding(tx, south)


@pytest.mark.parametrize(
    ("caller", "site", "outcome"),
    [(PLANNER, "NO", "not allowed"), (OF_NORTH, "SU", "not found"), (NOBODY, "NO", "not allowed")],
)
async def test_only_a_steward_of_the_site_decides(
    stocked: str, store: Store, caller: Caller, site: str, outcome: str
) -> None:
    async with store.reading(STEWARD) as tx:
        found = (await kept_findings(tx, check="negative_stock", site=site))[0]
    async with store.remembering(caller) as tx:
        assert await decide(tx, found, "dismissed", "because") == outcome
    async with store.reading(STEWARD) as tx:
        assert (await kept_finding(tx, found.finding_id)).status == "open"


async def test_a_finding_of_two_sites_is_seen_by_those_who_see_both(stocked: str, store: Store) -> None:
    async with store.reading(STEWARD) as tx:
        both = await kept_findings(tx, check="duplicate_materials")
        assert [len({key.site for key in each.keys}) for each in both] == [2]
    async with store.reading(OF_NORTH) as tx:
        assert await kept_findings(tx, check="duplicate_materials") == []
        assert {each.site for each in await kept_findings(tx)} == {"NO"}
        assert {each.site for each in await looks(tx)} == {"NO"}
    async with store.reading(NOBODY) as tx:
        assert await kept_findings(tx) == []
