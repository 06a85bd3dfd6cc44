"""Writes what a comparison came to: files beside the runs, and the table of pages that people read."""

from __future__ import annotations

import json
from pathlib import Path

from eval.side_by_side.markdown import markdown
from eval.side_by_side.page import section
from eval.side_by_side.record import record
from eval.side_by_side.sheets import sheets
from eval.side_by_side.table import SideBySide

NAME = "side-by-side"


def write(folder: Path, found: SideBySide) -> None:
    """The comparison as Markdown, HTML and JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, text in (
        ("md", markdown(found)),
        ("html", section(found)),
        ("json", json.dumps(record(found), indent=1, ensure_ascii=False) + "\n"),
    ):
        (folder / f"{NAME}.{suffix}").write_text(text, encoding="utf-8")


def on_screen(found: SideBySide) -> str:
    """The first two tables, one line a figure: they are wider than a terminal."""
    lines = []
    for sheet in sheets(found)[:2]:
        lines.append(f"{sheet.title}:")
        for row in sheet.rows:
            lines.append(f"  {row[0]}")
            lines += [
                f"    {heading:{_WIDTH}} {cell}"
                for heading, cell in zip(sheet.headings[1:], row[1:], strict=True)
                if cell
            ]
    return "\n".join(lines)


_WIDTH = 44
