"""A run as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from eval.gates import Passage
from eval.report.comparing import rates, shared
from eval.report.summary import HEADINGS, Summary, cells, facts, versions


def markdown(found: Summary) -> str:
    """Tables of rates with their 95 % intervals, gates, and what was used; no single cases."""
    lines = ["# Evaluation", ""]
    lines += table(("gate", "measured", "bound", "holds"), [gate_cells(one) for one in found.passages])
    for section in found.sections:
        rows = [(tally.name, *cells(tally)) for tally in section.tallies]
        lines += ["", f"## {section.title}", "", *table((section.title.split()[-1], *HEADINGS), rows)]
    lines += ["", "## Holding back", ""]
    lines += table(
        ("it", "n", "that was right", "right within one click"),
        [(name, str(right.of), str(right), str(click)) for name, right, click in found.calibration],
    )
    lines += ["", "## Other figures", "", *table(("figure", "value"), facts(found.run, found.ragas))]
    if found.against is not None:
        changed = [(one.what, one.before, one.after) for one in found.against.made]
        lines += ["", "## Against an earlier run", "", shared(found.against), ""]
        lines += [*table(("made with", "before", "now"), changed), ""]
        lines += table(("rate", "before", "now", "difference"), rates(found.against))
    lines += ["", "## Made with", "", *table(("what", "version"), versions(found.run))]
    return "\n".join(lines) + "\n"


def gate_cells(passage: Passage) -> tuple[str, str, str, str]:
    """A gate as cells: its name, what was measured, what it has to be, and whether it is."""
    gate = passage.gate
    bound = f"at least {gate.at_least:g}" if gate.at_least is not None else f"at most {gate.at_most:g}"
    value = "nothing measured" if passage.value is None else f"{passage.value:.4g}"
    if passage.interval is not None:
        value += f" [{passage.interval[0]:.2f}, {passage.interval[1]:.2f}]"
    return gate.name, value, bound, "yes" if passage.holds else "NO"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table; no cell ends a row or begins another."""
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    return [*lines, *(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())
