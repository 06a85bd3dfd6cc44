"""The charts of an answer: from its tables as they are shown, and from what was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from agents.answer import AnswerTable
from agents.rendering import in_prose
from tools.charts import ChartSpec, ChartWish, Offered, charts_of, is_wished_again, wish_of
from tools.languages import said
from tools.results import Table, ToolResult


def answer_charts(
    results: Sequence[ToolResult],
    tables: Sequence[AnswerTable],
    evidence: Sequence[str],
    wish: ChartWish | None,
    before: Sequence[ChartSpec] = (),
    *,
    told: bool = True,
) -> tuple[ChartSpec, ...]:
    """Charts as references into `tables`.

    Args:
        results: what the tools returned.
        tables: the tables of the answer that were made of them.
        evidence: the answer's ids of each result's evidence.
        wish: what the question asks for; None where it asks for no chart.
        told: False where a wish that does not fit is left out quietly.
        before: the charts of the turn before, which a talk that goes on about the same keeps.
    """
    offered = _offered(results, tables, evidence)
    if wish is not None:
        found = charts_of(offered, wish, told=told)
    else:
        labels = [label for one in offered for label in one.table.columns]
        carried = wish_of(before) if is_wished_again(before, labels) else None
        found = charts_of(offered, carried, told=False)
    return tuple(map(_plainly, found))


def nothing_to_draw(tables: Sequence[AnswerTable]) -> str:
    """Why there is no chart though one was asked for, in a sentence."""
    if all(len(table.rows) < 2 for table in tables):
        return said("There is nothing to draw: the answer has fewer than two values.")
    return said("There is nothing to draw: the answer has no numbers that stand beside names or periods.")


def _plainly(spec: ChartSpec) -> ChartSpec:
    """The chart with names from data that no screen takes for a link or markup."""
    return spec.model_copy(
        update={
            "title": in_prose(spec.title),
            "series": tuple(one.model_copy(update={"label": in_prose(one.label)}) for one in spec.series),
            "notes": tuple(note.model_copy(update={"words": in_prose(note.words)}) for note in spec.notes),
        }
    )


def _offered(
    results: Sequence[ToolResult], tables: Sequence[AnswerTable], evidence: Sequence[str]
) -> list[Offered]:
    """The tables that a person sees, each with the columns that it was made from."""
    restated = {at - 1 for at, table in enumerate(tables) if table.restates}
    made = [(r, table) for r, result in enumerate(results) for table in result.tables]
    found = []
    for at, table in enumerate(tables):
        # Tables keep their order; those that were joined to an earlier one are passed over.
        while made and not _is_made_of(table, made[0][1]):
            made.pop(0)
        if not made:
            break
        r, source = made.pop(0)
        if at in restated or not table.rows:
            continue
        proof = next(iter(results[r].evidence), None)
        found.append(
            Offered(
                at,
                table,
                tuple(column.adds_up for column in source.columns),
                source.shows,
                evidence[r] if proof else "",
                proof.data_as_of.date() if proof and proof.data_as_of else None,
            )
        )
    return found


def _is_made_of(shown: AnswerTable, table: Table) -> bool:
    return shown.names == tuple(column.name for column in table.columns) and (
        len(table.rows) in (1, len(shown.rows))
    )
