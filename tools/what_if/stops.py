"""Suppositions about a shop floor that stands still: as planned, pushed on in its sequence, and replanned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from tools.evidence import shares
from tools.languages import said
from tools.languages.forms import day_text
from tools.presenting import table
from tools.replanning.arguments import Replan
from tools.replanning.present import Present
from tools.replanning.proposal import Outcome, Replanning
from tools.replanning.replanner import WAYS, replanning_of
from tools.replanning.tool import event_words
from tools.results import Cell, Column, Table
from tools.rows import Queries
from tools.what_if.arguments import Supposition, WhatIf
from tools.what_if.compared import AS_IS, Compared, digest


async def stops_compared(
    queries: Queries,
    args: WhatIf,
    supposed: Sequence[Supposition],
    site: str | None,
    first: int,
    tell: Callable[[str], None],
) -> Compared:
    """What a stop would come to.

    Args:
        first: the number of its first table in the answer.

    Raises:
        ToolError: what is named is not there, or nothing can be planned.
    """
    found: list[Replanning] = []
    notes: list[str] = []
    present: Present | None = None
    for one in supposed:
        asked = Replan(
            kind="crew_absent" if one.kind == "crew_absent" else "machine_down",
            about=one.about,
            site=site,
            since=one.since,
            until=one.until,
            hours=one.hours,
            horizon_days=min(args.horizon_days, 21),
            seconds=max(1, args.seconds // len(supposed)),
            seed=args.seed,
            workers=args.workers,
        )
        told, present, said_beside = await replanning_of(queries, asked, tell)
        found.append(told)
        notes += said_beside
        site = told.site
    assert present is not None
    orders = [task.order for task in present.tasks]
    queries.note(
        f"scheduling engine on a copy in memory: {len(orders)} orders, {present.shop.count} operations, seed"
        f" {args.seed}, {args.workers} workers, {max(1, args.seconds // len(supposed))} s at most each;"
        f" inputs sha256:{digest((present.shop, present.plan))}"
    )
    words = tuple(event_words(told.event) for told in found)
    return Compared(
        found[0].site,
        (_compared(found, _labels(found)),),
        _sentence(found, first),
        words,
        (*dict.fromkeys(notes), *_caveats(found)),
        _suggestions(found, supposed),
        (
            *shares("production_order", orders), *shares("work_centre", present.floor.centres.values()),
            "routing_operation", "shift", "work_calendar",
        ),
    )  # fmt: skip


def _labels(found: Sequence[Replanning]) -> tuple[str, ...]:
    """Each stop in few words, with until when."""
    return tuple(
        told.event.name
        if told.event.ends is None
        else f"{told.event.name} → {day_text(told.event.ends.date())}"
        for told in found
    )


def _compared(found: Sequence[Replanning], words: Sequence[str]) -> Table:
    money = found[0].currency
    columns = (
        Column("case", "Case", "text"),
        Column("way", "Way", "text", words="way"),
        Column("later_orders", "Orders later than planned", "count", good="down"),
        Column("later_days", "Days later", "days", "days", good="down"),
        Column("late_orders", "Orders late in all", "count", good="down"),
        Column("customers", "Customers hit", "count", good="down"),
        Column("at_risk", "Sales that wait", "money", money, good="down"),
        Column("cost", "Cost", "money", money, good="down"),
        Column("margin", "Margin effect", "money", money, good="up"),
        Column("moved", "Operations moved", "count", good="down"),
    )
    # The plan as it is, nothing added: what it has late, it has late already.
    planned = found[0].of("do_nothing")
    assert planned is not None
    rows: list[list[Cell]] = [
        [
            said(AS_IS),
            None,
            0,
            Decimal(0),
            planned.late_orders,
            0,
            Decimal(0),
            planned.cost,
            Decimal(0),
            0,
        ]
    ]
    for text, told in zip(words, found, strict=True):
        rows += [_row(text, one) for one in _shown(told)]
        if not _shown(told):
            rows.append([text, None, *([None] * 8)])
    return table("As is and as supposed", columns, rows)


def _shown(told: Replanning) -> list[Outcome]:
    """The plan in its own sequence, and the recommended way where that is another."""
    shifted, chosen = told.of("right_shift"), told.chosen
    found = [one for one in (shifted, chosen) if one is not None and not one.broken]
    return found[:1] if shifted is chosen else found


def _row(text: str, one: Outcome) -> list[Cell]:
    return [
        text,
        WAYS[one.way],
        one.later_orders,
        one.later_days,
        one.late_orders,
        len(one.customers),
        one.at_risk,
        one.cost,
        one.margin,
        one.moved_operations,
    ]


def _sentence(found: Sequence[Replanning], first: int) -> str:
    at = len(_shown(found[0]))
    if not at:
        return said("Supposed so, no way can be gone; what would have to give stands in the notes.")
    if at == 1:
        return said(
            "Supposed so, orders that end later than planned: {{tables[[[t]]].rows[1].later_orders}};"
            " customers hit: {{tables[[[t]]].rows[1].customers}}.",
            t=first,
        )
    return said(
        "Supposed so, orders that end later than planned: {{tables[[[t]]].rows[1].later_orders}} where the"
        " sequence is kept, {{tables[[[t]]].rows[2].later_orders}} where it is replanned"
        " ({{tables[[[t]]].rows[2].way}}); customers hit: {{tables[[[t]]].rows[1].customers}} and"
        " {{tables[[[t]]].rows[2].customers}}.",
        t=first,
    )


def _caveats(found: Sequence[Replanning]) -> list[str]:
    notes = [said("Times are those of the plant's clocks, [[zone]].", zone=found[0].zone)]
    notes += [said("To relax: [[what]].", what=what) for told in found for what in told.relax[:3]]
    if not all(told.is_complete for told in found):
        notes.append(
            said(
                "OR-Tools is not installed, so that only the ways without a search are offered; install it"
                ' with: pip install "plantwright[planning]"'
            )
        )
    return notes


def _suggestions(found: Sequence[Replanning], supposed: Sequence[Supposition]) -> tuple[str, ...]:
    """What says that it is so, for the proposal with the exact moves."""
    texts = []
    for told, one in zip(found, supposed, strict=True):
        name = told.event.name
        if one.until is None or (one.since is not None and one.since > told.now.date()):
            continue
        text = (
            "The people of [[name]] at [[site]] are absent until [[day]]"
            if one.kind == "crew_absent"
            else "[[name]] at [[site]] is down until [[day]]"
        )
        texts.append(said(text, name=name, site=told.site, day=day_text(one.until)))
    return tuple(texts)
