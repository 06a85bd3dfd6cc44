"""How a question wants rows: ranked, the latest only, or one for each of something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked, Cue
from agents.models.embedded.accounting.doing import Doing, entity_of
from agents.models.embedded.accounting.vocabulary import stemmed, things_of
from agents.models.embedded.languages.tables import folded
from agents.models.embedded.lexicon import CatalogueHolder

_HEAD = 6
"""Words within which a question says what is ranked."""
_UNITS = frozenset({
    "dollar", "euro", "piece", "unit", "hour", "day", "kg", "kilo", "stuck", "stunde", "tag", "pieza",
    "unidad", "hora", "dia", "unite", "heure", "jour", "kwh", "cent", "percent",
    "eine", "ein", "einen", "einer",
})  # fmt: skip
"""After `per` they are part of a figure's unit."""


def ranking(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the five largest`: nothing is ranked."""
    found = (
        []
        if doing.has_order
        else [cue.words for cue in question.cues("ranking") if not _compares(question, cue)]
    )
    if found:
        yield Left("ranking", tuple(found))


def _compares(question: Asked, cue: Cue) -> bool:
    """True for `mayor que` and `at most 10`: it is a comparison and ranks nothing."""
    if question.before(cue) == "at" and cue.words.lower() == "most":
        return True
    word, then = question.plain[cue.first], question.plain[cue.after : cue.after + 1]
    return word in _THAN and not _AFTER.isdisjoint(then)


_THAN = frozenset({"mayor", "menor", "mayores", "menores"})
_AFTER = frozenset(map(folded, ("que", "o", "a", "al")))


def ends(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the cheapest and the dearest`: one of them is shown."""
    low, high = question.cues("low_end"), question.cues("high_end")
    if not low or not high or doing.looks_up:
        return
    for end, cues in (("low", low), ("high", high)):
        if end not in doing.directions and doing.directions:
            yield Left("ends", tuple(cue.words for cue in cues))


def most(question: Asked, doing: Doing) -> Iterator[Left]:
    """`on which day did fall the most orders`: the day with the fewest is shown."""
    words = question.plain
    if (
        question.language != "en"
        or doing.looks_up
        or doing.directions != {"low"}
        or not _FEWEST.isdisjoint(words)
    ):
        return
    said = [word for before, word in pairwise(("", *words)) if word in _MOST and before != "at"]
    ranked = {
        (order.by, measure.name)
        for query in doing.queries
        for order in query.order
        for measure in query.measures
    }
    amounts = {measure.name for measure in doing.measures if not doing.is_share(measure.name)}
    if said and any(by == name and name in amounts for by, name in ranked):
        yield Left("ends", tuple(said))


_MOST = frozenset({"most", "highest", "largest", "biggest"})
_FEWEST = frozenset(
    {"least", "fewest", "lowest", "smallest", "fewer", "less", "minimum", "cheapest", "shortest"}
)


def head(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the five bikes with the most stock`: something else than bikes is ranked."""
    kinds = {each.entity for query in doing.queries for each in query.by if each.entity}
    if doing.looks_up or not doing.has_order or not kinds or any(query.rows_of for query in doing.queries):
        return
    kinds |= {entity_of(each.path) for query in doing.queries for each in query.by if each.path}
    for spot, then in pairwise(question.spots[:_HEAD]):
        named = {meaning.entity for meaning in then.meanings} if then.word.isupper() else set()
        if spot.word == "NUMBER" and named and not kinds & named:
            yield Left("ranking", (spot.text, then.text))


def first_of(question: Asked, doing: Doing) -> Iterator[Left]:
    """`on which account did the five divisions spend most`: so many accounts are shown."""
    limits = {query.limit for query in doing.queries if query.limit is not None and query.by}
    if doing.looks_up or question.language != "en" or not limits:
        return
    kinds = {each.entity for query in doing.queries for each in query.by if each.entity}
    kinds |= {entity_of(each.path) for query in doing.queries for each in query.by if each.path}
    things = things_of(question.language, CatalogueHolder(doing.catalogue))
    stems = [stemmed(word, question.language) if word.isalpha() else "" for word in question.plain]
    asked = next((at for at, word in enumerate(question.plain) if word in _WHICH), len(stems))
    for at, spot in enumerate(question.spots[asked:], asked):
        if (
            spot.word != "NUMBER"
            or spot.number not in limits
            or question.plain[max(0, at - 1) : at] in _HEADS
        ):
            continue
        found = (things.at(stems, noun) for noun in range(at + 1, min(at + _FEW, len(stems))))
        size, named = next(((size, named) for size, named in found if size), (0, frozenset()))
        if size and not named & kinds:
            yield Left("ranking", tuple(each.text for each in question.spots[at : at + 1 + size]))


_HEADS = (("top",), ("first",), ("bottom",), ("last",))
_FEW = 4


def which(question: Asked, doing: Doing) -> Iterator[Left]:
    """`which part from which vendor`: there is no column for one of them."""
    if doing.looks_up or not doing.queries:
        return
    asked = [at for at, word in enumerate(question.plain) if word in _WHICH]
    if len(asked) < _SEVERAL:
        return
    things = things_of(question.language, CatalogueHolder(doing.catalogue))
    stems = [stemmed(word, question.language) if word.isalpha() else "" for word in question.plain]
    for at in asked:
        size, named = things.at(stems, at + 1)
        if size and not named & doing.told:
            yield Left("grouping", tuple(spot.text for spot in question.spots[at : at + 1 + size]))


_WHICH = frozenset({"which", "what"})
_SEVERAL = 2


def asked_for(question: Asked, doing: Doing) -> Iterator[Left]:
    """`and who is the vendor`, `the product, and the days`: there is no column for it."""
    if doing.looks_up or question.language != "en" or not doing.queries:
        return
    things = things_of(question.language, CatalogueHolder(doing.catalogue))
    plain = question.plain
    stems = [stemmed(word, question.language) if word.isalpha() else "" for word in plain]
    for at in range(1, len(stems)):
        begins = plain[at - 1] in _THE and (
            plain[at - 2 : at - 1] in _PARTS or tuple(plain[max(0, at - 3) : at - 1]) in _WHO_IS
        )
        size, named = things.at(stems, at) if begins and at > _NOT_FIRST else (0, frozenset())
        ends = plain[at + size : at + size + 1] in ((), *_PARTS, ("?",), (".",), (";",))
        if size and ends and not named & (doing.told | doing.named_kinds):
            yield Left("grouping", tuple(spot.text for spot in question.spots[at - 1 : at + size]))


_THE = frozenset({"the", "its", "their"})
_PARTS = ((",",), ("and",))
_WHO_IS = frozenset({("who", "is"), ("who", "are"), ("who", "was"), ("what", "is"), ("which", "is")})
_NOT_FIRST = 3
"""Words of a question after which something more is asked for."""


def summed(question: Asked, doing: Doing) -> Iterator[Left]:
    """`stock over all locations`: its records, one for each location, are listed."""
    if question.language != "en":
        return
    for query in doing.queries:
        rows = doing.catalogue.entities.get(query.rows_of)
        if rows is None or not rows.snapshot:
            continue
        kinds = {link.to for link in rows.links.values()} - {"material", "site"}
        called = {word for kind in kinds for word in (kind, *doing.catalogue.entities[kind].words)}
        said = [at for at, word in enumerate(question.plain) if stemmed(word, "en") in called]
        before = [question.plain[max(0, at - _BEFORE) : at] for at in said]
        if said and all(map(_is_over_all, before)):
            yield Left("grouping", tuple(question.spots[at].text for at in said))


def _is_over_all(words: Sequence[str]) -> bool:
    """True before `locations` in `over all locations`; `total stock at every location` may list them."""
    return not _ALL.isdisjoint(words) and not _OVER.isdisjoint(words) and _AT.isdisjoint(words)


_BEFORE = 4
_AT = frozenset({"at", "in"})
_OVER = frozenset({"over", "across", "summed", "total"})
_ALL = frozenset({"all", "every"})


def judged(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the worst for punctuality`: what is good is ranked from its good end."""
    for kind, better in (("judged_bad", False), ("judged_good", True)):
        found = [cue.words for cue in question.cues(kind)]
        if found and doing.ranks_from(better=better) is False:
            yield Left("ranking", tuple(found))


def top(question: Asked, doing: Doing) -> Iterator[Left]:
    """`how many of our 504 products`: a share of so many first ones is shown, and none is asked for."""
    asked = (*question.cues("ranking"), *question.cues("ratio"), *question.cues("share"))
    numbers = [spot.text for spot in question.spots if spot.word == "NUMBER"]
    if doing.shows_top_share and not asked and numbers and "first" not in question.plain:
        yield Left("ranking", tuple(numbers))


def in_order(question: Asked, doing: Doing) -> Iterator[Left]:
    """`cheapest first`: that one alone is looked up, and not the others after it."""
    found = [cue.words for cue in question.cues("in_order")]
    if found and any(getattr(call.arguments, "limit", None) == 1 for call in doing.calls):
        yield Left("ranking", tuple(found))


def unranked(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the highest rate on file`: the one of today is looked up."""
    found = [cue.words for cue in question.cues("superlative")]
    if found and any(call.name in _ONE_FIGURE for call in doing.calls):
        yield Left("ranking", tuple(found))


_ONE_FIGURE = frozenset({"exchange_rate"})
"""Look-ups of a single figure, which rank nothing."""


def made_of(question: Asked, doing: Doing) -> Iterator[Left]:
    """`which parts do we make from it`: what it is made of is looked up, and not what is made of it."""
    if question.language != "en" or not any(call.name == "explode_bom" for call in doing.calls):
        return
    for cue in question.cues("made_from"):
        spot = question.spots[cue.after] if cue.after < len(question.spots) else None
        if spot is not None and (spot.word in _IT or any(one.entity == "material" for one in spot.meanings)):
            yield Left("words", (cue.words, spot.text))


def bought_of_made(question: Asked, doing: Doing) -> Iterator[Left]:
    """`which make parts are in there`: those that are bought are looked up."""
    if question.language != "en" or not any(
        getattr(call.arguments, "purchased_only", False) for call in doing.calls if call.name == "explode_bom"
    ):
        return
    found = [word for word in question.plain if word in _MADE]
    if found and _BOUGHT.isdisjoint(question.plain):
        yield Left("exception", tuple(found))


_MADE = frozenset({"make", "made", "house", "inhouse", "manufactured", "produced"})
_BOUGHT = frozenset({
    "buy", "bought", "purchased", "purchase", "purchasing", "procured", "external", "vendor", "vendors",
    "supplier", "suppliers", "sourced", "order", "procure", "buying",
})  # fmt: skip
_IT = frozenset({"it", "this", "that", "them", "these"})


def recent(question: Asked, doing: Doing) -> Iterator[Left]:
    """`the most recent order`: all of them are taken."""
    by_day = doing.has_last_day and not _DAYS.isdisjoint(question.plain)
    found = [] if doing.has_last or by_day else [cue.words for cue in question.cues("recent")]
    if found:
        yield Left("recent", tuple(found))


_DAYS = frozenset(
    {"when", "date", "day", "dates", "wann", "datum", "tag", "cuando", "fecha", "dia", "quand", "jour"}
)


def each(question: Asked, doing: Doing) -> Iterator[Left]:
    """`Which one is best? Show for each the average`: the best one alone is shown."""
    if not doing.queries or not all(query.extreme for query in doing.queries):
        return
    begun = [at for at, word in enumerate(question.plain) if word in _SENTENCE_ENDS]
    for cue in question.cues("grouping"):
        opens = any(at < cue.first <= at + _OPENING for at in begun)
        after = question.plain[cue.after] if cue.after < len(question.plain) else ""
        if cue.words.lower() == "for each" and opens and after.isalpha():
            yield Left("grouping", (cue.words, after))


_SENTENCE_ENDS = frozenset({".", "?", "!", ";"})
_OPENING = 3
"""Words with which a sentence says that it wants something of each."""


def grouping(question: Asked, doing: Doing) -> Iterator[Left]:
    """`per supplier`: one row for all."""
    found = [
        cue.words
        for cue in question.cues("grouping")
        if not doing.grouped and cue.after < len(question.plain) and question.plain[cue.after] not in _UNITS
    ]
    if found:
        yield Left("grouping", tuple(found))
