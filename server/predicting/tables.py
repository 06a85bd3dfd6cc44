"""Models in the terminal: versions with state and record, and what a run did."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.predictors.registered import Registered
    from server.predicting.running import Ran
    from tools.engines.predictions.judging import Judged
    from tools.engines.predictions.quantities import Off


def as_json_text(found: Sequence[Registered]) -> str:
    """The versions as JSON."""
    return json.dumps([asdict(each) for each in found], indent=1, default=_text)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def show_versions(found: Sequence[Registered]) -> None:
    """Print each version, one a line for each site."""
    from rich.table import Table

    from server.console import out

    if not found:
        out().print(
            "No model is registered: rules tell what is likely. `plantwright predictors register FILE --site"
            " SITE` registers one, in shadow."
        )
        return
    grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    for heading in ("Site", "Model", "Version", "State", "Since", "By", "Outcomes", "Why"):
        grid.add_column(heading, justify="right" if heading == "Outcomes" else "left")
    for each in found:
        grid.add_row(
            each.site,
            each.name,
            each.version,
            each.state,
            f"{each.since:%Y-%m-%d}",
            each.by,
            str(each.outcomes),
            each.reason,
        )
    out().print(grid)


def show_run(done: Sequence[Ran]) -> None:
    """Print what a run did, and each version's record beside the rule's."""
    from rich.table import Table

    from server.console import out

    console = out()
    if not done:
        console.print("No model is registered: nothing to run.")
        return
    grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    for heading in (
        "Site",
        "Model",
        "Foretold",
        "Outcomes",
        "Came",
        "Model: precision, recall, Brier",
        "Rule",
    ):
        grid.add_column(heading, justify="right" if heading in ("Foretold", "Outcomes", "Came") else "left")
    for each in done:
        record = each.record
        grid.add_row(
            each.site,
            f"{each.name} {each.version}",
            str(each.foretold),
            str(record.outcomes),
            str(record.model.came),
            _shares(record.model, record.model_off),
            _shares(record.rule, record.rule_off),
        )
    console.print(grid)
    for each in done:
        where = f"{each.name} {each.version} at {each.site}"
        if each.trouble:
            console.print(f"{where}: {each.trouble}")
        if each.suspended:
            console.print(
                f"{where} is suspended: {each.suspended}. `plantwright quality` lists it as a task."
            )
        elif each.record.complaint:
            console.print(f"{where}: {each.record.complaint}")


def _shares(record: Judged, measured: Off | None) -> str:
    def percent(share: float | None) -> str:
        return "–" if share is None else f"{100 * share:.0f} %"

    brier = "–" if record.brier is None else f"{record.brier:.4f}"
    shares = f"{percent(record.precision)}, {percent(record.recall)}, {brier}"
    return shares if measured is None else f"{shares}; off by {percent(measured.wape)}"
