"""An explanation as a PDF: what it says, its bridge drawn, its causes, and how it ties to the ledger."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from agents.answer import AnswerTable
from agents.rendering import number_text
from server.finance.cells import NUMBERS, heading, number, shown, sources
from server.finance.report import Report
from server.finance.steps import steps_of
from tools.languages import said

_FONTS = (
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("/usr/share/fonts/dejavu-sans-fonts"),
    Path("/usr/share/fonts/TTF"),
)
"""Where systems keep a font that has the letters of every language of a plant."""
_FRAME = 12.0
"""Points of white that a page's frame keeps beside its contents, both sides together."""
_PADDING = 14.0
"""Points of white beside the text of a cell, both sides together."""
_DEARER, _CHEAPER, _TOTAL, _INK, _GREY = "#C0392B", "#2E8B57", "#34495E", "#1F2A33", "#5B6670"


def pdf_of(report: Report, digest: str, folders: Sequence[Path] = _FONTS) -> bytes:
    """Two or three pages in landscape, each with its number and the digest of what is said.

    Where no folder holds a font with every letter, those that the packaged font lacks (such as `ę`, `ř`) are
    written without their marks, and the notes say so.
    """
    # It weighs a dozen megabytes, and few processes ever make a document.
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.platypus import CondPageBreak, Paragraph, SimpleDocTemplate, Spacer

    plain, bold, lettered = _fonts(folders)
    told, report = report, _legible(report, lettered)
    body = ParagraphStyle("body", fontName=plain, fontSize=9.5, leading=13.5, textColor=_INK)
    head = ParagraphStyle("head", parent=body, fontName=bold, fontSize=17, leading=21, spaceAfter=4)
    section = ParagraphStyle(
        "section", parent=body, fontName=bold, fontSize=11.5, leading=15, spaceBefore=12, spaceAfter=4
    )
    small = ParagraphStyle("small", parent=body, fontSize=8, leading=11, textColor=_GREY)
    out = io.BytesIO()
    page = SimpleDocTemplate(
        out, pagesize=landscape(A4), leftMargin=16 * mm, rightMargin=16 * mm, topMargin=14 * mm,
        bottomMargin=16 * mm, title=report.reading, author="plantwright", invariant=1,
    )  # fmt: skip
    # A frame has white of its own at both sides; what is wider would stick out of the text.
    width = page.width - _FRAME
    parts: list[Any] = [
        Paragraph(escape(report.reading), head),
        Paragraph(escape(report.narrative), body),
        Spacer(1, 4 * mm),
        _drawing(report, width, plain),
    ]
    for table in (report.bridge, report.causes, report.accounts):
        if table.rows:
            parts.append(CondPageBreak(50 * mm))
            total = said("total") if table is report.bridge else ""
            parts += [Paragraph(escape(table.title), section), _table(table, width, plain, bold, body, total)]
    parts.append(Paragraph(escape(said("Notes")), section))
    notes = [*report.caveats, *sources(report)]
    if told != report:
        notes.append(said("Letters that the font of this document lacks are written without their marks."))
    parts += [Paragraph(escape(each), small) for each in notes]

    def foot(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFont(plain, 7)
        canvas.setFillColor(_GREY)
        canvas.drawString(16 * mm, 9 * mm, digest)
        canvas.drawRightString(landscape(A4)[0] - 16 * mm, 9 * mm, str(document.page))
        canvas.restoreState()

    page.build(parts, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _fonts(folders: Sequence[Path]) -> tuple[str, str, frozenset[int]]:
    """Names of a plain and a bold font that are registered, and the letters that they have."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = next((each for each in folders if (each / "DejaVuSans.ttf").is_file()), None)
    files = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf") if folder else ("Vera.ttf", "VeraBd.ttf")
    names = ("Text", "TextBold") if folder else ("Plain", "PlainBold")
    for name, file in zip(names, files, strict=True):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(folder / file) if folder else file))
    plain, bold = names
    letters = [frozenset(pdfmetrics.getFont(name).face.charToGlyph) for name in names]
    return plain, bold, letters[0] & letters[1]


def _legible(report: Report, lettered: frozenset[int]) -> Report:
    """The same in letters that can be drawn; a box would say nothing."""
    text = report.model_dump_json()
    drawn = "".join(
        each if each.isascii() or ord(each) in lettered else _without_marks(each, lettered) for each in text
    )
    return report if drawn == text else Report.model_validate_json(drawn)


def _without_marks(letter: str, lettered: frozenset[int]) -> str:
    base = "".join(
        each for each in unicodedata.normalize("NFKD", letter) if each.isalnum() and ord(each) in lettered
    )
    # A mark by itself belongs to the letter before it.
    return base or ("" if unicodedata.combining(letter) else "?")


def _drawing(report: Report, width: float, font: str) -> Any:
    """The bridge: bars that begin where the one before ended, each with its amount."""
    from reportlab.graphics.shapes import Drawing, Line, Rect, String
    from reportlab.lib.colors import HexColor
    from reportlab.lib.utils import simpleSplit

    steps = steps_of(report, said("total"))
    height, low, label = 178.0, 42.0, 8.0
    top = max(Decimal(0), *(max(step.start, step.end) for step in steps))
    bottom = min(Decimal(0), *(min(step.start, step.end) for step in steps))
    scale = (height - low - 22) / float((top - bottom) or 1)
    found, slot = Drawing(width, height), width / len(steps)

    def at(value: Decimal) -> float:
        return low + float(value - bottom) * scale

    found.add(
        Line(0, at(Decimal(0)), width, at(Decimal(0)), strokeColor=HexColor("#AEB7BF"), strokeWidth=0.6)
    )
    for place, step in enumerate(steps):
        left, bar = place * slot + slot * 0.16, slot * 0.68
        y, end = sorted((at(step.start), at(step.end)))
        colour = _TOTAL if step.is_total else _DEARER if step.amount > 0 else _CHEAPER
        found.add(Rect(left, y, bar, max(end - y, 0.8), fillColor=HexColor(colour), strokeColor=None))
        if place + 2 < len(steps):
            reach = at(step.end)
            found.add(
                Line(left + bar, reach, left + slot, reach, strokeColor=HexColor("#AEB7BF"), strokeWidth=0.5)
            )
        amount = number_text(step.amount, "money")
        middle = left + bar / 2
        found.add(String(middle, end + 3, amount, fontName=font, fontSize=label, textAnchor="middle"))
        for line, text in enumerate(simpleSplit(step.name, font, 7.5, slot * 0.96)[:4]):
            where = low - 12 - line * 9
            found.add(String(middle, where, text, fontName=font, fontSize=7.5, textAnchor="middle"))
    return found


def _table(table: AnswerTable, width: float, plain: str, bold: str, body: Any, total: str = "") -> Any:
    """The table; where it is of steps that add up, with a last row of what they come to.

    Args:
        total: what that row is called; empty where there is none.
    """
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, Table, TableStyle

    cell = ParagraphStyle("cell", parent=body, fontSize=8, leading=10.5)
    right = ParagraphStyle("right", parent=cell, alignment=2)
    numeric = [kind in NUMBERS for kind in table.kinds]
    used = [at for at in range(len(table.columns)) if any(row[at] is not None for row in table.rows)]
    heads = [
        Paragraph(
            f"<b>{escape(heading(table, at))}</b>",
            ParagraphStyle("h", parent=right if numeric[at] else cell, fontName=bold),
        )
        for at in used
    ]
    rows = [
        [Paragraph(escape(_text(row[at], table.kinds[at])), right if numeric[at] else cell) for at in used]
        for row in table.rows
    ]
    if total:
        rows.append(_total(table, used, total, cell, right, bold))
    found = Table([heads, *rows], colWidths=_widths(table, used, width, plain, bold), repeatRows=1)
    found.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), HexColor("#EEF1F4")),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor("#D5DBE0")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 2.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
                *([("LINEABOVE", (0, -1), (-1, -1), 0.9, HexColor(_INK))] if total else []),
            ]
        )
    )
    return found


def _total(table: AnswerTable, used: list[int], name: str, cell: Any, right: Any, bold: str) -> list[Any]:
    """What the amounts come to, under them, and its name in front."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    amount = table.names.index("amount")
    texts = {used[0]: name, amount: _sum(table)}
    return [
        Paragraph(
            escape(texts.get(at, "")),
            ParagraphStyle("t", parent=right if at == amount else cell, fontName=bold),
        )
        for at in used
    ]


def _sum(table: AnswerTable) -> str:
    amount = table.names.index("amount")
    return number_text(sum((Decimal(str(row[amount])) for row in table.rows), Decimal(0)), "money")


def _widths(table: AnswerTable, used: list[int], width: float, plain: str, bold: str) -> list[float]:
    """Widths of the columns: no number and no word is broken, and long texts share what is left."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    least: list[float] = []
    wanted: list[float] = []
    for at in used:
        texts = [_text(row[at], table.kinds[at]) for row in table.rows]
        heads = [stringWidth(word, bold, 8) for word in heading(table, at).split()]
        if table.names[at] == "amount":
            # Its sum stands below it in bold.
            heads.append(stringWidth(_sum(table), bold, 8))
        whole = [stringWidth(text, plain, 8) for text in texts]
        words = [stringWidth(word, plain, 8) for text in texts for word in text.split()]
        must = max([*heads, *(whole if table.kinds[at] in NUMBERS else words)], default=0) + _PADDING
        least.append(must)
        wanted.append(max([must - _PADDING, *whole], default=0) + _PADDING)
    room, missing = width - sum(least), sum(wanted) - sum(least)
    share = min(1.0, room / missing) if missing > 0 and room > 0 else 0.0
    widths = [must + (want - must) * share for must, want in zip(least, wanted, strict=True)]
    left = max(0.0, width - sum(widths))
    return [each + left * each / sum(widths) for each in widths]


def _text(value: str | bool | None, kind: str) -> str:
    found = number(value) if kind in NUMBERS else None
    return shown(value) if found is None else number_text(found, kind)  # type: ignore[arg-type]
