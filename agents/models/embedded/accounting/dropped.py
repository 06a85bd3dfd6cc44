"""What a question leaves out: `orders without dates left out`; a plan of just these is the contrary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing
from agents.models.embedded.lexicon import SKIPPED
from agents.models.embedded.text import singular, tokenise
from tools.metrics.catalogue import Condition, Metric
from tools.metrics.query import AnyTest, DateTest, Filter, NamedTest, RelatedTest, ValueTest

_BREAKS = frozenset({",", ";", ":", ".", "?", "!", "(", ")", "–"})
_DROPS = frozenset({
    "excluding", "exclude", "excludes", "ignoring", "ignore", "skipping", "skip", "omitting", "omit",
    "disregarding", "disregard", "except", "excepting", "dropping", "drop", "discarding", "discard",
})  # fmt: skip
"""What stands after them is left out."""
_DROPPED = frozenset({
    "excluded", "ignored", "skipped", "omitted", "disregarded", "dropped", "discarded", "excepted",
})  # fmt: skip
"""What stands before them is left out; after them only where nothing does."""
_OUT = frozenset({"out", "aside", "away", "off"})
_TAKES = frozenset({
    "leave", "leaves", "leaving", "left", "let", "letting", "take", "taking", "taken", "keep", "keeping",
    "kept", "filter", "filtering", "filtered", "cut", "cutting", "put", "putting", "set", "setting", "throw",
})  # fmt: skip
"""With `out` or `aside`."""
_COUNTS = frozenset({
    "count", "counted", "counting", "include", "included", "including", "consider", "considered",
    "considering", "want", "wanted", "need", "needed", "show", "shown", "taken", "matter",
})  # fmt: skip
"""With `not` before them."""
_NOT = frozenset({"not", "don't", "dont", "doesn't", "never", "n't", "without"})
_APART = (("apart", "from"), ("aside", "from"), ("other", "than"), ("no", "need", "for"))
_LITTLE = frozenset({
    "please", "pls", "them", "here", "too", "also", "be", "can", "is", "are", "should", "must", "may", "to",
    "and", "of", "course", "as", "well", "again", "all", "for", "now", "do", "does", "get",
})  # fmt: skip
_OPENS = frozenset({
    "how", "what", "which", "who", "show", "give", "list", "by", "per", "when", "while", "then", "than",
})  # fmt: skip
"""From them on something else is said."""
_CONNECTS = frozenset({"with", "but", "while", "whereas", "by", "per", "where"})
_NO_ELSE = (["longer"], ["more"], ["matter"], ["."], ["need"])
_EVERYTHING = frozenset({"all", "every", "everything", "any", "anything", "everybody", "anybody"})
_THESE = frozenset({"the", "those", "these"})
_WITHIN = frozenset({"of", "the", "our", "their", "purchase", "work", "production", "po", "stock", "sales"})
"""Between `all` and the noun that they are all of."""
_SINGLE = frozenset({
    "order", "supplier", "vendor", "material", "product", "item", "part", "component", "site", "plant",
    "location", "status", "line", "account", "company", "division", "month", "quarter", "year", "reason",
    "one", "thing",
})  # fmt: skip
"""Between `every` and `but` they are what there is every one of, unlike in `every late but open order`."""
_ASKED = frozenset({"me", "us", "s"})
"""After `let` nothing is left out."""
_AWAY_FROM = frozenset({
    "account", "consideration", "it", "this", "that", "count", "total", "totals", "sum", "sums",
    "figure", "figures",
})  # fmt: skip
"""After `out of` in what is left out of something; `out of stock` is a state."""
_IS = frozenset({"be", "are", "should"})
_ORDERS = frozenset({"please", "pls", "and"})
_NEAR = 5
_FEW = 3
"""Words after `no` that are what there is none of."""
_FARTHEST = 9
_LACKS = frozenset({"no", "not", "without", "never", "lack", "lacking", "missing", "nothing", "none"})
_CONTENT = frozenset({"a", "an", "the", "any", "is", "are", "was", "at", "all", "of"}) | SKIPPED


@lru_cache(maxsize=8)
def dropped(question: Asked) -> tuple[tuple[int, int], ...]:
    """The stretches of an English question that name what is to be left out, the same for each plan."""
    if question.language != "en":
        return ()
    words = [spot.word if spot.word.isupper() else spot.word.lower() for spot in question.spots]
    return tuple(
        stretch if words[stretch[0] - 1] == "no" else _with_bracket(words, stretch)
        for begin, end in _clauses(words)
        for stretch in _of_clause(words, begin, end)
        if stretch[0] < stretch[1]
    )


def turned(question: Asked, doing: Doing) -> Iterator[Left]:
    """`leave out orders without dates`, of which a plan takes those without."""
    stretches = dropped(question)
    if not stretches:
        return
    inside = [_said(question, range(*stretch)) for stretch in stretches]
    rest = set(range(len(question.spots))) - {at for stretch in stretches for at in range(*stretch)}
    outside = _said(question, sorted(rest))
    for test in _met(doing):
        phrases = tuple(_called(test, doing))
        if any(phrase <= outside for phrase in phrases):
            continue
        for stretch, said in zip(stretches, inside, strict=True):
            if _names_one(said, phrases):
                yield Left("exception", tuple(spot.text for spot in question.spots[slice(*stretch)]))
    for metric in _amounts(doing):
        more = _holds(metric)
        for stretch, said in zip(stretches, inside, strict=True):
            if said & more and not said & outside & more:
                yield Left("exception", tuple(spot.text for spot in question.spots[slice(*stretch)]))
    for metric in _shown_beside(doing):
        phrases = tuple(map(_content, (metric.label, *metric.words)))
        for stretch, said in zip(stretches, inside, strict=True):
            if not any(phrase <= outside for phrase in phrases) and _names_one(said, phrases):
                yield Left("exception", tuple(spot.text for spot in question.spots[slice(*stretch)]))


def _amounts(doing: Doing) -> Iterator[Metric]:
    for measure in doing.measures:
        if measure.metric in doing.catalogue.metrics:
            yield doing.catalogue.metrics[measure.metric]


def _holds(metric: Metric) -> frozenset[str]:
    """What a metric is called to include: `tax`, `freight`."""
    parts = (words.partition("including ")[2] for words in metric.words)
    return frozenset(word for part in parts if part for word in _content(part)) - {"and"}


def _shown_beside(doing: Doing) -> Iterator[Metric]:
    """Metrics that are shown beside others: `value without freight` has no column of the freight."""
    shown = [measure for measure in doing.measures if not measure.hidden]
    if len(shown) > 1:
        for measure in shown:
            if measure.metric in doing.catalogue.metrics:
                yield doing.catalogue.metrics[measure.metric]


def kept_out(question: Asked, doing: Doing) -> Iterator[Left]:
    """`including the undated ones`, of which a plan takes those with dates alone."""
    if question.language != "en":
        return
    words = [spot.word for spot in question.spots]
    yield from _of_either(question, words, doing)
    for begin, end in _clauses(words):
        at = next((at for at in range(begin, end) if _is_including(words, at)), None)
        if at is None or _NOT.intersection(words[max(0, at - 2) : at]):
            continue
        if words[at] in _SHORT and end - at == 1 and words[end : end + 1] == ["."]:
            end = next((then for first, then in _clauses(words) if first > at), end)
        said = _said(question, range(at + 1, end))
        outside = _said(question, (*range(at), *range(end, len(words))))
        of_all = [test for query in doing.queries for test in query.where if not isinstance(test, DateTest)]
        alone = all(test == of_all[0] for test in of_all) or _is_more(words, at, begin, end)
        for test in _met(doing):
            phrases = list(_called_without(test, doing))
            own = tuple(_called(test, doing)) if test in of_all and alone else ()
            if not any(phrase <= outside for phrase in own):
                phrases += own  # `also the ones no longer sold`: these are not all
            if _names_one(said, phrases):
                yield Left("exception", tuple(spot.text for spot in question.spots[at:end]))


def _of_either(question: Asked, words: Sequence[str], doing: Doing) -> Iterator[Left]:
    """`whether they are still sold or not`, of which a plan takes the one or the other."""
    for begin, end in _clauses(words):
        at = next((at for at in range(begin, end) if _is_whether(words, at)), None)
        if at is None or "or" not in words[at:end]:
            continue
        said = _said(question, range(at + 1, end)) - {"or"}
        either = (said | _LACKS, said - _LACKS)
        outside = _said(question, (*range(at), *range(end, len(words))))
        for test in _met(doing):
            phrases = (*_called(test, doing), *_called_without(test, doing))
            if any(phrase <= outside for phrase in phrases):
                continue
            if any(phrase <= one for phrase in phrases for one in either):
                yield Left("exception", tuple(spot.text for spot in question.spots[at:end]))


def _is_whether(words: Sequence[str], at: int) -> bool:
    return words[at] == "whether" or (words[at] == "if" and words[at - 1 : at] == ["matter"])


def _is_more(words: Sequence[str], at: int, begin: int, end: int) -> bool:
    """True for `, including those no longer sold`; `kits including bought parts` tells what is in them."""
    return at == begin or not _ONES.isdisjoint(words[at + 1 : end])


def _names_one(said: frozenset[str], phrases: Iterable[frozenset[str]]) -> bool:
    """True where words name one of these, and say that it is lacking where that does."""
    lacking = not _LACKS.isdisjoint(said)
    return any(phrase <= said and lacking is not _LACKS.isdisjoint(phrase) for phrase in phrases)


_INCLUDES = frozenset({"including", "include", "includes", "included", "incl", "inclusive"})
_SHORT = frozenset({"incl"})
_ONES = frozenset({"those", "these", "ones"})
_TOO = frozenset({"also", "even"})


def _is_including(words: Sequence[str], at: int) -> bool:
    """True for `including` and for `also those`; `also active` is one more condition."""
    return words[at] in _INCLUDES or (words[at] in _TOO and not _THESE.isdisjoint(words[at + 1 : at + 2]))


def _called_without(test: Filter, doing: Doing) -> Iterator[frozenset[str]]:
    """What something is called that does not meet a condition."""
    match test:
        case NamedTest():
            other = test.model_copy(update={"negated": not test.negated})
            yield from _called(other, doing)
            label = doing.catalogue.entities[test.entity].conditions[test.condition].label
            if not test.negated and label.startswith("not "):
                yield _content(label.removeprefix("not "))
        case ValueTest(op="<>"):
            yield from _called(test.model_copy(update={"op": "="}), doing)
        case ValueTest(op="=", values=(bool() as value,)):
            yield from _called(test.model_copy(update={"values": (not value,)}), doing)
        case _:
            pass


def _with_bracket(words: Sequence[str], stretch: tuple[int, int]) -> tuple[int, int]:
    """The stretch with a bracket right after it: `except rejected ones (status 3)`."""
    first, end = stretch
    if end < len(words) and words[end] == "(" and ")" in words[end:]:
        return first, end + words[end:].index(")")
    return stretch


def _met(doing: Doing) -> Iterator[Filter]:
    """Every condition that records must meet; what is in a denied one is what they must not."""
    for query in doing.queries:
        for tests in (query.where, *(measure.where for measure in query.measures)):
            yield from _inside(tests)


def _inside(tests: Sequence[Filter]) -> Iterator[Filter]:
    for test in tests:
        match test:
            case RelatedTest(negated=False):
                yield from _inside(test.where)
            case RelatedTest():
                pass
            case AnyTest():
                yield from _inside(test.of)
            case _:
                yield test


def _clauses(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    begin = 0
    for at in range(len(words) + 1):
        if at == len(words) or words[at] in _BREAKS:
            if at > begin:
                yield begin, at
            begin = at + 1


def _of_clause(words: Sequence[str], begin: int, end: int) -> Iterator[tuple[int, int]]:
    """What one clause leaves out, after the words that say so or before them."""
    for at in range(begin, end):
        size, behind = _verb(words, begin, at, end)
        if size:
            after, before = _after(words, at + size, end), _before(words, begin, at)
            first, second = (after, before) if behind else (before, after)
            yield first if first[0] < first[1] else second
            return
    # `orders without dates left out` leaves out orders, `without rejected orders` the rejected ones.
    for at in range(begin, end):
        if words[at] == "without":
            yield _after(words, at + 1, end)
        elif words[at] == "no" and words[at + 1 : at + 2] not in _NO_ELSE:
            yield _after(words, at + 1, min(end, at + 1 + _FEW))


def _verb(words: Sequence[str], begin: int, at: int, end: int) -> tuple[int, bool]:
    """How many words from there on say that something is left out, and whether it stands behind them."""
    word = words[at]
    if word in _DROPS:
        # `Which suppliers had a price drop?`
        return (1, True) if word != "drop" or at == begin or words[at - 1] in _ORDERS else (0, False)
    if word in _DROPPED:
        done = word != "dropped" or not _IS.isdisjoint(words[max(begin, at - 2) : at])
        return (1, False) if done else (0, False)
    if word == "but" and _is_all_but(words, at):
        return (0, False) if words[at + 1 : at + 2] in (["only"], ["not"]) else (1, True)
    if word in ("nothing", "none", "nobody") and words[at + 1 : at + 2] == ["without"]:
        return 1, True
    for phrase in _APART:
        if tuple(words[at : at + len(phrase)]) == phrase:
            return len(phrase), True
    if word == "let" and not _ASKED.isdisjoint(words[at + 1 : at + 2]):
        return 0, False
    if word in _TAKES and _is_out(words, at + 1, min(end, at + 2)):
        return 2, not word.endswith("t") or word in ("cut", "put", "set", "let")
    if word in _TAKES and _is_out(words, at + 1, end) and word[0] not in "sc":
        return 1, True
    negated = not _NOT.isdisjoint(words[at : at + 1]) or words[at : at + 2] == ["do", "not"]
    if negated and not _COUNTS.isdisjoint(words[at + 1 : min(end, at + 3)]):
        size = 2 if words[at + 1] in _COUNTS else 3
        return size, not words[at + size - 1].endswith(("ed", "n"))
    return 0, False


def _is_all_but(words: Sequence[str], at: int) -> bool:
    """True at `but` in `all orders but rejected ones`; `all orders released but late` leaves nothing out."""
    before = words[max(0, at - _NEAR) : at]
    if _EVERYTHING.isdisjoint(before):
        return False
    if before[-1] in _EVERYTHING or not _THESE.isdisjoint(words[at + 1 : at + 2]):
        return True
    noun, rest = before[-1], list(before[:-1])
    while rest and (rest[-1] in _WITHIN or rest[-1].isupper()):
        rest.pop()
    if not rest or rest[-1] not in _EVERYTHING:
        return False
    return noun in _SINGLE or noun.isupper() or (rest[-1] in ("all", "any") and noun != singular(noun))


def _is_out(words: Sequence[str], first: int, end: int) -> bool:
    return any(
        words[at] in _OUT
        and (words[at + 1 : at + 2] != ["of"] or not _AWAY_FROM.isdisjoint(words[at + 2 : at + 4]))
        for at in range(first, end)
    )


def _after(words: Sequence[str], first: int, end: int) -> tuple[int, int]:
    while first < end and words[first] in _LITTLE:
        first += 1
    stop = next((at for at in range(first, end) if words[at] in _OPENS), end)
    stop = min(stop, first + _FARTHEST)
    while stop > first and words[stop - 1] in _LITTLE | _OUT:
        stop -= 1
    return first, stop


def _before(words: Sequence[str], begin: int, end: int) -> tuple[int, int]:
    while end > begin and words[end - 1] in _LITTLE | _NOT:
        end -= 1
    begin = max(begin, end - _FARTHEST)
    parted = [at for at in range(begin, end) if words[at] in _CONNECTS]
    # `orders with no dates` is one thing, `by vendor with rejected ones` are two.
    start = next((at + 1 for at in reversed(parted) if words[at + 1 : at + 2] != ["no"]), begin)
    return start, end


def _said(question: Asked, places: Iterable[int]) -> frozenset[str]:
    """The words there, in the singular."""
    words = (word for at in places for word in (question.spots[at].text.lower().split()))
    return frozenset(map(_plain, words))


def _called(test: Filter, doing: Doing) -> Iterator[frozenset[str]]:
    """What a condition that something must meet is called."""
    match test:
        case NamedTest():
            known = doing.catalogue.entities[test.entity].conditions
            meant = _opposite(known, test.condition) if test.negated else known[test.condition]
            texts: tuple[str, ...] = (meant.label, *meant.words) if meant else ()
        case ValueTest(op="="):
            entity, _, name = test.path.split("/")[-1].partition(".")
            record = doing.catalogue.entities.get(entity)
            field = record.fields.get(name) if record else None
            said = [
                word for value in test.values for word in (field.values.get(str(value), ()) if field else ())
            ]
            if field and field.kind == "flag":
                said += field.holds if test.values == (True,) else field.fails
            texts = (*said, *(value for value in test.values if isinstance(value, str)), test.label)
        case _:
            texts = ()
    yield from filter(None, map(_content, texts))


def _opposite(known: Mapping[str, Condition], name: str) -> Condition | None:
    """The condition that holds where another does not: `without dates` of `with dates`."""
    sql = known[name].sql
    other = sql.replace(_FILLED, _EMPTY) if _FILLED in sql else sql.replace(_EMPTY, _FILLED)
    return next((one for one in known.values() if one.sql == other != sql), None)


_FILLED, _EMPTY = "is not null", "is null"


@lru_cache(maxsize=4096)
def _content(text: str) -> frozenset[str]:
    words = (token.norm for token in tokenise(text) if token.kind != "mark")
    return frozenset(_plain(word) for word in words if word not in _CONTENT)


def _plain(word: str) -> str:
    """A word in the singular, and a thing that was done as one that is."""
    return _DONE.get(word, singular(word))


_DONE = {"sold": "sell", "selling": "sell", "bought": "buy", "made": "make", "valued": "value"}
