"""Names in a question that look-ups are about, misspelt and shortened ones included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agents.models.embedded.lexicon import ValueWord, matches
from agents.models.embedded.lookups_patterns import DROPPED, UNITS, bag
from agents.models.embedded.lookups_sentence import Item, Kind, Sentence, items_of
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.periods import FoundPeriod
from agents.models.embedded.text import Token, typed
from tools.matching import Fit, fitting, meant

_KINDS: dict[str, Kind] = {
    "material": "M",
    "supplier": "S",
    "currency": "C",
    "site": "W",
    "company": "G",
    "account": "A",
    "cost_centre": "D",
}
_IDENTIFIED: dict[str, Kind] = {
    "material": "M",
    "part": "M",
    "product": "M",
    "item": "M",
    "article": "M",
    "vendor": "S",
    "supplier": "S",
}
# Several currencies are called so; the tool knows which of them the site's books are kept in.
_CURRENCIES = bag("dollar dollars euro euros pound pounds franc francs peso pesos yen yuan krona krone")
_LONGEST = 8
_SHORTEST = 4


def sentence(
    tokens: Sequence[Token],
    periods: Sequence[FoundPeriod],
    data: MasterData,
    entities: Iterable[str],
    ordinary: frozenset[str] = frozenset(),
) -> Sentence:
    """The question with slots for names of these entities.

    `ordinary` are stems that explain themselves: a run of other words is tried as a misspelt name.
    """
    names = _names(tokens, data, frozenset(entities))
    apart = _apart(periods, names)
    if ordinary:
        names = _guessed(tokens, data, names, apart, ordinary)
        apart = _apart(periods, names)
    return Sentence(items_of(tokens, names, apart), tokens, data.today)


def _apart(periods: Sequence[FoundPeriod], names: Sequence[Item]) -> list[FoundPeriod]:
    taken = {k for item in names for k in range(item.first, item.after)}
    return [period for period in periods if not taken & set(range(period.first, period.after))]


def _names(tokens: Sequence[Token], data: MasterData, entities: frozenset[str]) -> list[Item]:
    names: list[Item] = []
    position = 0
    while position < len(tokens):
        found = _identified(tokens, position, entities) or _named(tokens, position, data, entities)
        if found is None and "currency" in entities and tokens[position].norm in _CURRENCIES:
            found = Item("C", tokens[position].norm, position, position + 1)
        if found:
            names.append(found)
        position = found.after if found else position + 1
    return names


def _named(tokens: Sequence[Token], position: int, data: MasterData, entities: frozenset[str]) -> Item | None:
    for match in matches(tokens, data.phrases, position):
        values = [
            m for m in match.meanings if isinstance(m, ValueWord) and m.entity in entities and _is_key(m)
        ]
        value = next((v for v in values if _as_written(tokens, match.first, match.after, v)), None)
        if value:
            text = value.values[0] if len(value.values) == 1 and value.field == "name" else value.shown
            after = _kind_after(tokens, match.after, data) if value.entity == "material" else match.after
            return Item(_KINDS[value.entity], text, match.first, after)
    return None


def _kind_after(tokens: Sequence[Token], position: int, data: MasterData) -> int:
    """Where a name ends with the kind of thing that it is: `Mountain-200 Black, 38 bikes`."""
    at = position
    while at < len(tokens) and tokens[at].norm in ("'", '"', "”", "’"):
        at += 1
    kinds = data.phrases.one(tokens[at]) if at < len(tokens) else ()
    is_kind = any(isinstance(m, ValueWord) and m.field in ("category", "subcategory") for m in kinds)
    return at + 1 if is_kind else position


def _is_key(value: ValueWord) -> bool:
    return value.field == "name" or value.field.endswith("_id") or value.field == value.entity


def _as_written(tokens: Sequence[Token], first: int, after: int, value: ValueWord) -> bool:
    """A code of one word must stand there as it is written: `at` is not the currency ATS."""
    if after - first > 1 or value.field == "name":
        return True
    return tokens[first].text.lower() == value.shown.lower()


def _identified(tokens: Sequence[Token], position: int, entities: frozenset[str]) -> Item | None:
    """`material 320`, `vendor 1576`, `product id 320`: an id after what it identifies."""
    token = tokens[position]
    if token.kind != "number" or not token.norm.isdigit() or position == 0 or "material" not in entities:
        return None
    back = position - 1
    while back > 0 and tokens[back].norm in ("id", "number", "no", "nr", ".", "#", ":"):
        back -= 1
    kind = _IDENTIFIED.get(tokens[back].norm)
    following = tokens[position + 1].norm if position + 1 < len(tokens) else ""
    if kind is None or following in UNITS or following in ("percent", "day", "days"):
        return None
    return Item(kind, f"id:{token.norm}", position, position + 1)


# ── names that are misspelt or cut short ──────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class _Name:
    id: str
    code: str
    name: str


def _guessed(
    tokens: Sequence[Token],
    data: MasterData,
    names: Sequence[Item],
    periods: Sequence[FoundPeriod],
    ordinary: frozenset[str],
) -> list[Item]:
    """The names with those added that runs of otherwise unexplained words nearly are."""
    kept = list(names)
    dated = {k for period in periods for k in range(period.first, period.after)}
    inside = {k for item in names for k in range(item.first, item.after)}
    for first, after in _runs(tokens, dated, inside, ordinary):
        if set(range(first, after)) <= inside:
            continue
        text = as_typed(tokens, first, after)
        within = [item for item in kept if first <= item.first < after]
        for entity, kind in (("material", "M"), ("supplier", "S")):
            doubt = _doubt(text, data.names.get(entity, ()))
            if doubt is None or (doubt > 0.1 and (within or kept)):
                continue
            kept = [item for item in kept if item not in within]
            kept.append(Item("M" if kind == "M" else "S", text, first, after, doubt=doubt))
            break
    return sorted(kept, key=lambda item: item.first)


def _runs(
    tokens: Sequence[Token], dated: set[int], inside: set[int], ordinary: frozenset[str]
) -> list[tuple[int, int]]:
    """Stretches of words that nothing explains, together with names that they touch."""
    runs: list[tuple[int, int]] = []
    first, last = -1, -1
    for i, token in enumerate(tokens):
        odd = token.kind == "word" and token.stem not in ordinary and token.norm not in DROPPED
        joins = token.kind == "number" or token.norm in ("-", ",", "/", "'") or token.quoted
        if i not in dated and (odd or i in inside or (joins and first >= 0)):
            first = i if first < 0 else first
            last = i + 1 if odd or i in inside or token.kind == "number" else last
        elif first >= 0:
            runs.append((first, last))
            first = -1
    if first >= 0:
        runs.append((first, last))
    return [run for run in runs if run[1] - run[0] <= _LONGEST and len(as_typed(tokens, *run)) >= _SHORTEST]


def as_typed(tokens: Sequence[Token], first: int, after: int) -> str:
    """Tokens as they stood in the question, quotation marks around them left out."""
    return typed(tokens[first:after]).strip(" '\"")


@lru_cache(maxsize=8)
def _things(names: tuple[str, ...]) -> tuple[_Name, ...]:
    return tuple(_Name("", "", name) for name in dict.fromkeys(names))


def _doubt(text: str, names: tuple[str, ...]) -> float | None:
    """The doubt that a text means one of the names; None where it means none of them."""
    taken = meant(fitting(text, _things(names)))
    if not taken:
        return None
    if taken[0].fit in (Fit.EXACT, Fit.SPELLING):
        return 0.08 if len(taken) == 1 else 0.2
    if taken[0].fit is Fit.NEARLY_PART and " " not in text:
        return None  # a slip in one word that is only part of a name is too little to go by
    return 0.2 if len(taken) == 1 else 0.32
