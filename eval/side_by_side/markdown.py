"""The comparison as Markdown: all of it, or the one table that stands between two marks of a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eval.report.markdown import table
from eval.side_by_side.sheets import LEGEND, Sheet, sheets, short
from eval.side_by_side.table import SideBySide

BEGIN = "<!-- side by side: begin (written by make compare) -->"
END = "<!-- side by side: end -->"


class PageUnusable(Exception):
    """A page that the table cannot be put into; the message names it."""


def markdown(found: SideBySide) -> str:
    """All tables."""
    lines = [f"# Models side by side: {', '.join(found.suites)}", "", LEGEND]
    for sheet in sheets(found):
        lines += ["", f"## {sheet.title}", "", *_body(sheet)]
    return "\n".join(lines) + "\n"


def put_into(pages: Sequence[Path], found: SideBySide) -> list[Path]:
    """The pages that have the marks, now with the table of the models that were asked everything.

    Raises:
        PageUnusable: no page has the marks, one has them in disorder, or no model was asked everything.
    """
    sheet = short(found)
    if not sheet.rows:
        raise PageUnusable("no model was asked every case, so there is no table for a page")
    texts = {page: page.read_text(encoding="utf-8") for page in pages if page.is_file()}
    marked = {page: text for page, text in texts.items() if BEGIN in text or END in text}
    if not marked:
        named = ", ".join(map(str, pages))
        raise PageUnusable(f"none of {named} has the lines {BEGIN!r} and {END!r}")
    command = (
        f"plantwright eval compare --models {','.join(row[0] for row in sheet.rows)} {' '.join(found.suites)}"
    )
    body = "\n".join([BEGIN, *_body(sheet), "", f"Suites: {sheet.title}. By `{command}`.", END])
    written = {page: _replaced(page, text, body) for page, text in marked.items()}
    for page, text in written.items():
        page.write_text(text, encoding="utf-8")
    return list(written)


def _replaced(page: Path, text: str, body: str) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in before + after:
        raise PageUnusable(f"{str(page)!r} must have {BEGIN!r} and after it {END!r}, each once")
    return before + body + after


def _body(sheet: Sheet) -> list[str]:
    return table(sheet.headings, sheet.rows) if sheet.rows else ["None."]
