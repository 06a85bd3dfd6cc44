"""Which stretches of a question stand for something in the customer's data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.models.embedded.chunks import KNOWN_WORDS
from agents.models.embedded.lexicon import Match, Meaning, Phrases, ValueWord, matches
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.naming import Loose, name_index, same_form
from agents.models.embedded.periods import FoundPeriod
from agents.models.embedded.spelling import everyday
from agents.models.embedded.text import Token, singular, stems
from tools.metrics.catalogue import Catalogue

_LISTED = frozenset({",", "and", "or", "versus", "/", "+", "&"})
_AFTER_LISTS = frozenset({
    "are", "is", "were", "was", "have", "had", "has", "in", "at", "on", "for", "by", "per", "this",
    "last", "during", "since", "with", "of", "to", "from", "each", "together", "please", "pls", "late",
    "stand", "need", "do", "did",
})  # fmt: skip
"""Words after `press 2, 3 and 4`; `4, 7 days` is no list of machines."""
_SOFT = frozenset({"department", "cost_centre", "location", "shift", "scrap_reason"})
"""Kinds of names that are everyday words where they are single words in lower case."""
_ORDINARY_MONEY = frozenset(stems("real mark pound won crown sum colon dollar all try rand"))
_RATES = frozenset(stems("rate exchange currency convert fx usd eur gbp"))
_AUXILIARY = frozenset(
    {"to", "did", "does", "would", "will", "can", "could", "should", "must", "we", "they", "you"}
)
_CUES = frozenset({"called", "named", "containing", "contains", "resembling", "resembles"})
_NAMINGS = frozenset({"name", "names", "description", "designation"})
_ENDS = frozenset(
    [
        "in", "on", "at", "and", "or", "with", "by", "to", "for", "from", "that", "which", "who", "is", "are",
        "was", "were", "has", "have", "had", "something", "as", "whose", "limit", "top", "how", "what", "not",
        "where", "when", "than",
    ]
)  # fmt: skip
_TWO_LETTERS = frozenset(
    [
        "am", "an", "as", "at", "be", "by", "do", "go", "he", "hi", "if", "in", "is", "it", "me", "my", "no",
        "of", "oh", "ok", "on", "or", "so", "to", "up", "us", "we",
    ]
)  # fmt: skip
_NEAR = 6
_LONGEST_TEXT = 5


@dataclass(frozen=True, slots=True)
class Link:
    """A stretch of tokens [first, after) with the names and values that it may stand for."""

    first: int
    after: int
    meanings: tuple[ValueWord, ...] = ()
    readable: bool = False
    """True where the words carry a meaning of their own as well, and stay to be read."""
    text: bool = False
    """True for words to look for in a name: `'lock nut'`."""


class Linker:
    """Finds names, values and quoted words in questions."""

    def __init__(self, words: Phrases, data: MasterData, catalogue: Catalogue) -> None:
        self._words = words
        self._names = data.phrases
        self._values = data.values
        self._catalogue = catalogue
        self._index = name_index(data.phrases)

    def tokens(self, tokens: Sequence[Token], *, alone: bool = True) -> tuple[Token, ...]:
        """The tokens with short and misspelt words of names written out, unless `alone` only beside
        others."""
        return self._index.resolved(tokens, self._words, alone=alone)

    def links(self, tokens: Sequence[Token], periods: Sequence[FoundPeriod]) -> tuple[Link, ...]:
        """Links in order; no two overlap, and none overlaps a period unless a longer name holds it."""
        inside = {k for found in periods for k in range(found.first, found.after)}
        texts = list(self._texts(tokens, inside))
        taken = {k for link in texts for k in range(link.first, link.after)}
        found: list[Link] = [*texts]
        position = 0
        while position < len(tokens):
            link = None if position in taken else self._link(tokens, position, inside)
            if link is None or any(k in taken for k in range(link.first, link.after)):
                position = max(position + 1, 0 if position in taken else self._past_phrase(tokens, position))
                continue
            found.append(link)
            position = link.after
        places = {link.first: link for link in found}
        for link in found:
            for item in self._listed(tokens, link):
                known = places.get(item.first)
                if known is None or (known.after == item.after and not known.text):
                    also = known.meanings if known else ()
                    places[item.first] = Link(item.first, item.after, (*item.meanings, *also))
        return tuple(places[first] for first in sorted(places))

    def _past_phrase(self, tokens: Sequence[Token], i: int) -> int:
        """The position after a phrase of the catalogue; names inside it are not meant."""
        longest = max((m.after for m in matches(tokens, self._words, i) if m.length > 1), default=i + 1)
        starts = [at for at in range(i + 1, longest) if self._name(tokens, at, longest)]
        return starts[0] if starts else longest

    def _name(self, tokens: Sequence[Token], i: int, beyond: int) -> bool:
        """True where a name begins that goes on after a phrase."""
        exact = max((m.after for m in matches(tokens, self._names, i)), default=i)
        return exact > beyond

    # ── names and values ──
    def _link(self, tokens: Sequence[Token], i: int, inside: set[int]) -> Link | None:
        if tokens[i].kind == "mark":
            return None
        exact = self._exact(tokens, i, inside)
        loose = self._index.at(tokens, i, self._words)
        if loose and any(k in inside for k in range(loose.first, loose.after)) and loose.length < 3:
            loose = None
        if loose and any(
            m.after > loose.after
            for at in range(i + 1, loose.after)
            for m in matches(tokens, self._names, at)
        ):
            loose = None  # `frame HL Road Frame, 48`: the name begins later
        if loose and not any(same_form(tokens[i : loose.after], meaning) for meaning in loose.meanings):
            loose = None
        value = self._value(tokens, i, inside)
        after = max(exact.after if exact else 0, loose.after if loose else 0, value[0].after if value else 0)
        if not after or self._cut(tokens, i, after):
            return None
        return self._joined(tokens, i, after, exact, loose, value)

    def _joined(
        self,
        tokens: Sequence[Token],
        i: int,
        after: int,
        exact: Match | None,
        loose: Loose | None,
        value: tuple[Match, bool] | None,
    ) -> Link:
        names: tuple[ValueWord, ...] = ()
        if exact and exact.after == after:
            names = tuple(m for m in exact.meanings if isinstance(m, ValueWord))
        elif loose and loose.after == after:
            names = loose.meanings
        sure = value is not None and value[1] and value[0].after == after
        values: tuple[ValueWord, ...] = ()
        if value and value[0].after == after:
            values = tuple(m for m in value[0].meanings if isinstance(m, ValueWord))
        if names:
            same = tuple(token.stem for token in tokens[i:after] if token.kind != "mark")
            values = (*values, *(m for m in self._values.get(same) if isinstance(m, ValueWord)))
        meanings = tuple(dict.fromkeys((*names, *values)))
        readable = not (names or sure) or self._everyday(tokens, i, after, meanings)
        return Link(i, after, meanings, readable and not sure)

    def _exact(self, tokens: Sequence[Token], i: int, inside: set[int]) -> Match | None:
        for match in matches(tokens, self._names, i):
            if match.length < 3 and any(k in inside for k in range(match.first, match.after)):
                continue
            stretch = tokens[match.first : match.after]
            kept = tuple(m for m in match.meanings if isinstance(m, ValueWord) and same_form(stretch, m))
            if match.length == 1 and self._verb(tokens, i):
                kept = ()
            if kept:
                return Match(match.first, match.after, kept, match.length)
        return None

    @staticmethod
    def _verb(tokens: Sequence[Token], i: int) -> bool:
        """True for `stand` in `does it stand for`: a base form after an auxiliary."""
        lead = i > 0 and tokens[i - 1].norm in _AUXILIARY
        return lead and not tokens[i].capital and tokens[i].norm == singular(tokens[i].norm)

    def _value(self, tokens: Sequence[Token], i: int, inside: set[int]) -> tuple[Match, bool] | None:
        """A value of a field, and whether it is surely one: a word for its field stands near, or it is no
        everyday word."""
        for match in self._value_matches(tokens, i):
            if any(k in inside for k in range(match.first, match.after)):
                continue
            if match.length == 1 and tokens[i].kind == "number":
                continue  # found by its number where a field asks for it
            if tokens[i].quoted:
                return match, not self._is_word(match.meanings)
            if match.length == 1 and self._ordinary(tokens[i]):
                led = self._led(tokens, match)
                return (led, True) if led else None
            near = tuple(
                m for m in match.meanings if isinstance(m, ValueWord) and self._beside(tokens, match, m)
            )
            if near:
                entities = {meaning.entity for meaning in near}
                meant = tuple(m for m in match.meanings if isinstance(m, ValueWord) and m.entity in entities)
                meant = tuple(m for m in meant if m in near or m.entity == "currency")
                return Match(match.first, match.after, meant, match.length), True
            if self._of_its_own(tokens, match):
                return match, match.length > 1 or tokens[i].norm not in self._words.words
            money = tuple(m for m in match.meanings if isinstance(m, ValueWord) and m.entity == "currency")
            units = tuple(m for m in match.meanings if isinstance(m, ValueWord) and m.field.endswith("unit"))
            units = () if tokens[i].stem in self._words.words else units
            if (money or units) and len(tokens[i].norm) > 2:
                return Match(match.first, match.after, (*money, *units), match.length), False
        return None

    @staticmethod
    def _ordinary(token: Token) -> bool:
        """True for a word that holds sentences together; `each` is a unit as well, and `day` a shift."""
        return token.norm in KNOWN_WORDS and not token.text.isupper()

    def _led(self, tokens: Sequence[Token], match: Match) -> Match | None:
        """A value right before or after the word for its field: `day shift`."""
        around = (tokens[max(0, match.first - 1) : match.first], tokens[match.after : match.after + 1])
        named = tuple(
            m
            for m in match.meanings
            if isinstance(m, ValueWord)
            and m.entity in _SOFT
            and any(_holds(beside, cue) for cue in self._cues(m) for beside in around)
        )
        return Match(match.first, match.after, named, match.length) if named else None

    def _value_matches(self, tokens: Sequence[Token], i: int) -> Iterator[Match]:
        for length in range(min(4, len(tokens) - i), 0, -1):
            stretch = tokens[i : i + length]
            if stretch[-1].kind == "mark" or any(
                t.norm not in ("-", "/", ",") for t in stretch if t.kind == "mark"
            ):
                continue
            words = tuple(token.stem for token in stretch if token.kind != "mark")
            one = stretch[-1].norm.removesuffix("s")  # `lbs`
            meanings = self._values.get(words) or self._values.get((*words[:-1], one))
            named = tuple(m for m in meanings if isinstance(m, ValueWord) and same_form(stretch, m))
            if named:
                yield Match(i, i + length, named, len(words))

    def _of_its_own(self, tokens: Sequence[Token], match: Match) -> bool:
        """True for a value that is no everyday word: of several words, unusual, or in capitals as a code."""
        token = tokens[match.first]
        if match.length > 1:
            words = [t for t in tokens[match.first : match.after] if t.kind != "mark"]
            return all(len(t.norm) > 1 for t in words) or all(t.text.isupper() for t in words)
        code = token.text.isupper() and len(token.text) > 1 and token.norm not in _TWO_LETTERS
        shown = any(isinstance(m, ValueWord) and token.text in m.values for m in match.meanings)
        if code and shown:
            return True
        known = everyday(token.norm) or token.stem in self._words.words
        return len(token.norm) > 2 and token.norm.isalpha() and not known

    def _beside(self, tokens: Sequence[Token], match: Match, meaning: ValueWord) -> bool:
        """True where a word for the value's field stands shortly before or after it."""
        token = tokens[match.first]
        small = match.length == 1 and (len(token.norm) == 1 or token.norm in _TWO_LETTERS)
        if small and not token.text.isupper():
            return False
        reach = 3 if match.length == 1 and everyday(token.norm) else _NEAR
        before = tokens[max(0, match.first - reach) : match.first]
        after = tokens[match.after : match.after + min(reach, 4)]
        cues = self._cues(meaning)
        return any(_holds(before, cue) or _holds(after, cue) for cue in cues)

    def _cues(self, meaning: ValueWord) -> tuple[tuple[str, ...], ...]:
        field = self._catalogue.entity(meaning.entity).fields[meaning.field]
        found = [stems(word) for word in (field.label, *field.words)]
        if meaning.entity in _SOFT:
            entity = self._catalogue.entity(meaning.entity)
            found += [stems(word) for word in (entity.singular, *entity.words)]
        if meaning.field.endswith("unit"):
            found += [stems("unit"), stems("uom"), stems("measured"), stems("weighed")]
            whole = self._catalogue.entity(meaning.entity).fields.get(meaning.field.removesuffix("_unit"))
            found += [stems(word) for word in (whole.label, *whole.words)] if whole else []
        return tuple(found)

    def _cut(self, tokens: Sequence[Token], i: int, after: int) -> bool:
        """True where a longer phrase of the catalogue begins at the name or inside it."""
        if any(m.after > after and m.length > 1 for m in matches(tokens, self._words, i)):
            return True
        size = sum(token.kind != "mark" for token in tokens[i:after])
        return any(
            m.after > after and m.length > size
            for at in range(i + 1, after)
            for m in matches(tokens, self._words, at)
        )

    def _everyday(self, tokens: Sequence[Token], i: int, after: int, meanings: Sequence[ValueWord]) -> bool:
        """True for words that mean something else as well: of the catalogue, or of everyday language."""
        if tokens[i].quoted and not self._is_word(meanings):
            return False
        if self._own(tokens, i, after, meanings):
            return True
        soft = all(meaning.entity in _SOFT for meaning in meanings)
        if after - i > 1:
            lower = not any(token.capital for token in tokens[i:after])
            known = all(t.stem in self._words.words for t in tokens[i:after] if t.kind != "mark")
            return soft and lower and known
        if tokens[i].capital and (i or len(tokens) == 1):
            return False
        money = {m.entity for m in meanings} & {"currency"}
        if money and tokens[i].stem in _ORDINARY_MONEY:
            return not any(token.stem in _RATES for token in tokens)
        return soft and everyday(tokens[i].norm)

    def _is_word(self, meanings: Sequence[Meaning]) -> bool:
        """True for the catalogue's own words, which are read though they stand in quotes: 'Expenditures'."""
        values = [meaning for meaning in meanings if isinstance(meaning, ValueWord)]
        return bool(values) and all(map(self._is_vocabulary, values))

    def _own(self, tokens: Sequence[Token], i: int, after: int, meanings: Sequence[Meaning]) -> bool:
        """True where the catalogue has just these words."""
        vocabulary = all(self._is_vocabulary(m) for m in meanings if isinstance(m, ValueWord))
        if vocabulary:
            return True
        return any(
            m.after == after and any(not isinstance(word, ValueWord) for word in m.meanings)
            for m in matches(tokens, self._words, i)
        )

    def _is_vocabulary(self, name: ValueWord) -> bool:
        fields = self._catalogue.entity(name.entity).fields
        return name.field in fields and set(name.values) <= set(fields[name.field].values)

    # ── lists ──
    def _listed(self, tokens: Sequence[Token], link: Link) -> Iterator[Link]:
        """`mountain` and `road` in `mountain, road and touring bikes`, `blue` in `Helmet red/blue`: what the
        name after or before them ends or begins with belongs to each."""
        words = [token.stem for token in tokens[link.first : link.after] if token.kind != "mark"]
        if link.text or len(words) < 2:
            return
        for at in self._items(tokens, link.first - 1, -1):
            yield from self._as(at, (tokens[at].stem, *words[1:]))
        sized = tokens[link.after - 1].kind == "number"
        for at in self._items(tokens, link.after, 1, "number" if sized else "word"):
            yield from self._as(at, (*words[:-1], tokens[at].stem))
        for at in self._endings(tokens, link):
            yield from self._ending(tokens, at, link)

    def _items(self, tokens: Sequence[Token], at: int, step: int, kind: str = "word") -> Iterator[int]:
        """Positions of single words, or numbers, that stand in a list before or after a place."""
        while 0 <= at < len(tokens) and tokens[at].norm in _LISTED:
            while 0 <= at < len(tokens) and tokens[at].norm in _LISTED:
                at += step
            if not 0 <= at < len(tokens) or tokens[at].kind != kind:
                return
            if kind == "number" and not _ends_a_list(tokens, at + 1):
                return
            yield at
            at += step

    @staticmethod
    def _endings(tokens: Sequence[Token], link: Link) -> Iterator[int]:
        """Where `too short` begins in `trim length too long and too short`: it repeats a word of the name."""
        words = {token.stem for token in tokens[link.first : link.after]}
        at = link.after
        while at + 1 < len(tokens) and tokens[at].norm in _LISTED:
            at += 1
            if tokens[at].stem in words and tokens[at + 1].kind == "word":
                yield at
                at += 2

    def _ending(self, tokens: Sequence[Token], at: int, link: Link) -> Iterator[Link]:
        ending = (tokens[at].stem, tokens[at + 1].stem)
        for name in {stems(meaning.shown) for meaning in link.meanings}:
            if name[-2:-1] == ending[:1]:
                yield from self._as(at, (*name[:-2], *ending), size=2)

    def _as(self, at: int, key: tuple[str, ...], size: int = 1) -> Iterator[Link]:
        meanings = tuple(m for m in self._names.get(key) if isinstance(m, ValueWord))
        if meanings:
            yield Link(at, at + size, meanings)

    # ── words to look for ──
    def _texts(self, tokens: Sequence[Token], inside: set[int]) -> Iterator[Link]:
        position = 0
        while position < len(tokens):
            after = (
                self._quoted(tokens, position)
                or self._cued(tokens, position, inside)
                or self._code(tokens, position, inside)
            )
            if after:
                known = self._whole(tokens, position, after, inside)
                if known or not self._is_quoted_word(tokens, position, after):
                    yield known or Link(position, after, text=True)
                position = after
            position += 1

    def _whole(self, tokens: Sequence[Token], first: int, after: int, inside: set[int]) -> Link | None:
        """The name that a stretch is as a whole."""
        link = self._link(tokens, first, inside)
        return link if link is not None and link.meanings and link.after >= after else None

    def _is_quoted_word(self, tokens: Sequence[Token], first: int, after: int) -> bool:
        """True where just a value of the catalogue stands in quotes: 'approved'."""
        lead = {token.norm for token in tokens[max(0, first - 2) : first]}
        return (
            tokens[first].quoted
            and lead.isdisjoint((*_CUES, "contain"))
            and "name" not in [token.norm for token in tokens[after : after + 4]]
            and any(
                found.after == after and any(self._is_word((meaning,)) for meaning in found.meanings)
                for found in matches(tokens, self._words, first)
            )
        )

    @staticmethod
    def _quoted(tokens: Sequence[Token], i: int) -> int:
        if not tokens[i].quoted or (i and tokens[i - 1].quoted):
            return 0
        after = i
        while after < len(tokens) and tokens[after].quoted:
            after += 1
        while after > i + 1 and tokens[after - 1].norm in (".", ",", "?", "!"):
            after -= 1
        return after

    def _cued(self, tokens: Sequence[Token], i: int, inside: set[int]) -> int:
        """The end of what follows `called`, `containing` or `with ... in the name`, of two words or more."""
        first = i
        lead = [token.norm for token in tokens[max(0, i - 2) : i]]
        cued = bool(lead) and (lead[-1] in _CUES or (lead[0] in _CUES and lead[-1] in ("a", "an", "the")))
        cued = cued or (lead[-1:] == ["like"] and lead[0] in _NAMINGS)
        named = bool(lead) and lead[-1] in ("with", "having")
        if not (cued or named) or tokens[i].quoted or tokens[i].norm in ("a", "an", "the"):
            return 0
        if tokens[i].stem in self._words.words:
            return 0
        while (
            i < len(tokens)
            and tokens[i].kind == "word"
            and tokens[i].norm not in _ENDS
            and tokens[i].norm not in KNOWN_WORDS
            and tokens[i].norm not in _AUXILIARY
            and i not in inside
            and i - first < _LONGEST_TEXT
        ):
            i += 1
        rest = [token.norm for token in tokens[i : i + 3]]
        if named and not (rest[:1] == ["in"] and _NAMINGS & set(rest)):
            return 0
        return i if i - first > 1 else 0

    @staticmethod
    def _code(tokens: Sequence[Token], i: int, inside: set[int]) -> int:
        """The end of a code such as `BK-R19`, which is no name as a whole."""
        if tokens[i].kind != "word" or i in inside or (len(tokens[i].norm) > 3 and everyday(tokens[i].norm)):
            return 0
        after = i + 1
        while after + 1 < len(tokens) and tokens[after].norm in ("-", ".", "/", "_"):
            tight = (
                tokens[after - 1].end == tokens[after].start and tokens[after].end == tokens[after + 1].start
            )
            if not tight or tokens[after + 1].kind == "mark" or after + 1 in inside:
                break
            after += 2
        parts = tokens[i + 1 : after]
        coded = any(character.isdigit() for token in parts for character in token.text)
        return after if after > i + 1 and coded and tokens[i].text.isupper() else 0


def _holds(tokens: Sequence[Token], phrase: tuple[str, ...]) -> bool:
    words = [token.stem for token in tokens if token.kind != "mark"]
    return any(tuple(words[at : at + len(phrase)]) == phrase for at in range(len(words) - len(phrase) + 1))


def _ends_a_list(tokens: Sequence[Token], at: int) -> bool:
    """True where what stands behind a number leaves it a name: the end, a sign, a further number, a verb."""
    if at >= len(tokens) or (
        tokens[at].kind == "mark" and tokens[at].norm not in _LISTED and tokens[at].norm != "%"
    ):
        return True
    if tokens[at].norm in _LISTED:
        while at < len(tokens) and tokens[at].norm in _LISTED:
            at += 1
        return at < len(tokens) and (tokens[at].kind == "number" or tokens[at].norm in _AFTER_LISTS)
    return tokens[at].norm in _AFTER_LISTS
