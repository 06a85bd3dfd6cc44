"""Results as people and programs receive them: values in prose; tables, figures and evidence in answers."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from agents.answer import (
    AnswerBasis,
    AnswerEvidence,
    AnswerFigure,
    AnswerNotComparable,
    AnswerSource,
    AnswerTable,
)
from tools.languages import said
from tools.languages.forms import day_text, month_text, numeral
from tools.metrics.labels import sense
from tools.results import Cell, Column, ColumnKind, Evidence, Figure, Table, ToolResult

PROSE_CHARACTERS = 120
"""Longest text from data that is quoted inside a sentence; tables show it whole."""

_TEXT_CHARACTERS = 2_000
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
"""Letters and marks that show as nothing; Unicode does not class them as format characters."""
_MARKUP = re.compile(
    r"\w:/|//\w|\][(\[]|!\[|</?[a-z!]|\bwww\.|\w\.[a-z]{2,}/\S|\b(?:javascript|data|mailto):\S",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s+")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_SEAMS = re.compile(r"\](?=[(\[:])|!(?=\[)|:(?=//)|\bwww(?=\.\w)|\{(?=\{)|\}(?=\})", re.IGNORECASE)
"""Behind these a space takes a link, an image or a reference apart."""
_PLAIN_MARKS = str.maketrans("`<>", "'‹›")


def visible(text: str, limit: int = _TEXT_CHARACTERS) -> str:
    """Text from data on one line, without control, bidirectional, zero-width and other unseen characters."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(
            " " if character.isspace() else character
            for character in text
            if character.isspace() or not _is_unseen(character)
        )
    kept = _SPACES.sub(" ", text).strip()
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def _is_unseen(character: str) -> bool:
    return (
        unicodedata.category(character) in _INVISIBLE
        or character in _FILLERS
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )


def escaped(text: str) -> str:
    """The text with every unseen character as JSON writes it, so that what is shown is what is there."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        json.dumps(character)[1:-1] if _is_unseen(character) and character not in "\n\r\t" else character
        for character in text
    )


def is_markup(text: str) -> bool:
    """True where a screen might take a part of the text for a link, an image or HTML."""
    return _MARKUP.search(text) is not None


def in_prose(text: str, limit: int = _TEXT_CHARACTERS) -> str:
    """Words of ours that names from data stand in: never a link, an image, markup, code or a reference."""
    return _SEAMS.sub(r"\g<0> ", visible(text, limit)).translate(_PLAIN_MARKS)


def quoted(text: str) -> str:
    """Text from data fit to be quoted in a sentence: as `in_prose`, and short."""
    return in_prose(text, PROSE_CHARACTERS)


def askable(suggestion: str) -> bool:
    """Whether a question may be offered: one that a name from data makes long or unfit is not."""
    return quoted(suggestion) == visible(suggestion)


def number_text(value: Decimal | int, kind: ColumnKind) -> str:
    """A number rounded for reading, digits grouped as the language does: `1,234.5`, `1.234,5`.

    Below one it keeps four significant digits.
    """
    value = Decimal(value)
    if not value.is_finite():
        return said("no value")
    return numeral(_rounded(value, kind))


def _rounded(value: Decimal, kind: ColumnKind) -> str:
    size = abs(value)
    if size and size < 1:
        # A share of 0.00004 must not read as nothing.
        places = 3 - size.adjusted()
    elif kind == "money":
        places = 2
    else:
        places = 4 if kind in ("ratio", "rate") else 2
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if kind == "money" and (size >= 1 or not size):
        return f"{rounded:,.2f}"
    text = f"{rounded:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def value_text(value: Cell, kind: ColumnKind, unit: str = "") -> str:
    """A cell as it stands in a sentence, with its unit."""
    match value:
        case None:
            return said("no value")
        case bool():
            return said("yes" if value else "no")
        case Decimal() | int() if kind == "id":
            return quoted(str(value))
        case Decimal() | int():
            return f"{number_text(value, kind)} {said(unit)}".rstrip()
        case datetime():
            return _in_words(value)
        case date():
            return day_text(value)
        case _:
            return quoted(value)


def cell_in_prose(value: Cell, column: Column) -> str:
    """A cell as it stands in a sentence, with its unit; a month as the language writes it."""
    if column.name == "month" and isinstance(value, str) and _MONTH.fullmatch(value):
        return month_text(date.fromisoformat(f"{value}-01"))
    return value_text(worded(value, column), column.kind, column.unit)


def worded(value: Cell, column: Column) -> Cell:
    """A cell with words of ours in the language spoken; what comes from data stays as it is."""
    return sense(value, column.words) if column.words and isinstance(value, str) else value


def decimal_text(value: Decimal | int) -> str:
    """A number as the JSON carries it: unrounded, no exponent, no trailing zeros."""
    value = Decimal(value)
    if not value.is_finite():
        return str(value)
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def answer_table(table: Table) -> AnswerTable:
    """A result table in the form of the answer."""
    return AnswerTable(
        title=in_prose(said(table.title)),
        columns=tuple(in_prose(said(column.label)) for column in table.columns),
        names=tuple(column.name for column in table.columns),
        kinds=tuple(column.kind for column in table.columns),
        units=tuple(in_prose(said(column.unit)) for column in table.columns),
        rows=tuple(
            tuple(_json_cell(worded(cell, column)) for cell, column in zip(row, table.columns, strict=True))
            for row in table.rows
        ),
        truncated=table.truncated,
        total_rows=table.total_rows,
        restates=table.restates,
    )


def answer_figure(figure: Figure, prefix: str = "") -> AnswerFigure:
    """A figure in the form of the answer; its evidence id gets the prefix of its result."""
    return AnswerFigure(
        label=in_prose(said(figure.label)),
        value=decimal_text(figure.value),
        unit=in_prose(said(figure.unit)),
        evidence=prefix + figure.evidence,
    )


def answer_evidence(evidence: Evidence, prefix: str = "") -> AnswerEvidence:
    """Evidence in the form of the answer."""
    return AnswerEvidence(
        id=prefix + evidence.id,
        tool=evidence.tool,
        version=evidence.version,
        arguments=evidence.arguments,
        sources=tuple(
            AnswerSource(
                system=visible(source.system),
                record=visible(source.record),
                rows=source.rows,
                sample_keys=tuple(visible(key) for key in source.sample_keys),
            )
            for source in evidence.sources
        ),
        data_as_of=_iso(evidence.data_as_of),
        loaded_at=_iso(evidence.loaded_at),
        query=evidence.query,
        flags=tuple(in_prose(flag) for flag in evidence.flags),
    )


AnswerParts: TypeAlias = tuple[tuple[AnswerTable, ...], tuple[AnswerFigure, ...], tuple[AnswerEvidence, ...]]
"""Tables, figures and evidence."""


def answer_parts(results: Sequence[ToolResult]) -> AnswerParts:
    """All tables, figures and evidence of the results; evidence ids that two results share are kept apart."""
    clash = _clash(results)
    tables: list[AnswerTable] = []
    figures: list[AnswerFigure] = []
    evidence: list[AnswerEvidence] = []
    for index, result in enumerate(results):
        prefix = f"r{index}." if clash else ""
        tables += [answer_table(table) for table in result.tables]
        figures += [answer_figure(figure, prefix) for figure in result.figures]
        evidence += [answer_evidence(entry, prefix) for entry in result.evidence]
    return _side_by_side(tables), tuple(figures), tuple(evidence)


def evidence_ids(results: Sequence[ToolResult]) -> list[str]:
    """The id in the answer of each result's first evidence; empty where it has none."""
    clash = _clash(results)
    return [
        f"{f'r{index}.' if clash else ''}{result.evidence[0].id}" if result.evidence else ""
        for index, result in enumerate(results)
    ]


def _clash(results: Sequence[ToolResult]) -> bool:
    """True where two results call their evidence alike."""
    ids = [evidence.id for result in results for evidence in result.evidence]
    return len(set(ids)) < len(ids)


def _side_by_side(tables: Sequence[AnswerTable]) -> tuple[AnswerTable, ...]:
    """Tables of one row that have the same columns, such as one look-up's for two materials, as one table."""
    if any(table.restates for table in tables):
        return tuple(tables)
    found: dict[object, AnswerTable] = {}
    for at, table in enumerate(tables):
        alike = (table.title, table.columns, table.names, table.units) if len(table.rows) == 1 else at
        known = found.get(alike)
        rows = (*known.rows, *table.rows) if known else table.rows
        found[alike] = table.model_copy(update={"rows": rows, "total_rows": len(rows)}) if known else table
    return tuple(found.values())


def answer_not_comparable(results: Sequence[ToolResult]) -> tuple[AnswerNotComparable, ...]:
    """Whose figures at several sites are not comparable, each once."""
    found = dict.fromkeys(finding for result in results for finding in result.not_comparable)
    return tuple(
        AnswerNotComparable(
            metric=in_prose(finding.metric),
            rule=finding.rule,
            reason=in_prose(finding.reason),
            sites=tuple(
                AnswerBasis(site=in_prose(each.site), basis=in_prose(each.basis)) for each in finding.sites
            ),
        )
        for finding in found
    )


def data_caveats(results: Sequence[ToolResult]) -> list[str]:
    """The results' own caveats, the quality flags of their evidence, and which tables were cut; each once."""
    found: dict[str, None] = {}
    for result in results:
        for caveat in result.caveats:
            found.setdefault(in_prose(caveat))
        for evidence in result.evidence:
            for flag in evidence.flags:
                found.setdefault(in_prose(flag))
        for table in result.tables:
            if table.truncated:
                found.setdefault(_cut(table))
    return list(found)


def _cut(table: Table) -> str:
    shown = numeral(f"{len(table.rows):,}")
    if table.total_rows is None:
        return said("The table shows the first [[shown]] rows.", shown=shown)
    total = numeral(f"{table.total_rows:,}")
    return said("The table shows the first [[shown]] of [[total]] rows.", shown=shown, total=total)


def _json_cell(value: Cell) -> str | bool | None:
    match value:
        case None | bool():
            return value
        case Decimal() | int():
            return decimal_text(value)
        case datetime():
            return _iso(value)
        case date():
            return value.isoformat()
        case _:
            return visible(value)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else _moment(moment, "auto")


def _in_words(moment: datetime) -> str:
    """A moment in prose, with the day as the language writes it."""
    day, _, time = _moment(moment, "minutes").partition(" ")
    return f"{day_text(date.fromisoformat(day))} {time}"


def _moment(moment: datetime, timespec: str) -> str:
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    text = moment.isoformat(sep="T" if timespec == "auto" else " ", timespec=timespec)
    return text.replace("+00:00", "Z" if timespec == "auto" else " UTC")
