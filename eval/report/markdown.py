"""A run as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from eval.gates import Passage
from eval.report.summary import HEADINGS, Summary, cells, facts, versions


def markdown(found: Summary) -> str:
    """Tables of rates with their 95 % intervals, gates, and what was used; no single cases."""
    lines = ["# Evaluation", ""]
    lines += _table(("gate", "measured", "bound", "holds"), [gate_cells(one) for one in found.passages])
    for section in found.sections:
        rows = [(tally.name, *cells(tally)) for tally in section.tallies]
        lines += ["", f"## {section.title}", "", *_table((section.title.split()[-1], *HEADINGS), rows)]
    lines += ["", "## Holding back", ""]
    lines += _table(
        ("it", "n", "that was right", "right within one click"),
        [(name, str(right.of), str(right), str(click)) for name, right, click in found.calibration],
    )
    lines += ["", "## Other figures", "", *_table(("figure", "value"), facts(found.run, found.ragas))]
    lines += ["", "## Made with", "", *_table(("what", "version"), versions(found.run))]
    return "\n".join(lines) + "\n"


def gate_cells(passage: Passage) -> tuple[str, str, str, str]:
    """A gate as cells: its name, what was measured, what it has to be, and whether it is."""
    gate = passage.gate
    bound = f"at least {gate.at_least:g}" if gate.at_least is not None else f"at most {gate.at_most:g}"
    value = "nothing measured" if passage.value is None else f"{passage.value:.4g}"
    if passage.interval is not None:
        value += f" [{passage.interval[0]:.2f}, {passage.interval[1]:.2f}]"
    return gate.name, value, bound, "yes" if passage.holds else "NO"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    return [*lines, *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)]
