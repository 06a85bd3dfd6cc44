"""What is known when orders are finished is dated by that day, where a question says no other."""

from __future__ import annotations

import pytest

from agents.models.embedded.at_the_end import AtTheEnd
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.text import tokenise
from tools.languages import Language
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

ENDS = AtTheEnd(packaged_catalogue())


def question(text: str, language: Language = "en") -> Masked:
    return Masked(tuple(Spot(token.norm, token.text) for token in tokenise(text)), language=language)


def query(metric: str, role: str = "") -> MetricQuery:
    return MetricQuery.model_validate(
        {
            "measures": [{"name": "n", "metric": metric}],
            "by": [{"grain": "month"}],
            "where": [{"test": "date", "start": "2026-01-01", "end": "2026-03-31", "role": role}],
        }
    )


def roles(found: MetricQuery) -> tuple[str, str]:
    return getattr(found.where[0], "role", "?"), found.by[0].role


@pytest.mark.parametrize("metric", ["scrapped_quantity", "scrap_rate", "average_cycle_days"])
def test_scrap_of_a_month_is_that_of_orders_finished_in_it(metric: str) -> None:
    """Orders fall due on another day than the one on which their scrap is known."""
    assert roles(ENDS.dated(query(metric), question("scrap by month"))) == ("end", "end")


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("scrap on orders due in March", "en"),
        ("scrap on orders started in March", "en"),
        ("Ausschuss der im März fälligen Aufträge", "de"),
    ],
)
def test_another_day_stands_where_it_is_named(asked: str, language: Language) -> None:
    """Who says when orders were due or started means those days."""
    assert roles(ENDS.dated(query("scrapped_quantity"), question(asked, language))) == ("", "")


@pytest.mark.parametrize("metric", ["ordered_quantity", "work_order_count", "reworked_quantity"])
def test_what_is_known_before_keeps_its_day(metric: str) -> None:
    """What was ordered is known from the start, and confirmations have days of their own."""
    assert roles(ENDS.dated(query(metric), question("per month"))) == ("", "")
    assert roles(ENDS.dated(query("scrapped_quantity", "start"), question("scrap")))[0] == "start"


@pytest.mark.parametrize(
    ("asked", "role"),
    [("on-time rate of orders finished in March", "end"), ("on-time rate in March", "")],
)
def test_whether_orders_were_late_is_dated_so_where_it_is_said(asked: str, role: str) -> None:
    """`On time in March` may be about orders that were due in it; `finished in March` is not."""
    assert roles(ENDS.dated(query("on_time_rate"), question(asked))) == (role, role)


@pytest.mark.parametrize(
    ("asked", "role"),
    [
        ("orders finished after their due date by month", "end"),
        ("orders due in March that were finished late", ""),
    ],
)
def test_a_due_date_that_others_are_held_against_is_not_the_day_of_the_period(asked: str, role: str) -> None:
    """`finished after their due date` by month is about the months in which orders were finished."""
    assert roles(ENDS.dated(query("late_order_count"), question(asked))) == (role, role)
