"""Proposals by what they come to: those that give the same figures are one; what cannot be run is none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from agents.models.embedded.confidence import SURE_WORDING
from agents.models.embedded.proposals import Proposal
from agents.models.protocol import ToolCall
from erp_adapters.errors import ErpError
from tools.errors import NotRecorded, ToolError
from tools.metrics.query import MetricQuery
from tools.metrics.tool import metric_table
from tools.registry import Tool, ToolContext
from tools.results import Table

Outcome: TypeAlias = tuple[object, ...]
"""What a call shows; equal where it shows the same."""
Run: TypeAlias = Callable[[ToolCall], Awaitable[Outcome | None]]
"""Runs a call under the scope of whoever asks; None where the tool refuses it."""

_WHOLE = "100"
_NO_FIGURE = "None"
_LONGEST = 60
"""Rows up to which tables are compared cell by cell."""
_TELLING = 3
"""Characters from which on a cell is hardly the same by chance."""
_NUMBER = re.compile(r"-?[\d.]+")
_YEAR = re.compile(r"(19|20)\d\d")
_TRIED = 4
"""Proposals that are run, likeliest first."""
_LEAST = 0.05
"""Probability below which the learned reader's are not run: they would change nothing."""
_CLEAR = 0.85
"""Probability of the learned reader from which on nothing is run to make sure."""
_AGREED = 0.5
"""The same where the grammar reader leads with the same plan."""


def once(run: Run) -> Run:
    """The same, which runs each call once: a turn that is read anew comes to many of the calls again."""
    shown: dict[tuple[str, str], Outcome | None] = {}

    async def remembered(call: ToolCall) -> Outcome | None:
        key = call.name, call.arguments.model_dump_json()
        if key not in shown:
            shown[key] = await run(call)
        return shown[key]

    return remembered


async def joined(proposals: Sequence[Proposal], run: Run) -> list[Proposal]:
    """The proposals with those of the same outcome made one, which is as likely as all of them together.

    Where one of them takes the database too long, they are left as they are: it may not be the one answered.
    """
    if any(_is_clear(one) for one in proposals):
        return list(proposals)
    try:
        return await _joined(proposals, run)
    except ErpError:
        return list(proposals)


async def _joined(proposals: Sequence[Proposal], run: Run) -> list[Proposal]:
    likely = sorted(proposals, key=lambda one: -max(one.learned, one.grammar / 2))
    found: dict[Outcome, Proposal] = {}
    tried = [one for one in likely if one.learned >= _LEAST or one.leads_grammar][:_TRIED]
    for one in tried:
        outcome = await _outcome(one, run)
        if outcome is None or says_nothing(one.calls, outcome):
            continue
        known = found.get(outcome)
        if known is None:
            found[outcome] = replace(one, empty=outcome == _EMPTY or outcome[0] == _EMPTY_OF)
        else:
            found[outcome] = replace(
                known,
                learned=known.learned + one.learned,
                grammar=_both(known, one),
                leads_learned=known.leads_learned or one.leads_learned,
                leads_grammar=known.leads_grammar or one.leads_grammar,
                unused=min(known.unused, one.unused),
                # Where one that does all that is asked shows the same, nothing is left out.
                left=min(known.left, one.left, key=len),
            )
    return [*_with_more(found), *(one for one in likely if one not in tried)]


def _with_more(found: dict[Outcome, Proposal]) -> list[Proposal]:
    """The proposals; one that shows all the figures of another, and more beside them, stands for both.

    `the late rate` and `late orders, orders, the late rate`: what both readers show, they agree on.
    """
    kept: dict[Outcome, Proposal] = {}
    for outcome, one in sorted(found.items(), key=lambda pair: -_width(pair[0])):
        alike = [other for other in kept if lists(kept[other].calls) == lists(one.calls)]
        leads = one.leads_learned or one.leads_grammar
        wider = next(
            (other for other in alike if (leads or _led_by_both(kept[other])) and holds(other, outcome)), None
        )
        if wider is None or len(kept[wider].left) > len(one.left):
            kept[outcome] = one
            continue
        known = kept[wider]
        kept[wider] = replace(
            known,
            learned=known.learned + one.learned,
            grammar=_both(known, one),
            leads_learned=known.leads_learned or one.leads_learned,
            leads_grammar=known.leads_grammar or one.leads_grammar,
            unused=min(known.unused, one.unused),
        )
    return [one for outcome in found for known, one in kept.items() if known == outcome]


def _both(one: Proposal, other: Proposal) -> float:
    """The score of two together; probabilities add up."""
    if one.glossed and not (one.by_rules or other.by_rules):
        return min(1.0, one.grammar + other.grammar)
    return max(one.grammar, other.grammar)


def _led_by_both(one: Proposal) -> bool:
    return one.leads_learned and one.leads_grammar


def says_nothing(calls: Sequence[ToolCall], outcome: Outcome) -> bool:
    """True where a part is all of its whole: what should limit the part limits the whole as well."""
    rows = [row for table in outcome if isinstance(table, tuple) for row in table]
    queries = [call.arguments for call in calls if isinstance(call.arguments, MetricQuery)]
    if len(rows) != 1 or len(queries) != 1 or queries[0].by or queries[0].rows_of:
        return False
    (query,), (row,) = queries, rows
    if any(measure.derive == "percent" for measure in query.measures):
        return _WHOLE in row
    counts = [measure for measure in query.measures if measure.count_of and not measure.hidden]
    parted = len({measure.count_of for measure in counts}) < len(counts) and bool(query.where)
    return parted and any(number > 1 for cell, number in Counter(row).items() if len(cell) > 1)


def is_empty(outcome: Outcome) -> bool:
    """True where a list has nothing in it, though there are such records."""
    return outcome == _EMPTY


def _width(outcome: Outcome) -> int:
    return sum(len(table[0]) for table in outcome if isinstance(table, tuple) and table)


def lists(calls: Sequence[ToolCall]) -> bool:
    """True where records are listed: that there is only one does not make it a figure."""
    return any(isinstance(call.arguments, MetricQuery) and bool(call.arguments.rows_of) for call in calls)


def holds(wider: Outcome, outcome: Outcome) -> bool:
    """True where one table has every row of another, with all its cells, or the same cells turned round."""
    if len(wider) != 1 or len(outcome) != 1:
        return False
    more, less = wider[0], outcome[0]
    if not (isinstance(more, tuple) and isinstance(less, tuple) and more and less):
        return False
    if len(more) > _LONGEST or len(less) > _LONGEST:
        return False
    cells = [cell for row in less for cell in row]
    if not any(len(cell) >= _TELLING for cell in cells):
        return False
    if len(more) != len(less):
        return _figures(more) == _figures(less) and min(len(more), len(less)) == 1
    unmatched = [list(row) for row in more]
    for row in less:
        at = next((at for at, cells in enumerate(unmatched) if not Counter(row) - Counter(cells)), None)
        if at is None:
            return False
        unmatched.pop(at)
    return True


def same_figures(one: Outcome, other: Outcome) -> bool:
    """True where two tables have the same rows: a name in common in each, and all figures of the second."""
    if len(one) != 1 or len(other) != 1:
        return False
    more, less = one[0], other[0]
    if not (isinstance(more, tuple) and isinstance(less, tuple)) or len(more) != len(less) or not less:
        return False
    if len(less) > _LONGEST:
        return False
    unmatched = [set(row) for row in more]
    for row in less:
        figures = {cell for cell in row if _NUMBER.fullmatch(cell)}
        names = set(row) - figures
        at = next(
            (at for at, cells in enumerate(unmatched) if figures <= cells and (names & cells or not names)),
            None,
        )
        if at is None or not figures:
            return False
        unmatched.pop(at)
    return True


def _figures(rows: Sequence[Sequence[str]]) -> list[str]:
    """The cells that can hardly be the same by chance."""
    return sorted(
        cell
        for row in rows
        for cell in row
        if len(cell) >= _TELLING and _NUMBER.fullmatch(cell) and not _YEAR.fullmatch(cell)
    )


async def unrecorded(one: Proposal, run: Run) -> str:
    """What a plan asks about and was never loaded, as its tool says it; empty where there is such data."""
    try:
        outcome = await _outcome(one, run)
    except ErpError:
        return ""
    return str(outcome[1]) if outcome is not None and outcome[0] == _EMPTY_OF else ""


async def is_of_nothing(calls: Sequence[ToolCall], run: Run) -> bool:
    """True where a single figure is asked for and there is none: an average of no records."""
    query = calls[0].arguments if len(calls) == 1 else None
    if not isinstance(query, MetricQuery) or query.rows_of or query.output != "rows":
        return False
    if query.by and not query.extreme:
        return False
    if any(measure.count_of for measure in query.measures if not measure.hidden):
        return False  # a count is never missing
    try:
        outcome = await run(calls[0])
    except ErpError:
        return False
    rows = outcome[0] if outcome and isinstance(outcome[0], tuple) else ()
    if query.extreme:
        # Where nothing has the figure, everything shares the first place.
        return len(rows) > 1 and all(_NO_FIGURE in row for row in rows)
    return len(rows) == 1 and bool(rows[0]) and set(rows[0]) == {_NO_FIGURE}


def _is_clear(one: Proposal) -> bool:
    if one.by_rules and one.grammar >= SURE_WORDING:
        return True  # what it comes to, and why it is refused, is for whoever asked to read
    agreed = one.leads_learned and one.leads_grammar
    return one.leads_learned and one.learned >= (_AGREED if agreed else _CLEAR)


_NOTHING: Outcome = ("nothing",)
_EMPTY: Outcome = ((),)
_EMPTY_OF = "none recorded"


async def outcome_of(call: ToolCall, tool: Tool[Any], context: ToolContext) -> Outcome | None:
    """What a call shows; None where the tool refuses it."""
    try:
        if isinstance(call.arguments, MetricQuery):
            return (_rows((await metric_table(call.arguments, context)).table),)
        result = await tool.run(call.arguments, context)
    except NotRecorded as none:
        # That nothing was loaded is what it comes to, whoever says so.
        return _EMPTY_OF, str(none)
    except ToolError:
        return None
    if result.tables:
        return tuple(map(_rows, result.tables))
    return (tuple(sorted(str(figure.value) for figure in result.figures)),)


async def _outcome(one: Proposal, run: Run) -> Outcome | None:
    """What the plan's calls show; None where one of them cannot be run."""
    if not one.calls:
        return _NOTHING
    parts: list[object] = []
    for call in one.calls:
        shown = await run(call)
        if shown is None:
            return None
        parts += shown
    return tuple(parts) or _EMPTY


def _rows(table: Table) -> tuple[tuple[str, ...], ...]:
    """The rows in an order of their own, without ids."""
    kept = [at for at, column in enumerate(table.columns) if column.kind != "id"]
    return tuple(sorted(tuple(str(row[at]) for at in kept) for row in table.rows))
