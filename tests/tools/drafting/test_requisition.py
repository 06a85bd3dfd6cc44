"""A requisition is drafted with everything that a buyer has to know, and only what the person may see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import psycopg
import pytest

from erp_adapters.errors import DraftInvalid
from erp_adapters.store import OWNER_ROLE, Store
from policies.drafts.requisition import RequisitionDraft
from policies.facts import FACTS, StoreFacts, fact
from policies.proposals import Proposals
from tests.conftest import Database
from tests.policies.stand_ins import StandInPolicy, StandInTrail
from tests.tools.asking import Asking
from tools.drafting.requisition import draft_requisition
from tools.errors import ToolError

BEARING: dict[str, object] = {
    "material": "BR-6204", "quantity": "500", "needed_on": "2026-06-08", "site": "KAS",
}  # fmt: skip


@pytest.fixture
async def planner(demo_store: Store) -> Asking:
    return Asking(demo_store, await demo_store.caller("planner"))


@pytest.fixture
async def kassel(demo_store: Store) -> Asking:
    return Asking(demo_store, await demo_store.caller("planner.kassel"))


async def drafted(asking: Asking, **changes: object) -> RequisitionDraft:
    """The draft of a call, after the checks that hold for every result."""
    result = await asking(draft_requisition, **{**BEARING, **changes})
    assert result.drafted is not None
    assert result.drafted.business_date == date(2026, 3, 31)
    draft = result.drafted.draft
    assert isinstance(draft, RequisitionDraft)
    assert result.figures[0].value == sum(line.quantity.value for line in draft.lines)
    return draft


@pytest.fixture
def changing(demo: Database) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection whose changes are seen by nobody else and taken back."""
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        yield connection
        connection.rollback()


async def test_the_draft_agrees_with_what_the_erp_holds(planner: Asking, demo: Database) -> None:
    """Source, price, lead time and order rules, compared with statements of the test's own."""
    draft = await drafted(planner)
    line = draft.lines[0]
    assert line.source is not None
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        best = connection.execute(
            "select s.number, s.name, i.standard_price, i.lead_time_days from erp.quota q"
            " join erp.info_record i using (site, material_id, supplier_id)"
            " join erp.supplier s using (site, supplier_id)"
            " where q.site = 'KAS' and q.material_id = '4001' order by ("
            "   select coalesce(sum(l.ordered), 0) from erp.purchase_line l join erp.purchase_order o"
            "   using (site, order_id) where l.site = 'KAS' and l.material_id = '4001'"
            "   and o.supplier_id = q.supplier_id and o.status <> 'rejected' and o.ordered_on >= q.valid_from"
            " ) / q.share_pct limit 1"
        ).fetchone()
    assert best is not None
    number, name, price, lead = best
    assert (line.source.supplier.code, line.source.supplier.name) == (number, name)
    assert line.source.chosen_by == "quota"
    assert line.unit_price is not None
    assert (line.unit_price.amount, line.unit_price.currency) == (price, "EUR")
    assert line.source.lead_time_days == lead
    assert (line.lot.minimum, line.lot.rounding) == (Decimal(10), Decimal(5))
    assert draft.value is not None
    assert draft.value.amount == price * 500
    assert draft.document("planner").lines[0].material == "BR-6204"


async def test_what_is_on_its_way_is_shown(planner: Asking, demo: Database) -> None:
    """Every open purchase order line, planned order and requisition of the material, with its quantity."""
    draft = await drafted(planner)
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        lines = connection.execute(
            "select count(*), sum(l.ordered - coalesce(l.received, 0)) from erp.purchase_line l"
            " join erp.purchase_order o using (site, order_id)"
            " where l.site = 'KAS' and l.material_id = '4001' and o.status in ('pending', 'approved')"
            " and l.ordered > coalesce(l.received, 0)"
        ).fetchone()
    assert lines is not None
    orders = [one for one in draft.grounds.covering if one.kind == "purchase_order"]
    assert (len(orders), sum(one.quantity.value for one in orders)) == lines
    assert all(one.overdue is (one.due_on is not None and one.due_on < date(2026, 3, 31)) for one in orders)


async def test_it_says_what_happens_without_it(planner: Asking) -> None:
    """The first day on which it is short, how much is missing, and who waits."""
    draft = await drafted(planner)
    assert draft.grounds.without_it.startswith("It runs short on 2026-04-07: 174 PC are missing on that day")
    assert "waits first, for " in draft.grounds.without_it
    assert sum(one.quantity.value for one in draft.grounds.demands) <= 500
    nothing = draft.grounds.alternatives[-1]
    assert nothing.kind == "nothing"
    assert draft.grounds.without_it in nothing.what
    assert {way.kind for way in draft.grounds.alternatives} >= {"other_source", "nothing"}
    quiet = await drafted(planner, material="SB-316", needed_on="2026-06-08")
    assert "Nothing on record needs it: stock and what is on its way cover every requirement." in (
        quiet.grounds.flags
    )


async def test_account_and_cost_centre_come_with_a_reason(planner: Asking) -> None:
    """By the category's stock account and the centre that buys; one that was named is taken."""
    line = (await drafted(planner)).lines[0]
    assert line.account is not None
    assert line.cost_centre is not None
    assert (line.account.code, line.cost_centre.code) == ("1310", "4240")
    named = await drafted(planner, cost_centre="Maintenance")
    assert named.lines[0].cost_centre is not None
    assert named.lines[0].cost_centre.code == "4210"
    assert "Cost centre 4210 Maintenance: named by the requester." in named.grounds.why
    with pytest.raises(ToolError, match="no cost centre is called"):
        await drafted(planner, cost_centre="Rocketry")


async def test_pounds_are_kilograms_exactly(planner: Asking) -> None:
    """The site's own factor, nothing lost, and what was asked stays on record."""
    draft = await drafted(planner, material="SB-316", quantity="500", unit="lb")
    line = draft.lines[0]
    assert (line.quantity.value, line.quantity.unit) == (Decimal(230), "KG")
    assert (line.lot.asked.value, line.lot.asked.unit) == (Decimal(500), "LB")
    assert line.lot.factor == Decimal("0.453592")
    assert draft.grounds.why[0] == "500 LB are 226.796000 KG at 0.453592 KG each."


async def test_what_was_taken_for_what_stands_on_the_card(planner: Asking) -> None:
    """A slip in a name is no other thing, and whoever confirms reads what was understood."""
    draft = await drafted(planner, site="Kasel", material="ball baering 6204", supplier="Norvexa Bearing AB")
    assert draft.grounds.flags[:3] == (
        "Took 'Norvexa Bearing AB' to mean Norvexa Bearings AB (NORVEXA07).",
        "Took 'Kasel' to mean Kassel (KAS).",
        "Took 'ball baering 6204' to mean Ball bearing 6204 (BR-6204).",
    )


async def test_too_much_for_one_order_is_several_lines(planner: Asking) -> None:
    """Each line within the supplier's maximum; the whole is what was asked."""
    draft = await drafted(planner, material="EM-1.5", quantity="7000", supplier="Voltamo")
    assert [line.quantity.value for line in draft.lines] == [Decimal(5000), Decimal(2000)]
    assert draft.lines[0].source is not None
    assert draft.lines[0].source.chosen_by == "asked_for"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"site": "KAL"}, "no site 'KAL' that you may see; there is BRE (Brescia)"),
        ({"site": None}, "is kept at GRV, KAS; name the site"),
        ({"unit": "parsec"}, "'parsec' is no unit of KAS; valid for this material are EA, PC"),
        ({"unit": "kg"}, "nothing says how many PC one KG of this material is; valid are EA, PC"),
        ({"needed_on": "2026-03-30"}, "is past at KAS, where today is 2026-03-31"),
        ({"needed_on": "2027-06-07"}, "is outside the calendar of KAS, which ends on 2026-12-31"),
        ({"needed_on": "2026-04-06"}, "is no working day at KAS; the next one is 2026-04-07"),
        ({"material": "IP-80"}, "is made in house at KAS"),
        ({"supplier": "Voltamo"}, "no info record for it; these have: Norvexa Bearings AB"),
        ({"supplier": "Ferrovance"}, "no info record for it"),
        ({"supplier": "Nobody Inc"}, "'Nobody Inc'; Ball bearing 6204 (BR-6204) is sold to KAS by Norvexa"),
        ({"currency": "USD"}, "in EUR, not in USD"),
        ({"currency": "doubloons"}, "no currency is called"),
        ({"quantity": "99999999999999"}, "and a requisition takes 50: ask for at most"),
        ({"reason": "for \u202eEUR 5"}, "note 'for EUR 5' is not fit to be shown"),
    ],
)
async def test_what_cannot_be_drafted_is_named(
    changes: dict[str, object], says: str, planner: Asking
) -> None:
    """And what would be valid is said with it."""
    with pytest.raises(ToolError) as refused:
        await drafted(planner, **changes)
    assert says in str(refused.value)


@pytest.mark.parametrize("quantity", ["0", "-5", "NaN", "1e400", "Infinity", "0.0000001", "1e14"])
def test_no_quantity_that_an_erp_cannot_hold(quantity: str) -> None:
    """The arguments refuse it before anything is read."""
    with pytest.raises(ValueError, match="quantity"):
        draft_requisition.arguments(**{**BEARING, "quantity": quantity})


async def test_closed_and_ended_things_are_refused(
    demo_copy: Database,
) -> None:
    """A period that is closed ahead of time, and a material that is discontinued."""
    with psycopg.connect(demo_copy.dsn(OWNER_ROLE)) as connection:
        connection.execute(
            "update erp.fiscal_period set status = 'closed' where site = 'KAS' and period = '2026-06'"
        )
        connection.execute(
            "update erp.material set discontinued_on = '2026-05-31' where site = 'KAS' and number = 'GS-1'"
        )
        connection.execute(
            "update erp.supplier set name = 'Norvexa \u202eBA' where site = 'KAS' and supplier_id = '7007'"
        )
    async with await Store.open(demo_copy.dsn()) as store:
        asking = Asking(store, await store.caller("planner"))
        with pytest.raises(
            ToolError,
            match=r"period 2026-06, which is closed at KAS; the next open one is 2026-07, whose first working"
            r" day is 2026-07-01",
        ):
            await drafted(asking)
        with pytest.raises(ToolError, match="is discontinued at KAS since 2026-05-31"):
            await drafted(asking, material="GS-1", needed_on="2026-07-06")
        with pytest.raises(ToolError, match=r"name 'Norvexa BA' is not fit to be shown \(it holds a"):
            await drafted(asking, needed_on="2026-07-06", supplier="id:7007")


async def test_another_site_is_as_if_it_were_not_there(kassel: Asking) -> None:
    """A planner of Kassel drafts for Kassel without naming it, and is told of no other site."""
    draft = await drafted(kassel, site=None)
    assert draft.site == "KAS"
    assert "Greenville" not in draft.model_dump_json()
    assert "GRV" not in draft.model_dump_json()
    with pytest.raises(ToolError) as refused:
        await drafted(kassel, site="Greenville")
    assert "GRV" not in str(refused.value)
    nobody = Asking(kassel.store, replace(kassel.caller, sites=frozenset()))
    with pytest.raises(ToolError, match="no site is open to you"):
        await drafted(nobody, site=None)


# ── facts ─────────────────────────────────────────────────────────────────────────────────────────────────
async def test_facts_are_the_same_when_read_again(planner: Asking) -> None:
    """Nothing changed: not one version differs."""
    draft = await drafted(planner)
    facts = draft.grounds.facts
    assert await StoreFacts(planner.store).versions(planner.caller, facts) == facts
    assert len(set(facts)) == len(facts) >= 5


@pytest.mark.parametrize(
    ("change", "record"),
    [
        (
            "update erp.info_record set standard_price = standard_price + 0.01 where material_id = '4001'",
            "info_record",
        ),
        ("update erp.material set rounding_value = 10 where material_id = '4001'", "material"),
        ("update erp.supplier set is_active = false where supplier_id = '7007'", "supplier"),
        ("update erp.quota set share_pct = 50 where material_id = '4001'", "quota"),
        ("delete from erp.quota where material_id = '4001'", "quota"),
        ("update erp.fiscal_period set status = 'closed' where period = '2026-06'", "fiscal_period"),
    ],
)
async def test_a_fact_that_changed_has_another_version(change: str, record: str, demo_copy: Database) -> None:
    """Just the fact that changed; what did not count leaves it alone."""
    async with await Store.open(demo_copy.dsn()) as store:
        asking = Asking(store, await store.caller("planner"))
        facts = (await drafted(asking)).grounds.facts
        with psycopg.connect(demo_copy.dsn(OWNER_ROLE)) as connection:
            connection.execute("update erp.material set abc_class = 'C', load_id = gen_random_uuid()")
        assert await StoreFacts(store).versions(asking.caller, facts) == facts
        with psycopg.connect(demo_copy.dsn(OWNER_ROLE)) as connection:
            connection.execute(change.encode())
        now = await StoreFacts(store).versions(asking.caller, facts)
    assert {one.record for one, other in zip(facts, now, strict=True) if one != other} == {record}


async def test_a_fact_out_of_scope_is_absent(demo_store: Store, kassel: Asking) -> None:
    """Whoever may not see a record learns nothing of it, not even that it is there."""
    async with demo_store.reading(kassel.caller) as tx:
        assert (await fact(tx, "material", "GRV", ("4001",))).version == "absent"
        assert (await fact(tx, "material", "KAS", ("4001",))).version.startswith("sha256:")
        for record, key in (("person", ("planner",)), ("material", ()), ("material", ("4001", "x"))):
            with pytest.raises(DraftInvalid, match="a draft cannot rely on"):
                await fact(tx, record, "KAS", key)


def test_every_fact_has_a_key_and_what_counts() -> None:
    """No fact without either, so that no version is the same whatever happens."""
    assert all(one.key and one.columns and not set(one.key) & set(one.columns) for one in FACTS.values())


async def test_a_need_is_split_where_no_source_alone_is_as_good(demo_copy: Database) -> None:
    """The card offers it; asked for, it is one requisition whose lines name their suppliers."""
    with psycopg.connect(demo_copy.dsn(OWNER_ROLE)) as connection:
        for statement in (
            "delete from erp.quota where site = 'KAS' and material_id = '4001'",
            "delete from erp.contract where site = 'KAS' and material_id = '4001'",
            "update erp.info_record set lead_time_days = 200, maximum_order = null"
            " where site = 'KAS' and material_id = '4001'",
            "update erp.info_record set lead_time_days = 10, maximum_order = 200, minimum_order = 10"
            " where site = 'KAS' and material_id = '4001' and supplier_id = (select min(i.supplier_id)"
            " from erp.info_record i join erp.supplier s on s.site = i.site and s.supplier_id = i.supplier_id"
            " where i.site = 'KAS' and i.material_id = '4001' and s.is_active)",
            "update erp.supplier set is_preferred = supplier_id <> (select min(i.supplier_id)"
            " from erp.info_record i join erp.supplier s on s.site = i.site and s.supplier_id = i.supplier_id"
            " where i.site = 'KAS' and i.material_id = '4001' and s.is_active) where site = 'KAS'",
        ):
            connection.execute(statement.encode())
    async with await Store.open(demo_copy.dsn()) as store:
        asking = Asking(store, await store.caller("planner"))
        alone = await drafted(asking)
        assert len({line.source.supplier.code for line in alone.lines if line.source}) == 1
        offered = [one for one in alone.grounds.alternatives if one.kind == "split"]
        assert len(offered) == 1
        parted = await drafted(asking, split=True)
        assert not [one for one in parted.grounds.alternatives if one.kind == "split"]
        suppliers = {line.source.supplier.code for line in parted.lines if line.source}
        assert len(suppliers) == 2
        assert sum(line.quantity.value for line in parted.lines) == 500
        assert parted.value is not None
        assert offered[0].cost is not None
        assert parted.value.amount == offered[0].cost.amount
        written = parted.document("planner")
        assert [line.supplier for line in written.lines] == [
            line.source.supplier.code for line in parted.lines if line.source
        ]
        facts = [one.key[1] for one in parted.grounds.facts if one.record == "info_record"]
        assert len(facts) == 2
        assert "Split over 2 suppliers" in " ".join(parted.grounds.why)
    with pytest.raises(ToolError, match="no split of"):
        async with await Store.open(demo_copy.dsn()) as store:
            await drafted(Asking(store, await store.caller("planner")), quantity="20", split=True)


async def test_drafts_of_others_and_confirmed_ones_are_shown_as_supply(
    planner: Asking, kassel: Asking, demo: Database
) -> None:
    """What is not written yet is no order, and covers the need all the same; one's own is not repeated."""
    before = await drafted(kassel)
    assert not [one for one in before.grounds.covering if one.kind == "draft"]
    async with await Proposals.open(demo.dsn(), policy=StandInPolicy(), trail=StandInTrail()) as desk:
        made = await desk.propose(
            kassel.caller, await drafted(kassel, quantity="60"), business_date=date(2026, 3, 31)
        )
        try:
            own = await drafted(kassel)
            others = [one for one in (await drafted(planner)).grounds.covering if one.kind == "draft"]
        finally:
            with psycopg.connect(demo.dsn(OWNER_ROLE)) as owner:
                owner.execute("truncate app.proposal, app.signature, app.outbox, app.proposal_step cascade")
    assert not [one for one in own.grounds.covering if one.kind == "draft"]
    assert [(one.number, one.quantity.value, one.due_on) for one in others] == [
        (made.shown.digest.removeprefix("sha256:")[:8], Decimal(60), date(2026, 6, 8))
    ]
    assert others[0].note == "waits for its confirmation; asked for by planner.kassel"
