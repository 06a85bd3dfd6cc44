"""A question as the learned reader sees it: names, periods and numbers stand masked by their kind, and
each word remembers what it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from agents.models.embedded.encoder import PLACEHOLDERS, SEPARATOR
from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.links import Link
from agents.models.embedded.periods import FoundPeriod, Period
from agents.models.embedded.text import Token, amount, typed
from tools.languages import Language

_NAMING = frozenset({"name", "number", "code", "from_currency", "to_currency"})
_READ = frozenset({"zero", "one", "hundred", "thousand", "dozen", "million", "billion"})
"""Number words that are read as words where they stand alone."""
QUOTES = frozenset({'"', "'", "“", "”", "‘", "’"})
"""Marks that the network does not read."""
_HALF = Decimal(50)
_OLDEST_YEARS, _COMING_YEARS = 20, 5
"""Whole years farther from the data's today are rather amounts: `2000 wheels`."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A word of a masked question with what it stands for in the question as typed."""

    word: str
    """As the network reads it: lower case, or a placeholder in capitals."""
    text: str
    """As typed."""
    meanings: tuple[ValueWord, ...] = ()
    """Names of the master data that stand here."""
    period: Period | None = None
    number: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Masked:
    """The spots of a question in order."""

    spots: tuple[Spot, ...]
    base_currency: str = ""
    """Code of the currency that is meant where a look-up names none."""
    language: Language = "en"
    """Of the words that are not masked."""

    @property
    def words(self) -> tuple[str, ...]:
        """What the network reads."""
        return tuple(spot.word for spot in self.spots)


def after(question: Masked, before: Masked) -> Masked:
    """A follow-up together with the turn before it, as the network reads both."""
    return replace(question, spots=(*question.spots, Spot(SEPARATOR, ""), *before.spots))


def masked_kind(path: str) -> str:
    """The word that stands for a value of a field in a masked text: `MATERIAL`, `SUPPLIER`, `COLOUR`."""
    entity, _, field = path.split("/")[-1].partition(".")
    kind = entity.upper() if field in _NAMING or field.endswith("_id") or field == entity else field.upper()
    return kind if kind in PLACEHOLDERS else "VALUE"


def masked(
    tokens: Sequence[Token],
    links: Sequence[Link],
    periods: Sequence[FoundPeriod],
    this_year: int,
    base_currency: str = "",
) -> Masked:
    """The question with placeholders for names, periods and numbers."""
    spots: list[Spot] = []
    linked = {link.first: link for link in links}
    dated = {found.first: found for found in periods}
    position = 0
    while position < len(tokens):
        link, found = linked.get(position), dated.get(position)
        if link is not None:
            after = link.after
            spots += _linked(tokens, link)
        elif found is not None:
            after = found.after
            spots.append(_period(tokens, found, this_year))
        elif position and (tokens[position - 1].start, tokens[position - 1].norm) == (
            tokens[position].start,
            tokens[position].norm,
        ):
            after = position + 1  # the second half of a word that was taken apart for a name
        else:
            spot, after = _plain(tokens, position, ())
            spots.append(spot)
        position = after
    return Masked(_bounded([spot for spot in spots if spot.word not in QUOTES]), base_currency)


def _bounded(spots: Sequence[Spot]) -> tuple[Spot, ...]:
    """The spots with `on or before` a day, and a day `or earlier`, as the network knows them: until it."""
    found: list[Spot] = []
    for spot in spots:
        words = tuple(each.word for each in found[-_LONGEST:]) if spot.period is not None else ()
        bound = next((each for each in _BOUNDS if words[-len(each) :] == each), ())
        if bound:
            said = " ".join(each.text for each in found[-len(bound) :])
            found[-len(bound) :] = [Spot(_BOUNDS[bound], said)]
        found.append(spot)
        behind = (found[-3].period is not None and found[-2].word == "or") if len(found) > _BEHIND else False
        if behind and spot.word in _OR:
            day = found[-3]
            found[-3:] = [Spot(_OR[spot.word], f"or {spot.text}"), day]
    return tuple(found)


_BOUNDS: dict[tuple[str, ...], str] = {
    ("on", "or", "before"): "until",
    ("before", "or", "on"): "until",
    ("no", "later", "than"): "until",
    ("not", "later", "than"): "until",
    ("not", "after"): "until",
    ("on", "or", "after"): "since",
    ("no", "earlier", "than"): "since",
    ("not", "earlier", "than"): "since",
    ("not", "before"): "since",
}
_LONGEST = max(map(len, _BOUNDS))
_OR = {"earlier": "until", "before": "until", "sooner": "until", "later": "since", "after": "since"}
_BEHIND = len(("day", "or"))


def _linked(tokens: Sequence[Token], link: Link) -> list[Spot]:
    stretch = tokens[link.first : link.after]
    if link.text:
        return [Spot("TEXT", typed(stretch))]
    if link.readable:
        return [
            Spot(token.norm, token.text, link.meanings, number=token.number)
            for token in stretch
            if token.kind != "mark" or len(stretch) == 1
        ]
    first = link.meanings[0]
    number = stretch[0].number if len(stretch) == 1 else None
    word = masked_kind(f"{first.entity}.{first.field}")
    return [Spot(word, typed(stretch), link.meanings, number=number)]


def _period(tokens: Sequence[Token], found: FoundPeriod, this_year: int) -> Spot:
    """A period; a whole year by its digits alone can be a number as well."""
    text = typed(tokens[found.first : found.after])
    word = "DAY" if found.period.grain == "day" else "PERIOD"
    number = None
    if found.after == found.first + 1 and found.period.grain == "year" and text.isdigit():
        number = Decimal(text)
        if not this_year - _OLDEST_YEARS <= number <= this_year + _COMING_YEARS:
            word = "NUMBER"
    return Spot(word, text, period=found.period, number=number)


def _plain(tokens: Sequence[Token], at: int, names: tuple[ValueWord, ...]) -> tuple[Spot, int]:
    token = tokens[at]
    number, after = amount(tokens, at)
    if number is not None and (after > at + 1 or token.norm not in _READ):
        return Spot("NUMBER", typed(tokens[at:after]), names, number=number), after
    if token.norm == "half":
        # `over half of them` compares with 50 percent; `half of them cost less` asks for a median.
        return Spot("half", token.text, names, number=_HALF), at + 1
    return Spot(token.norm, token.text, names, number=token.number), at + 1
