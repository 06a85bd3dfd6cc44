"""The text of an explanation as it stands at the ERP's object: words, steps and notes, without markup."""

from __future__ import annotations

from decimal import Decimal

from agents.rendering import number_text
from policies.lettering import made_visible
from policies.publications import Publication
from policies.telling import Told
from server.finance.publishing import report_in
from server.finance.report import rows_of

_MOST = 19_000
"""Characters; a longer explanation ends with where the rest is."""


def told_of(published: Publication) -> Told:
    """What is written of it: exactly what was shown and published, in its language."""
    report = report_in(published)
    steps = [
        f"{number_text(Decimal(str(row['amount'])), 'money')} {report.currency}  {row['step']}"
        + (f": {row['cause']}" if row.get("cause") else "")
        for row in rows_of(report.bridge)
    ]
    text = "\n".join((report.reading, "", report.narrative, "", *steps, "", *report.caveats)).strip()
    text = "\n".join(made_visible(line) for line in text.split("\n"))
    if len(text) > _MOST:
        text = text[:_MOST] + f" [...] The rest is in explanation {published.id}."
    asked = report.arguments
    period = asked.period if asked.until in (None, asked.period) else f"{asked.period} to {asked.until}"
    return Told(text, period, asked.cost_centre or "")
