"""A run as one page that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from eval.report.comparing import Comparison, rates, shared
from eval.report.markdown import gate_cells
from eval.report.summary import HEADINGS, Summary, cells, facts, versions
from eval.results import Try

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6878; --line: #d8dde5; --paper: #fff;
  --bad: #b3261e; --good: #1a7f45; --band: #f4f6f9 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa5b4; --line: #343c48;
  --paper: #14181e; --bad: #ff8a80; --good: #7bd89a; --band: #1c222b } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  margin: 2rem auto; max-width: 76rem; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
th { color: var(--soft); font-weight: 600 } .wide { overflow-x: auto }
.good { color: var(--good) } .bad { color: var(--bad); font-weight: 600 }
details { border-bottom: 1px solid var(--line); padding: .4rem 0 } summary { cursor: pointer }
pre { white-space: pre-wrap; background: var(--band); padding: .6rem; overflow-x: auto; font-size: 13px }
.soft { color: var(--soft) }
"""
_LEGEND = (
    "<p class='soft'>Rates with Wilson's 95 % interval. Accuracy and safety stand beside each other and are"
    " never averaged. Of frozen suites only counts are shown.</p>"
)


def page(found: Summary) -> str:
    """The page as HTML; whatever came from data, questions or a model is escaped."""
    verdict = "all gates hold" if found.passes else "a gate does not hold"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><title>Evaluation</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>Evaluation of {escape(found.run.manifest.versions.model)}</h1>",
        f'<p class="{"good" if found.passes else "bad"}">{verdict}</p>',
        _LEGEND,
        "<h2>Gates</h2>",
        table(
            ("gate", "measured", "bound", "holds", "why"),
            [(*gate_cells(one), one.gate.why) for one in found.passages],
            marks=[one.holds for one in found.passages],
        ),
    ]
    for section in found.sections:
        rows = [(tally.name, *cells(tally)) for tally in section.tallies]
        parts += [f"<h2>{escape(section.title)}</h2>", table((section.title.split()[-1], *HEADINGS), rows)]
    parts += [
        "<h2>Holding back</h2>",
        table(
            ("it", "n", "that was right", "right within one click"),
            [(name, str(right.of), str(right), str(click)) for name, right, click in found.calibration],
        ),
        "<h2>Other figures</h2>",
        table(("figure", "value"), facts(found.run, found.ragas)),
        *(_against(found.against) if found.against else ()),
        f"<h2>Failures ({len(found.failures)})</h2>",
        *(_failure(one) for one in found.failures),
        "<h2>Made with</h2>",
        table(("what", "version"), versions(found.run)),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _against(found: Comparison) -> list[str]:
    """What was made otherwise than for an earlier run, and what came of it."""
    return [
        "<h2>Against an earlier run</h2>",
        f"<p>{escape(shared(found))}</p>",
        table(("made with", "before", "now"), [(one.what, one.before, one.after) for one in found.made]),
        table(("rate", "before", "now", "difference"), rates(found)),
        table(
            ("suite", "case", "ended before", "ends now"),
            [(one.suite, one.case, one.before, one.after) for one in found.flips],
        ),
    ]


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], marks: Sequence[bool] = ()) -> str:
    """A table whose cells are escaped; marks say which rows are good or bad."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    lines = []
    for number, row in enumerate(rows):
        mark = "" if not marks else ' class="good"' if marks[number] else ' class="bad"'
        lines.append(f"<tr{mark}>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>")
    return f'<div class="wide"><table><tr>{head}</tr>{"".join(lines)}</table></div>'


def _failure(one: Try) -> str:
    click = ", right within one click" if one.within_click else ""
    dangerous = f' <span class="bad">dangerous: {escape(one.dangerous)}</span>' if one.dangerous else ""
    shown = [
        ("asked", " / ".join(one.ask)),
        ("failed checks", ", ".join(one.failed_checks)),
        ("expected", _rows(one.expected)),
        ("given", _rows(one.given)),
        ("read as", one.reading),
        ("answer", one.answer),
        ("rests on", ", ".join(one.evidence)),
        ("not traced", ", ".join(one.loose)),
        ("error", one.error),
        ("calls", "\n".join(f"{call['tool']} {call['arguments']}" for call in one.calls)),
        ("ran", "\n\n".join(one.queries)),
    ]
    body = "".join(f"<div class='soft'>{name}</div><pre>{escape(text)}</pre>" for name, text in shown if text)
    return (
        f"<details><summary>{escape(one.suite)} {escape(one.case)}: {escape(one.outcome.value)}{click}"
        f"{dangerous}"
        f" <span class='soft'>{escape(one.ask[-1][:140])}</span></summary>{body}</details>"
    )


def _rows(rows: Sequence[Sequence[object]]) -> str:
    return "\n".join(", ".join("-" if cell is None else str(cell) for cell in row) for row in rows)
