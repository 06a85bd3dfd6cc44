"""Sites and their rules as tables for the terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from erp_adapters.store.freshness import Freshness
from erp_adapters.store.rule_trials import Difference, Effect
from erp_adapters.store.rulebook import RulesVersion
from erp_adapters.store.sites import Site
from server.wording import age, plain

EFFECTS_SHOWN = 40
_EFFECTS = {
    "set aside": "set aside from now on",
    "changed": "read as something else",
    "accepted": "read from now on",
}


def sites_table(found: Sequence[Site], sources: Sequence[Freshness]) -> RenderableType:
    """A row a site, with its sources and their ages."""
    if not found:
        return Text("No site that you may see has data.")
    grid = _grid("Site", "Zone", "Currency", "Units", "Fiscal periods", "Sources", "Rules")
    now = datetime.now(UTC)
    for site in found:
        own = [f"{s.source_system} {age(s.loaded_at, now)} ago" for s in sources if s.site == site.code]
        _row(
            grid,
            f"{site.code} {site.name}",
            site.time_zone,
            site.currency,
            site.unit_system,
            site.fiscal_calendar,
            ", ".join(own) or "–",
            _in_force(site),
        )
    return grid


def _in_force(site: Site) -> str:
    rules = site.rules
    approved = f"version {rules.version}, {rules.approved_by}" if rules else "none"
    if not site.proposed:
        return approved
    return f"{approved}; proposed: {', '.join(map(str, site.proposed))}"


def site_records(found: Sequence[Site], sources: Sequence[Freshness]) -> list[dict[str, object]]:
    """The same as JSON."""
    return [
        {
            "site": site.code,
            "name": site.name,
            "country": site.country,
            "time_zone": site.time_zone,
            "currency": site.currency,
            "unit_system": site.unit_system,
            "fiscal_calendar": site.fiscal_calendar,
            "data_as_of": site.as_of.isoformat() if site.as_of else None,
            "sources": [
                {"system": s.source_system, "loaded_at": s.loaded_at.isoformat(), "rows": s.rows}
                for s in sources
                if s.site == site.code
            ],
            "rules": {
                "version": site.rules.version,
                "digest": site.rules.digest,
                "approved_by": site.rules.approved_by,
                "approved_at": site.rules.approved_at.isoformat() if site.rules.approved_at else None,
            }
            if site.rules
            else None,
            "proposed": list(site.proposed),
        }
        for site in found
    ]


def version_line(version: RulesVersion) -> Text:
    """What a version is and who answers for it, in a sentence."""
    parts = [f"proposed by {version.proposed_by} on {version.proposed_at:%Y-%m-%d}"]
    if version.approved_by:
        parts.append(f"approved by {version.approved_by} on {version.approved_at:%Y-%m-%d}")
    if version.rejected_by:
        parts.append(f"rejected by {version.rejected_by} on {version.rejected_at:%Y-%m-%d}")
    note = f" ({version.note})" if version.note else ""
    which = f"Rules of site {version.site}, version {version.version}"
    return Text(plain(f"{which}: {version.status}, {', '.join(parts)}{note}."))


def versions_table(versions: Sequence[RulesVersion]) -> RenderableType:
    """Every version of a site's rules."""
    grid = _grid("Version", "Status", "Proposed", "Decided", "Note")
    for version in versions:
        decided_by = version.approved_by or version.rejected_by
        decided_at = version.approved_at or version.rejected_at
        _row(
            grid,
            str(version.version),
            version.status,
            f"{version.proposed_by}, {version.proposed_at:%Y-%m-%d}",
            f"{decided_by}, {decided_at:%Y-%m-%d}" if decided_by and decided_at else "–",
            version.note or "–",
        )
    return grid


def differences_table(found: Sequence[Difference], before: str, after: str) -> RenderableType:
    """Where two versions differ."""
    if not found:
        return Text(f"{before} and {after} say the same.")
    grid = _grid("Place", before.capitalize(), after.capitalize())
    for difference in found:
        _row(grid, difference.place, difference.before or "–", difference.after or "–")
    return grid


def effects_table(found: Sequence[Effect]) -> RenderableType:
    """What a proposal does to the codes of the last loads."""
    if not found:
        return Text("Every code that the last loads met is read as before.")
    grid = _grid("Source", "Rule", "Code", "Rows", "In force", "Proposed", "Then")
    for effect in found[:EFFECTS_SHOWN]:
        _row(
            grid,
            effect.source,
            effect.rule,
            effect.code,
            f"{effect.rows:,}",
            effect.before or "–",
            effect.after or "–",
            _EFFECTS[effect.kind],
        )
    more = len(found) - EFFECTS_SHOWN
    return Group(grid, Text(f"and {more:,} more")) if more > 0 else grid


def _grid(*headings: str) -> Table:
    grid = Table(box=None, padding=(0, 3, 0, 0), show_edge=False, header_style="bold")
    for heading in headings:
        grid.add_column(heading, justify="right" if heading == "Rows" else "left")
    return grid


def _row(grid: Table, *cells: str) -> None:
    grid.add_row(*(Text(plain(cell)) for cell in cells))
