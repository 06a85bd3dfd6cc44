"""Accounts and cost centres as those name them who speak of the ledger: `travel expenses`, `energy costs`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from agents.models.embedded.compound.pieces import Piece, Test, Thing
from agents.models.embedded.lexicon import Phrases, ValueWord
from agents.models.embedded.links import Link
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.text import Token, stems
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

LEDGER: Final = "ledger_line"
_AMOUNTS = frozenset(stems("cost costs expense expenses spending charge charges account bill value"))
"""What stands behind an account's name and says no more."""
_TO = frozenset({"to", "-", "through", "until", "till"})
_WIDEST = 2000
"""Numbers between the first account and the last of a range."""
_CENTRES = (stems("cost centre"), stems("cost center"))
_SHARED = frozenset(stems("and of in with without not the a cost costs expense expenses other sale sales"))
"""Words of accounts' names that tell none of them."""
_CALLED: Mapping[str, tuple[str, ...]] = {
    one: stems("wages salaries") for one in stems("personnel labour labor payroll staff staffing salary")
} | {one: stems("goods sold") for one in stems("cogs")}
"""Words of the trade for what a chart of accounts mostly calls otherwise."""


def ledger_names(tokens: Sequence[Token], data: MasterData) -> dict[int, Link]:
    """Accounts and cost centres by where they begin, with the words that only say that they are such."""
    accounts, centres = (data.names.get(entity, ()) for entity in ("account", "cost_centre"))
    index = _index(data.phrases, data.values, accounts, centres)
    found: dict[int, Link] = {}
    position = 0
    while position < len(tokens):
        link = index.at(tokens, position)
        if link is not None:
            found[position] = link
        position = link.after if link is not None else position + 1
    return found


_SPOKEN = re.compile(
    r"\b(?:ledger|gl|postings?|accounts?|hauptbuch\w*|fibu|kont(?:o|en)|sachkont\w+)\b", re.IGNORECASE
)


def says_ledger(question: str) -> bool:
    """True where a question speaks of the ledger in so many words: other records' figures are not meant."""
    return _SPOKEN.search(question) is not None


def of_ledger(query: MetricQuery) -> bool:
    """True for a table of what is posted, planned or foretold in the ledger."""
    metrics = packaged_catalogue().metrics
    named = [metrics[measure.metric].entity for measure in query.measures if measure.metric]
    return query.rows_of == LEDGER or LEDGER in named


def names_account_in(query: MetricQuery) -> bool:
    """True where a query is about certain accounts."""
    return any(getattr(test, "path", "").startswith("account.") for test in query.where)


def names_account(pieces: Sequence[Piece]) -> bool:
    """True where an account is named as one: with a word for amounts, or beside cost centres."""
    centres = any(
        isinstance(one, Thing) and one.entity == "cost_centre" for p in pieces for one in p.meanings
    )
    for piece in pieces:
        tests = [one for one in piece.all(Test) if isinstance(one, Test)]
        if any(one.field.startswith("account.") for one in tests):
            return centres or piece.after - piece.first > 1
    return False


class _Index:
    """The names of accounts and cost centres, and the words that stand for one account alone."""

    def __init__(
        self, phrases: Phrases, values: Phrases, accounts: tuple[str, ...], centres: tuple[str, ...]
    ) -> None:
        self._values, self._both = values, (values, phrases)
        self._named: dict[tuple[str, ...], tuple[ValueWord, ...]] = {}
        by_word: dict[str, set[str]] = defaultdict(set)
        for entity, called in (("account", accounts), ("cost_centre", centres)):
            for name in dict.fromkeys(called):
                self._named.setdefault(stems(name), ())
                self._named[stems(name)] += (self._meaning(entity, name),)
                if entity == "account":
                    for word in set(stems(name)) - _SHARED:
                        by_word[word].add(name)
        self._by_word = {
            word: self._meaning("account", next(iter(names)))
            for word, names in by_word.items()
            if len(names) == 1
        }
        self._longest = max(map(len, self._named), default=0)

    def _meaning(self, entity: str, name: str) -> ValueWord:
        """The name as a value, with all below it where there are any."""
        groups = (
            one
            for phrases in self._both
            for one in phrases.get(stems(name))
            if isinstance(one, ValueWord) and one.entity == entity and one.group and one.shown == name
        )
        return next(groups, ValueWord(entity, "name", (name,), name))

    def at(self, tokens: Sequence[Token], i: int) -> Link | None:
        """What is named from a place on."""
        ranged = self._ranged(tokens, i)
        if ranged is not None:
            return ranged
        if tokens[i].number is not None:
            return self._numbered(tokens, i)
        for length in range(min(self._longest, len(tokens) - i), 0, -1):
            named = self._named.get(_words(tokens, i, length), ())
            if any(one.entity == "account" for one in named):
                return self._told(tokens, i, length, named)
            if named and _centre_beside(tokens, i, i + length):
                return self._told(tokens, i, length, named)
            if named:
                # `maintenance cost` is an account, though a cost centre is called so.
                return self._by_cost(tokens, i) or self._told(tokens, i, length, named)
        return self._by_cost(tokens, i)

    def _ranged(self, tokens: Sequence[Token], i: int) -> Link | None:
        """`accounts 6100 to 6800`: all whose number lies between."""
        at = i + (tokens[i].stem in stems("account"))
        between = tokens[at + 1].norm if at + 2 < len(tokens) else ""
        if between not in _TO or not all(self._is_account(tokens[one].norm) for one in (at, at + 2)):
            return None
        first, last = int(tokens[at].norm), int(tokens[at + 2].norm)
        if not first < last <= first + _WIDEST:
            return None
        codes = tuple(str(code) for code in range(first, last + 1) if self._is_account(str(code)))
        return Link(i, at + 3, (ValueWord("account", "code", codes, f"{first}-{last}"),))

    def _is_account(self, code: str) -> bool:
        known = self._values.get(stems(f"account {code}")) if code.isdigit() else ()
        return any(isinstance(one, ValueWord) and one.entity == "account" for one in known)

    def _numbered(self, tokens: Sequence[Token], i: int) -> Link | None:
        """`5300` alone, where an account or a cost centre has that number."""
        for lead in ("account", "cost centre"):
            known = self._values.get(stems(f"{lead} {tokens[i].norm}"))
            named = tuple(one for one in known if isinstance(one, ValueWord))
            if named:
                return Link(i, i + 1 + (_words(tokens, i + 1, 1) == stems("accounts")), named)
        return None

    def _told(self, tokens: Sequence[Token], i: int, length: int, named: Sequence[ValueWord]) -> Link | None:
        """The account, or the cost centre where a word beside the name says that it is one."""
        after, centre = i + length, _centre_beside(tokens, i, i + length)
        kept = [one for one in named if (one.entity == "cost_centre") == bool(centre)] or list(named)
        if kept[0].entity == "account" and _words(tokens, after, 1) and tokens[after].stem in _AMOUNTS:
            after += 1
        return Link(i, centre or after, tuple(kept))

    def _by_cost(self, tokens: Sequence[Token], i: int) -> Link | None:
        """`freight cost` for the account of outbound freight, `personnel costs` for that of wages."""
        following = _words(tokens, i + 1, 1)
        called = _CALLED.get(tokens[i].stem, (tokens[i].stem,))
        known = next((self._by_word[word] for word in called if word in self._by_word), None)
        if known is None or not following or following[0] not in _AMOUNTS:
            return None
        return Link(i, i + 2, (known,))


def _centre_beside(tokens: Sequence[Token], first: int, after: int) -> int:
    """Where the name of a cost centre ends, with the words for what it is; 0 where they are not there."""
    if any(_words(tokens, after, len(centre)) == centre for centre in _CENTRES):
        return after + len(_CENTRES[0])
    before = any(_words(tokens, first - len(centre), len(centre)) == centre for centre in _CENTRES)
    return after if before else 0


def _words(tokens: Sequence[Token], first: int, length: int) -> tuple[str, ...]:
    """Stems of so many words from a place on; empty where they are fewer, or no words."""
    stretch = tokens[first : first + length] if first >= 0 else ()
    if len(stretch) < length or any(token.kind == "mark" for token in stretch):
        return ()
    return tuple(token.stem for token in stretch)


@lru_cache(maxsize=8)
def _index(phrases: Phrases, values: Phrases, accounts: tuple[str, ...], centres: tuple[str, ...]) -> _Index:
    """The index of some names, made once."""
    return _Index(phrases, values, accounts, centres)
