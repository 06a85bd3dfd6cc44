"""Names and numbers of a question that have no part in a plan."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.conditions import NO_ROWS
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing
from agents.models.embedded.accounting.vocabulary import is_thing, stemmed, things_of
from agents.models.embedded.languages.tables import folded
from agents.models.embedded.lexicon import CatalogueHolder
from agents.models.embedded.masked import Spot

_EXAMPLES = frozenset({"so", "etc", "example", "beispiel", "ejemplo", "exemple", "like", "usw"})
_RANGES = frozenset({"to", "through", "till", "until", "bis", "a", "hasta", "à", "au", "jusqu"})
_OFTEN_ELSE = frozenset({"CURRENCY", "UNIT", "ACCOUNT"})
"""What figures are in, or are called, as often as a condition."""


def names(question: Asked, doing: Doing) -> Iterator[Left]:
    """`temperature too low`: records are told apart by names, and not by this one."""
    if doing.looks_up or not _EXAMPLES.isdisjoint(question.plain):
        return
    called = " ".join((*doing.names, *doing.values)).lower()
    spots = question.spots
    found = [
        spot.text
        for at, spot in enumerate(spots)
        if _is_name(spot)
        and not _is_used(spot, doing)
        and not any(
            _is_same(spot, other, doing) for other in (*spots[max(0, at - 1) : at], *spots[at + 1 : at + 2])
        )
        and not _is_called(spot.text, called)
        and not is_thing(spot.text, question.language, doing)
    ]
    if found:
        yield Left("names", tuple(found))


def _is_name(spot: Spot) -> bool:
    """True for a name of the master data that is hardly anything else."""
    if not spot.meanings or not spot.word.isupper() or spot.word in _OFTEN_ELSE:
        return False
    return NO_ROWS.isdisjoint(folded(spot.text).split())


def _is_used(spot: Spot, doing: Doing) -> bool:
    meanings, used = spot.meanings, doing.values
    if any(set(one.values) & used or one.shown in used for one in meanings):
        return True
    told = any(doing.is_told_by(one.entity, one.field) for one in meanings)
    return told and not any(doing.is_another(one.entity, one.field, one.values) for one in meanings)


def _is_same(spot: Spot, beside: Spot, doing: Doing) -> bool:
    """True for the number of a thing right beside its name."""
    kinds = {meaning.entity for meaning in spot.meanings}
    return bool(kinds & {meaning.entity for meaning in beside.meanings}) and _is_used(beside, doing)


def series(question: Asked, doing: Doing) -> Iterator[Left]:
    """`Metal Sheet 1 to 7`, `Road - 150`: the number is a part of a name, and the plan has no use for it."""
    spots = question.spots
    for at, spot in enumerate(spots[2:], 2):
        if spot.word != "NUMBER" or spot.number is None or doing.has_number(spot.number):
            continue
        before, mark = spots[at - 2], spots[at - 1]
        if (
            before.meanings
            and before.word.isupper()
            and (mark.word == "-" or _goes_on(before, mark, spot.number))
        ):
            yield Left("names", (f"{before.text} {mark.text} {spot.text}",))


def together(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the five US divisions together`: some of them are named as one, and the plan takes all."""
    if doing.looks_up or question.language != "en":
        return
    things = things_of(question.language, CatalogueHolder(doing.catalogue))
    stems = [stemmed(word, question.language) if word.isalpha() else "" for word in question.plain]
    ranked = bool(question.cues("ranking"))
    for at, spot in enumerate(question.spots):
        if spot.word != "NUMBER" or question.plain[max(0, at - 1) : at] not in _OURS:
            continue
        for noun in range(at + 1, min(at + 1 + _NEAR, len(stems))):
            size, named = things.at(stems, noun)
            after = question.plain[noun + size : noun + size + 2]
            if size and not _AS_ONE.isdisjoint(after):
                if not named & doing.named_kinds and not (ranked and doing.has_first(spot.number, named)):
                    yield Left("names", tuple(each.text for each in question.spots[at : noun + size]))
                break


def unknown(question: Asked, doing: Doing) -> Iterator[Left]:
    """`over the five US divisions`: a name that nobody knows says which of them, and the plan takes all."""
    if doing.looks_up or question.language != "en":
        return
    things = things_of(question.language, CatalogueHolder(doing.catalogue))
    stems = [stemmed(word, question.language) if word.isalpha() else "" for word in question.plain]
    for at, (spot, then) in enumerate(pairwise(question.spots)):
        named = things.at(stems, at + 1)[1] if at and stems[at] else frozenset()
        if not named or named & doing.named_kinds or things.at(stems, at)[0] > 1:
            continue
        before = question.spots[at - 1].text
        written = spot.text[:1].isupper() and spot.text.lower() == spot.word and not spot.meanings
        if written and before not in _BEGINS and not _is_called(spot.text, " ".join(doing.names).lower()):
            yield Left("names", (spot.text, then.text))


_BEGINS = frozenset({".", "?", "!", ":", ";", "(", "-"})
_OURS = (("the",), ("our",), ("these",), ("those",), ("all",))
_AS_ONE = frozenset({"together", "combined", "jointly", "altogether"})
_NEAR = 4


def _is_called(text: str, called: str) -> bool:
    """True where the words are those of a figure or condition of the plan: `gross margin`."""
    return any(len(word) > 3 and word in called for word in text.lower().split())


def _goes_on(before: Spot, mark: Spot, number: Decimal) -> bool:
    """True for the number up to which a name that ends with one goes on."""
    last = before.text.rpartition(" ")[2]
    return mark.word in _RANGES and last.isdigit() and Decimal(last) < number
