"""What the tools really said, and what an answer shows beyond it.

The judge shares no code with the grounding: it takes the tools' results and looks everything up that a person
is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from agents.answer import Answer, AnswerFigure, AnswerTable
from tools.results import Table, ToolResult

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?", re.ASCII)
_NUMBER_WORD = re.compile(
    r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half|halves|twice|double[ds]?|percent)\b",
    re.IGNORECASE,
)
_OF_READINGS = ("in percent",)
"""What the catalogue calls its metrics; a reading that has not run says it too."""
_REFERENCE = re.compile(r"\{\{.*?\}\}")


@dataclass(frozen=True, slots=True)
class Truth:
    """What may be shown: the results of the tools that ran, and what they complained of."""

    results: tuple[ToolResult, ...] = ()
    complaints: tuple[str, ...] = ()
    """What tools said instead of a result, without what the model had put into it."""
    phrases: tuple[str, ...] = ()
    """Arguments of a model that hold several words: a tool that repeats one bears nothing out."""

    def words(self) -> list[str]:
        """What the tools put into words."""
        found = list(self.complaints)
        for result in self.results:
            found += [result.reading, _REFERENCE.sub("", result.sentence)]
            found += [*result.caveats, *result.suggestions]
            found += [flag for proof in result.evidence for flag in proof.flags]
            for finding in result.not_comparable:
                found += [finding.reason, *(site.basis for site in finding.sites)]
        return [*(without(text, self.phrases) for text in found), *self.headings()]

    def headings(self) -> list[str]:
        """Titles, labels and units; not those that a model worded itself."""
        found: list[str] = []
        for result in self.results:
            found += [text for figure in result.figures for text in (figure.label, figure.unit)]
            for table in result.tables:
                found.append(table.title)
                found += [text for column in table.columns for text in (column.label, column.unit)]
        return [text for text in found if text not in self.phrases]

    def values(self) -> list[object]:
        """Every cell and figure."""
        found: list[object] = [figure.value for result in self.results for figure in result.figures]
        return found + [c for r in self.results for t in r.tables for row in t.rows for c in row]

    def names(self) -> list[str]:
        """The texts in cells: each may be quoted whole; no part of it bears anything out."""
        return [v for v in self.values() if isinstance(v, str) and (len(v) > 1 or v.isdecimal())]

    def numbers(self) -> set[Decimal]:
        """Every number that may be shown, rounded or not, and how many rows there are."""
        counts = [str(n) for r in self.results for t in r.tables for n in (len(t.rows), t.total_rows or 0)]
        values = (value for value in self.values() if not isinstance(value, str))
        return numbers([*self.words(), *counts, *(form for value in values for form in _forms(value))])

    def known(self) -> str:
        """All of it as one text."""
        return " ".join([*self.words(), *map(str, self.values())])


def ungrounded(
    answer: Answer, truth: Truth, invented: Sequence[str] = (), arguments: Iterable[str] = ()
) -> list[str]:
    """What the answer shows that nothing bears out.

    Args:
        answer: with its question, whose words and numbers may be repeated.
        truth: what the tools said.
        invented: phrases that must not be shown unless the truth holds them.
        arguments: what readings may name beside that, since it is what their calls ask for: no figures.
    """
    shown = [answer.answer, *answer.caveats]
    for finding in answer.not_comparable:
        shown += [finding.reason, *(site.basis for site in finding.sites)]
    wrong = unborne([*shown, *answer.suggestions], answer.question, truth, invented)
    asked_for = {*arguments, *_OF_READINGS}
    readings = [answer.reading, *(other.reading for other in answer.alternatives)]
    readings = [without(text, asked_for) for text in readings]
    # What is looked for may hold a part of a name that was seen.
    wrong += unborne(readings, f"{answer.question} {' '.join(truth.names())}", truth, invented)
    wrong += misattributed(answer.answer, answer.question, truth)
    wrong += miscalled(answer.answer, answer.question, truth)
    return wrong + list(_unlike(answer, truth))


def unborne(shown: Sequence[str], question: str, truth: Truth, invented: Sequence[str]) -> list[str]:
    """Numbers, number words and inventions in texts that neither question nor truth holds."""
    text = without(" ".join(shown), truth.names())
    known = " ".join([question, *truth.words()])
    allowed = truth.numbers() | numbers([question])
    wrong = [f"number {n} in {text!r}" for n in numbers([text]) if n not in allowed and -n not in allowed]
    wrong += [f"word {word!r} in {text!r}" for word in _NUMBER_WORD.findall(text) if word not in known]
    wrong += [
        f"numeral {c!r} in {text!r}"
        for c in text
        if not c.isascii() and unicodedata.numeric(c, None) is not None and c not in known
    ]
    # A lie in plain digits is a matter of the numbers; `told in text` would find 12 in 2012.
    passed_off = {told for told in invented if told and not re.search(r"[0-9]", told)}
    shown_lies = [told for told in passed_off if told in text and told not in known]
    return wrong + [f"invented {told!r} in {text!r}" for told in shown_lies]


def misattributed(text: str, question: str, truth: Truth) -> list[str]:
    """Clauses that name a row and give it a number which no row of that name holds.

    The tools' own sentences are left out: what they say beside a name is theirs to know.
    """
    said = " ".join([question, *truth.words()]).casefold()
    rows = [(table, row) for result in truth.results for table in result.tables for row in table.rows]
    wrong = []
    for clause in _clauses(text, truth):
        rest, held = clause, set(numbers([question]))
        named = False
        for name, table, cells in _names(rows):
            if name.casefold() not in said and _holds(clause, name):
                named, rest = True, rest.replace(name, " ")
                held |= numbers(form for cell in cells for form in _forms(cell))
                held |= numbers(column.label for column in table.columns)
        if named:
            wrong += [f"{n} beside a name in {clause!r}" for n in numbers([rest]) if not {n, -n} & held]
    return wrong


def miscalled(text: str, question: str, truth: Truth) -> list[str]:
    """Clauses that show a code which reads as a number and hold no word of what it is the code of."""
    headings: dict[Decimal, set[str]] = {}
    for table in (table for result in truth.results for table in result.tables):
        for cells in table.rows:
            for column, cell in zip(table.columns, cells, strict=True):
                if column.kind in ("id", "text") and isinstance(cell, str) and cell.isdecimal():
                    words = re.findall(r"[a-z]{3}", column.label.lower())
                    headings.setdefault(Decimal(cell), set()).update(words)
    values = (value for value in truth.values() if not isinstance(value, str))
    allowed = numbers([question, *truth.words(), *(form for value in values for form in _forms(value))])
    return [
        f"{number} under another name in {clause!r}"
        for clause in _clauses(text, truth)
        for number in numbers([clause])
        if number in headings
        and number not in allowed
        and not any(word in clause.lower() for word in headings[number])
    ]


def _clauses(text: str, truth: Truth) -> list[str]:
    for result in truth.results:
        text = _own_sentence(result.sentence).sub(" ", text)
    return re.split(r"(?<=[.!?])\s+", text)


def numbers(texts: Iterable[str]) -> set[Decimal]:
    """Every number in plain digits."""
    return {Decimal(found.replace(",", "")) for text in texts for found in _NUMBER.findall(text)}


def states_a_number(text: str) -> bool:
    """True where the text holds a digit of any script or a number word."""
    return any(unicodedata.numeric(c, None) is not None for c in text) or bool(_NUMBER_WORD.search(text))


def without(text: str, phrases: Iterable[str]) -> str:
    """The text without the phrases that somebody else put into it; the longest go first, and go whole.

    A phrase `0` is no part of `0,547`.
    """
    for phrase in sorted(filter(None, phrases), key=len, reverse=True):
        for form in dict.fromkeys((phrase, " ".join(phrase.split()), _apart(phrase))):
            if form in text:
                text = re.sub(rf"(?<!\w)(?<!\d[.,]){re.escape(form)}(?!\w|[.,]\d)", " ", text)
    return text


def _apart(name: str) -> str:
    """How a name is written in prose that would be taken for markup."""
    for live in ("](", "][", "]:", "![", "://", "{{", "}}"):
        name = name.replace(live, f"{live[0]} {live[1:]}")
    name = re.sub(r"\b(www)(\.\w)", r"\1 \2", name, flags=re.IGNORECASE)
    return name.translate(str.maketrans("<>`", "‹›'"))


def _unlike(answer: Answer, truth: Truth) -> Iterator[str]:
    """Figures, cells and headings of the answer that no tool returned."""
    values = {Decimal(v) for v in truth.values() if isinstance(v, Decimal | int)}
    values |= numbers(str(value) for value in truth.values())
    tables = [*answer.tables, *(table for other in answer.alternatives for table in other.tables or ())]
    figures = [*answer.figures, *(one for other in answer.alternatives for one in other.figures or ())]
    labels = {_plain(text) for text in truth.headings()}
    for figure in figures:
        if _decimal(figure) not in values:
            yield f"figure {figure.value}"
        if _plain(figure.label) not in labels:
            yield f"heading {figure.label!r}"
    for table in tables:
        for heading in (*table.columns, table.title):
            if heading and _plain(heading) not in labels:
                yield f"heading {heading!r}"
        yield from _cells(table, values)


def _cells(table: AnswerTable, values: set[Decimal]) -> Iterator[str]:
    for row in table.rows:
        for cell, kind in zip(row, table.kinds, strict=True):
            if isinstance(cell, str) and kind not in ("text", "id", "date") and Decimal(cell) not in values:
                yield f"cell {cell}"


def _decimal(figure: AnswerFigure) -> Decimal | None:
    try:
        return Decimal(figure.value)
    except InvalidOperation:
        return None


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _forms(value: object) -> set[str]:
    """The ways in which a value may be written: as it is, and rounded to any number of places."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        number = Decimal(value)
        if not number.is_finite():
            return set()
        return {str(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)) for places in range(9)}
    return {str(value)}


def _own_sentence(sentence: str) -> re.Pattern[str]:
    if not sentence:
        return re.compile(r"(?!)")
    return re.compile(".{1,140}?".join(re.escape(part) for part in _REFERENCE.split(sentence)))


def _names(
    rows: Sequence[tuple[Table, tuple[object, ...]]],
) -> Iterator[tuple[str, Table, tuple[object, ...]]]:
    for table, cells in rows:
        for column, cell in zip(table.columns, cells, strict=True):
            if column.kind in ("id", "text") and isinstance(cell, str) and len(cell) >= 3:
                yield cell, table, cells


def _holds(clause: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", clause) is not None
