"""Which days a question is about: periods that begin or end nowhere, and which day of a record counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import DAYS, Asked, Cue, roles_of
from agents.models.embedded.accounting.doing import Doing
from agents.models.embedded.masked import Spot

_ARTICLES = frozenset({"the", "dem", "den", "der", "el", "la", "los", "le", "les", "l", "du"})
_NEAR = 3
"""Words at most between the word that says which day is meant and a period."""
_FAR = 6
"""The same where the period stands first."""


def open_period(question: Asked, doing: Doing) -> Iterator[Left]:
    """`since 2024`, `more than 90 days ago`: the plan's period ends, or begins, with what is named."""
    for cue, at, starts in _opened(question, ("open_start", "open_end", "longer_ago")):
        named = question.spots[at].period
        if named is None or named.start is None or named.end is None:
            continue
        kept = [(test.start, test.end) for test in doing.periods]
        if kept and not any(_opens(one, (named.start, named.end), starts=starts) for one in kept):
            yield Left("open_period", (cue.words, question.spots[at].text))


def _opened(question: Asked, kinds: Sequence[str]) -> Iterator[tuple[Cue, int, bool]]:
    """Each phrase of these kinds before a period, where that stands, and whether it is the first end."""
    spots = question.spots
    for kind in kinds:
        for cue in question.cues(kind):
            at = next((at for at in range(cue.after, len(spots)) if question.plain[at] not in _ARTICLES), 0)
            period = spots[at].period
            closes = kind == "open_end" and any(spot.period is not None for spot in spots[: cue.first])
            if period is None or closes or _ends_elsewhere(spots, at):
                continue
            if period.start and period.end:
                yield cue, at, kind == "open_start"


def age(question: Asked, doing: Doing) -> Iterator[Left]:
    """`older than a week`: nothing is told apart by its days."""
    found = [cue.words for cue in question.cues("age")]
    if found and not doing.periods and not doing.tells_by_size:
        yield Left("age", tuple(found))


def date_role(question: Asked, doing: Doing) -> Iterator[Left]:
    """`finished in March`: the plan takes another day of the records, which have that one too."""
    roles = doing.roles
    if not roles:
        return
    known = {role for name in doing.entities for role in doing.catalogue.entities[name].dates}
    spots = question.spots
    places = [at for at, spot in enumerate(spots) if spot.period is not None]
    found = [(cue, roles_of(kind)) for kind in DAYS for cue in question.dated(kind)]
    before = [(cue, meant) for cue, meant in found if any(_precedes(spots, cue, at) for at in places)]
    after = [
        (cue, meant)
        for cue, meant in found
        if any(_follows(spots, cue, at) for at in places) or _points_back(spots, cue)
    ]
    # What stands before the period says which day; what follows is then about something else.
    for cue, meant in before or after:
        if meant & known and not meant & roles:
            yield Left("date_role", (cue.words,))


def _opens(kept: tuple[date | None, date | None], named: tuple[date, date], *, starts: bool) -> bool:
    start, end = kept
    if starts:
        return end is None or end > named[1] or start is None
    return start is None or start < named[0]


def _ends_elsewhere(spots: Sequence[Spot], at: int) -> bool:
    """`from January to March`: another period follows at once."""
    after = spots[at + 1 : at + 4]
    return any(spot.period is not None for spot in after)


def _precedes(spots: Sequence[Spot], cue: Cue, at: int) -> bool:
    between = spots[cue.after : at]
    return cue.after <= at and len(between) <= _NEAR and not any(map(_parts, between))


def _follows(spots: Sequence[Spot], cue: Cue, at: int) -> bool:
    between = spots[at + 1 : cue.first]
    return cue.first > at and len(between) <= _FAR and not any(map(_parts, between))


def _points_back(spots: Sequence[Spot], cue: Cue) -> bool:
    """`finished that year`."""
    return [spot.word for spot in spots[cue.after : cue.after + 2]] in _THAT


_THAT = [[that, grain] for that in ("that", "this") for grain in ("year", "quarter", "month", "week")]


def _parts(spot: Spot) -> bool:
    return spot.period is not None or spot.word in (",", ";", ":", "?", ".", "=", "and", "und", "y", "et")
