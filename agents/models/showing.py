"""How catalogue, results and earlier turns are shown to a chat model: compactly, always in the same order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from agents.models.embedded.at_the_end import known_at_the_end
from agents.models.protocol import Turn
from agents.rendering import value_text, visible, worded
from erp_adapters.store.session import ReadTransaction
from tools.languages import said
from tools.metrics.catalogue import Catalogue, EntityField, packaged_catalogue
from tools.results import Cell, Column, ToolResult

if TYPE_CHECKING:
    from agents.models.egress import Screen

_ROWS = 20
_UNSEEN = "a quote from a document: the person sees it, you refer to it by its path"
"""What a model sees of text from outside, which might speak to it."""


@cache
def catalogue_text() -> str:
    """The packaged catalogue, for the stable part of a prompt."""
    return "\n".join(_described(packaged_catalogue()))


def _described(catalogue: Catalogue) -> Iterator[str]:
    measured, ended = catalogue.metrics_of, known_at_the_end(catalogue)
    for name in sorted(catalogue.entities):
        entity = catalogue.entities[name]
        yield f"## {name}: {entity.plural}"
        yield f"fields: {', '.join(_field(key, found) for key, found in sorted(entity.fields.items()))}"
        if entity.links:
            yield f"links: {', '.join(sorted(entity.links))}"
        if entity.dates:
            dates = [f"{role}*" if role == entity.default_date else role for role in sorted(entity.dates)]
            yield f"date roles: {', '.join(dates)}"
        if entity.conditions:
            conditions = [f"{key} ({found.label})" for key, found in sorted(entity.conditions.items())]
            yield f"conditions: {', '.join(conditions)}"
        if measured[name]:
            metrics = [
                f"{key} ({catalogue.metrics[key].label}, {catalogue.metrics[key].kind}"
                f"{', by end where no other day is named' if key in ended else ''})"
                for key in sorted(measured[name])
            ]
            yield f"metrics: {', '.join(metrics)}"


def _field(name: str, field: EntityField) -> str:
    said = [field.label] if field.label != name.replace("_", " ") else []
    said += ["one of " + "|".join(field.values)] if field.values else []
    return f"{name} ({'; '.join(said)})" if said else name


def results_text(
    results: Sequence[ToolResult],
    rows: int = _ROWS,
    *,
    screen: Screen | None = None,
    turn: Turn | None = None,
) -> str:
    """Results by reference: each value beside the path that stands for it, as far as the screen lets it."""
    question = turn.question if turn is not None else ""
    lines: list[str] = []
    for r, result in enumerate(results):
        reading = visible(result.reading)
        lines.append(f"r{r}: {reading if screen is None else screen.told(reading, question)}")
        for f, figure in enumerate(result.figures):
            value = value_text(figure.value, figure.kind, figure.unit)
            if screen is not None:
                value = screen.value(value, "amounts", figure.unit)
            lines.append(
                f"  r{r}.figures[{f}] {json.dumps(visible(said(figure.label)), ensure_ascii=False)} = {value}"
            )
        for t, table in enumerate(result.tables):
            count = table.total_rows if table.total_rows is not None else len(table.rows)
            headings = ", ".join(
                f"{column.name} {json.dumps(visible(said(column.label)), ensure_ascii=False)}"
                for column in table.columns
            )
            lines.append(f"  r{r}.tables[{t}] {count} rows; columns: {headings}")
            for i, row in enumerate(table.rows[:rows]):
                cells = {
                    column.name: _UNSEEN if column.kind == "quote" else _cell(cell, column, screen)
                    for column, cell in zip(table.columns, row, strict=True)
                }
                lines.append(f"    rows[{i}] {json.dumps(cells, ensure_ascii=False)}")
            if len(table.rows) > rows:
                lines.append("    further rows are not shown to you; the person sees them")
    return "\n".join(lines)


def _cell(cell: Cell, column: Column, screen: Screen | None) -> str:
    text = value_text(worded(cell, column), column.kind, column.unit)
    return text if screen is None else screen.cell(text, column)


def turn_text(turn: Turn, facts: str, screen: Screen | None = None) -> str:
    """What changes from turn to turn: the data's reach, earlier turns, and last the question."""

    def shown(text: str) -> str:
        return visible(text) if screen is None else screen.asked(visible(text))

    lines = [facts] if facts else []
    for past in turn.past:
        calls = "; ".join(
            f"{call.name} {call.arguments.model_dump_json(exclude_defaults=True)}" for call in past.calls
        )
        lines.append(f"Earlier question: {json.dumps(shown(past.question), ensure_ascii=False)}\n  {calls}")
        lines.append(f"  {shown(past.words)}")
    if turn.preferred:
        lines.append(f"This person once chose, for this wording: {shown(turn.preferred)}")
    lines.append(f"Question: {json.dumps(shown(turn.question), ensure_ascii=False)}")
    return "\n".join(lines)


SITES: Final = "select site, name, currency, as_of from erp.site order by site limit 50"
"""What `sites_text` asks."""


async def sites_text(tx: ReadTransaction) -> str:
    """The caller's sites, with the day that their data reaches: "today" and "last month" count from there."""
    found = await tx.fetch(SITES)
    sites = [
        f"{visible(str(site))} ({visible(str(name))}, {currency}, data up to {str(as_of)[:10]})"
        for site, name, currency, as_of in found.rows
    ]
    return f"Sites: {', '.join(sites)}" if sites else "No site is open to this person."
