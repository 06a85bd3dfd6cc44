"""A chart's remarks with the figures that they refer to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from agents.answer import Answer, AnswerTable
from agents.rendering import number_text
from server.wording import day_of, plain
from tools.charts import ChartNote, ChartSpec, rest_of
from tools.languages import said
from tools.languages.forms import numeral
from tools.results import ColumnKind

_PLACE = re.compile(r"\[\[(\w+)\]\]")


def remarks(spec: ChartSpec, answer: Answer) -> list[str]:
    """What stands under a chart."""
    return [_filled(plain(note.words), _values(note, spec, answer)) for note in spec.notes]


def _filled(words: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values.get(place[1], "–"), words)


def _values(note: ChartNote, spec: ChartSpec, answer: Answer) -> Mapping[str, str]:
    if note.evidence:
        ages = [entry.data_as_of for entry in answer.evidence if entry.id == note.evidence]
        return {"day": day_of(ages[0] if ages else None)}
    if note.code in ("rest", "rest_not_added"):
        table = answer.tables[spec.table]
        number, total = rest_of(spec, table)
        amount = "–" if total is None else shown(total, kind_of(spec, table), spec.series[0].unit)
        return {"number": numeral(f"{number:,}"), "sum": amount}
    return {}


def kind_of(spec: ChartSpec, table: AnswerTable, series: int = 0) -> ColumnKind:
    """What the numbers of a series are."""
    return cast(ColumnKind, table.kinds[table.names.index(spec.series[series].column)])


def shown(value: Decimal, kind: ColumnKind, unit: str) -> str:
    """A value as sentences write it, with its unit."""
    return f"{number_text(value, kind)} {plain(said(unit))}".rstrip()
