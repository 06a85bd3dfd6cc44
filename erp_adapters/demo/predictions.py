"""What models foretold, beside what came; and when each source could be reached."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

from erp_adapters.demo.book import Book
from erp_adapters.demo.plant import AS_OF_DAY, WorkingDays
from erp_adapters.demo.shopfloor import History

RETOOLED = ("GRV", date(2025, 12, 1))
"""Where a plant was retooled, and the scrap model was not told."""
AFTER_RETOOLING = 0.4
"""What the model that was not told foretells, against what comes."""
OFFLINE = ("WRO", date(2026, 3, 17), time(6), 9)
"""A plant that could not be reached: day, local time, hours."""
_SYSTEMS = ("erp", "mes", "historian")
_LEAST_PIECES = 40


def write_predictions(book: Book, history: History, days: WorkingDays) -> None:
    """Scrap a week ahead for each work centre, in percent."""
    plant = book.plant
    chance = plant.random("predictions")
    pieces: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
    for order in history.orders:
        for step in order.steps:
            day = step.ended.date()
            found = pieces[step.operation.work_centre, day - timedelta(days=day.weekday())]
            found[0] += step.good + step.scrapped
            found[1] += step.scrapped
    for (centre, week), (worked, scrapped) in sorted(pieces.items()):
        if worked < _LEAST_PIECES or week + timedelta(days=6) > AS_OF_DAY:
            continue
        actual = 100 * scrapped / worked
        told = actual * chance.uniform(0.75, 1.25) + chance.gauss(0, 0.08)
        if plant.code == RETOOLED[0] and week >= RETOOLED[1]:
            told = actual * AFTER_RETOOLING * chance.uniform(0.8, 1.2)
        id = f"SC-{centre}-{week:%Y%m%d}"
        book.add(
            "prediction",
            id,
            prediction_id=id,
            model="scrap_rate",
            model_version="2.1",
            subject="work_centre",
            subject_id=centre,
            made_at=datetime.combine(week - timedelta(days=2), time(4), UTC),
            for_day=week,
            value=f"{max(0.0, told):.3f}",
            unit="%",
            confidence=f"{chance.uniform(0.6, 0.95):.2f}",
            actual=f"{actual:.3f}",
        )


def write_contacts(book: Book) -> None:
    """Stretches in which each source could be reached, and those in which it could not."""
    plant = book.plant
    begins = datetime.combine(plant.first_day, time(0), plant.zone)
    code, day, at, hours = OFFLINE
    for system in _SYSTEMS:
        gaps = []
        if plant.code == code:
            starts = datetime.combine(day, at, plant.zone)
            gaps.append((starts, starts + timedelta(hours=hours)))
        since = begins
        for number, (starts, ends) in enumerate(gaps, start=1):
            _contact(book, f"{system}-{number}", system, since, starts, "reachable")
            _contact(book, f"{system}-{number}x", system, starts, ends, "offline")
            since = ends
        _contact(book, f"{system}-{len(gaps) + 1}", system, since, plant.as_of, "reachable")


def _contact(book: Book, id: str, system: str, since: datetime, until: datetime, state: str) -> None:
    book.add("source_contact", id, contact_id=id, system=system, from_at=since, to_at=until, state=state)
