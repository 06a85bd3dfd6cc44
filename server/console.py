"""An answer in the terminal: the sentence, its tables, how it was read, and what it rests on."""

from __future__ import annotations

from textwrap import fill

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from agents.answer import Answer, AnswerDraft, AnswerEvidence, AnswerTable, ModelUsage, on_screen
from server.charts import TerminalChart
from server.wording import NUMERIC_KINDS, column, day_of, plain, sources_line, titled
from tools.languages import counted, said, speaking
from tools.languages.forms import numeral

ROWS_SHOWN = 20
_HEADING = 16
"""Characters after which a heading is wrapped, unless its column is wider."""
_GAP = 3
"""Between columns."""

_STATUS = {
    "answered": "",
    "clarify": "Which do you mean?",
    "cannot_answer": "Cannot be answered from this data",
    "refused": "Refused",
}


def out() -> Console:
    """The console of results."""
    return Console(highlight=False, emoji=False, markup=False, soft_wrap=False)


def err() -> Console:
    """The console of progress and errors, so that results can be piped."""
    return Console(stderr=True, highlight=False, emoji=False, markup=False)


def display(
    console: Console,
    answer: Answer,
    *,
    with_question: bool = False,
    details: bool = False,
    charts: bool = False,
) -> None:
    """Print an answer in its language; into a file or a pipe without the blanks that fill terminal lines."""
    with speaking(answer.language):
        parts = shown(answer, with_question=with_question, details=details, charts=charts)
        if console.is_terminal:
            console.print(parts)
            return
        with console.capture() as capture:
            console.print(parts)
    console.out("\n".join(line.rstrip() for line in capture.get().splitlines()))


def shown(
    answer: Answer, *, with_question: bool = False, details: bool = False, charts: bool = False
) -> RenderableType:
    """The whole answer.

    `details` adds the query, the arguments and sample keys of each piece of evidence; `charts` draws what can
    be drawn though nobody asked for it.
    """
    parts: list[RenderableType] = []
    if with_question:
        parts += [Text(f"? {plain(answer.question)}", style="bold"), Text("")]
    heading = _STATUS[answer.status]
    # A question back without readings to choose from says itself what is meant.
    if heading and (answer.status != "clarify" or answer.alternatives):
        parts.append(Text(said(heading), style="bold yellow" if answer.status != "refused" else "bold red"))
    if answer.hypothetical:
        parts.append(Text(_supposed(answer), style="bold magenta"))
    if answer.answer:
        parts.append(Text(plain(answer.answer, lines=True)))
    for chart in answer.charts:
        if chart.asked or charts:
            parts += [Text(""), TerminalChart(chart, answer)]
    for table in on_screen(answer.tables):
        parts += [Text(""), _table(table)]
    if answer.draft is not None:
        parts += [Text(""), draft_card(answer.draft)]
    parts += [Text(""), _notes(answer)]
    if details:
        parts += [_detail(evidence) for evidence in answer.evidence]
        parts += [_usage(answer.usage)] if answer.usage else []
    if answer.alternatives:
        heading = "Readings" if answer.status == "clarify" else "Other readings"
        parts += [Text(""), _choices(said(heading), [(a.key, a.reading) for a in answer.alternatives])]
    if answer.suggestions:
        parts += [Text(""), _choices(said("Ask next"), [("·", s) for s in answer.suggestions])]
    return Padding(Group(*parts), (0, 0, 0, 2))


def _supposed(answer: Answer) -> str:
    """That the figures are of a world that is not, and of which."""
    what = "; ".join(plain(one) for one in answer.hypothetical)
    return said("Hypothetical, nothing is changed by it: [[what]]", what=what)


def draft_card(draft: AnswerDraft) -> RenderableType:
    """A draft as its card says it, with the digest that a confirmation names."""
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(ratio=1)
    for row in draft.rows:
        grid.add_row(plain(row.label), Text(plain(row.value, lines=True)))
    for warning in draft.warnings:
        grid.add_row(said("note"), Text(plain(warning), style="yellow"))
    grid.add_row(said("state"), Text(said(draft.state.replace("_", " "))))
    grid.add_row(said("draft"), Text(f"{draft.id} · v{draft.version}"))
    grid.add_row(said("digest"), Text(draft.digest, style="dim"))
    grid.add_row(said("expires"), Text(day_of(draft.expires_at)))
    return Group(Text(plain(draft.title), style="bold"), grid)


def _table(table: AnswerTable) -> RenderableType:
    if "quote" in table.kinds:
        return _quotes(table)
    return Group(
        *([Text(plain(table.title), style="italic")] if table.title else []), _Grid(table), _extent(table)
    )


def _quotes(table: AnswerTable) -> RenderableType:
    """Each quote as one, over a line that says where it stands."""
    parts: list[RenderableType] = []
    at = table.kinds.index("quote")
    for row in table.rows[:ROWS_SHOWN]:
        where = [
            f"{titled(heading)} {plain(str(cell))}" if name in _LABELLED else plain(str(cell))
            for i, (heading, name, cell) in enumerate(zip(table.columns, table.names, row, strict=True))
            if i != at and cell is not None
        ]
        quote = Text(said("“[[quote]]”", quote=plain(str(row[at]))))
        parts += [Padding(quote, (0, 0, 0, 2)), Padding(Text(" · ".join(where), style="dim"), (0, 0, 1, 4))]
    return Group(*parts, _extent(table))


_LABELLED = frozenset({"page", "revision", "valid_to"})
"""Cells that say nothing without their heading."""


class _Grid:
    """The rows; where the terminal is too narrow, codes beside their names are left out.

    Where that is not enough the columns stand in several parts, each beginning with the first column.
    """

    def __init__(self, table: AnswerTable) -> None:
        self._table = table
        self._kinds = table.kinds or ("text",) * len(table.columns)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        every = list(range(len(self._table.columns)))
        grid = self._grid(every)
        unbounded = options.update(max_width=10_000)
        if Measurement.get(console, unbounded, grid).maximum > options.max_width:
            names = set(self._table.names)
            every = [i for i in every if not self._is_code_of(i, names)]
            grid = self._grid(every)
        if sum(self._least(i) for i in every) <= options.max_width:
            yield grid
            return
        for number, part in enumerate(self._parts(every, console, options)):
            if number:
                yield Text("")
            yield self._grid(part)

    def _parts(self, columns: list[int], console: Console, options: ConsoleOptions) -> list[list[int]]:
        """The columns in parts that are no wider than the terminal; the first one stands in each."""
        first, *others = columns
        unbounded = options.update(max_width=10_000)
        parts: list[list[int]] = []
        for i in others:
            wider = [*parts[-1], i] if parts else []
            fits = (
                wider and Measurement.get(console, unbounded, self._grid(wider)).maximum <= options.max_width
            )
            if fits:
                parts[-1] = wider
            else:
                parts.append([first, i])
        return parts or [columns]

    def _least(self, i: int) -> int:
        """The width under which numbers or their heading are cut, or words broken."""
        table = self._table
        cells = column([row[i] for row in table.rows[:ROWS_SHOWN]], self._kinds[i])
        heading = fill(titled(table.columns[i]), max(max(map(len, cells), default=0), _HEADING))
        if self._kinds[i] not in NUMERIC_KINDS:
            return max((len(word) for text in (heading, *cells) for word in text.split()), default=0) + _GAP
        lines = heading.split("\n")
        lines[-1] += f" {plain(table.units[i])}" if table.units[i] else ""
        return max(map(len, (*lines, *cells))) + _GAP

    def _is_code_of(self, i: int, names: set[str]) -> bool:
        name = self._table.names[i] if self._table.names else ""
        return self._kinds[i] == "id" and name.endswith("_id") and name.removesuffix("_id") in names

    def _grid(self, chosen: list[int]) -> Grid:
        table = self._table
        grid = Grid(box=None, padding=(0, _GAP, 0, 0), header_style="bold", show_edge=False)
        columns = [column([row[i] for row in table.rows[:ROWS_SHOWN]], self._kinds[i]) for i in chosen]
        for i, cells in zip(chosen, columns, strict=True):
            numeric = self._kinds[i] in NUMERIC_KINDS
            widest = max(map(len, cells), default=0)
            heading = Text(fill(titled(table.columns[i]), max(widest, _HEADING)))
            if table.units[i]:
                heading.append(f" {plain(table.units[i])}", style="not bold dim")
            grid.add_column(heading, justify="right" if numeric else "left", no_wrap=numeric, vertical="top")
        for texts in zip(*columns, strict=True):
            grid.add_row(*map(Text, texts))
        return grid


def _extent(table: AnswerTable) -> Text:
    total = table.total_rows if table.total_rows is not None else len(table.rows)
    first = min(len(table.rows), ROWS_SHOWN)
    if not table.rows:
        return Text(said("no rows"), style="dim")
    if total > first or table.truncated:
        cut = "first [[shown]] of [[total]] rows; --json has every row returned"
        return Text(said(cut, shown=first, total=numeral(f"{total:,}")), style="dim")
    return Text(counted(total, "[[number]] row", "[[number]] rows"), style="dim")


def _notes(answer: Answer) -> Grid:
    """Two columns: what a line is about, and the line."""
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(ratio=1)
    if answer.reading:
        grid.add_row(said("read as"), Text(plain(answer.reading)))
    for caveat in answer.caveats:
        grid.add_row(said("note"), Text(plain(caveat)))
    for evidence in answer.evidence:
        grid.add_row(said("evidence"), Text(evidence_line(evidence)))
        for flag in evidence.flags:
            if flag not in answer.caveats:
                grid.add_row("", Text(plain(flag), style="dim"))
    spent = numeral(f"{answer.timings.total_ms:,.0f}")
    timing = f"{plain(answer.model)} · {spent} ms · {said('answer [[id]]', id=answer.id)}"
    grid.add_row(said("by"), Text(timing, style="dim"))
    return grid


def evidence_line(evidence: AnswerEvidence) -> str:
    """Evidence in a line: sources with rows, how far data reaches, when it was loaded, what computed it."""
    parts = [sources_line(evidence) or said("no source rows")]
    if evidence.data_as_of:
        parts.append(said("data as of [[day]]", day=day_of(evidence.data_as_of)))
    if evidence.loaded_at:
        parts.append(said("loaded [[day]]", day=day_of(evidence.loaded_at)))
    parts.append(f"{plain(evidence.tool)} {plain(evidence.version)}")
    return " · ".join(parts)


def _detail(evidence: AnswerEvidence) -> RenderableType:
    keys = [
        f"{plain(s.system)} {plain(s.record)}: {', '.join(plain(k) for k in s.sample_keys)}"
        for s in evidence.sources
        if s.sample_keys
    ]
    lines = [Text(""), Text(f"evidence {evidence.id}", style="bold")]
    lines.append(Text(f"arguments  {plain(evidence.arguments)}", style="dim"))
    lines += [Text(f"keys       {key}", style="dim") for key in keys]
    if evidence.query:
        lines.append(Text(plain(evidence.query, lines=True), style="cyan"))
    return Group(*lines)


def _usage(usage: ModelUsage) -> RenderableType:
    about = "about " if usage.estimated else ""
    cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
    parts = [
        f"{usage.requests} {'request' if usage.requests == 1 else 'requests'}",
        f"{about}{usage.prompt_tokens:,} tokens read{cached}, {usage.completion_tokens:,} written",
    ]
    parts += [f"{plain(usage.cost)} {plain(usage.currency or '')}"] if usage.cost is not None else []
    return Group(Text(""), Text("model", style="bold"), Text(f"spent      {' · '.join(parts)}", style="dim"))


def _choices(heading: str, items: list[tuple[str, str]]) -> RenderableType:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold cyan", no_wrap=True)
    grid.add_column(ratio=1)
    for key, text in items:
        grid.add_row(f"  {key}", Text(plain(text)))
    return Group(Text(heading, style="dim"), grid)
