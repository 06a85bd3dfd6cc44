"""Reads a compound question about one kind of record after the other, and keeps the reading that fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.models.embedded.compound.asides import without_asides
from agents.models.embedded.compound.building import Builder
from agents.models.embedded.compound.draft import Draft
from agents.models.embedded.compound.explained import (
    Clause,
    explaining,
    heading,
    said,
    told,
    without,
    without_why,
)
from agents.models.embedded.compound.finishing import Finisher
from agents.models.embedded.compound.ledger_names import (
    LEDGER,
    ledger_names,
    names_account,
)
from agents.models.embedded.compound.pieces import Attribute, Figure, Piece, Record, Test
from agents.models.embedded.compound.qualifying import qualified
from agents.models.embedded.compound.scanning import Heard, Scanner
from agents.models.embedded.compound.setting import without_setting
from agents.models.embedded.compound.unmet import Unmet, measured
from agents.models.embedded.compound.vocabulary import Vocabulary, called, vocabulary, written
from agents.models.embedded.definitions import Definitions
from agents.models.embedded.impossible import is_impossible, late_by_now
from agents.models.embedded.languages.glossing import glossed
from agents.models.embedded.languages.words import composed
from agents.models.embedded.lexicon import CatalogueHolder, catalogue_phrases
from agents.models.embedded.links import Linker
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.periods import Periods
from agents.models.embedded.reporting import without_own_currency
from agents.models.embedded.sense import makes_sense
from agents.models.embedded.spelling import spelt
from agents.models.embedded.text import Token, tokenise
from agents.models.protocol import ToolCall
from tools.errors import QueryInvalid
from tools.languages import Language
from tools.metrics.catalogue import Catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import MetricQuery


@dataclass(frozen=True, slots=True)
class Compound:
    """A query that a question may mean, and what speaks against it."""

    entity: str
    query: MetricQuery
    strange: tuple[str, ...]
    """Words that found no place."""
    doubts: float
    richness: int
    """Columns, conditions, groups and periods that the question puts together."""
    score: float
    asked: int
    """Columns that are named, and conditions."""
    places: tuple[int, ...] = ()
    """Where the words that found no place stand."""
    question: str = ""
    """What was read, where that is less than was typed: clauses that only explain are left out."""

    @property
    def complete(self) -> bool:
        """True where every word found its place."""
        return not self.strange and not self.doubts


HELD: frozenset[Language] = frozenset({"en", "de"})
"""Languages in which conditions of a question are held against an answer."""
MARGIN = 0.5
"""By which records must fit better than others for a table of them to be the answer."""
_LONG = 4
"""Words from which on a phrase of such records is hardly said of others: it counts twice."""
_EXPLAINED = 3
"""Of readings, best first, of which clauses that only explain are sought."""
_ROUNDS = 2
"""Readings that are tried for that."""
_CODE = 4
"""Digits from which on a number is hardly an amount."""
_OWN_WORDS = 3
"""Of a kind of record, from which on it is meant though its noun is not said."""


def _is_code(text: str, said: str) -> bool:
    """True for a number of several digits that a query does nothing for: the 6206 of a bearing."""
    return text.isdigit() and len(text) >= _CODE and text not in said


class CompoundReader:
    """Reads questions that ask for several things of one kind of record."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._holder = CatalogueHolder(catalogue)
        self._phrases = catalogue_phrases(catalogue.hash, self._holder)
        self._compiler = Compiler(catalogue)
        self._finisher = Finisher(catalogue)
        self._definitions = Definitions(catalogue)

    def unmet(
        self, question: str, data: MasterData, query: MetricQuery, language: Language = "en"
    ) -> tuple[str, ...]:
        """Conditions of the question, as typed, that a query about one kind of record does nothing for."""
        about = measured(query, self._catalogue)
        if len(about) != 1 or about[0] not in written() or language not in HELD:
            return ()
        question = without_own_currency(question, language)
        heard = self._heard(question, data, language)
        words = vocabulary(self._holder, about[0])
        pieces = qualified(without_setting(heard.tokens, Scanner(heard).pieces(words)), words.like_fields)
        strange = [piece.first for piece in pieces if piece.strange]
        found = explaining(heard.tokens, strange)
        explained = [one for one in found if self._says(heard.tokens, one, query)]
        spoken = [
            piece
            for piece in pieces
            if piece.first not in heard.links
            and not any(one.first <= piece.first < one.after for one in explained)
        ]
        typed = question if language == "en" else composed(question)
        said = repr(query)
        numbers = [
            heard.tokens[piece.first].text
            for piece in spoken
            if piece.strange and _is_code(heard.tokens[piece.first].text, said)
        ]
        unmet = Unmet(self._catalogue, about[0], query).words(typed, heard.tokens, spoken, words.conditions)
        return (*unmet, *numbers)

    def read(self, question: str, data: MasterData, language: Language = "en") -> list[Compound]:
        """Readings, best first; those of which a word found no place come last."""
        asked, question = question, told(without_own_currency(question, language))
        heard = self._heard(question, data, language)
        names = [
            (heard.tokens[link.first].start, heard.tokens[link.after - 1].end)
            for link in heard.links.values()
            if not link.text
        ]
        shorter = without_why(question, names)
        found: list[Compound] = []
        if shorter != question:
            rest = self._heard(shorter, data, language)
            found = self._all(rest, data.empty)
            if found and self._sets(heard, found[0].entity):
                found = []
            else:
                question, heard = shorter, rest
        found = found or self._all(heard, data.empty)
        found = [replace(one, question="" if question == asked else question) for one in found]
        typed = question if language == "en" else composed(question)
        explained = [self._explained(one, typed, heard, data, language) for one in found[:_EXPLAINED]]
        return sorted([*explained, *found[_EXPLAINED:]], key=lambda one: -one.score)

    def _all(self, heard: Heard, empty: frozenset[str]) -> list[Compound]:
        """Readings about each kind of record, best first."""
        scanner = Scanner(heard)
        about = (self._about(one, heard, scanner, empty) for one in written() if one not in empty)
        return sorted((one for one in about if one is not None), key=lambda one: -one.score)

    def _sets(self, heard: Heard, entity: str) -> bool:
        """True where the `Why ...?` before what is asked sets a period or a condition on such records."""
        end = next((at for at, token in enumerate(heard.tokens) if token.norm == "?"), 0)
        pieces = Scanner(heard).pieces(vocabulary(self._holder, entity))
        tested = any(piece.first < end and piece.all(Test) for piece in pieces)
        return tested or any(first < end for first in heard.periods)

    def names(self, question: str, data: MasterData, entity: str, language: Language = "en") -> bool:
        """True where a question has the noun of such records, or a figure of theirs."""
        heard = self._heard(question, data, language)
        pieces = Scanner(heard).pieces(vocabulary(self._holder, entity))
        return any(piece.all(Record, Figure) for piece in pieces)

    def _about(self, entity: str, heard: Heard, scanner: Scanner, empty: frozenset[str]) -> Compound | None:
        words = vocabulary(self._holder, entity)
        pieces = qualified(without_setting(heard.tokens, scanner.pieces(words)), words.like_fields)
        return self._one(words, heard, pieces, empty)

    def _explained(
        self, one: Compound, typed: str, heard: Heard, data: MasterData, language: Language
    ) -> Compound:
        """The reading without the clauses that only say what its figures are by definition."""
        title = heading(heard.tokens, one.places)
        if title is not None and any(at < title.after for at in (*heard.links, *heard.periods)):
            title = None
        titles = [title] if title else []
        found = [*titles, *explaining(heard.tokens, one.places)]
        for _ in range(_ROUNDS):
            if not found:
                return one
            shorter = without(typed, heard.tokens, found)
            rest = self._heard(shorter, data, language)
            other = self._about(one.entity, rest, Scanner(rest), data.empty)
            if other is None:
                return one
            kept = [one for one in found if one in titles or self._says(heard.tokens, one, other.query)]
            if kept == found:
                fits = len(other.strange) <= len(one.strange)
                return replace(other, question=shorter) if fits else one
            found = kept
        return one

    def _says(self, tokens: Sequence[Token], clause: Clause, query: MetricQuery) -> bool:
        return self._definitions.say(said(tokens, clause), (ToolCall("query_metrics", query),))

    def _heard(self, question: str, data: MasterData, language: Language) -> Heard:
        linker = Linker(self._phrases, data, self._catalogue)
        if language == "en":
            tokens = spelt(tokenise(question), (self._phrases, data.phrases), keep_everyday=True)
            tokens = without_asides(linker.tokens(tokens))
        else:
            tokens = without_asides(glossed(question, language, linker, data, self._catalogue))
        periods = {found.first: found for found in Periods(data.today).find(tokens)}
        links = {link.first: link for link in linker.links(tokens, tuple(periods.values()))}
        return Heard(tuple(tokens), periods, links, data.today, ledger_names(tokens, data))

    def _one(
        self, words: Vocabulary, heard: Heard, pieces: Sequence[Piece], empty: frozenset[str]
    ) -> Compound | None:
        if not self._is_named(words, heard.tokens, pieces):
            return None
        draft = Builder(self._catalogue, words, heard.tokens, pieces).draft()
        query = self._finisher.query(draft)
        if query is None:
            return None
        query = late_by_now(query, self._catalogue)
        try:
            self._compiler.meaning(query)
        except QueryInvalid:
            return None
        if not makes_sense(query) or is_impossible(query, self._catalogue):
            return None
        strange = tuple(heard.tokens[at].text for at in draft.strange)
        richness = (
            len(query.measures) + len(query.show) + len(query.where) + len(query.by) + bool(query.currency)
        )
        richness += sum(group.missing and bool(group.entity) for group in query.by)
        score = -float(len(strange)) - draft.doubts + self._fits(words, draft, pieces)
        score -= MARGIN * self._rather_another(words, heard, pieces, empty)
        asked = len(query.where) + sum(not column.beside for column in draft.columns)
        places = tuple(draft.strange)
        return Compound(words.entity, query, strange, draft.doubts, richness, score, asked, places)

    def _is_named(self, words: Vocabulary, tokens: Sequence[Token], pieces: Sequence[Piece]) -> bool:
        """True where the question names such records, a figure of theirs, or several of their own words."""
        own = sum(
            1 + (piece.after - piece.first > _LONG)
            for piece in pieces
            if any(isinstance(one, Attribute | Test) and one.depth == 0 for one in piece.meanings)
        )
        if words.entity == LEDGER and names_account(pieces):
            return True
        last = any(piece.mark == "last" for piece in pieces)
        return own >= (1 if last else _OWN_WORDS) or any(
            piece.all(Record, Figure) or self._holds_noun(words, tokens, piece) for piece in pieces
        )

    def _rather_another(
        self, words: Vocabulary, heard: Heard, pieces: Sequence[Piece], empty: frozenset[str]
    ) -> bool:
        """True where the noun of the records is what others are called before them."""
        for piece in pieces:
            if not piece.all(Record):
                continue
            stems = tuple(token.stem for token in heard.tokens[piece.first : piece.after])
            owners = called(self._holder).get(stems, frozenset()) - empty
            return bool(owners) and words.entity not in owners
        return False

    @staticmethod
    def _holds_noun(words: Vocabulary, tokens: Sequence[Token], piece: Piece) -> bool:
        """True for `scrapped at the operations`, which names the records in a phrase about them."""
        own = any(isinstance(one, Attribute | Test) and one.depth == 0 for one in piece.meanings)
        stretch = tokens[piece.first : piece.after] if own and piece.after - piece.first > 1 else ()
        return any(isinstance(one, Record) for token in stretch for one in words.get((token.stem,)))

    def _fits(self, words: Vocabulary, draft: Draft, pieces: Sequence[Piece]) -> float:
        """How much the question speaks of such records: by their noun, and their own words."""
        longest = max((piece.after - piece.first for piece in pieces if piece.all(Record)), default=0)
        first = next((at for at, piece in enumerate(pieces) if piece.meanings), 99)
        opens = first < len(pieces) and bool(pieces[first].all(Record))
        own = 0
        for piece in pieces:
            depths = [one.depth for one in piece.meanings if isinstance(one, Attribute | Test)]
            own += bool(piece.all(Figure)) or (bool(depths) and min(depths) == 0)
        return 0.3 * min(longest, 3) + 0.35 * opens + 0.1 * own
