"""The card shows all of the bytes that are hashed, and nothing that could be taken for something else."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_adapters.store.ids import new_id
from policies.cards import Card, card_of, number, price
from policies.drafts.parts import Alternative, Amount, Demand, Freshness, Named, Price, Supply
from policies.drafts.proposal import Proposal
from tests.policies.stand_ins import DRAFTS, NEEDED, NOW, requisition


def card_text(card: Card) -> str:
    """The card in lines of plain text, with nothing left out."""
    lines = [card.title, ""]
    lines += [f"! {warning}" for warning in card.warnings]
    width = max((len(row.label) for row in card.rows), default=0)
    for row in card.rows:
        first, *others = row.value.split("\n")
        mark = f"   ! {row.mark}" if row.mark else ""
        lines.append(f"{row.label:<{width}}  {first}{mark}")
        lines += [f"{'':<{width}}  {line}" for line in others]
    for table in card.tables:
        lines += ["", f"{table.title} ({len(table.rows)})"]
        widths = [
            max(len(cell) for cell in column) for column in zip(table.columns, *table.rows, strict=True)
        ]
        for cells in (table.columns, *table.rows):
            lines.append(
                "  " + "  ".join(f"{cell:<{w}}" for cell, w in zip(cells, widths, strict=True)).rstrip()
            )
    return "\n".join([*lines, "", f"Digest {card.digest}"])


def proposal(draft: Any) -> Proposal:
    return Proposal(
        id=new_id(),
        series=new_id(),
        version=1,
        draft=draft,
        requester="paula",
        policy_hash="sha256:" + "0" * 64,
        nonce="0" * 32,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=48),
    )


def full() -> Any:
    """A requisition with everything that grounds can hold, many times over."""
    amount = Amount(value=Decimal("1234.5"), unit="KG")
    draft = requisition("1000.5")
    return draft.model_copy(
        update={
            "lines": draft.lines * 50,
            "grounds": draft.grounds.model_copy(
                update={
                    "demands": tuple(
                        Demand(
                            kind="sales_order",
                            number=f"SO-{n}",
                            quantity=amount,
                            needed_on=NEEDED,
                            customer=f"Customer {n}",
                        )
                        for n in range(200)
                    ),
                    "covering": (
                        Supply(
                            kind="purchase_order",
                            number="PO-1",
                            quantity=amount,
                            due_on=None,
                            overdue=True,
                            note="late",
                        ),
                    ),
                    "alternatives": (
                        Alternative(
                            kind="transfer",
                            what="take it from Hamburg",
                            site="HAM",
                            quantity=amount,
                            available_on=NEEDED,
                            cost=Price(amount=Decimal(80), currency="EUR"),
                        ),
                        Alternative(kind="nothing", what="wait for PO-1"),
                    ),
                    "freshness": (Freshness(system="demo", site="KAS", data_as_of=NEEDED, loaded_at=NOW),),
                    "flags": ("the last count is 90 days old",),
                    "without_it": "the line stops on Friday",
                }
            ),
        }
    )


@pytest.mark.parametrize("draft", [*DRAFTS, full()], ids=lambda d: f"{d.kind}-{len(getattr(d, 'lines', ()))}")
def test_everything_that_is_hashed_is_shown(draft: Any) -> None:
    """Every text, number and date of the canonical bytes stands on the card; long lists are not cut."""
    made = proposal(draft)
    shown = card_text(card_of(made.canonical))
    plain = shown.replace("\N{NARROW NO-BREAK SPACE}", "")
    hidden = {"nonce", "id", "series", "kind", "schema_version", "created_at", "expires_at", "loaded_at"}

    def walk(value: Any, key: str = "") -> None:
        match value:
            case dict():
                for name, each in value.items():
                    walk(each, name)
            case list():
                for each in value:
                    walk(each, key)
            case str() if value and key not in hidden and value != "sha256:" + "a" * 64:
                shown_as = (value, value.replace("_", " "), value.replace("T", " ").replace("Z", "+00:00"))
                assert any(each in plain for each in shown_as), (key, value)

    walk(json.loads(made.canonical))
    assert made.digest in shown
    assert ("Customer 199" in shown) == bool(draft.grounds.demands)
    assert ("2026-11-30 08:00:00+00:00" in shown) is True


def test_a_card_is_of_the_bytes() -> None:
    """The card comes from the bytes: other bytes, another card with another digest."""
    one, other = proposal(requisition("10")), proposal(requisition("10000"))
    assert "10 KG" in card_text(card_of(one.canonical))
    assert "10\N{NARROW NO-BREAK SPACE}000 KG" in card_text(card_of(other.canonical))
    assert card_of(one.canonical).digest == one.digest != other.digest


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1000.5", "1 000.5"),
        ("1.000", "1"),
        ("1000", "1 000"),
        ("-1234567.25", "−1 234 567.25"),
        ("0.000001", "0.000001"),
        ("99999999999999.999999", "99 999 999 999 999.999999"),
    ],
)
def test_numbers_read_the_same_everywhere(value: str, text: str) -> None:
    """No comma anywhere, a point before decimals only, thin spaces between thousands."""
    assert number(Decimal(value)) == text.replace(" ", "\N{NARROW NO-BREAK SPACE}")


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=6))
def test_a_number_comes_back_as_it_was(value: Decimal) -> None:
    """What is shown, read as a number, is what was hashed; with its currency beside it where it is money."""
    shown = number(value).replace("\N{NARROW NO-BREAK SPACE}", "").replace("−", "-")
    assert Decimal(shown) == value
    money = price(Price(amount=value, currency="MXN"))
    assert money.endswith(" MXN")
    assert Decimal(money[:-4].replace("\N{NARROW NO-BREAK SPACE}", "").replace("−", "-")) == value


@pytest.mark.parametrize(
    ("name", "remark"),
    [
        ("Voltam\u043e GmbH", "mixes Latin letters with look-alikes"),
        ("\u0391BC", "mixes Latin letters with look-alikes"),
        ("\u0412\u041e\u0421 GmbH", "another alphabet"),
        ("Voltamo \uff11\uff12", "digits of another script"),
        ("Voltamo\u2003GmbH", "cannot be seen"),
        ("Voltamo\u3164", "cannot be seen"),
        ("Voltamo\u2028GmbH", "cannot be seen"),
    ],
)
def test_letters_that_deceive_are_marked(name: str, remark: str) -> None:
    """A supplier whose name only looks like another's is marked beside it and warned about on top."""
    draft = requisition()
    source = draft.lines[0].source
    assert source is not None
    line = draft.lines[0].model_copy(
        update={"source": source.model_copy(update={"supplier": Named(code="77", name=name)})}
    )
    card = card_of(proposal(draft.model_copy(update={"lines": (line,)})).canonical)
    (row,) = [row for row in card.rows if row.label == "Supplier"]
    assert remark in row.mark
    assert any(remark in warning for warning in card.warnings)
    assert not any(character in row.value for character in "\u2003\u3164\u2028")


@pytest.mark.parametrize(
    "name", ["Müller & Söhne", "Łódź Żółć", "ООО Ромашка", "日本精工", "5 µm Filter", "O'Neill"]
)
def test_names_of_any_country_are_names(name: str) -> None:
    """A name in one alphabet is not suspicious."""
    draft = requisition()
    line = draft.lines[0].model_copy(update={"material": Named(code="1", name=name)})
    assert card_of(proposal(draft.model_copy(update={"lines": (line,)})).canonical).warnings == ()


def test_a_line_break_makes_no_row_of_its_own() -> None:
    """A note with line breaks cannot pass itself off as another row."""
    draft = requisition().model_copy(update={"note": "fine\nQuantity        1 KG"})
    lines = card_text(card_of(proposal(draft).canonical)).split("\n")
    assert [line for line in lines if line.startswith("Quantity")] == ["Quantity        500 KG"]
