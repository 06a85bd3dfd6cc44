"""Transfers take no more than lies there; holds take what lies in the batch or the place that was named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from erp_adapters.store import Store
from policies.drafts.hold import HoldDraft
from policies.drafts.transfer import TransferDraft
from tests.tools.asking import Asking
from tools.drafting.hold import draft_hold
from tools.drafting.transfer import draft_transfer
from tools.errors import ToolError

TRANSFER: dict[str, object] = {
    "material": "BR-6204", "quantity": "40", "from_site": "Greenville", "site": "Kassel",
    "needed_on": "2026-04-10",
}  # fmt: skip
HOLD: dict[str, object] = {"batch": "CP-40-260310-037", "site": "Kassel", "reason": "leaking seals"}


@pytest.fixture
async def planner(demo_store: Store) -> Asking:
    return Asking(demo_store, await demo_store.caller("planner"))


async def transfer(asking: Asking, **changes: object) -> TransferDraft:
    result = await asking(draft_transfer, **{**TRANSFER, **changes})
    assert result.drafted is not None
    assert isinstance(result.drafted.draft, TransferDraft)
    return result.drafted.draft


async def hold(asking: Asking, **changes: object) -> HoldDraft:
    result = await asking(draft_hold, **{**HOLD, **changes})
    assert result.drafted is not None
    assert isinstance(result.drafted.draft, HoldDraft)
    return result.drafted.draft


async def test_a_transfer_has_both_ends(planner: Asking) -> None:
    """Both numbers, the unit of the site that receives, the worth where it lies, and facts of both sites."""
    draft = await transfer(planner)
    assert (draft.from_site, draft.site) == ("GRV", "KAS")
    assert (draft.material.code, draft.from_material.code) == ("BR-6204", "BR-6204")
    assert (draft.quantity.value, draft.quantity.unit) == (Decimal(40), "PC")
    assert draft.needed_on == date(2026, 4, 10)
    assert draft.worth is not None
    assert draft.worth.currency == "USD"
    assert draft.category == "Purchased parts"
    assert {(fact.record, fact.site) for fact in draft.grounds.facts} == {
        ("material", "KAS"), ("material", "GRV"), ("stock", "GRV"),
    }  # fmt: skip
    assert all(fact.version != "absent" for fact in draft.grounds.facts)
    assert draft.available is not None
    if draft.quantity.value > draft.available:
        assert draft.grounds.flags[0].startswith("Only ")
    assert all(way.site != "GRV" for way in draft.grounds.alternatives)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"quantity": "99999"}, "less than 99,999; ask for as much or less"),
        ({"from_site": "Kassel"}, "KAS is both ends of the transfer"),
        ({"from_site": "Paris"}, "no site 'Paris' that you may see"),
        ({"from_site": "Brescia"}, "BRE keeps no Ball bearing 6204 (BR-6204)"),
        ({"needed_on": "2026-04-11"}, "no working day at KAS"),
        ({"material": "M-1023"}, "no material is called 'M-1023'"),
    ],
)
async def test_a_transfer_that_cannot_be_is_named(
    changes: dict[str, object], says: str, planner: Asking
) -> None:
    """With what would be valid."""
    with pytest.raises(ToolError) as refused:
        await transfer(planner, **changes)
    assert says in str(refused.value)


async def test_a_transfer_needs_both_sites_in_scope(demo_store: Store) -> None:
    """A planner of Kassel alone takes nothing from Greenville, and is not told of it."""
    kassel = Asking(demo_store, await demo_store.caller("planner.kassel"))
    with pytest.raises(ToolError) as refused:
        await transfer(kassel)
    assert "GRV" not in str(refused.value)


async def test_a_hold_takes_the_batch(planner: Asking) -> None:
    """Found by the batch alone; all of it that is not blocked, at the site's standard cost."""
    draft = await hold(planner)
    assert (draft.site, draft.material.code, draft.batch) == ("KAS", "CP-40", "CP-40-260310-037")
    assert (draft.quantity.value, draft.quantity.unit) == (Decimal(31), "PC")
    assert draft.worth is not None
    assert draft.worth.amount == Decimal("299.01") * 31
    assert draft.category == "Pumps"
    assert {fact.record for fact in draft.grounds.facts} == {"material", "stock"}
    assert (await hold(planner, site=None, batch="cp-40-260310-037")).batch == "CP-40-260310-037"
    assert (await hold(planner, quantity="5")).quantity.value == 5


async def test_a_hold_takes_a_place(planner: Asking) -> None:
    """By the location's id; what lies elsewhere stays free."""
    whole = await hold(planner, batch=None, material="BR-6204")
    result = await planner(draft_hold, **{**HOLD, "batch": None, "material": "BR-6204"})
    rows = result.tables[0].rows
    assert whole.quantity.value == sum(Decimal(str(row[4])) for row in rows)
    place = str(rows[0][3])
    part = await hold(planner, batch=None, material="BR-6204", location=place)
    assert part.location is not None
    assert part.location.name == place
    assert part.quantity.value <= whole.quantity.value


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"batch": "NO-SUCH"}, "no batch 'NO-SUCH' is in stock"),
        ({"batch": None}, "name a material or a batch"),
        ({"material": "BR-6204"}, "has no unblocked stock in batch 'CP-40-260310-037'"),
        ({"quantity": "9999"}, "not 9,999"),
        ({"batch": None, "material": "BR-6204", "location": "the moon"}, "does not lie in 'the moon'"),
        ({"reason": "bad\u200bseal"}, "reason 'badseal' is not fit to be shown"),
    ],
)
async def test_a_hold_that_cannot_be_is_named(changes: dict[str, object], says: str, planner: Asking) -> None:
    """With what would be valid."""
    with pytest.raises(ToolError) as refused:
        await hold(planner, **changes)
    assert says in str(refused.value)
