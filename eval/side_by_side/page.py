"""The comparison as one section of HTML that needs nothing else, alone or within another page."""

from __future__ import annotations

from html import escape

from eval.report.page import table
from eval.side_by_side.sheets import LEGEND, sheets
from eval.side_by_side.table import SideBySide

_STYLE = """
.side-by-side { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 84rem; padding: 0 1rem }
.side-by-side table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
.side-by-side th, .side-by-side td { text-align: left; padding: .3rem .6rem; vertical-align: top;
  border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
.side-by-side .wide { overflow-x: auto }
"""


def section(found: SideBySide) -> str:
    """The section in ASCII, so that it reads the same in any encoding; names and reasons are escaped."""
    parts = [
        '<section class="side-by-side">',
        f"<style>{_STYLE}</style>",
        f"<h1>Models side by side: {escape(', '.join(found.suites))}</h1>",
        f"<p>{escape(LEGEND)}</p>",
    ]
    for sheet in sheets(found):
        body = table(sheet.headings, sheet.rows) if sheet.rows else "<p>None.</p>"
        parts += [f"<h2>{escape(sheet.title)}</h2>", body]
    parts.append("</section>")
    return "\n".join(parts).encode("ascii", "xmlcharrefreplace").decode("ascii") + "\n"
