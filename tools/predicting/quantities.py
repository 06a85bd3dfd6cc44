"""Quantities that are foretold as an answer: by the model that was let in at a site, else by the rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from policies.predictors.registered import REGISTERED, Kind, Registered
from tools.arguments import Arguments
from tools.errors import NotRecorded, ToolError
from tools.languages import said
from tools.naming import Site, all_sites, site_of
from tools.predicting.asking import Ask, Foretold, foretold, speaking
from tools.predicting.kinds import KINDS, Measuring
from tools.predicting.things import Thing
from tools.predicting.tool import AS_OF, Moment, basis, percent
from tools.presenting import common, figure, table
from tools.registry import ToolContext
from tools.results import Cell, Column, ColumnKind, Figure, Table, ToolResult
from tools.rows import Queries

VERSION = "1.0.0"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a kind is asked for."""

    arguments: Arguments
    site: str | None
    named: str | None
    """Number or name of the only thing that is asked about, or the beginning of its name."""
    limit: int


@dataclass(frozen=True, slots=True)
class Wording:
    """How a kind is shown, in the words of whoever asks."""

    tool: str
    kind: Kind
    records: tuple[str, ...]
    reading: str
    of: str
    """What is foretold."""
    things: str
    """What it is foretold of: the heading of the table."""
    count: str
    crossing: str
    """What the chance is of: the heading of its column."""
    quantity: ColumnKind
    usual: str | None
    """The heading of what is usual; None where one multiple is one of the unit."""
    expected: str
    means: str
    """What it is exactly, as a caveat."""
    sentence: str
    none: str
    """What is said where nothing was loaded to foretell from."""
    shown: Callable[[Thing, float], Decimal]
    """A multiple of the usual in the unit that is shown."""
    extra: tuple[Column, ...] = ()
    number: Callable[[Thing], tuple[Cell, ...]] = lambda thing: (thing.subject,)
    """Cells that say which thing it is: its number, then those of `extra`."""
    is_falling: bool = False
    """Whether what is shown falls where the multiple rises."""
    suggest: Callable[[Thing, Site], str] | None = None
    """A question that may start a draft, for what lies above its threshold."""


async def answer(wording: Wording, wanted: Wanted, context: ToolContext, ask: Ask | None) -> ToolResult:
    """The answer.

    Raises:
        NotRecorded: nothing is loaded to foretell from.
        ToolError: nothing is foretold of what was named.
    """
    queries = Queries(context.tx)
    kind = KINDS[wording.kind]
    assert isinstance(kind, Measuring)  # chances have tools of their own
    site = await site_of(context.tx, wanted.site)
    sites = {each.site: each for each in await all_sites(context.tx) if site in (None, each.site)}
    moments = {row.site: row.as_of for row in await queries.rows(Moment, AS_OF, {"sites": list(sites)})}
    entries = await queries.rows(Registered, REGISTERED, {"site": site, "kind": wording.kind})
    notes: list[str] = []
    found: list[Foretold[Thing]] = []
    for code, here in sites.items():
        things = await kind.subjects(queries, [code], moments[code])
        if not things:
            continue
        asked = [each for each in things if _is_named(each, wanted.named)]
        speaker, told = await foretold(
            speaking(entries, code, kind.can_tell), asked, kind.by_rule(things), ask, kind.line
        )
        notes.append(basis(speaker, here.name, wording.of))
        found += told
    if not notes:
        raise NotRecorded(wording.none)
    if not found:
        raise ToolError(said("Nothing is foretold of [[asked]].", asked=repr(wanted.named)))
    found.sort(key=lambda each: (-each.chance.p, each.of.site, each.of.subject))
    proof = await queries.evidence(
        tool=wording.tool,
        version=VERSION,
        arguments=wanted.arguments,
        records=list(wording.records),
        flags=tuple(notes),
        site=site,
    )
    return ToolResult(
        tool=wording.tool,
        reading=f"{wording.reading}, {said('at [[site]]', site=site)}" if site else wording.reading,
        tables=(_table(wording, found, wanted.limit),),
        figures=_figures(wording, found, proof.id),
        evidence=(proof,),
        sentence=_sentence(wording, found),
        caveats=(wording.means, *notes),
        suggestions=_suggestions(wording, found, sites),
    )


def _is_named(thing: Thing, named: str | None) -> bool:
    if named is None:
        return True
    text = named.strip().casefold()
    return thing.subject.casefold() == text or text in thing.name.casefold()


def _table(wording: Wording, found: Sequence[Foretold[Thing]], limit: int) -> Table:
    several_sites = len({each.of.site for each in found}) > 1
    has_reasons = any(each.reasons for each in found)
    unit = common(each.of.unit for each in found)
    columns = (
        *((Column("site", "Site", "id"),) if several_sites else ()),
        Column("number", "Number", "id"),
        *wording.extra,
        Column("name", "Name", "text"),
        *(() if unit else (Column("unit", "Unit", "text"),)),
        *((Column("usual", wording.usual, wording.quantity, unit),) if wording.usual else ()),
        Column("expected", wording.expected, wording.quantity, unit),
        Column("low", "95 % interval from", wording.quantity, unit),
        Column("high", "95 % interval to", wording.quantity, unit),
        Column("chance", wording.crossing, "percent", "%", good="down"),
        Column("basis", "Told by", "text", words="foretold"),
        Column("verdict", "What may be done", "text", words="foretold"),
        Column("why", "Why", "text", words="foretold"),
        Column("quality", "Inputs there and sound", "percent", "%", good="up"),
        *((Column("reasons", "What speaks for it", "quote"),) if has_reasons else ()),
    )
    rows: list[list[Cell]] = []
    for each in found:
        thing = each.of
        amount = each.amount if each.by_model and each.amount is not None else thing.rule
        low, high = (amount.high, amount.low) if wording.is_falling else (amount.low, amount.high)
        row: list[Cell] = [thing.site] if several_sites else []
        row += wording.number(thing)
        row += [thing.name] if unit else [thing.name, thing.unit]
        row += [wording.shown(thing, 1.0)] if wording.usual else []
        row += [
            wording.shown(thing, value) if isfinite(value) else None for value in (amount.value, low, high)
        ]
        row += [percent(each.chance.p), "model" if each.by_model else "rule"]
        row += [each.decision.verdict, each.decision.reason, percent(thing.quality)]
        row += ["; ".join(each.reasons)] if has_reasons else []
        rows.append(row)
    return table(wording.things, columns, rows, limit=limit)


def _figures(wording: Wording, found: Sequence[Foretold[Thing]], proof: str) -> tuple[Figure, ...]:
    expected = sum((Decimal(repr(each.chance.p)) for each in found), Decimal(0))
    return (
        figure(wording.count, len(found), "count", proof),
        figure("to be expected beyond the line", round(expected, 1), "ratio", proof),
        figure("above their threshold", sum(f.decision.verdict == "act" for f in found), "count", proof),
        figure("told by a model", sum(f.by_model for f in found), "count", proof),
    )


def _sentence(wording: Wording, found: Sequence[Foretold[Thing]]) -> str:
    if any(each.by_model for each in found):
        told = said("{{figures[3]}} of them are told by a model, the others by a rule.")
    else:
        told = said("This is told by a rule, from what was usual so far, not by a model.")
    return f"{wording.sentence} {told}"


def _suggestions(
    wording: Wording, found: Sequence[Foretold[Thing]], sites: dict[str, Site]
) -> tuple[str, ...]:
    """Only what is above its threshold starts anything."""
    if wording.suggest is None:
        return ()
    act = [each.of for each in found if each.decision.verdict == "act"]
    return tuple(wording.suggest(thing, sites[thing.site]) for thing in act[:2])
