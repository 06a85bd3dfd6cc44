"""Verifies prose clause by clause: every number in it comes from a result, put there by the renderer.

A clause holds references (`{{r0.figures[0]}}`, `{{r0.tables[0].rows[0].name}}`, `{{q.1}}`) in place of
values. It is refused when it states a number itself in any form, refers to nothing, gives one row's value to
another row or to another heading, bends a value ("nearly", "minus", "rose to"), or holds a word that is
neither in the question nor in the results nor known to claim nothing. What is verified is safe to show at
once; what is refused never reaches anybody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

from agents.associations import misassigned
from agents.references import Cited, Literal, Piece, Resolver, UnknownReference
from agents.rendering import visible
from agents.vocabularies import vocabulary
from agents.vocabulary import (
    CERTAIN_NUMBERS,
    COMPOUND,
    FOREIGN_NUMBERS,
    LONG_NUMBERS,
    ROMAN,
    ROMAN_LOOKALIKES,
)
from agents.words import WORD, stem, stems, words_of
from tools.languages import said
from tools.results import ToolResult

CLAUSE_CHARACTERS = 800

_PUNCTUATION = frozenset(" .,;:!?()'\"-–—’‘“”„«»¿¡&%")
_CODE = re.compile(r"[^\s,;:!?()\"“”]*\d[^\s,;:!?()\"“”]*")
_SPELLED = re.compile(r"(?<![^\W_])(?:[^\W\d_][\W_]{1,2}){2,}[^\W\d_](?![^\W_])")
_BULLET = re.compile(r"^\s*(?:[-•–—]\s+)+")
_END = re.compile(r"[.!?](?=\s)|\n")
_ELIDED = frozenset("cdlCDL")
"""French articles and pronouns before a vowel: `l'article`."""
_DIGITS = re.compile(r"\d[\d.,]*")


@dataclass(frozen=True, slots=True)
class Verified:
    """A clause fit to be shown, with its values in place."""

    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A clause that must not be shown; the reason tells its writer what to change."""

    clause: str
    reason: str


Verdict: TypeAlias = Verified | Refused


class Grounding:
    """Verifies the prose of one turn against its question and results.

    Args:
        question: what the person asked; its numbers can be referred to as `{{q.1}}`.
        results: what the tools returned.
        writes_freely: True for a language model, whose words are held to a closed vocabulary; False for a
            writer of templates, of which only numbers and references are verified.
    """

    def __init__(self, question: str, results: Sequence[ToolResult], *, writes_freely: bool = True) -> None:
        self.resolver = Resolver(question, results)
        self.question = question
        self.results = tuple(results)
        self.writes_freely = writes_freely
        self.words = vocabulary()

    def verify(self, clause: str) -> Verdict:
        """The clause with its values put in, or why it is refused."""
        clause = _BULLET.sub("", visible(clause, CLAUSE_CHARACTERS + 1)).strip()
        if len(clause) > CLAUSE_CHARACTERS:
            return Refused(clause[:80] + "…", f"a clause has at most {CLAUSE_CHARACTERS} characters")
        try:
            pieces = self.resolver.pieces(clause)
        except UnknownReference as error:
            return Refused(clause, str(error))
        reason = self._reason(pieces)
        if reason:
            return Refused(clause, reason)
        return Verified(_joined(pieces))

    def own_wording(self, index: int) -> str:
        """The tool's own sentence for the result with that index, rendered; a plain one where it has none."""
        result = self.results[index]
        if result.sentence:
            try:
                return _joined(self.resolver.pieces(visible(result.sentence), default=index))
            except UnknownReference:
                # A slip in a tool's wording must not cost the person the figures, which stand in the tables.
                pass
        return _joined(self.resolver.pieces(_plain_sentence(result, index), default=index))

    def _reason(self, pieces: Sequence[Piece]) -> str:
        words = " ".join(self._literal(pieces, i) for i in range(len(pieces)))
        if not self.writes_freely:
            return _numeral_in(words, self._codes, self.words.certain, self.words.compound)
        cited = [piece for piece in pieces if isinstance(piece, Cited)]
        exempt = {word for piece in cited if piece.is_claim for word in words_of(piece.label)}
        return (
            _bad_character(words, self._known_words)
            or _numeral_in(
                words,
                self._codes,
                self.words.certain | (self.words.loose - exempt),
                self.words.compound,
                closely=True,
            )
            or _crowded(pieces, self._units)
            or misassigned(pieces, self.resolver)
            or self._forbidden(words, exempt)
            or self._unknown(words)
        )

    def _literal(self, pieces: Sequence[Piece], position: int) -> str:
        """The words of a piece as they are checked; a value is a mark that is no word."""
        piece = pieces[position]
        if isinstance(piece, Cited):
            return "\0"
        following = pieces[position + 1] if position + 1 < len(pieces) else None
        if isinstance(following, Cited) and following.question_number is not None:
            # "the top {{q.1}}" repeats the question; that the word stands there is checked with the number.
            return re.sub(r"\b(?:top|bottom|last|previous)\s*$", "", piece.text)
        return piece.text

    def _forbidden(self, words: str, exempt: set[str]) -> str:
        for word in words_of(words):
            if word in exempt:
                continue
            if word in self.words.comparison:
                return f"{word!r} compares, bends or judges values, which only the tool's own wording may do"
            if word in self.words.sources:
                return (
                    f"{word!r} names a source; sources are shown beside the answer and are not written about"
                )
        return ""

    def _unknown(self, words: str) -> str:
        # A name from the data counts only whole: half a supplier's name could be anybody's.
        text = words.casefold()
        for name in self._names_in(text):
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
        for word in words_of(text):
            if word not in self.words.plain and stem(word) not in self._vocabulary:
                return f"{word!r} is neither in the question nor in the results"
        return ""

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        # A name in the question need not be what was computed; the reading has it where it is.
        texts = [re.sub(r"(?<=\S\s)[^\W\d_a-z][^\W\d_]*", " ", self.question)]
        for result in self.results:
            texts += [result.reading, re.sub(r"\{\{.*?\}\}", " ", result.sentence)]
            texts += [said(text) for figure in result.figures for text in (figure.label, figure.unit)]
            for table in result.tables:
                texts.append(said(table.title))
                texts += [said(text) for column in table.columns for text in (column.label, column.unit)]
        return stems(" ".join(texts))

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """Names and codes in the results, longest first."""
        cells = {
            visible(cell).casefold()
            for _, table, row in self.resolver.rows()
            for column, cell in zip(table.columns, row, strict=True)
            if column.kind in ("text", "id") and isinstance(cell, str) and len(cell) > 1
        }
        return tuple(sorted(cells, key=len, reverse=True))

    def _names_in(self, text: str) -> Iterator[str]:
        """The names that stand in the text; one that reads as a number may only stand as a reference."""
        for name in self._names:
            numbers = self.words.certain | self.words.loose
            if name in text and not _numeral_in(
                name, frozenset({name}), numbers, self.words.compound, closely=True
            ):
                yield name

    @cached_property
    def _units(self) -> frozenset[str]:
        units = [figure.unit for result in self.results for figure in result.figures]
        units += [c.unit for result in self.results for table in result.tables for c in table.columns]
        return frozenset(words_of(" ".join((*units, *map(said, units)))))

    @cached_property
    def _codes(self) -> frozenset[str]:
        """Codes of the results that hold a digit and begin with a letter, such as `BK-M93B-44`."""
        return frozenset(
            cell
            for _, table, row in self.resolver.rows()
            for column, cell in zip(table.columns, row, strict=True)
            if column.kind in ("text", "id")
            and isinstance(cell, str)
            and cell.isascii()
            and cell[:1].isalpha()
            and len(cell) >= 3
            and " " not in cell
        )

    def _known_words(self, text: str) -> frozenset[str]:
        names = " ".join(self._names_in(text.casefold()))
        return frozenset(words_of(f"{self.question} {names}")) | self._vocabulary | self.words.plain


class Clauses:
    """Cuts a stream of text into clauses, each ending with its sentence or line."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, fragment: str) -> Iterator[str]:
        """The clauses that this fragment completes."""
        self._rest += fragment
        while end := _END.search(self._rest):
            clause, self._rest = self._rest[: end.end()].strip(), self._rest[end.end() :]
            if clause:
                yield clause
        if len(self._rest) > 4 * CLAUSE_CHARACTERS:
            # Nobody writes a sentence like that; keep memory bounded and let the verifier refuse it.
            clause, self._rest = self._rest, ""
            yield clause

    def flush(self) -> str:
        """What is left when the stream has ended."""
        clause, self._rest = self._rest.strip(), ""
        return clause


def states_a_number(text: str, question: str) -> str:
    """The first number in the text, as digits or a word, that the question does not hold; empty without one.

    For sentences that a language model may have put words into, such as a tool's complaint about arguments.
    """
    asked = {digits.rstrip(".,") for digits in _DIGITS.findall(question)}
    for digits in _DIGITS.findall(text):
        if digits.rstrip(".,") not in asked:
            return str(digits)
    said = set(words_of(question))
    for word in words_of(unicodedata.normalize("NFKC", text)):
        # A word of another alphabet or language could be any number; names that the person used are fine.
        foreign = not word.isascii() or word in FOREIGN_NUMBERS
        if word not in said and (foreign or word in CERTAIN_NUMBERS or COMPOUND.fullmatch(word)):
            return word
    for token in WORD.findall(text):
        if token.isupper() and len(token) > 1 and token.casefold() not in said and _roman(token, ""):
            return str(token)
    return next((c for c in text if not c.isdecimal() and unicodedata.numeric(c, None) is not None), "")


def _plain_sentence(result: ToolResult, index: int) -> str:
    if not result.figures and not any(table.rows for table in result.tables):
        return said("Nothing was found. Looked for: [[reading]].", reading=_no_braces(result.reading))
    if result.figures:
        parts = [
            said(
                "[[label]]: [[value]]",
                label=_no_braces(said(figure.label)),
                value=f"{{{{r{index}.figures[{i}]}}}}",
            )
            for i, figure in enumerate(result.figures[:3])
        ]
        return "; ".join(parts) + "."
    return said("[[reading]]: see the table.", reading=_no_braces(result.reading))


def _no_braces(text: str) -> str:
    return visible(text).replace("{", "(").replace("}", ")").rstrip(".")


def _joined(pieces: Sequence[Piece]) -> str:
    text = ""
    unit = ""
    for piece in pieces:
        if isinstance(piece, Cited):
            text, unit = text + piece.text, piece.unit if piece.is_claim else ""
            continue
        words = piece.text
        # "{{figures[0]}} days" already ends with its unit.
        if unit and re.match(rf"\s+{re.escape(unit)}(?!\w)", words, re.IGNORECASE):
            words = words[words.lower().index(unit.lower()) + len(unit) :]
        text += words
        unit = "" if words.strip() else unit
    return text.strip()


def _bad_character(words: str, known_in: Callable[[str], frozenset[str]]) -> str:
    for character in words:
        if character in _PUNCTUATION or character == "\0" or (character.isascii() and character.isalnum()):
            continue
        if not character.isalpha():
            return f"the character {character!r} may not stand in prose"
    foreign = [word for word in WORD.findall(words) if not word.isascii()]
    known = known_in(words) if foreign else frozenset()
    for word in foreign:
        if word.casefold() not in known and stem(word) not in known:
            return f"{word!r} is neither in the question nor in the results"
    return ""


def _numeral_in(
    words: str,
    codes: frozenset[str],
    refused: frozenset[str],
    compound: re.Pattern[str],
    *,
    closely: bool = False,
) -> str:
    """The first number that words state; `closely` also by letters that count and words taken apart."""
    for code in _CODE.findall(words):
        if code.rstrip(".'’)") not in codes:
            return f"{code!r} holds a digit; refer to the value instead, as in {{{{r0.figures[0]}}}}"
        words = words.replace(code, " ", 1)
    folded = unicodedata.normalize("NFKC", words)
    for character in folded:
        if unicodedata.numeric(character, None) is not None:
            return f"{character!r} is a number; refer to the value instead"
    if "%" in folded:
        return "'%' belongs to a value; the reference brings its unit along"
    tokens = words_of(folded)
    for token in tokens:
        if token in refused or compound.fullmatch(token) or _misspelled(token):
            return f"{token!r} is a number word; refer to the value instead"
    if closely:
        for match in WORD.finditer(folded):
            token = match[0].casefold()
            if _roman(match[0], folded[match.end() :]) or (len(token) > 1 and set(token) <= {"i"}):
                return f"{match[0]!r} reads as a roman numeral"
        if _SPELLED.search(folded):
            return "letters standing apart read as a spelled-out word"
    return ""


def _roman(token: str, after: str) -> bool:
    if token == "I":
        return not re.match(r"\s+(?:found|can|could|cannot|looked|read|have|would|did|do|am|see)\b", after)
    if token in ROMAN_LOOKALIKES or token == "a" or (token in _ELIDED and after[:1] in ("'", "’")):
        return False
    return bool(ROMAN.fullmatch(token.casefold()))


# The words of an answer come again in the next one.
@lru_cache(maxsize=4096)
def _misspelled(token: str) -> bool:
    if len(token) < 6 or token in CERTAIN_NUMBERS:
        return False
    return any(abs(len(token) - len(word)) <= 1 and _one_apart(token, word) for word in LONG_NUMBERS)


def _one_apart(first: str, second: str) -> bool:
    """True where one letter was left out, put in, changed, or swapped with its neighbour."""
    if len(first) > len(second):
        first, second = second, first
    at = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), len(first))
    if len(first) < len(second):
        return first[at:] == second[at + 1 :]
    swapped = first[at : at + 2] == second[at : at + 2][::-1] and first[at + 2 :] == second[at + 2 :]
    return swapped or first[at + 1 :] == second[at + 1 :]


def _crowded(pieces: Sequence[Piece], units: frozenset[str]) -> str:
    """A value and a name must stand alone: what is written beside them would make them different ones."""
    for i, piece in enumerate(pieces):
        if not isinstance(piece, Cited):
            continue
        before = pieces[i - 1] if i else Literal("")
        after = pieces[i + 1] if i + 1 < len(pieces) else Literal("")
        left = before.text if isinstance(before, Literal) else "x"
        right = after.text if isinstance(after, Literal) else "x"
        if not (piece.is_claim or piece.is_bare):
            if left[-1:].isalnum() or right[:1].isalnum() or (i + 2 < len(pieces) and not right):
                return "a name needs a space or a mark on both sides"
            continue
        beside_value = (i >= 2 and not left) or (i + 2 < len(pieces) and not right)
        if beside_value or re.search(r"[^\s(“\"'‘]$", left) or re.search(r"[-–—&]\s*$", left):
            return "a value needs a space before it, and no dash or sign"
        if (
            re.match(r"[^\s.,;:!?)”\"'’]", right)
            or re.match(r"[.,'’]\S", right)
            or re.match(r"\s*[-–—]\s*$", right)
        ):
            return "a value needs a space or the end of the sentence after it, and no dash or sign"
        if piece.is_bare and (following := words_of(right)) and following[0] in units:
            return f"{piece.label!r} is a name and has no unit"
        if i + 2 < len(pieces) and not re.search(r"[^\W\d_]", right):
            return "two values need words between them"
    return ""
