"""A card is read in the person's language, whatever it is of; what others wrote stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, get_args

import pytest

from erp_adapters.records import DraftKind
from erp_adapters.store import Store
from policies.cards import Card, card_of
from policies.drafts.cancellation import CancellationDraft
from policies.drafts.floor import OrderHoldDraft, WorkOrderDraft
from policies.drafts.parts import Alternative, Amount, Demand, Freshness, Grounds, Named, Price, Supply
from policies.drafts.proposal import AnyDraft
from policies.drafts.published_text import PublishedTextDraft
from policies.drafts.redating import RedatingDraft
from policies.drafts.requisition import Budget
from tests.policies.stand_ins import DRAFTS, FACT, NEEDED, NOW, requisition
from tests.policies.test_cards import proposal
from tests.tools.asking import Asking
from tools.drafting.hold import draft_hold
from tools.drafting.requisition import draft_requisition
from tools.drafting.transfer import draft_transfer
from tools.languages import LANGUAGES, Language, speaking
from tools.languages.cards import _THEIRS, card_in_words
from tools.replanning.drafting import draft_replanning

_OTHERS = [spoken for spoken in LANGUAGES if spoken != "en"]
_ENGLISH = re.compile(
    r"\b(?:the|is|are|it|its|of|by|with|from|for|and|not|nothing|that|which|there|stays?|days?|order"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|unknown|before|after)\b"
)
"""Words of no other of our languages."""
_NAMES = re.compile(r"BR-\d+ [\w ]+|Raw material and purchased parts|sales_order|PW-\w+|sha256:\w+")
GROUNDS = Grounds(
    why=("Source Voltamo GmbH: the preferred supplier.", "Price 2.50 EUR from the info record."),
    without_it="It runs short on 2026-12-04: 1,200 KG are missing on that day; sales order S-1 waits first.",
    demands=(
        Demand(
            kind="sales_order", number="S-1", quantity=Amount(value=Decimal(7), unit="KG"), needed_on=NEEDED
        ),
    ),
    covering=(
        Supply(
            kind="purchase_order",
            number="PO-1",
            quantity=Amount(value=Decimal(7), unit="KG"),
            due_on=None,
            overdue=True,
            note="not approved yet",
        ),
    ),
    alternatives=(Alternative(kind="nothing", what="Do nothing. It stays due on 2026-12-04."),),
    freshness=(Freshness(system="demo", site="KAS", data_as_of=NEEDED, loaded_at=None),),
    flags=("No source has a price: what it will come to is not known.",),
    facts=(FACT,),
)
_AMOUNT = Amount(value=Decimal(20), unit="KG")
_STEEL = Named(code="M-1023", name="Stahlrohr")


def kinds() -> tuple[AnyDraft, ...]:
    """A draft of every kind, with grounds of all sorts."""
    bought = requisition()
    line = bought.lines[0]
    budget = Budget(
        planned=Price(amount=Decimal(9), currency="EUR"),
        spent=Price(amount=Decimal(1), currency="EUR"),
        period="2026-12",
        cost_centre=Named(code="4711"),
        account=Named(code="400000"),
    )
    several = bought.model_copy(
        update={
            "lines": (
                line.model_copy(update={"source": None, "unit_price": None}),
                line.model_copy(update={"budget": budget}),
            )
        }
    )
    made = (
        *DRAFTS,
        several,
        RedatingDraft(
            site="KAS",
            order="4500001",
            line="10",
            supplier=Named(code="77"),
            material=_STEEL,
            open=_AMOUNT,
            expected_due=NEEDED,
            due_on=NEEDED.replace(day=20),
        ),
        WorkOrderDraft(site="KAS", material=_STEEL, quantity=_AMOUNT, due_on=NEEDED),
        OrderHoldDraft(
            site="KAS", order="4711", material=_STEEL, action="resume", reason="repariert", held_since=NOW
        ),
        PublishedTextDraft(
            site="KAS",
            about="plant",
            object=Named(code="KAS"),
            period="2026-11",
            version=2,
            released_by="anna",
            publication="0198",
            digest="sha256:" + "a" * 64,
            text="Mehr Ausschuss",
        ),
        CancellationDraft(
            site="KAS", follows="0198", number="10000001", marker="PW-1", asked_by="anna", original=bought
        ),
    )
    return tuple(
        draft.model_copy(
            update={
                "grounds": GROUNDS,
                **(
                    {"relaxed": ("Order 4711 is due on 2026-12-09 instead of 2026-12-08.",)}
                    if draft.kind == "order_rescheduling"
                    else {}
                ),
            }
        )
        for draft in made
    )


def words(card: Card) -> Iterator[tuple[str, str]]:
    """All that is ours on a card, each with where it stands."""
    yield "title", card.title
    yield from (("warning", text) for text in card.warnings)
    for row in card.rows:
        yield row.key, row.label
        if row.key not in _THEIRS and not row.key.startswith(("Supplier", "Location", "Batch")):
            yield row.key, row.value
    for table in card.tables:
        yield from ((table.key, text) for text in (table.title, *table.columns))
        for cells in table.rows:
            for column, cell in zip(table.columns, cells, strict=True):
                yield f"{table.key}: {column}", cell


def english(card: Card) -> list[tuple[str, str]]:
    return [(where, text) for where, text in words(card) if _ENGLISH.search(_NAMES.sub("", text))]


@pytest.mark.parametrize("spoken", _OTHERS)
def test_cards_of_every_kind_hold_no_english(spoken: Language) -> None:
    """Labels, headings, values in words and grounds; the digest, and keys of rows, stay."""
    drafts = kinds()
    assert {draft.kind for draft in drafts} == set(get_args(DraftKind))
    for draft in drafts:
        shown = card_of(proposal(draft).canonical)
        with speaking(spoken):
            told = card_in_words(shown)
        assert english(told) == [], draft.kind
        assert (told.digest, len(told.rows)) == (shown.digest, len(shown.rows))
        assert [row.key for row in told.rows] == [row.label for row in shown.rows]
        assert len({row.label for row in told.rows}) >= len({row.label for row in shown.rows}) - 2


def test_what_people_and_systems_wrote_is_no_text_of_ours() -> None:
    """A note that reads like a sentence of ours is what somebody wrote, and is confirmed as such."""
    draft = requisition().model_copy(update={"note": "It stays in the ERP as it is."})
    shown = card_of(proposal(draft).canonical)
    named = replace(
        shown,
        rows=tuple(replace(row, value="Monday") if row.key == "Supplier" else row for row in shown.rows),
    )
    with speaking("de"):
        told = {row.key: row for row in card_in_words(named).rows}
    assert (told["Note"].label, told["Note"].value) == ("Bemerkung", "It stays in the ERP as it is.")
    assert told["Supplier"].value == "Monday"


def test_numbers_and_days_of_a_card_are_written_as_the_language_writes_them() -> None:
    """Decimals and days as elsewhere on the page; between thousands thin spaces, misread nowhere."""
    budget = Budget(
        planned=Price(amount=Decimal("1234567.5"), currency="EUR"),
        spent=Price(amount=Decimal("0.125"), currency="EUR"),
        period="2026-12",
        cost_centre=Named(code="4711", name="Line 1.5 EUR"),
        account=Named(code="400000", name="Rods of 2.5 mm"),
    )
    bought = requisition("1234.5")
    line = bought.lines[0].model_copy(update={"budget": budget})
    shown = card_of(proposal(bought.model_copy(update={"lines": (line,), "grounds": GROUNDS})).canonical)
    with speaking("de"):
        told = card_in_words(shown)
    rows = {row.key: row.value for row in told.rows}
    english = {row.key: row.value for row in shown.rows}
    assert english["Quantity"] == "1\u202f234.5 KG"
    assert rows["Quantity"] == "1\u202f234,5 KG"
    assert rows["Total"] == english["Total"].replace(".", ",")
    assert rows["Needed on"] == f"{NEEDED:%d.%m.%Y} (Samstag)"
    assert rows["Budget"].startswith("1\u202f234\u202f567,50 EUR geplant, 0,125 EUR ausgegeben")
    assert rows["Budget"].endswith("für 4711 Line 1.5 EUR, 400000 Rods of 2.5 mm")
    assert rows["Without it"].count("1.200 KG") == 1


ASKED: tuple[tuple[Any, dict[str, object]], ...] = (
    (draft_requisition, {"material": "BR-6204", "quantity": "500", "needed_on": "2026-06-08", "site": "KAS"}),
    (
        draft_requisition,
        {"material": "BR-6204", "quantity": "12345.5", "needed_on": "2026-04-07", "site": "KAS"},
    ),
    (
        draft_transfer,
        {
            "material": "BR-6204",
            "quantity": "40",
            "from_site": "Greenville",
            "site": "Kassel",
            "needed_on": "2026-04-10",
        },
    ),
    (draft_hold, {"batch": "CP-40-260310-037", "site": "Kassel", "reason": "leaking seals"}),
    (
        draft_replanning,
        {"kind": "machine_down", "about": "Press 2", "site": "Kassel", "until": "2026-04-02"},
    ),
)


@pytest.mark.parametrize(("tool", "arguments"), ASKED, ids=lambda one: getattr(one, "name", ""))
async def test_what_tools_draft_is_read_without_english(
    demo_store: Store, tool: Any, arguments: dict[str, object]
) -> None:
    """The reasons, alternatives and flags that tools find in the demo."""
    planner = Asking(demo_store, await demo_store.caller("planner"))
    drafted = (await planner.unchecked(tool, **arguments)).drafted
    assert drafted is not None
    shown = card_of(proposal(drafted.draft).canonical)
    for spoken in _OTHERS:
        with speaking(spoken):
            assert english(card_in_words(shown)) == []
