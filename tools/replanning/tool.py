"""Replanning as an answer: the ways side by side, what the recommended one changes, both plans as bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.presenting import figure, several, table
from tools.registry import ToolContext, tool
from tools.replanning.arguments import Replan
from tools.replanning.present import Present, sisters
from tools.replanning.proposal import Bar, Disturbance, DisturbanceKind, Outcome, Replanning
from tools.replanning.replanner import WAYS, replanning_of
from tools.results import Cell, Column, Figure, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_SHOWN = 60


@tool(
    name="replan",
    examples=(
        "Press 2 in Kassel is down until Thursday",
        "Purchase order 1400595 comes only on 20 April",
        "Move work order 1102494 to Thursday",
        "Rush order: 20 Ball valve BV 25 for Kassel by 9 April",
    ),
    version=_VERSION,
)
async def replan(args: Replan, context: ToolContext) -> ToolResult:
    """What to do with the open work orders of a site when something happens; nothing is changed by it.

    Four ways side by side: do nothing, right-shift, stable repair, full re-solve, each with late orders,
    customers hit, cost, and how much it moves; the recommended one with each operation that moves, its values
    before and after, and both plans as a Gantt chart. `until` is the day on which it is over.

    Example: {"kind": "machine_down", "about": "Press 2", "site": "Kassel", "until": "2026-04-02"}.
    """
    queries = Queries(context.tx)
    replanning, present, notes = await replanning_of(queries, args, context.tell)
    return await told_as(queries, args, replanning, present, notes, "replan", _VERSION)


async def told_as(
    queries: Queries,
    args: Replan,
    replanning: Replanning,
    present: Present,
    notes: Sequence[str],
    name: str,
    version: str,
) -> ToolResult:
    """The proposal as the answer of the tool of that name."""
    queries.note(
        f"scheduling engine: {len(present.tasks)} orders, {present.shop.count} operations, seed {args.seed},"
        f" {args.workers} workers, {args.seconds} s at most"
    )
    orders = [task.order for task in present.tasks]
    proof = await queries.evidence(
        tool=name,
        version=version,
        arguments=args,
        records=[
            *shares("production_order", orders),
            *shares("work_centre", present.floor.centres.values()),
            "routing_operation",
            "operation_confirmation",
            "shift",
            "work_calendar",
            *(("setup_time",) if present.has_setups else ()),
            *(("maintenance_order",) if present.floor.services else ()),
            *(("overtime",) if present.floor.extras else ()),
        ],
        flags=remarks("orders", orders),
        site=replanning.site,
    )
    return ToolResult(
        tool=name,
        reading=_reading(replanning),
        tables=(
            _ways(replanning),
            _changes(replanning, present),
            *((_left_out(replanning),) if replanning.left_out else ()),
            _gantt(replanning, present),
        ),
        figures=_figures(replanning, proof.id),
        evidence=(proof,),
        sentence=_sentence(replanning),
        caveats=(*notes, *_caveats(replanning, present)),
        suggestions=_suggestions(replanning, args),
    )


# ── tables ────────────────────────────────────────────────────────────────────────────────────────
def _ways(told: Replanning) -> Table:
    money = told.currency
    columns = (
        Column("way", "Way", "text", words="way"),
        Column("state", "State", "text", words="remark"),
        Column("later_orders", "Orders later than planned", "count", good="down"),
        Column("later_days", "Days later", "days", "days", good="down"),
        Column("late_orders", "Orders late in all", "count", good="down"),
        Column("late_days", "Days late in all", "days", "days", good="down"),
        Column("customers", "Customers hit", "count", good="down"),
        Column("at_risk", "Sales that wait", "money", money, good="down"),
        Column("cost", "Cost", "money", money, good="down"),
        Column("margin", "Margin effect", "money", money, good="up"),
        Column("moved_orders", "Orders moved", "count", good="down"),
        Column("moved", "Operations moved", "count", good="down"),
        Column("changes", "Changes of work centre", "count", good="down"),
        Column("overtime", "Overtime", "quantity", "min", good="down"),
        Column("overtime_cost", "Cost of overtime", "money", money, good="down"),
    )
    rows: list[list[Cell]] = []
    for one in told.alternatives:
        figures: list[Cell] = [
            one.later_orders,
            one.later_days,
            one.late_orders,
            one.late_days,
            len(one.customers),
            one.at_risk,
            one.cost,
            one.margin,
            one.moved_orders,
            one.moved_operations,
            one.machine_changes,
            Decimal(one.overtime_minutes),
            one.overtime_cost,
        ]
        # Figures of a plan that cannot be carried out would look like the best there is.
        rows.append([WAYS[one.way], _state(told, one), *([None] * len(figures) if one.broken else figures)])
    return table("Ways to go on", columns, rows)


def _state(told: Replanning, one: Outcome) -> str:
    if one.broken:
        return "cannot be carried out"
    if one.way == told.picked:
        return "chosen"
    return "recommended" if one.way == told.recommended else "possible"


def _changes(told: Replanning, present: Present) -> Table:
    columns = (
        Column("order_id", "Work order", "id"),
        Column("material", "Material", "text"),
        Column("operation", "Operation", "id"),
        Column("from_centre", "Work centre before", "text"),
        Column("to_centre", "Work centre after", "text"),
        Column("from_start", "Start before", "date"),
        Column("to_start", "Start after", "date"),
        Column("from_end", "End before", "date"),
        Column("to_end", "End after", "date"),
        Column("overtime", "Overtime", "quantity", "min"),
    )
    names = _names(present)
    rows = [
        (
            one.order,
            one.material,
            str(one.operation),
            names[one.before.work_centre] if one.before else None,
            names[one.after.work_centre],
            _clock(one.before.start) if one.before else None,
            _clock(one.after.start),
            _clock(one.before.end) if one.before else None,
            _clock(one.after.end),
            Decimal(one.after.overtime) if one.after.overtime else None,
        )
        for one in told.changes
    ]
    return table("What it changes", columns, rows[:_SHOWN], total=len(rows))


def _gantt(told: Replanning, present: Present) -> Table:
    """The bars of both plans on the work centres where something moves or stands still."""
    columns = (
        Column("work_centre", "Work centre", "text"),
        Column("plan", "Plan", "text", words="remark"),
        Column("order_id", "Work order", "id"),
        Column("operation", "Operation", "id"),
        Column("start", "Start", "date"),
        Column("end", "End", "date"),
        Column("moved", "Moved", "flag"),
    )
    names = _names(present)
    after = told.chosen.bars if told.chosen else ()
    touched = {one.work_centre for one in after if one.is_moved}
    touched |= {one.before.work_centre for one in told.changes if one.before}
    shown = [*_of(told.before, touched, "before", after), *_of(after, touched, "after", after)]
    shown.sort(key=lambda pair: (pair[1].work_centre, pair[0] == "after", pair[1].start))
    rows = [
        (
            names[one.work_centre],
            plan,
            one.order,
            str(one.operation),
            _clock(one.start),
            _clock(one.end),
            moved,
        )
        for plan, one, moved in ((plan, one, moved) for plan, one, moved in shown)
    ]
    return Table(columns, tuple(rows), said("Plan before and after"), total_rows=len(rows), shows="gantt")


def _of(
    bars: Sequence[Bar], centres: set[str], plan: str, after: Sequence[Bar]
) -> list[tuple[str, Bar, bool]]:
    moved = {(one.order, one.operation) for one in after if one.is_moved}
    return [(plan, one, (one.order, one.operation) in moved) for one in bars if one.work_centre in centres]


def _left_out(told: Replanning) -> Table:
    columns = (Column("order_id", "Work order", "id"), Column("reason", "What is missing", "text"))
    rows = [(one.order, one.reason) for one in told.left_out]
    return table("Orders that could not be planned", columns, rows[:_SHOWN], total=len(rows))


def _clock(moment: datetime) -> str:
    """A moment as the clocks of the plant say it; which clocks, a note says."""
    return f"{moment:%Y-%m-%d %H:%M}"


def _names(present: Present) -> dict[str, str]:
    return {id: f"{one.name} ({id})" if one.name != id else id for id, one in present.floor.centres.items()}


# ── figures and words ─────────────────────────────────────────────────────────────────────────────
def _figures(told: Replanning, proof: str) -> tuple[Figure, ...]:
    chosen = told.chosen
    if chosen is None:
        return ()
    return (
        figure("orders moved", chosen.moved_orders, "count", proof),
        figure("operations moved", chosen.moved_operations, "count", proof),
        figure("orders later than planned", chosen.later_orders, "count", proof),
        figure("customers hit", len(chosen.customers), "count", proof),
    )


_EVENTS: dict[DisturbanceKind, str] = {
    "machine_down": "[[name]] stands still",
    "crew_absent": "the people of [[name]] are not there",
    "material_late": "delivery [[name]] comes late",
    "quality_hold": "[[name]] is on hold",
    "rush_order": "a rush order for [[quantity]] of [[name]]",
    "move": "work order [[name]] moved",
}


def event_words(event: Disturbance) -> str:
    """What has happened, with until when."""
    quantity = "" if event.quantity is None else f"{event.quantity.normalize():f}"
    text = said(_EVENTS[event.kind], name=event.name, quantity=quantity)
    if event.ends is None:
        return said("[[event]], without an end", event=text)
    day = day_text(event.ends.date())
    moment = f"{day} {event.ends:%H:%M}"
    if event.kind in ("move", "rush_order"):
        return said("[[event]], wanted [[day]]", event=text, day=day)
    return said("[[event]] until [[moment]]", event=text, moment=moment)


def _reading(told: Replanning) -> str:
    return ", ".join(
        (
            said("Replanning: [[event]]", event=event_words(told.event)),
            said("orders that start up to [[day]]", day=day_text(told.horizon)),
            said("at [[site]]", site=told.site),
        )
    )


def _sentence(told: Replanning) -> str:
    chosen = told.chosen
    if chosen is None:
        return said("No way can be gone as things stand; the present plan stays as it is.")
    if chosen.way == "do_nothing":
        return said("Nothing has to be changed: the plan can be carried out as it is.")
    at = next(i for i, one in enumerate(told.alternatives) if one.way == chosen.way)
    first = said(
        "Recommended is {{tables[0].rows[[[at]]].way}}. Orders moved: {{figures[0]}}; operations moved:"
        " {{figures[1]}}; orders that end later than planned: {{figures[2]}}.",
        at=at,
    )
    if not chosen.customers:
        return f"{first} {said('No customer is hit.')}"
    return f"{first} {said('Customers hit: {{figures[3]}}.')}"


def _caveats(told: Replanning, present: Present) -> list[str]:
    found: list[str] = []
    found.append(said("Times are those of the plant's clocks, [[zone]].", zone=told.zone))
    if told.why:
        found.append(said("Why: [[reasons]].", reasons="; ".join(told.why)))
    chosen = told.chosen
    if chosen and chosen.customers:
        found.append(said("Customers hit: [[names]].", names=several(chosen.customers, 8)))
    found += [said("To relax: [[what]].", what=one) for one in told.relax[:6]]
    found += _searched(told)
    if not told.is_complete:
        found.append(
            said(
                "OR-Tools is not installed, so that only the ways without a search are offered; install it"
                ' with: pip install "plantwright[planning]"'
            )
        )
    found.append(
        said(
            "The source keeps dates of orders, not of operations: the present plan places operations first"
            " come, first served on the working time of the site, no order before its start date or parts."
        )
    )
    already = next((one for one in told.alternatives if one.way == "do_nothing"), None)
    if already is not None and already.late_orders:
        found.append(
            counted(
                already.late_orders,
                "[[number]] order is late in that plan already; only what comes on top is repaired.",
                "[[number]] orders are late in that plan already; only what comes on top is repaired.",
            )
        )
    if any(len(sisters(present.floor, centre)) > 1 for centre in present.centres):
        found.append(
            said(
                "Work centres of a line whose names differ only in their number are taken to stand in for"
                " each other in the same time; the source does not say so."
            )
        )
    found += _overtime(present)
    found.append(
        said(
            "An order waits for the planned orders that supply it; what other orders supply counts from their"
            " due date. Cost is that of work centres, set-ups and overtime for all that is left of the orders"
            " planned."
        )
    )
    if not present.has_setups and present.floor.setups:
        found.append(
            said("There are too many orders to weigh the sequence of set-ups: those of the routings count.")
        )
    if present.beyond:
        found.append(
            counted(
                present.beyond,
                "[[number]] order that starts after [[day]] was left out.",
                "[[number]] orders that start after [[day]] were left out.",
                day=day_text(told.horizon),
            )
        )
    return found


def _overtime(present: Present) -> list[str]:
    """What of overtime was weighed."""
    ends = [one.at for machine in present.shop.machines for one in machine.overtime]
    if not ends:
        return [said("No overtime is on record for these days, so that no way uses any.")]
    return [
        said(
            "Overtime counts where it makes orders less late, up to [[day]]: the operation that runs when a"
            " shift ends is worked on; nothing is begun in it.",
            day=day_text(present.floor.hours.end(max(ends)).date()),
        )
    ]


def _searched(told: Replanning) -> list[str]:
    """How good the plans are that the search found."""
    found = []
    if told.is_ended_early:
        found.append(
            said("The search was ended before its time: these are the best plans that were found by then.")
        )
    repaired = told.of("stable_repair")
    if repaired is None or repaired.gap is None or repaired.broken:
        return found
    if repaired.gap == 0:
        return [*found, said("No plan is less late than the stable repair: that is proven.")]
    return [
        *found,
        said(
            "The stable repair could be less late by at most [[gap]] %: more was not proven in the time.",
            gap=repaired.gap,
        ),
    ]


def _suggestions(told: Replanning, args: Replan) -> tuple[str, ...]:
    found = []
    if told.changes:
        found.append(said("Why is work order [[order]] late?", order=told.changes[0].order))
    if told.left_out:
        found.append(said("Status of work order [[order]]", order=told.left_out[0].order))
    if args.kind != "move" and told.changes:
        found.append(said("What is short in the next two weeks?"))
    return tuple(found)
