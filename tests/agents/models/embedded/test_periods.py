"""Periods are found as people write them, with the year that they mean."""

from __future__ import annotations

from datetime import date

import pytest

from agents.models.embedded.periods import Periods, period_of
from agents.models.embedded.text import tokenise

_TODAY = date(2025, 10, 21)
_NAMED = {
    "as of 15.07.2021": "2021-07-15..2021-07-15",
    "due on 30/09/2021?": "2021-09-30..2021-09-30",
    "due on 09/30/2021": "2021-09-30..2021-09-30",
    "due on 04/05/2021": "2021-05-04..2021-05-04",
    "close 31/12/24": "2024-12-31..2024-12-31",
    "cross rate 30-06-2023": "2023-06-30..2023-06-30",
    "due > 2025-04-01": "2025-04-01..2025-04-01",
    "orders due 06/2024": "2024-06-01..2024-06-30",
    "salaries 01-11/2011": "2011-01-01..2011-01-31 2011-11-01..2011-11-30",
    "salaries 12/2010-11/2011": "2010-12-01..2010-12-31 2011-11-01..2011-11-30",
    "scrap Q2/2024": "2024-04-01..2024-06-30",
    "scrap Q2 24": "2024-04-01..2024-06-30",
    "scrap q2'24": "2024-04-01..2024-06-30",
    "scrap 2024-Q2": "2024-04-01..2024-06-30",
    "scrap H1/2024": "2024-01-01..2024-06-30",
    "due in 1st half of 2024": "2024-01-01..2024-06-30",
    "spend 2nd quarter 2025": "2025-04-01..2025-06-30",
    "scrap 1Q 2024": "2024-01-01..2024-03-31",
    "scrap 1Q24": "2024-01-01..2024-03-31",
    "scrap 2H 2024": "2024-07-01..2024-12-31",
    "stops of more than 2h in 2024": "2024-01-01..2024-12-31",
    "scrap FY2024 Q1": "2024-01-01..2024-03-31",
    "first half-year of 2024": "2024-01-01..2024-06-30",
    "closing quarter of 2024": "2024-10-01..2024-12-31",
    "first and third quarters of 2024": "2024-01-01..2024-03-31 2024-07-01..2024-09-30",
    "1st and 2nd quarter 2024": "2024-01-01..2024-03-31 2024-04-01..2024-06-30",
    "second half of March 2024": "2024-03-16..2024-03-31",
    "Q4 last year": "2024-10-01..2024-12-31",
    "first half of this year": "2025-01-01..2025-06-30",
    "March last year": "2024-03-01..2024-03-31",
    "in Sept. 2024": "2024-09-01..2024-09-30",
    "in May, 2024": "2024-05-01..2024-05-31",
    "scrap Sep-24": "2024-09-01..2024-09-30",
    "due 3-Jun-2024": "2024-06-03..2024-06-03",
    "scrap 2024/05": "2024-05-01..2024-05-31",
    "budget 2011/12": "2011-01-01..2011-12-31",
    "scrap in '24": "2024-01-01..2024-12-31",
    "1.1.-31.3.2024": "2024-01-01..2024-01-01 2024-03-31..2024-03-31",
    "months 1 to 6 of 2024": "2024-01-01..2024-06-30",
    "month 3 of 2024": "2024-03-01..2024-03-31",
    "quarter ending June 2024": "2024-04-01..2024-06-30",
    "the year to June 2024": "2023-07-01..2024-06-30",
    "3 months to 30 June 2024": "2024-04-01..2024-06-30",
    "rolling 12 months": "2024-10-22..2025-10-21",
    "scrap 2024-W12": "2024-03-18..2024-03-24",
    "scrap W12 2024": "2024-03-18..2024-03-24",
    "day before yesterday": "2025-10-19..2025-10-19",
    "1st week of March 2024": "2024-03-01..2024-03-07",
    "open requisitions needed before 15 December": "2025-12-15..2025-12-15",
    "which orders start in January": "2026-01-01..2026-01-31",
    "lines still to come by 3 October": "2025-10-03..2025-10-03",
    "forecast for november, december and january": "2025-11-01..2025-11-30 2025-12-01..2025-12-31"
    " 2026-01-01..2026-01-31",
    "open orders of two months ago": "2025-08-01..2025-08-31",
    "still open from Q1 2025": "2025-01-01..2025-03-31",
    "due in July": "2025-07-01..2025-07-31",
    "what was due in December": "2024-12-01..2024-12-31",
    "open since December": "2024-12-01..2024-12-31",
    "forecast accuracy in December": "2024-12-01..2024-12-31",
    "started nov 24": "2024-11-01..2024-11-30",
    "started on Nov 24": "2024-11-24..2024-11-24",
    "started Nov 24, 2024": "2024-11-24..2024-11-24",
    "started November 24th": "2024-11-24..2024-11-24",
    "lines of June '13": "2013-06-01..2013-06-30",
    "in the week from 3 to 9 February 2025": "2025-02-03..2025-02-03 2025-02-09..2025-02-09",
    "between 1 and 31 December 2024": "2024-12-01..2024-12-01 2024-12-31..2024-12-31",
    "between 1 July and 31 December 2024": "2024-07-01..2024-07-01 2024-12-31..2024-12-31",
    "on the first of January 2024": "2024-01-01..2024-01-01",
    "first six months of 2023": "2023-01-01..2023-06-30",
    "first two quarters of 2025": "2025-01-01..2025-06-30",
    "last quarter of 2024 versus the first quarter of 2025": "2024-10-01..2024-12-31 2025-01-01..2025-03-31",
    "in the last week of December 2023": "2023-12-25..2023-12-31",
    "first two weeks of March 2024": "2024-03-01..2024-03-14",
    "fourth quater of 2024": "2024-10-01..2024-12-31",
    "at the start of 2024 (1 January), which cost applied": "2024-01-01..2024-01-01",
    "cost at the beginning of March 2024": "2024-03-01..2024-03-01",
    "scrap since the start of 2024": "2024-01-01..2024-12-31",
    "last day of 2023": "2023-12-31..2023-12-31",
    "jan-mar 2011": "2011-01-01..2011-01-31 2011-03-01..2011-03-31",
    "last 3 months": "2025-07-22..2025-10-21",
    "past 90 days": "2025-07-24..2025-10-21",
    "last 30d": "2025-09-22..2025-10-21",
    "scrap last Q": "2025-07-01..2025-09-30",
    "next 2 wks": "2025-10-22..2025-11-04",
    "next 30 days": "2025-10-22..2025-11-20",
    "due next month": "2025-11-01..2025-11-30",
    "planned for the coming quarter": "2026-01-01..2026-03-31",
    "sales YTD": "2025-01-01..2025-10-21",
    "spend year to date": "2025-01-01..2025-10-21",
    "spend year-to-date": "2025-01-01..2025-10-21",
    "scrap month to date": "2025-10-01..2025-10-21",
    "receipts so far this quarter": "2025-10-01..2025-10-21",
    "receipts this year so far": "2025-01-01..2025-10-21",
    "two months ago": "2025-08-01..2025-08-31",
    "a year ago": "2024-01-01..2024-12-31",
    "scrap the month before last": "2025-08-01..2025-08-31",
    "this quarter against the same quarter last year": "2025-10-01..2025-12-31 2024-10-01..2024-12-31",
    "March 2025 and the same month a year ago": "2025-03-01..2025-03-31 2024-03-01..2024-03-31",
    "scrap in 2024 and the year before": "2024-01-01..2024-12-31 2023-01-01..2023-12-31",
    "Q2 2025 versus same period of 2023": "2025-04-01..2025-06-30 2023-04-01..2023-06-30",
    "ytd against the same time last year": "2025-01-01..2025-10-21 2024-01-01..2024-10-21",
    "and the same month last year": "2024-10-01..2024-10-31",
    "29 Feb 2024 and the same day a year earlier": "2024-02-29..2024-02-29 2023-02-28..2023-02-28",
    "due tomorrow": "2025-10-22..2025-10-22",
    "output in CW 13": "2025-03-24..2025-03-30",
    "output in week 41": "2025-10-06..2025-10-12",
    "Rückmeldungen KW13/2026": "2026-03-23..2026-03-29",
    "calendar week 44": "2025-10-27..2025-11-02",
    "orders over 13 weeks": "",
    "due in the week 3 to 9 June 2024": "2024-06-03..2024-06-03 2024-06-09..2024-06-09",
    "due by Friday": "2025-10-24..2025-10-24",
    "last Friday": "2025-10-17..2025-10-17",
    "next Tuesday": "2025-10-28..2025-10-28",
    "by Friday, 24 October": "2025-10-24..2025-10-24",
    "the biggest order of the year so far": "2025-01-01..2025-10-21",
    "orders that start today": "2025-10-21..2025-10-21",
    "due from today through Friday": "2025-10-21..2025-10-21 2025-10-24..2025-10-24",
    "blocked in the week of 6 to 12 November": "2025-11-06..2025-11-06 2025-11-12..2025-11-12",
    "scrap from Jan 24 up to and including Nov 24": "2024-01-01..2024-01-31 2024-11-01..2024-11-30",
    "scrap in week 3 of June 2024": "2024-06-01..2024-06-30",
    "week 2 of March 2025": "2025-03-01..2025-03-31",
    "scrap in CW 13 to 15": "2025-03-24..2025-04-13",
    "scrap in CW 13 to 15/2024": "2024-03-25..2024-04-14",
    "what we did from Monday to Friday": "",
    "machines that run per week 40 hours": "",
    "motors of 5 kW 40 hours": "",
    "Ausschuss 2024 KW 13": "2024-01-01..2024-12-31 2025-03-24..2025-03-30",
    "what comes next": "",
    "a month": "",
    "in the last months": "",
    "part FR-01-2024": "2024-01-01..2024-12-31",
    "a factor of 3.5": "",
}


@pytest.mark.parametrize(("question", "expected"), _NAMED.items())
def test_periods_are_found_as_they_are_named(question: str, expected: str) -> None:
    """Each period of a question, a range as its two ends."""
    parts = Periods(_TODAY).parts(tokenise(question))
    assert " ".join(f"{part.period.start}..{part.period.end}" for part in parts) == expected


def test_ranges_are_joined_for_the_grammar() -> None:
    """`from 3 to 9 February` is one period where ranges are joined."""
    (found,) = Periods(_TODAY).find(tokenise("orders due from 3 to 9 February 2025"))
    assert (found.period.start, found.period.end) == (date(2025, 2, 3), date(2025, 2, 9))


_AFTER = {
    ("2024-01-01", "2024-12-31", "and in March?"): "2024-03-01..2024-03-31",
    ("2023-02-01", "2023-02-28", "and Q3?"): "2023-07-01..2023-09-30",
    ("2023-02-01", "2023-02-28", "and in March 2025?"): "2025-03-01..2025-03-31",
    ("2023-02-01", "2023-02-28", "and this month?"): "2025-10-01..2025-10-31",
    ("2024-02-01", "2024-02-29", "and the same month a year earlier?"): "2023-02-01..2023-02-28",
    ("2024-02-01", "2024-02-29", "the month after?"): "2024-03-01..2024-03-31",
    ("2024-10-01", "2024-12-31", "and the following quarter"): "2025-01-01..2025-03-31",
    ("2023-01-01", "2023-12-31", "the year before"): "2022-01-01..2022-12-31",
    ("2024-03-05", "2024-06-10", "same period last year"): "2023-03-05..2023-06-10",
    ("2022-05-01", "2023-06-30", "and in March?"): "2025-03-01..2025-03-31",
}


@pytest.mark.parametrize(("asked", "expected"), _AFTER.items())
def test_a_follow_up_is_told_from_the_period_before(asked: tuple[str, str, str], expected: str) -> None:
    """A month alone stays in the year spoken of; what is told from another period is told from that."""
    start, end, question = asked
    before = period_of(date.fromisoformat(start), date.fromisoformat(end))
    parts = Periods(_TODAY, before).parts(tokenise(question))
    assert " ".join(f"{part.period.start}..{part.period.end}" for part in parts) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("open orders due in April", date(2026, 4, 30)),
        ("lines not received yet that are due before 15 April", date(2026, 4, 14)),
        ("planned orders starting in May", date(2026, 5, 31)),
        ("open requisitions needed on or before 10 April", date(2026, 4, 10)),
        ("reservations needed up to and including 10 April", date(2026, 4, 10)),
        ("forecast and plan for May", date(2026, 5, 31)),
        ("forecast against actual demand in November", date(2025, 11, 30)),
        ("offene Positionen, die im April fällig sind", date(2026, 4, 30)),
        ("orders due in April that were late", date(2025, 4, 30)),
        ("orders due in April 2025 that are still open", date(2025, 4, 30)),
        ("open orders placed in April", date(2025, 4, 30)),
        ("open orders due in March", date(2026, 3, 31)),
        ("planned orders due up to and including April 24", date(2026, 4, 24)),
        ("needed until and including 10 April", date(2026, 4, 10)),
        ("batches that expire by the end of June", date(2026, 6, 30)),
        ("machines blocked in the week of 6 to 12 April", date(2026, 4, 12)),
        ("machines that stopped and were received on 6 April", date(2025, 4, 6)),
        ("open orders due in CW 9", date(2026, 3, 1)),
    ],
)
def test_what_is_still_open_and_due_in_a_month_is_due_in_the_next_one(question: str, expected: date) -> None:
    """At the end of March nobody asks for open orders that are due in April of the year before."""
    found = Periods(date(2026, 3, 31)).find(tokenise(question))
    assert found[0].period.end == expected


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("what did we scrap in week 5", date(2026, 1, 26)),
        ("scrap in CW 13", date(2026, 3, 23)),
        ("open orders placed in CW 13", date(2026, 3, 23)),
        ("lines due in CW 2", date(2027, 1, 11)),
        ("lines due in CW 2 that are not received yet", date(2027, 1, 11)),
        ("calendar week 51", date(2026, 12, 14)),
        ("scrap in week 51", date(2025, 12, 15)),
        ("what arrived this Monday", date(2026, 11, 23)),
        ("what was received by Monday", date(2026, 11, 23)),
        ("what must be received by Monday", date(2026, 11, 30)),
        ("lines due by Monday", date(2026, 11, 30)),
        ("what we bought from 1 to 10 December", date(2025, 12, 1)),
        ("what was billed between 3 and 12 December", date(2025, 12, 3)),
        ("what we billed from 3 to 12 December", date(2025, 12, 3)),
        ("machines that stopped from 3 to 12 December", date(2025, 12, 3)),
        ("downtime between 3 and 12 December", date(2025, 12, 3)),
        ("planned downtime between 3 and 12 December", date(2026, 12, 3)),
        ("machines blocked between 3 and 12 December", date(2026, 12, 3)),
    ],
)
def test_what_has_been_is_no_week_or_day_to_come(question: str, start: date) -> None:
    """Nobody asks at the end of November what was bought or scrapped in the coming year."""
    found = Periods(date(2026, 11, 25)).find(tokenise(question))
    assert (found[0].period.start or found[0].period.end) == start
