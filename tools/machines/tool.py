"""What machines measure now and in the last days, and when they stood."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pydantic import Field

from erp_adapters.records import MachineEvent
from tools.arguments import Arguments, SiteName, Text
from tools.errors import NotRecorded, ToolError
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.machines.watched import Point, Watched, fitting, points, step_of, stops, watched
from tools.naming import site_of
from tools.presenting import common, figure, several, table
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Figure, SourceShare, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_LISTED = 50
_FLAWS = {
    "gap": "gaps",
    "frozen": "frozen",
    "late": "late samples",
    "out_of_order": "samples out of order",
    "duplicate": "duplicates",
    "conflicting": "contradicting samples",
    "out_of_range": "values that cannot be",
    "no_number": "samples without a number",
    "bad": "samples that the source calls bad",
    "other_unit": "values that look like Fahrenheit",
    "local_time": "times that look local",
    "wrong_clock": "a wrong clock",
    "ambiguous_time": "times that may mean two hours",
}


class MachineValues(Arguments):
    """Of which machine, what, and how far back."""

    site: SiteName = None
    work_centre: Text | None = Field(
        None, description="Id or name of one work centre, such as 'P2' or 'Hydraulic press 2'."
    )
    measures: Text | None = Field(
        None, description="What is measured: 'temperature', 'energy', 'vibration', 'state'."
    )
    days: int = Field(30, ge=1, le=366, description="How many days back a trend reaches.")


@tool(
    name="machine_values",
    examples=(
        "How did the temperature of Hydraulic press 2 in Kassel develop in the last 30 days?",
        "What is the temperature of P2 in Kassel?",
        "Which sensors are there in Kassel?",
    ),
    version=_VERSION,
)
async def machine_values(args: MachineValues, context: ToolContext) -> ToolResult:
    """What sensors of machines measure: the latest value and its age, the trend, and when machines stood.

    Values come from live sources (OPC UA, MQTT Sparkplug) where one is connected, else from what a
    historian's files were loaded with; the answer says which. Times without samples stay empty: nothing is
    interpolated. Stops that were recorded with reasons are the metric `downtime`; a failure that may come is
    `failure_risk`.

    Example: {"site": "Kassel", "work_centre": "P2", "measures": "temperature", "days": 30}.
    """
    queries = Queries(context.tx)
    site = await site_of(context.tx, args.site)
    there = await watched(queries, site)
    found = fitting(there, args.work_centre, args.measures)
    if not found:
        raise _nothing(args, there)
    one = found[0] if len(found) == 1 else None
    trend = await points(queries, one, args.days) if one else ()
    stood: list[MachineEvent] = []
    for each in found:
        if each.live is not None and each.down:
            stood += await stops(context.tx, each, each.now - timedelta(days=args.days))
    wrong = await _wrong(queries, found, args.days)
    proof = await queries.evidence(
        tool="machine_values",
        version=_VERSION,
        arguments=args,
        records=_sources(found),
        flags=tuple(wrong),
        site=site,
    )
    tables = [_signals_table(found)]
    if one:
        tables.append(_trend_table(one, trend, args.days))
    if stood:
        tables.append(_stops_table(stood))
    return ToolResult(
        tool="machine_values",
        reading=_reading(args, found, site),
        tables=tuple(tables),
        figures=_figures(found, trend, stood, proof.id),
        evidence=(proof,),
        sentence=_sentence(found, one, trend),
        caveats=(*_caveats(found), *wrong),
        suggestions=_suggestions(stood, found),
    )


def _nothing(args: MachineValues, there: Sequence[Watched]) -> ToolError:
    if not there:
        return NotRecorded(
            said(
                "No sensor is known here: no live source is connected, and no historian's files were loaded."
            )
        )
    of_centre = fitting(there, args.work_centre, None)
    if args.work_centre is not None and not of_centre:
        named = sorted({each.work_centre_name or each.work_centre for each in there} - {""})
        return ToolError(
            said("No sensor watches [[asked]]; there are some at [[named]].", asked=repr(args.work_centre),
                 named=several(named, 5))
        )  # fmt: skip
    kinds = sorted({each.measures for each in of_centre or there})
    return ToolError(
        said("Nothing there measures [[asked]]; what is measured: [[kinds]].", asked=repr(args.measures),
             kinds=several(kinds, 8))
    )  # fmt: skip


def _sources(found: Sequence[Watched]) -> list[SourceShare | str]:
    by_source: dict[str, list[str]] = {}
    for each in found:
        if each.live is not None:
            by_source.setdefault(each.source, []).append(each.name)
    shares: list[SourceShare | str] = [
        SourceShare(source, "signal", len(names), tuple(names[:3])) for source, names in by_source.items()
    ]
    return shares + (["sensor", "sensor_day"] if any(each.live is None for each in found) else [])


async def _wrong(queries: Queries, found: Sequence[Watched], days: int) -> list[str]:
    """What was wrong with the samples, and sources that do not answer, each in a sentence."""
    live = [each for each in found if each.live is not None]
    if not live:
        return []
    from erp_adapters.series.reading import flaws
    from erp_adapters.series.standing import collectors, sources

    noted = await flaws(
        queries.tx,
        [each.live for each in live if each.live is not None],
        live[0].now - timedelta(days=days),
        live[0].now,
    )
    numbers: dict[str, int] = {}
    for flaw in noted:
        numbers[flaw.kind] = numbers.get(flaw.kind, 0) + flaw.number
    sentences = [
        said("Noted of these samples: [[what]] ([[number]]).", what=said(_FLAWS[kind]), number=number)
        for kind, number in sorted(numbers.items())
    ]
    named = {each.source for each in live}
    for source in await sources(queries.tx):
        if source.source in named and source.failing_since is not None:
            sentences.append(
                said(
                    "[[source]] does not answer since [[day]] [[time]] UTC: values are older than they seem.",
                    source=source.source,
                    day=day_text(source.failing_since.date()),
                    time=f"{source.failing_since:%H:%M}",
                )
            )
    for collector in await collectors(queries.tx):
        told = any(each.startswith(f"{collector.name}/") for each in named)
        if told and collector.is_silent(datetime.now(UTC)):
            sentences.append(
                said(
                    "[[source]] does not answer since [[day]] [[time]] UTC: values are older than they seem.",
                    source=collector.name,
                    day=day_text(collector.heard_at.date()),
                    time=f"{collector.heard_at:%H:%M}",
                )
            )
    return sentences


def _minutes(since: datetime, now: datetime) -> Decimal:
    return Decimal(max(0, round((now - since).total_seconds() / 60)))


def _value(value: float | None) -> Decimal | None:
    return None if value is None or value != value else round(Decimal(repr(value)), 2)


def _signals_table(found: Sequence[Watched]) -> Table:
    columns = (
        Column("site", "Site", "id"),
        Column("work_centre", "Work centre", "text"),
        Column("sensor", "Sensor", "text"),
        Column("measures", "Measures", "text"),
        Column("value", "Latest value", "ratio", common(each.unit for each in found)),
        Column("unit", "Unit", "text"),
        Column("at", "Measured", "date"),
        Column("age", "Age", "ratio", "min", good="down"),
        Column("is_sound", "Sound", "flag"),
        Column("source", "Source", "text"),
    )
    rows: list[list[Cell]] = [
        [
            each.site,
            each.work_centre_name or each.work_centre,
            each.name,
            each.measures,
            _value(each.value),
            each.unit,
            each.at,
            None if each.at is None else _minutes(each.at, each.now),
            each.at is not None and not (each.quality or 0) & 6,
            each.source if each.live is not None else said("loaded files"),
        ]
        for each in found
    ]
    return table(said("Sensors"), columns, rows, limit=_LISTED)


def _trend_table(one: Watched, trend: Sequence[Point], days: int) -> Table:
    columns = (
        Column("at", "From", "date"),
        Column("mean", "Mean", "ratio", one.unit),
        Column("low", "Least", "ratio", one.unit),
        Column("high", "Most", "ratio", one.unit),
        Column("samples", "Samples", "count", adds_up=True),
        Column("useless", "Of no use", "count", good="down", adds_up=True),
    )
    hourly = step_of(days) == "hour"
    rows = (
        (each.at if hourly else each.at.date(), each.mean, each.low, each.high, each.number, each.useless)
        for each in trend
    )
    return table(said("Trend"), columns, rows)


def _stops_table(stood: Sequence[MachineEvent]) -> Table:
    columns = (
        Column("work_centre", "Work centre", "id"),
        Column("since", "Stood from", "date"),
        Column("until", "Until", "date"),
        Column("reason", "As the machine says", "quote"),
    )
    rows = ((each.work_centre, each.since, each.until, each.reason) for each in stood)
    return table(said("Stops"), columns, rows, limit=_LISTED)


def _figures(
    found: Sequence[Watched], trend: Sequence[Point], stood: Sequence[MachineEvent], proof: str
) -> tuple[Figure, ...]:
    figures = [figure("sensors", len(found), "count", proof)]
    known = [each for each in trend if each.mean is not None]
    if known:
        unit = found[0].unit
        number = sum(each.number for each in known)
        total = sum((each.mean * each.number for each in known if each.mean is not None), Decimal(0))
        figures += [
            figure("mean", round(total / number, 2), "ratio", proof, unit),
            figure("least", min(each.low for each in known if each.low is not None), "ratio", proof, unit),
            figure("most", max(each.high for each in known if each.high is not None), "ratio", proof, unit),
        ]
    if stood:
        figures.append(figure("stops", len(stood), "count", proof))
    return tuple(figures)


def _sentence(found: Sequence[Watched], one: Watched | None, trend: Sequence[Point]) -> str:
    if one is None:
        return said("{{figures[0]}} sensors; the table has the latest value of each and its age.")
    latest = said(
        "{{tables[0].rows[0].work_centre}}, {{tables[0].rows[0].measures}}:"
        " {{tables[0].rows[0].value}}, {{tables[0].rows[0].age}} old."
    )
    if one.at is None:
        return said("Nothing came of this sensor yet.")
    if not any(each.mean is not None for each in trend):
        return latest
    return f"{latest} {said('Mean {{figures[1]}}, between {{figures[2]}} and {{figures[3]}}.')}"


def _reading(args: MachineValues, found: Sequence[Watched], site: str | None) -> str:
    what = args.measures or said("all that is measured")
    where = args.work_centre or said("all work centres")
    return said(
        "Machine values: [[what]], [[where]], [[site]], last [[days]] days",
        what=what,
        where=where,
        site=site or said("all sites that you may see"),
        days=args.days,
    )


def _caveats(found: Sequence[Watched]) -> tuple[str, ...]:
    notes = []
    loaded = [each for each in found if each.live is None]
    if loaded:
        notes.append(
            said(
                "No live source tells this: it is what was loaded of a historian, as of [[day]].",
                day=day_text(min(each.now for each in loaded).date()),
            )
        )
    live = [each for each in found if each.live is not None]
    if live:
        notes.append(said("Means are of the samples that came; days and hours are UTC's."))
    rules = sorted({note for each in live for note in each.notes})
    if rules:
        notes.append(said("The site's rules read what is sent as [[rules]].", rules=several(rules)))
    frozen = [each.name for each in live if (each.quality or 0) & 16]
    if frozen:
        notes.append(
            counted(
                len(frozen),
                "[[number]] sensor says the same for longer than a sound one does: [[names]].",
                "[[number]] sensors say the same for longer than sound ones do: [[names]].",
                names=several(frozen),
            )
        )
    return tuple(notes)


def _suggestions(stood: Sequence[MachineEvent], found: Sequence[Watched]) -> tuple[str, ...]:
    """What stands now may be planned around, which a person decides."""
    names = {each.work_centre: each.work_centre_name or each.work_centre for each in found}
    standing = dict.fromkeys((each.work_centre, each.site) for each in stood if each.until is None)
    return tuple(
        said("[[name]] in [[site]] is down for 8 hours", name=names[centre], site=site)
        for centre, site in list(standing)[:2]
    )
