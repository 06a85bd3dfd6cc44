"""An explanation as CSV, and as a workbook with a native chart of its bridge."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

from agents.answer import AnswerTable
from server.finance.cells import NUMBERS, heading, number, shown, sources
from server.finance.report import Report
from server.finance.steps import steps_of
from tools.languages import said

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60


def csv_of(report: Report) -> str:
    """The bridge, the causes and the ledger below each other; texts are no formulas in any spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for table in (report.bridge, report.causes, report.accounts):
        if not table.rows:
            continue
        writer.writerow([_plain(table.title)])
        writer.writerow([_plain(heading(table, at)) for at in range(len(table.columns))])
        for row in table.rows:
            writer.writerow([_cell(value, kind) for value, kind in zip(row, table.kinds, strict=True)])
        writer.writerow([])
    return out.getvalue()


def workbook_of(report: Report, digest: str) -> bytes:
    """Sheets for the bridge with its chart, the causes and the ledger; every amount is a number."""
    # It weighs several megabytes, and few processes ever make a workbook.
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        styles = {
            "title": book.add_format({"bold": True, "font_size": 15}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "head": book.add_format(
                {"bold": True, "bottom": 1, "bg_color": "#EEF1F4", "text_wrap": True, "valign": "top"}
            ),
            # Less cost is no bad news: amounts below zero are not red.
            "money": book.add_format({"num_format": "#,##0.00", "valign": "top"}),
            "whole": book.add_format({"num_format": "#,##0", "valign": "top"}),
            "number": book.add_format({"num_format": "#,##0.0#####", "valign": "top"}),
            "percent": book.add_format({"num_format": '0.0"\u202f%"', "valign": "top"}),
            "sum": book.add_format({"bold": True, "top": 1, "num_format": "#,##0.00"}),
            "figures": book.add_format(
                {
                    "bold": True,
                    "bottom": 1,
                    "bg_color": "#EEF1F4",
                    "text_wrap": True,
                    "valign": "top",
                    "align": "right",
                }
            ),
            "grey": book.add_format({"font_color": "#5B6670", "text_wrap": True, "valign": "top"}),
        }
        sheet = book.add_worksheet(_sheet(said("Bridge")))
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, report.reading, styles["title"])
        sheet.merge_range(1, 0, 1, 6, "", styles["text"])
        sheet.write_string(1, 0, report.narrative, styles["text"])
        sheet.set_row(1, 48)
        last = _table(sheet, report.bridge, 3, styles)
        amount = report.bridge.names.index("amount")
        sheet.write_string(last, 0, said("total"), styles["sum"])
        letter = chr(ord("A") + amount)
        total = sum((Decimal(str(row[amount])) for row in report.bridge.rows), Decimal(0))
        sheet.write_formula(last, amount, f"=SUM({letter}5:{letter}{last})", styles["sum"], float(total))
        _chart(book, sheet, report, last + 2)
        row = last + 22
        for caveat in (*report.caveats, *sources(report), said("Digest: [[digest]]", digest=digest)):
            sheet.merge_range(row, 0, row, 6, "", styles["grey"])
            sheet.write_string(row, 0, caveat, styles["grey"])
            row += 1
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for name, table in ((said("Causes"), report.causes), (said("Ledger"), report.accounts)):
            if table.rows:
                other = book.add_worksheet(_sheet(name))
                other.write_string(0, 0, table.title, styles["title"])
                _table(other, table, 2, styles)
                other.freeze_panes(3, 0)
                other.set_landscape()
                other.fit_to_pages(1, 0)
    return out.getvalue()


def _table(sheet: object, table: AnswerTable, top: int, styles: dict[str, object]) -> int:
    """Write a table from a row on; the row after it."""
    write = sheet  # the package has no types
    for at in range(len(table.columns)):
        head = styles["figures" if table.kinds[at] in NUMBERS else "head"]
        write.write_string(top, at, heading(table, at), head)  # type: ignore[attr-defined]
        longest = max((len(shown(row[at])) for row in table.rows), default=0)
        write.set_column(at, at, min(_WIDEST, max(14, longest + 2)))  # type: ignore[attr-defined]
    for line, row in enumerate(table.rows, start=top + 1):
        for at, (value, kind) in enumerate(zip(row, table.kinds, strict=True)):
            figure = number(value) if kind in NUMBERS else None
            if figure is not None:
                style = kind if kind in ("money", "percent") else _style(figure)
                write.write_number(line, at, float(figure), styles[style])  # type: ignore[attr-defined]
            elif value is not None:
                write.write_string(line, at, shown(value), styles["text"])  # type: ignore[attr-defined]
    return top + 1 + len(table.rows)


def _style(figure: Decimal) -> str:
    """A whole number has no point; a rate keeps its digits."""
    return "whole" if figure == figure.to_integral_value() else "number"


def _chart(book: object, sheet: object, report: Report, row: int) -> None:
    """Bars that begin where the one before ended: dearer red, cheaper green."""
    steps = steps_of(report, said("total"))
    data = book.add_worksheet(_sheet(said("Chart data")))  # type: ignore[attr-defined]
    for line, step in enumerate(steps):
        data.write_string(line, 0, step.name)
        data.write_number(line, 1, float(step.start))
        data.write_number(line, 2, float(step.end))
    data.hide()
    chart = book.add_chart({"type": "line"})  # type: ignore[attr-defined]
    name = _sheet(said("Chart data"))
    for column in (1, 2):
        chart.add_series(
            {
                "categories": [name, 0, 0, len(steps) - 1, 0],
                "values": [name, 0, column, len(steps) - 1, column],
                "line": {"none": True},
            }
        )
    chart.set_up_down_bars(
        {
            "up": {"fill": {"color": "#C0392B"}, "border": {"none": True}},
            "down": {"fill": {"color": "#2E8B57"}, "border": {"none": True}},
        }
    )
    chart.set_title({"name": f"{report.bridge.title} ({report.currency})", "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"label_position": "low", "num_font": {"size": 9}})
    chart.set_y_axis(
        {"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#DDE2E6"}}}
    )
    chart.set_size({"width": 980, "height": 380})
    sheet.insert_chart(row, 0, chart)  # type: ignore[attr-defined]


def _sheet(name: str) -> str:
    return "".join(character for character in name if character not in "[]:*?/\\")[:31]


def _cell(value: str | bool | None, kind: str) -> str:
    return shown(value) if kind in NUMBERS and number(value) is not None else _plain(shown(value))


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
