"""A plan's numbers, days and names come from the question, from the turns before, or from a result."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from agents.models.protocol import PastTurn, Step, ToolCall, Turn
from agents.models.said import Said
from tests.agents.toy import ScrapArguments, StockArguments
from tools.results import Column, Table, ToolResult

TODAY = date(2014, 6, 30)


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("top 5 of them", ["5"]),
        ("the top five", ["5"]),
        ("over 2,500 pieces", ["2500"]),
        ("über 2.500,75 Stück", ["2500.75"]),
        ("more than 10 %", ["10", "0.1"]),
        ("worth 2 k or 1.5 million", ["2000", "1500000"]),
        ("die drei größten", ["3"]),
        ("les cinq premiers", ["5"]),
        ("without stock, and the highest", ["0", "1"]),
        ("more than half of it", ["50", "0.5"]),
        ("bought from several suppliers", ["2"]),
        ("a loss of 40", ["-40"]),
    ],
)
def test_numbers_are_found_in_every_form(question: str, numbers: list[str]) -> None:
    """Digits of either notation, number words, shares of a hundred, and what words imply."""
    said = Said(Turn(question), TODAY)
    for number in numbers:
        assert said.number(Decimal(number)), number
    assert not said.number(Decimal(7))
    assert not said.number(Decimal("12.5"))


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("in 2013", "2013-01-01", "2013-12-31"),
        ("in March 2014", "2014-03-01", "2014-03-31"),
        ("im März 2014", "2014-03-01", "2014-03-31"),
        ("en marzo de 2014", "2014-03-01", "2014-03-31"),
        ("in Q2 2013", "2013-04-01", "2013-06-30"),
        ("last month", "2014-05-01", "2014-05-31"),
        ("since 5 May 2014", "2014-05-05", "2014-06-30"),
        ("before 1 May 2014", "2014-04-30", "2014-04-30"),
    ],
)
def test_days_are_ends_of_periods_that_were_said(question: str, first: str, last: str) -> None:
    """Today is always one; another month or year is none."""
    said = Said(Turn(question), TODAY)
    assert said.day(date.fromisoformat(first))
    assert said.day(date.fromisoformat(last))
    assert said.day(TODAY)
    assert not said.day(date(2012, 1, 1))
    assert not said.day(date(2014, 2, 17))
    assert not said.day(date.max)


def test_what_was_said_before_and_shown_counts() -> None:
    """A follow-up keeps the numbers of the turn before; a second round may use what the first one found."""
    found = Table(
        (Column("material", "Material", "text"), Column("day", "Day", "date")), (("BK-9", date(2014, 2, 3)),)
    )
    step = Step(ToolCall("stock", StockArguments(material="x")), ToolResult("stock", "", (found,), (), ()))
    past = PastTurn("the top 17 in 2012?", (ToolCall("scrap", ScrapArguments(top=13)),), "")
    alone, after = Said(Turn("and now?"), TODAY), Said(Turn("and now?", (past,), steps=(step,)), TODAY)
    for number in (17, 13):
        assert after.number(Decimal(number))
        assert not alone.number(Decimal(number))
    for day in (date(2012, 12, 31), date(2014, 2, 3)):
        assert after.day(day)
        assert not alone.day(day)
    assert after.text("bk-9")
    assert not alone.text("bk-9")


def test_names_are_said_in_whatever_form() -> None:
    """Case, accents and endings do not matter; other words do."""
    said = Said(Turn("Stock of the Façade helmets, in US dollars?"), TODAY)
    assert said.text("facade Helmet")
    assert not said.text("Helmet Red")
    assert said.mentions("US Dollar")
    assert not said.mentions("Euro")
