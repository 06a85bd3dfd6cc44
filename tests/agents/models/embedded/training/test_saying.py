"""A written plan teaches where its period stands, also where its days are read otherwise today."""

from __future__ import annotations

from datetime import date

import pytest

from agents.models.embedded.grammar import GrammarReader
from agents.models.embedded.periods.period import month_end
from agents.models.embedded.plan_language import NotSayable, PlanLanguage, Pointer, Word
from agents.models.embedded.training.saying import words_of
from agents.models.protocol import ToolCall
from tests.agents.models.embedded.plant_names import plant
from tools.all_tools import registry
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import DateTest, Measure, MetricQuery

CATALOGUE = packaged_catalogue()
DATA = plant()


def _said(question: str, start: date, end: date | None) -> list[Word]:
    query = MetricQuery(
        measures=(Measure(name="m1", metric="scrapped_quantity"),), where=(DateTest(start=start, end=end),)
    )
    language = PlanLanguage(CATALOGUE, registry().reading())
    masked = GrammarReader(CATALOGUE).masked(question, DATA)
    return words_of(language, [ToolCall("query_metrics", query)], masked, DATA.today)


def test_what_was_left_of_a_period_until_today_is_that_period() -> None:
    year = DATA.today.year
    words = _said(f"scrap in {year}", date(year, 1, 1), DATA.today)
    assert words[-2:] == ["date", Pointer(2)]


def test_since_a_month_until_today_has_no_end() -> None:
    year = DATA.today.year
    words = _said(f"scrap since January {year}", date(year, 1, 1), DATA.today)
    assert words == _said(f"scrap since January {year}", date(year, 1, 1), None)


def test_a_month_of_another_year_is_still_that_month() -> None:
    asked = next(month for month in range(1, 13) if month != DATA.today.month)
    name = date(2000, asked, 1).strftime("%B")
    before = [_said(f"scrap in {name}", date(year, asked, 1), month_end(year, asked)) for year in _years()]
    assert before[0] == before[1]


def test_another_period_is_not_made_to_fit() -> None:
    with pytest.raises(NotSayable):
        _said(
            f"scrap in {DATA.today.year}", date(DATA.today.year - 3, 5, 1), date(DATA.today.year - 3, 6, 30)
        )


def _years() -> tuple[int, int]:
    return DATA.today.year, DATA.today.year - 1
