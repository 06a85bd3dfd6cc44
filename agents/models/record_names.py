"""Names of records in somebody's scope, found in text however they are written, to be masked."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, TypeAlias

from rapidfuzz import fuzz, process

from agents.looking import LOADS
from agents.models.said import folded
from agents.models.showing import catalogue_text
from agents.vocabularies import VOCABULARIES
from agents.words import word_set
from erp_adapters.store.session import ReadTransaction
from policies.egress import DataClass

Token: TypeAlias = tuple[str, int, int]
Tokens: TypeAlias = Sequence[re.Match[str] | Token]
_TOKEN = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|(?P<word>(?:[^\W_]|[\u0300-\u036f])+)")
"""What JSON escapes stands between words, and is none."""
_WORD = re.compile(r"[^\W_]+")
"""The words of a text without escapes."""
_TELLING: Final = 3
"""Letters from which on one word of a name may tell whose it is."""
_BEGINNING: Final = 5
"""Letters by which a name's beginning is told: of so many, few other words are alike."""
_MISSPELT: Final = 6
"""Letters from which on a word that comes near counts as misspelt."""
_NEAR: Final = 88.0
_MOST_TOKENS: Final = 12
_MOST_CACHED: Final = 8
_MOST_DULL: Final = 4096
_MOST_KNOWN: Final = 1024
_SHORT: Final = 400
"""Characters up to which a text is kept with what was found in it."""
_BETWEEN: Final = 3
"""Characters between two words of one name at most."""
_LEGAL_FORMS = word_set(
    """gmbh mbh ag kg kgaa ohg se co company corp corporation inc incorporated ltd limited llc llp plc sa sas
    sarl srl spa sro spol zoo sp oy ab as aps bv nv cie und and the of for group gruppe holding international
    de del la las los el der die das van von et y e i da do"""
)
_QUERIES: tuple[tuple[DataClass, str], ...] = (
    ("names", "select name from erp.supplier union select name from erp.customer"),
    ("names", "select number from erp.supplier where number ~ '[[:alpha:]]'"),
    ("names", "select distinct requester from erp.requisition where requester is not null"),
    ("materials", "select name from erp.material"),
    ("materials", "select number from erp.material where number is not null"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A name in a text."""

    start: int
    end: int
    of: DataClass


@dataclass(slots=True)
class RecordNames:
    """Names by the words that they are made of."""

    phrases: dict[str, DataClass] = field(default_factory=dict)
    """Whole names, their words run together."""
    words: dict[str, DataClass] = field(default_factory=dict)
    """Words that tell by themselves."""
    longest: int = 1
    _beginnings: set[str] = field(default_factory=set)
    """The first letters of whole names: most words of a text begin none."""
    _dull: dict[bool, set[str]] = field(default_factory=lambda: {False: set(), True: set()})
    """Words that were looked at, begin no name and tell none; with and without misspelt ones."""
    _known: dict[tuple[str, bool], tuple[Found, ...]] = field(default_factory=dict)
    """What was found in short texts: those of earlier turns come again with each request."""

    def add(
        self, text: str, of: DataClass, *, common: frozenset[str] = frozenset(), whole: bool = False
    ) -> None:
        """Know a name; with `whole`, not its single words."""
        tokens = [token for token, _, _ in tokens_of(text)]
        squeezed = "".join(tokens)
        for words in self._dull.values():
            words.clear()
        self._known.clear()
        if not tokens or (len(squeezed) < _TELLING and squeezed.isalpha()):
            return
        if len(tokens) > 1 or squeezed not in common:
            self.phrases.setdefault(squeezed, of)
            self._beginnings |= {squeezed[:letters] for letters in range(1, _BEGINNING + 1)}
            self.longest = max(self.longest, min(len(tokens), _MOST_TOKENS))
        if whole:
            return
        for token in tokens:
            if len(token) >= _TELLING and not token.isdigit() and token not in common:
                self.words.setdefault(token, of)

    def find(self, text: str, *, misspelt: bool = False) -> tuple[Found, ...]:
        """The names in a text, longest first at each place, neighbours of one class joined.

        Args:
            text: anything that is about to leave.
            misspelt: find words that only come near, too; for what people type.
        """
        key = (text, misspelt)
        found = self._known.get(key)
        if found is None:
            found = tuple(self._found(text, misspelt))
            if len(text) <= _SHORT:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[key] = found
        return found

    def _found(self, text: str, misspelt: bool) -> Iterator[Found]:
        dull = self._dull[misspelt]
        tokens = _tokens(text)
        words = [token[0] for token in tokens]
        if dull.issuperset(words):
            return
        after, open_one = 0, None
        for at, word in enumerate(words):
            if at < after or word in dull:
                continue
            taken, of = self._at(tokens, at, misspelt)
            if of is None:
                if not taken and len(dull) < _MOST_DULL:
                    dull.add(word)
                continue
            found = Found(_placed(tokens[at])[1], _placed(tokens[at + taken - 1])[2], of)
            after = at + taken
            if open_one and open_one.of == of and not text[open_one.end : found.start].strip(" -&.,'’"):
                open_one = Found(open_one.start, found.end, of)
                continue
            if open_one:
                yield open_one
            open_one = found
        if open_one:
            yield open_one

    def _at(self, tokens: Tokens, at: int, misspelt: bool) -> tuple[int, DataClass | None]:
        """How many words a name has here, and its class; 0 and None where the word tells nothing anywhere."""
        squeezed, best, of, before = "", 0, None, 0
        token = tokens[at][0]
        may_begin = token[:_BEGINNING] in self._beginnings
        # Names that are written apart or together are the same: one word more than the longest has.
        for count in range(1, min(self.longest + 2, len(tokens) - at) + 1 if may_begin else 1):
            word, start, end = _placed(tokens[at + count - 1])
            squeezed += word
            if count > 1 and (start - before > _BETWEEN or squeezed[:_BEGINNING] not in self._beginnings):
                break
            before = end
            if squeezed in self.phrases:
                best, of = count, self.phrases[squeezed]
        if best:
            return best, of
        for form in (token, token.removesuffix("s"), token.removesuffix("es"), token.removesuffix("en")):
            if form in self.words:
                return 1, self.words[form]
        if misspelt and len(token) >= _MISSPELT and not token.isdigit() and token not in everyday():
            near = process.extractOne(token, self.words.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR)
            if near is not None:
                return 1, self.words[near[0]]
        return int(may_begin), None


class RecordNamesCache:
    """Names by scope and load; a new load or another scope reads anew."""

    def __init__(self) -> None:
        self._cache: OrderedDict[tuple[object, ...], RecordNames] = OrderedDict()

    async def get(self, tx: ReadTransaction, classes: frozenset[DataClass]) -> RecordNames:
        """The names of these classes that the caller of a transaction may see."""
        loads = await tx.fetch(LOADS)
        key = (tx.caller.sites, tx.caller.companies, loads.rows, classes)
        if key not in self._cache:
            self._cache[key] = await _read(tx, classes)
            while len(self._cache) > _MOST_CACHED:
                self._cache.popitem(last=False)
        self._cache.move_to_end(key)
        return self._cache[key]


async def _read(tx: ReadTransaction, classes: frozenset[DataClass]) -> RecordNames:
    sites = await tx.fetch("select site, name from erp.site")
    common = everyday() | {token for row in sites.rows for token in _words(map(str, row))}
    if "materials" not in classes:
        # What a material is called is sent; a supplier that is called so too is no secret by that word alone.
        common |= {
            token
            for (name,) in (await tx.fetch("select name from erp.material")).rows
            for token in _words([str(name)])
        }
    names = RecordNames()
    for of, sql in _QUERIES:
        if of in classes:
            for (name,) in (await tx.fetch(sql)).rows:
                names.add(str(name), of, common=frozenset(common))
    return names


def tokens_of(text: str) -> list[Token]:
    """The words of a text, folded, with where they stand."""
    return [_placed(token) for token in _tokens(text)]


def _tokens(text: str) -> Tokens:
    """The same, of plain text as its matches: where each stands is asked of few."""
    if not text.isascii():
        return [(folded(found[0]), *found.span()) for found in _TOKEN.finditer(text) if found.lastgroup]
    if "\\" in text:
        return [found for found in _TOKEN.finditer(text.lower()) if found.lastgroup]
    return list(_WORD.finditer(text.lower()))


def _placed(token: re.Match[str] | Token) -> Token:
    return token if isinstance(token, tuple) else (token[0], *token.span())


def _words(texts: Iterable[str]) -> set[str]:
    return {token for text in texts for token, _, _ in tokens_of(text)}


@cache
def everyday() -> frozenset[str]:
    """Words that tell nobody's name by themselves: of the catalogue, of plain prose, and legal forms."""
    spoken = {
        folded(word)
        for one in VOCABULARIES.values()
        for words in (one.plain, one.certain, one.loose, one.comparison, one.sources)
        for word in words
    }
    return frozenset(spoken | _words([catalogue_text()]) | _LEGAL_FORMS)
