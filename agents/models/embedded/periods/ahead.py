"""Periods without a year that are still to come: `open orders due in April`, asked at the end of March."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from agents.models.embedded.periods.period import FoundPeriod, Period
from agents.models.embedded.periods.said import JOINS, Said
from agents.words import word_set

_MONTH = timedelta(days=31)
"""What is over for no longer may be meant itself."""
_FEW_DAYS = timedelta(days=14)
_NEAR = timedelta(days=183)
"""Up to which the coming one is nearer than the one that went."""
_LARGEST_DAY = 31
_WEEKS = frozenset({"week", "wk", "cw", "kw"})
_BEFORE, _AFTER = 3, 2
"""Words around a period among which what is to come is looked for."""
_COMING = frozenset({
    "due", "needed", "required", "expire", "expires", "expiring", "coming", "upcoming",
    "fällig", "fällige", "fälligen", "benötigt", "bedarfstermin", "liefertermin", "ablaufen", "auslaufen",
    "vencen", "vence", "vencimiento", "previstas", "previstos", "necesarias", "necesarios",
    "échéance", "prévus", "prévues", "dus", "dues", "expirent",
})  # fmt: skip
_UNDONE = frozenset({
    "open", "not", "nothing", "yet", "outstanding", "undelivered", "waiting", "unfinished", "still",
    "offen", "offene", "offenen", "noch", "nicht", "ausstehend", "ausstehende", "ausstehenden",
    "abierta", "abiertas", "abierto", "abiertos", "pendiente", "pendientes", "todavía", "aún",
    "ouverte", "ouvertes", "ouvert", "ouverts", "encore",
})  # fmt: skip
_DONE = frozenset({"late", "were", "was", "did", "had", "verspätet", "waren", "wurden", "war", "wurde"})
_ALWAYS = (
    frozenset({"planned", "order"}), frozenset({"planned", "orders"}), frozenset({"reservation"}),
    frozenset({"reservations"}), frozenset({"planauftrag"}), frozenset({"planaufträge"}),
    frozenset({"planaufträgen"}), frozenset({"reservierung"}), frozenset({"reservierungen"}),
    frozenset({"run", "out"}),
)  # fmt: skip
"""Records of what is to come; `planned orders` and their plural are two words side by side."""
_RUNS = frozenset({"läuft", "laufen"})
"""Before an `ab` further on, what expires."""
_LOOKING_AHEAD = word_set(
    """need needed needs due open outstanding forecast forecasts planned expected upcoming scheduled still
    promised required coming will arrive arrives arriving deliver begin start expire expires expiring"""
)
_LOOKING_BACK = word_set(
    """was were did had been fell came arrived received delivered actual actuals accuracy error off late
    missed finished completed booked posted confirmed placed ordered requested raised since last past previous
    ago"""
)
"""Beside none of these the first mean the nearest period of a name, wherever in the question they stand."""
_WENT = word_set(
    """bought sold billed invoiced paid spent produced made stopped scrapped consumed happened downtime scrap
    spend"""
)
"""Days and weeks of these have been, unless something says that they are to come."""
_STILL_OPEN = word_set("open outstanding still")
_NOT_YET = word_set("not nothing yet be must should can will shall nicht noch")
"""`not received yet` and `must be received` are to come, whatever the verb."""


def ahead(said: Said, found: Sequence[FoundPeriod]) -> list[FoundPeriod]:
    """The periods; where what is open then is meant, the next of its name stands for the last."""
    words = [token.norm.removeprefix("_").lower() for token in said.tokens]
    undone = bool(_UNDONE & set(words))
    done = bool(_DONE & set(words)) and not undone
    sides = [frozenset(pair) for pair in pairwise(words)] + [frozenset({word}) for word in words]
    always = any(one in sides for one in _ALWAYS) and not done
    looks_back = not _LOOKING_BACK.isdisjoint(words)
    went = looks_back or _has_been(words)
    expires = "ab" in words and not _RUNS.isdisjoint(words)
    looks = (expires or not _LOOKING_AHEAD.isdisjoint(words)) and not looks_back
    moved: list[FoundPeriod] = []
    for one in found:
        joined = bool(moved) and moved[-1] not in found and _joins(words, moved[-1], one)
        coming = always or joined or (undone and not done and _is_coming(words, one))
        coming = coming or (looks and not one.dated and _is_near(one.period, said.today))
        ranged = one.period.start != one.period.end
        coming = coming or (not went and (ranged or not one.dated) and _is_just_ahead(one.period, said.today))
        if coming and not _says_year(said, one) and _is_over(one.period, said.today):
            moved.append(replace(one, period=_next(one.period)))
        else:
            moved.append(one)
    return moved


def looks_back(words: Iterable[str]) -> bool:
    """True where a question is about what has been."""
    said = set(words)
    return _NOT_YET.isdisjoint(said) and (not (_LOOKING_BACK | _DONE).isdisjoint(said) or _has_been(said))


def looks_ahead(words: Iterable[str]) -> bool:
    """True where a question is about what is to come."""
    return not (_LOOKING_AHEAD | _COMING | _UNDONE).isdisjoint(words)


def _has_been(words: Iterable[str]) -> bool:
    said = set(words)
    return not _WENT.isdisjoint(said) and (_LOOKING_AHEAD - _STILL_OPEN).isdisjoint(said)


def _joins(words: Sequence[str], one: FoundPeriod, other: FoundPeriod) -> bool:
    between = words[one.after : other.first]
    return len(between) <= _AFTER and any(word in (*JOINS, "and", "bis") for word in between)


def _is_coming(words: Sequence[str], one: FoundPeriod) -> bool:
    behind = words[one.after : one.after + _AFTER]
    near = [*words[max(0, one.first - _BEFORE) : one.first], *behind]
    return any(word in _COMING for word in near) and behind[1:2] != ["date"]


def _says_year(said: Said, one: FoundPeriod) -> bool:
    """True where the year is said, and for a calendar week, which is the nearest of its number."""
    numbers = [said.number(at) for at in range(one.first, one.after)]
    weeks = any(said.word(at).rstrip("0123456789") in _WEEKS for at in range(one.first, one.after))
    return weeks or any(number is not None and number > _LARGEST_DAY for number in numbers)


def _is_over(period: Period, today: date) -> bool:
    last = period.end or period.start
    return last is not None and last < today - _MONTH and last.year >= today.year - 1


def _is_near(period: Period, today: date) -> bool:
    """True where the next of its name begins, or ends, within half a year."""
    coming = _next(period)
    first = coming.start or coming.end
    return first is not None and first <= today + _NEAR


def _is_just_ahead(period: Period, today: date) -> bool:
    """True for single days whose next begin within a month: nobody means those of eleven months ago."""
    if period.start is None or period.end is None or period.end - period.start >= _FEW_DAYS:
        return False
    coming = _next(period).start
    return coming is not None and today <= coming <= today + _MONTH


def _next(period: Period) -> Period:
    """The same a year later."""
    return Period(_later(period.start), _later(period.end), period.grain)


def _later(day: date | None) -> date | None:
    if day is None:
        return None
    after = day + timedelta(days=1)
    if after.day == 1:
        # The end of a month stays it in leap years.
        return after.replace(year=after.year + 1) - timedelta(days=1)
    return day.replace(year=day.year + 1)
