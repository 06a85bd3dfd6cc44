"""Findings in the terminal and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from server.console import out
from server.wording import number, plain
from tools.findings import check_name, expected, proposed, sentence, severity_name
from tools.languages import said

if TYPE_CHECKING:
    from erp_adapters.store.checks import Looked
    from erp_adapters.store.checks.beside import Beside
    from erp_adapters.store.checks.kept import KeptFinding, Watched

SHORT_ID = 8
_STYLES = {"serious": "bold red", "flag": "yellow", "note": "dim"}


def as_record(finding: KeptFinding) -> dict[str, object]:
    """A finding as JSON: codes and values as they are kept, and its sentences."""
    return {
        "id": finding.finding_id,
        "site": finding.site,
        "check": finding.check_name,
        "severity": finding.severity,
        "says": sentence(finding),
        "what": finding.what,
        "arguments": dict(finding.arguments),
        "keys": [{"site": k.site, "record": k.record, "source_key": k.source_key} for k in finding.keys],
        "measure": None if finding.measure is None else str(finding.measure),
        "expected": [None if x is None else str(x) for x in (finding.expected_low, finding.expected_high)],
        "unit": finding.unit,
        "at_stake": None if finding.at_stake is None else str(finding.at_stake),
        "currency": finding.currency,
        "proposal": dict(finding.proposal),
        "proposes": proposed(finding),
        "confidence": str(finding.confidence),
        "source": finding.source_system,
        "loads": [str(load) for load in finding.load_ids],
        "found_at": finding.found_at.isoformat(),
        "status": finding.status,
        "decided_by": finding.decided_by,
        "decided_why": finding.decided_why,
    }


def show_list(found: Sequence[KeptFinding], watched: Sequence[Watched], limit: int) -> None:
    """The findings as a table, and when they were looked for."""
    console = out()
    if found:
        console.print(_list(found[:limit]))
        console.print()
    counts = Counter(each.check_name for each in found)
    summary = ", ".join(f"{check_name(check)} {times:,}" for check, times in counts.most_common())
    console.print(Text(f"{len(found):,} findings: {summary}" if found else "No findings."))
    if len(found) > limit:
        console.print(Text(f"The first {limit} are shown; --limit shows more, --check and --site fewer."))
    _say_age(console, watched)


def _say_age(console: Console, watched: Sequence[Watched]) -> None:
    behind = sorted({each.site for each in watched if each.is_behind})
    if not watched:
        console.print(Text("The data was never looked through: run `plantwright quality look`."))
    elif behind:
        console.print(
            Text(f"Loaded since the last look: {', '.join(behind)}. Run `plantwright quality look`."),
            style="yellow",
        )


def _list(found: Sequence[KeptFinding]) -> RenderableType:
    grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    for heading in ("Id", "Site", "Severity", "Finding", "Proposed", "At stake"):
        grid.add_column(
            heading,
            justify="right" if heading == "At stake" else "left",
            no_wrap=heading in ("Id", "Site", "At stake"),
            overflow="fold",
        )
    for each in found:
        sites = "+".join(dict.fromkeys(key.site for key in each.keys))
        grid.add_row(
            Text(each.finding_id[:SHORT_ID]),
            Text(plain(sites if len(sites) <= 12 else f"{each.site}+{len(set(sites.split('+'))) - 1}")),
            Text(severity_name(each.severity), style=_STYLES[each.severity]),
            Text(plain(sentence(each))),
            Text(plain(proposed(each))),
            Text(_stake(each)),
        )
    return grid


def _stake(finding: KeptFinding) -> str:
    if finding.at_stake is None:
        return "–"
    return f"{number(str(finding.at_stake), 'money')} {plain(finding.currency or '')}"


def show_one(finding: KeptFinding, beside: Sequence[Beside]) -> None:
    """A finding with its rows side by side."""
    console = out()
    console.print(Text(plain(sentence(finding)), style="bold"))
    facts = {
        "Finding": finding.finding_id,
        "Check": check_name(finding.check_name),
        "Severity": severity_name(finding.severity),
        "Measured": _measured(finding),
        "Expected": expected(finding) or "–",
        "At stake": _stake(finding),
        "Proposed": proposed(finding),
        "Confidence": number(str(finding.confidence), "ratio"),
        "Source": f"{finding.source_system}, loads {', '.join(map(str, finding.load_ids)) or 'none'}",
        "Status": _status(finding),
    }
    for name, value in facts.items():
        console.print(Text(f"{name:<11} {plain(value)}"))
    console.print()
    console.print(_side_by_side(beside))
    if len(finding.keys) > len(beside):
        console.print(Text(f"and {len(finding.keys) - len(beside):,} more rows (--json names them)"))


def _measured(finding: KeptFinding) -> str:
    if finding.measure is None:
        return "–"
    return f"{number(str(finding.measure))} {said(finding.unit) if finding.unit else ''}".rstrip()


def _status(finding: KeptFinding) -> str:
    if finding.decided_by is None or finding.decided_at is None:
        return finding.status
    gone = ", and no longer found" if finding.gone_at else ""
    who = f"{finding.status} by {finding.decided_by} on {finding.decided_at:%Y-%m-%d}"
    return f"{who}: {finding.decided_why}{gone}"


def _side_by_side(beside: Sequence[Beside]) -> RenderableType:
    grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    grid.add_column("Field")
    for row in beside:
        grid.add_column(f"{row.key.site} {row.key.record}", overflow="fold")
    for name in dict.fromkeys(name for row in beside for name in row.fields):
        cells = [row.fields.get(name, "–") for row in beside]
        style = "bold" if len(set(cells)) > 1 else ""
        grid.add_row(Text(name), *(Text(plain(cell), style=style) for cell in cells))
    return grid


def show_looks(done: Sequence[Looked]) -> None:
    """What each check looked at and found."""
    grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    for heading in ("Check", "Rows", "Found", "Seconds"):
        grid.add_column(heading, justify="left" if heading == "Check" else "right")
    for each in done:
        grid.add_row(each.check, f"{each.rows:,}", f"{each.found:,}", f"{each.seconds:.1f}")
    out().print(grid)
