"""Findings of the checks inside answers: as a table, and as caveats about a material or a supplier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

from erp_adapters.store.checks.kept import KeptFinding, Watched, looks, touching
from tools.errors import ToolError
from tools.findings import CHECKS, check_name, proposed, sentence, severity_name
from tools.languages import said
from tools.matching import meant, ranked
from tools.naming import Thing
from tools.presenting import common, table, unit_column
from tools.results import Column, SourceShare, Table
from tools.rows import Queries

SHOWN = 25
_CAVEATS = 3


def check_named(text: str) -> str:
    """The check that a text means, such as `duplicate_materials` for "doubles of materials".

    Raises:
        ToolError: none or several are called that.
    """
    things = [
        Thing("", check, code, name)
        for check, name in CHECKS.items()
        for code in (check, check.replace("_", " "), check_name(check))
    ]
    meanings = sorted({match.thing.id for match in meant(ranked(text, things))})
    if len(meanings) == 1:
        return meanings[0]
    raise ToolError(
        said(
            "[[asked]] is no check; there are [[listed]]",
            asked=repr(text),
            listed=", ".join(check_name(check) for check in meanings or CHECKS),
        )
    )


def findings_table(found: Sequence[KeptFinding]) -> Table:
    """What was found, the gravest and dearest first."""
    currencies = unit_column([each.currency for each in found if each.at_stake is not None], "Currency")
    columns = (
        Column("finding", "Finding", "text"),
        Column("severity", "Severity", "text"),
        Column("at_stake", "At stake", "money", common(each.currency for each in found if each.at_stake)),
        *currencies,
        Column("proposed", "Proposed", "text"),
        Column("finding_id", "Finding id", "id"),
        Column("site", "Site", "id"),
    )
    return table(
        "What the data itself shows",
        columns,
        (
            (
                sentence(each),
                severity_name(each.severity),
                each.at_stake,
                *((each.currency if each.at_stake is not None else None,) if currencies else ()),
                proposed(each),
                each.finding_id,
                each.site,
            )
            for each in found
        ),
        limit=SHOWN,
    )


def shares_of(found: Sequence[KeptFinding]) -> list[SourceShare]:
    """The rows that findings name, by source and record."""
    keys: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in found:
        keys[each.source_system, each.record].append(each.source_key)
    return [
        SourceShare(system, record, len(of_one), tuple(dict.fromkeys(of_one))[:5])
        for (system, record), of_one in sorted(keys.items())
    ]


async def looked(queries: Queries, site: str | None, check: str | None) -> list[Watched]:
    """When the data was looked through, as far as it was asked about."""
    return [
        each
        for each in await looks(queries.tx)
        if site in (None, each.site) and check in (None, each.check_name)
    ]


def age_caveats(watched: Sequence[Watched]) -> tuple[str, ...]:
    """What is to be said where nothing was looked for, or not since the last load."""
    if not watched:
        return (said("This was never looked for in the data of these sites."),)
    behind = sorted({each.site for each in watched if each.is_behind})
    if not behind:
        return ()
    return (said("Data of [[sites]] was loaded since the findings were made.", sites=", ".join(behind)),)


async def finding_caveats(
    queries: Queries, record: Literal["material", "supplier"], thing: Thing
) -> list[str]:
    """Open serious findings that touch a material or a supplier, each a sentence."""
    found = await touching(queries.tx, record, thing.site, thing.id)
    if found:
        queries.note("open serious findings of the checks")
    return [
        said("A steward has not decided yet: [[finding]]", finding=sentence(each))
        for each in found[:_CAVEATS]
    ]
