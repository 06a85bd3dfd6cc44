"""What the words of a plan are, and what the words of a question can stand for in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeAlias

from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.masked import Spot
from agents.models.embedded.periods import Period
from agents.models.embedded.text import singular
from tools.metrics.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Pointer:
    """A word of the masked question, by its position."""

    at: int


Word: TypeAlias = str | Pointer

METRICS = "query_metrics"
NONE = "cannot"
"""The plan of a question that the data cannot answer."""
SMALL_NUMBERS = frozenset(Decimal(n) for n in (*range(13), 15, 20, 100, 1000))


def _next_day(day: date | None, by: int) -> date | None:
    return day + timedelta(days=by) if day is not None else None


SIDES: Mapping[str, Callable[[Period], tuple[date | None, date | None]]] = {
    "since": lambda period: (period.start, None),
    "until": lambda period: (None, period.end),
    "after": lambda period: (_next_day(period.end, 1), None),
    "before": lambda period: (None, _next_day(period.start, -1)),
}
"""Open periods by one that is named."""


class NotSayable(Exception):
    """A plan that holds a value that stands nowhere in the question, or a plan's words that make none."""


def plainly_counted(name: str, catalogue: Catalogue) -> str:
    """The entity whose records a metric counts, all of them; empty for other metrics."""
    metric = catalogue.metrics[name]
    return metric.entity if metric.value == "count(*)" and not metric.filter else ""


def namings(entity: str, catalogue: Catalogue) -> frozenset[str]:
    """The fields by which people name a record: its key, name and code."""
    known = catalogue.entity(entity)
    return frozenset({known.key, known.name, known.code}) - {""}


def by_name(path: str, catalogue: Catalogue) -> str:
    """The path of the name of the record that a path is about."""
    owner, _, _ = path.rpartition(".")
    return f"{owner}.{catalogue.entity(owner.split('/')[-1]).name}"


def path_words(path: str) -> Iterator[Word]:
    """The words of a path: its links, then entity and field."""
    *links, last = path.split("/")
    for link in links:
        yield f"link:{link}"
    yield f"path:{last}"


def meaning_of(spot: Spot, entity: str, name: str, catalogue: Catalogue) -> ValueWord | None:
    """What a spot means as a value of a field, or as the key of the record that the field names."""
    for meaning in spot.meanings:
        if (meaning.entity, meaning.field) == (entity, name):
            return meaning
    for meaning in spot.meanings:
        keyed = meaning.field == catalogue.entity(meaning.entity).key and meaning.entity != entity
        if keyed and (name == meaning.entity or name.endswith(f"_{meaning.entity}")):
            return meaning
    return None


def held_at(spot: Spot, entity: str, name: str, catalogue: Catalogue) -> frozenset[str]:
    """The values of a field that stand at a spot, in lower case."""
    meaning = meaning_of(spot, entity, name, catalogue)
    if meaning is not None:
        return frozenset(value.lower() for value in meaning.values)
    if spot.number is not None:
        return frozenset({f"{spot.number.normalize():f}"})
    return frozenset()


def edge(period: Period, op: str) -> date | None:
    """The day of a period that a date is compared with: its end for `after` and `until`, else its start."""
    return period.end if op in (">", "<=") else period.start


def fragment(spot: Spot) -> str:
    """What to look for in names: words as they stand, a single one without the ending of the plural."""
    return spot.text if spot.word == "TEXT" else fragment_of(spot.text)


def fragment_of(text: str) -> str:
    """The same for words of a query."""
    return singular(text.lower()) if text.isalpha() else text


def month_of(spot: Spot, name: str) -> str:
    """The first or last month of a spot's period, as the ledger's tool takes it."""
    assert spot.period is not None
    day = spot.period.start if name.endswith("from") else spot.period.end
    return day.strftime("%Y-%m") if day is not None else ""
