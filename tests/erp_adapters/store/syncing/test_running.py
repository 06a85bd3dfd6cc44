"""Reading a system again: only what changed is written, nothing twice, and what fails is seen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import psycopg
import pytest

from erp_adapters.errors import ErpRefused, ImportRunning
from erp_adapters.ports import Capability
from erp_adapters.store.replacing import take_lock
from erp_adapters.store.syncing.running import sync_site
from tests.erp_adapters.store.syncing.works import MAPPING, SITE, Works, a_plant, stored, works_plan

_ROWS = """
select 'material', source_key, standard_cost::float, xmin::text from erp.material
union all select 'stock', source_key, quantity::float, xmin::text from erp.stock
union all select 'order', source_key, null, xmin::text from erp.purchase_order
union all select 'line', source_key, ordered::float, xmin::text from erp.purchase_line
union all select 'ledger', source_key, amount::float, xmin::text from erp.ledger_line
union all select 'sum', month::text, amount::float, null from erp.ledger_period
order by 1, 2
"""


@pytest.fixture
def works(owner_dsn: str) -> Works:
    with psycopg.connect(owner_dsn) as owner:
        owner.execute("truncate erp.sync_feed, erp.sync_row, erp.sync_seen")
        for table in ("material", "stock", "purchase_order", "purchase_line", "ledger_line", "ledger_period"):
            owner.execute(f"delete from erp.{table}")
        for table in ("load", "quarantine", "site"):
            owner.execute(f"delete from erp.{table}")
    return a_plant()


def content(owner_dsn: str) -> set[tuple[object, ...]]:
    return {row[:3] for row in stored(owner_dsn, _ROWS)}


def touched(owner_dsn: str, before: list[tuple[object, ...]]) -> set[tuple[object, ...]]:
    """Rows that were written since."""
    return {(row[0], row[1]) for row in stored(owner_dsn, _ROWS) if row[3] is not None and row not in before}


async def test_what_changed_is_written_and_nothing_else(owner_dsn: str, works: Works) -> None:
    """A price, a row that went and one that came; what depends on them follows, all else stays as it was."""
    first = await sync_site(owner_dsn, works_plan(), works, SITE)
    assert first.load is not None
    assert not first.problems
    assert [part.difference for part in first.parts] == [""] * 5
    assert (first.load.record("material").loaded, first.load.record("material").flagged) == (5, 1)
    assert first.load.record("stock").quarantined == 1
    before = stored(owner_dsn, _ROWS)

    again = await sync_site(owner_dsn, works_plan(), works, SITE)
    assert again.load is None
    assert sum(part.written + part.gone for part in again.parts) == 0
    assert stored(owner_dsn, _ROWS) == before

    works.rows[Capability.COSTS]["P2"] = {"cost": Decimal(99)}
    del works.rows[Capability.PURCHASE_ORDERS]["O2-1"]
    del works.rows[Capability.PURCHASE_ORDERS]["O2-2"]
    works.rows[Capability.LEDGER]["B9"] = {"day": date(2026, 2, 1), "account": "4000", "amount": Decimal(1)}
    works.rows[Capability.MATERIALS]["P9"] = {"name": "New", "unit": "kg"}
    await sync_site(owner_dsn, works_plan(), works, SITE, anew=True)
    assert touched(owner_dsn, before) == {
        ("material", "Part/P2"), ("material", "Part/P9"), ("stock", "Stock/S6"), ("ledger", "Booking/B9"),
    }  # fmt: skip
    now = content(owner_dsn)
    assert {("material", "Part/P2", 99.0), ("sum", "2026-01-01", 21.0), ("sum", "2026-02-01", 11.5)} <= now
    assert {row[1] for row in now if row[0] in ("order", "line")} == {"Order/O1", "Line/O1-1", "Line/O1-2"}
    assert stored(owner_dsn, "select count(*) from erp.quarantine") == [(0,)]


async def test_what_says_that_nothing_is_another_is_not_read(owner_dsn: str, works: Works) -> None:
    """A part that is another is read; one that was cut short, or is to be read anew, is too."""
    works.marks = True
    await sync_site(owner_dsn, works_plan(), works, SITE)
    works.asked.clear()
    again = await sync_site(owner_dsn, works_plan(), works, SITE)
    assert works.asked == []
    assert [(part.read, part.problem) for part in again.parts] == [(0, "")] * 5
    works.rows[Capability.COSTS]["P2"] = {"cost": Decimal(99)}
    works.breaks[Capability.COSTS] = (1, None)
    assert (await sync_site(owner_dsn, works_plan(), works, SITE)).problems
    works.breaks.clear()
    await sync_site(owner_dsn, works_plan(), works, SITE)
    assert {capability for capability, _ in works.asked} == {Capability.COSTS}
    assert ("material", "Part/P2", 99.0) in content(owner_dsn)
    works.asked.clear()
    await sync_site(owner_dsn, works_plan(), works, SITE, anew=True)
    assert {capability.value for capability, _ in works.asked} == set(works_plan().parts)
    # Once it tells its changes, what it said of itself is no place to go on from.
    works.incremental = frozenset(Capability)
    assert not (await sync_site(owner_dsn, works_plan(), works, SITE)).problems


async def test_a_part_that_fails_is_seen_and_the_others_go_on(owner_dsn: str, works: Works) -> None:
    """Since when, why and what to do; it goes on after the page that was kept, and then all is well."""
    works.incremental = frozenset({Capability.MATERIALS})
    works.breaks[Capability.MATERIALS] = (2, ErpRefused("no right to read parts"))
    report = await sync_site(owner_dsn, works_plan(), works, SITE)
    assert [(part.part, part.problem) for part in report.problems] == [
        ("materials", "no right to read parts")
    ]
    assert {row[1] for row in content(owner_dsn) if row[0] == "material"} == {
        f"Part/P{n}" for n in range(1, 5)
    }
    [(part, failing, problem, remedy)] = stored(
        owner_dsn,
        "select part, failing_since is not null, problem, remedy from erp.sync_feed where problem <> ''",
    )
    assert (part, failing, problem) == ("materials", True, "no right to read parts")
    assert "Mend what it says" in remedy
    works.breaks.clear()
    works.asked.clear()
    await sync_site(owner_dsn, works_plan(), works, SITE)
    assert ("materials", "all:4") in works.asked
    assert (
        stored(owner_dsn, "select 1 from erp.sync_feed where problem <> '' or failing_since is not null")
        == []
    )
    assert len([row for row in content(owner_dsn) if row[0] == "material"]) == 5


async def test_what_the_source_tells_is_read_after_the_cursor(owner_dsn: str, works: Works) -> None:
    """Changes and deletions that it tells cost the rows that they are; what it forgot to tell is named."""
    works.incremental = frozenset({Capability.LEDGER})
    plan = works_plan()
    await sync_site(owner_dsn, plan, works, SITE)
    ledger = works.rows[Capability.LEDGER]
    ledger["B3"] = {"day": date(2026, 3, 1), "account": "4000", "amount": Decimal(7)}
    del ledger["B1"]
    works.changed[Capability.LEDGER] = {"B3"}
    works.deleted[Capability.LEDGER] = ["B1", "B77"]
    report = await sync_site(owner_dsn, plan, works, SITE, parts=frozenset({"ledger"}))
    assert [(part.read, part.written, part.gone) for part in report.parts] == [(1, 1, 1)]
    sums = {row[1:] for row in content(owner_dsn) if row[0] == "sum"}
    assert sums == {("2026-01-01", 10.5), ("2026-03-01", 7.0)}
    works.changed.clear()
    works.deleted.clear()
    del ledger["B2"]
    [untold] = (await sync_site(owner_dsn, plan, works, SITE, parts=frozenset({"ledger"}))).parts
    assert (
        untold.difference
        == "2 rows are kept and the source has 1; what is kept comes to +10.50 more than the source's 7"
    )
    [healed] = (await sync_site(owner_dsn, plan, works, SITE, parts=frozenset({"ledger"}))).parts
    assert (healed.gone, healed.difference) == (1, "")


async def test_a_source_that_is_suddenly_nearly_empty_empties_nothing(owner_dsn: str, works: Works) -> None:
    """More than half of the rows gone at once is more likely a fault; a person can say that it is not."""
    stock = works.rows[Capability.STOCK]
    stock |= {f"T{n}": {"part": "P1", "place": f"B{n}", "quantity": Decimal(n)} for n in range(60)}
    works.size = 50
    await sync_site(owner_dsn, works_plan(), works, SITE)
    works.rows[Capability.STOCK] = {"S1": stock["S1"]}
    [refused] = (await sync_site(owner_dsn, works_plan(), works, SITE)).problems
    assert "65 of 66 rows of stock were no longer there" in refused.problem
    assert stored(owner_dsn, "select count(*) from erp.stock") == [(65,)]
    accepted = await sync_site(owner_dsn, works_plan(), works, SITE, removals=True)
    assert not accepted.problems
    assert stored(owner_dsn, "select count(*) from erp.stock") == [(1,)]


async def test_one_reads_and_the_other_is_told_who(owner_dsn: str, works: Works) -> None:
    """Two readings at once would write the same rows twice over."""
    with psycopg.connect(owner_dsn) as other:
        take_lock(other, "works", "NOR", until="close")
        with pytest.raises(
            ImportRunning, match=r"works into site NOR is running, started .*database process"
        ):
            await sync_site(owner_dsn, works_plan(), works, SITE)


async def test_another_mapping_looks_at_every_row_again(owner_dsn: str, works: Works) -> None:
    """What rows mean has changed, so that unchanged rows are not what is stored."""
    await sync_site(owner_dsn, works_plan(), works, SITE)
    text = MAPPING.replace("material_id: part, location_id: place", "material_id: place, location_id: part")
    await sync_site(owner_dsn, works_plan(text), works, SITE)
    assert stored(owner_dsn, "select distinct material_id from erp.stock") == [("A",)]


async def test_rows_that_do_not_fit_are_set_aside_and_come_back(owner_dsn: str, works: Works) -> None:
    """A day out of range and a figure that is text wait with their reasons until the source is corrected."""
    ledger = works.rows[Capability.LEDGER]
    right = [dict(ledger[key]) for key in ("B1", "B2")]
    ledger["B1"]["day"] = date(2999, 1, 1)
    ledger["B2"]["amount"] = "much"
    works.totals = False
    await sync_site(owner_dsn, works_plan(), works, SITE)
    aside = "select source_key, rule, reason from erp.quarantine where record = 'ledger_line' order by 1"
    assert stored(owner_dsn, aside) == [
        ("Booking/B1", "unfit_value", "day '2999-01-01' is not between 2000-01-01 and 2040-12-31"),
        ("Booking/B2", "unfit_value", "amount 'much' is not a decimal number with a point"),
    ]
    [(report,)] = stored(owner_dsn, "select report -> 'records' -> 4 ->> 'quarantined' from erp.load")
    assert report == "2"
    ledger["B1"], ledger["B2"] = right
    await sync_site(owner_dsn, works_plan(), works, SITE)
    assert stored(owner_dsn, aside) == []
    assert len([row for row in content(owner_dsn) if row[0] == "ledger"]) == 3


async def test_what_a_source_must_not_send_is_named(owner_dsn: str, works: Works) -> None:
    """A cell that was renamed there, and a key that comes twice; the other parts are read."""
    for row in works.rows[Capability.LEDGER].values():
        row["amt"] = row.pop("amount")
    works.totals = False
    [refused] = (await sync_site(owner_dsn, works_plan(), works, SITE)).problems
    assert refused.part == "ledger"
    assert "Works sent a row of ledger without 'amount'; it has account, amt, day." in refused.problem


async def test_what_an_import_had_stored_is_taken_over(owner_dsn: str, works: Works) -> None:
    """Rows under the same keys become the reading's own, and what the source does not have goes."""
    await sync_site(owner_dsn, works_plan(), works, SITE)
    with psycopg.connect(owner_dsn) as owner:
        owner.execute("truncate erp.sync_feed, erp.sync_row, erp.sync_seen")
        owner.execute("update erp.stock set quantity = 7 where source_key = 'Stock/S1'")
        owner.execute(
            "update erp.ledger_line set source_key = 'Booking/B0', line_id = 'B0' where line_id = 'B3'"
        )
    await sync_site(owner_dsn, works_plan(), works, SITE)
    now = content(owner_dsn)
    assert ("stock", "Stock/S1", 10.0) in now
    assert {row[1] for row in now if row[0] == "ledger"} == {"Booking/B1", "Booking/B2", "Booking/B3"}
    assert {row[1:] for row in now if row[0] == "sum"} == {("2026-01-01", 21.0), ("2026-02-01", 10.5)}
