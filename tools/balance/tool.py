"""Which plants could cover what another plant lacks: an allocation, with what each transfer would mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from pydantic import Field

from tools.arguments import Arguments, MaterialName, SiteName, Text
from tools.balance.reading import Balancing, Standing, Transfer, by_item, rates_of, standings
from tools.drafting.days import Calendar, calendar_of
from tools.drafting.numbers import n
from tools.engines.sourcing import last_working, next_working
from tools.errors import ToolError
from tools.evidence import remarks, shares
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Kind, candidates, one, site_of
from tools.planning import Book, Material, book_of
from tools.planning_scope import Scope
from tools.presenting import common, figure, several, table, unit_column
from tools.registry import ToolContext, tool
from tools.results import Cell, Column, Table, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_SHOWN = 30


class BalancePlants(Arguments):
    """Which material or group, and which plant is short."""

    material: MaterialName | None = Field(None, description="One material; all that are short if left out.")
    group: Text | None = Field(
        None, description="A group of materials instead of one: 'bearings', 'seals', as its category says."
    )
    horizon_days: int = Field(
        60, ge=0, le=3650, description="Days from each site's today within which a plant must fall short."
    )
    site: SiteName = Field(None, description="The plant that is short; every plant if left out.")


@tool(
    name="balance_plants",
    examples=(
        "Which plants could cover the shortage of Deep groove bearing 6204 in Kassel?",
        "Balance bearings between the plants",
    ),
    version=_VERSION,
)
async def balance_plants(args: BalancePlants, context: ToolContext) -> ToolResult:
    """Which plants have free what another plant lacks, and which transfers would cover the most for least.

    Free is what may leave a plant today without its running below its safety stock on any day of the
    horizon, with what is on order there; plants that are short themselves give none. Each proposed transfer
    says by when, how late, what it is worth, the duty on it, what it saves against buying, and which
    customers' orders with what margin wait. Nothing is moved: to move something, draft a transfer.

    Example: {"material": "BR-6204", "site": "Kassel"} or {"group": "bearings"}.
    """
    queries = Queries(context.tx)
    code = await site_of(queries.tx, args.site)
    book = await book_of(queries, Scope(None, None, (), ()), whole=True)
    chosen, notes = await _chosen(args, queries, book, code)
    balancing = Balancing(queries, book, await rates_of(queries))
    every: list[Standing] = []
    found: list[Transfer] = []
    for items in by_item(chosen):
        stand = standings(book, items, args.horizon_days)
        if code is not None:
            # Only what this plant lacks is to be covered; whoever else is short gives nothing either.
            stand = [each for each in stand if not each.lacks or each.site.site == code]
        if args.material is not None or any(each.lacks for each in stand):
            every += stand
        found += await balancing.transfers(stand)
    if args.material is not None and not every:
        every = standings(book, chosen, args.horizon_days)
    found.sort(key=lambda each: (each.receiver.short_on or date.max, each.receiver.material.key))
    proof = await queries.evidence(
        tool="balance_plants",
        version=_VERSION,
        arguments=args,
        records=[
            *shares("material", chosen),
            "stock",
            "info_record",
            "fx_rate",
            "duty_rate",
            *book.sources(book.entries),
        ],
        flags=remarks("materials", chosen),
    )
    short = [each for each in every if each.lacks]
    return ToolResult(
        tool="balance_plants",
        reading=_reading(args, code),
        tables=(_transfers(found), _plants(every)),
        figures=(
            figure("transfers proposed", len(found), "count", proof.id),
            figure("plants that are short", len(short), "count", proof.id),
            figure("plants with free stock", sum(each.free > 0 for each in every), "count", proof.id),
        ),
        evidence=(proof,),
        sentence=_sentence(found, short),
        caveats=(*notes, *_caveats(found)),
        suggestions=await _suggestions(queries, found),
    )


async def _chosen(
    args: BalancePlants, queries: Queries, book: Book, code: str | None
) -> tuple[list[Material], tuple[str, ...]]:
    """The materials that are asked about, at every plant that the caller sees.

    Raises:
        ToolError: nothing is called so, or there is one plant only.
    """
    if len(book.sites) < 2:
        raise ToolError(
            said("you see one plant only, and balancing takes two: ask somebody who sees both plants")
        )
    if args.group is not None:
        return _of_group(args.group, book), ()
    if args.material is None:
        return list(book.materials.values()), ()
    if code is None:
        # The same material at several plants is one here: any of them says what is meant.
        fitting = await candidates(queries.tx, Kind.MATERIAL, args.material)
        code = fitting[0].thing.site if fitting else None
    named = await one(queries.tx, Kind.MATERIAL, args.material, code)
    there = book.materials[named.thing.site, named.thing.id]
    return [
        each
        for each in book.materials.values()
        if each.number.casefold() == there.number.casefold() or each.name.casefold() == there.name.casefold()
    ], named.caveats


def _of_group(text: str, book: Book) -> list[Material]:
    stem = re.sub(r"(?:es|s)$", "", text.casefold().strip())
    found = [each for each in book.materials.values() if stem in each.group.casefold()]
    found = found or [each for each in book.materials.values() if stem in each.name.casefold()]
    if not found:
        named = {each.group.rpartition("/")[2].strip() for each in book.materials.values() if each.group}
        raise ToolError(
            said(
                "no group or name of materials has [[text]] in it; there are [[groups]]",
                text=repr(text),
                groups=several(sorted(named), 12) or said("none"),
            )
        )
    return found


# ── tables ──
def _transfers(found: Sequence[Transfer]) -> Table:
    shown = found[:_SHOWN]
    unit, own_unit = common(_units(shown)), unit_column(_units(shown))
    columns = (
        Column("number", "Number", "id"),
        Column("material", "Material", "text"),
        Column("quantity", "Quantity", "quantity", unit),
        *own_unit,
        Column("from_site", "From site", "text"),
        Column("site", "Site", "text"),
        Column("needed_on", "Needed on", "date"),
        Column("there_on", "There on", "date"),
        Column("days_late", "Days late", "days", "days", good="down"),
        Column("worth", "Worth at the sender", "money"),
        Column("worth_currency", "Sender's currency", "text"),
        Column("duty", "Duty", "money", good="down"),
        Column("saved", "Saved against buying", "money", good="up"),
        Column("margin", "Margin that waits", "money"),
        Column("currency", "Currency", "text"),
        Column("orders", "Sales orders that wait", "count"),
        Column("customers", "For", "text"),
    )
    rows: list[list[Cell]] = []
    for each in shown:
        material = each.receiver.material
        customers = list(dict.fromkeys(entry.partner for entry in each.orders))
        cells: list[Cell] = [material.number, material.name, each.quantity]
        cells += [material.unit] if own_unit else []
        cells += [each.sender.site.name, each.receiver.site.name, each.receiver.short_on, each.there_on]
        cells += [each.days_late, each.worth, each.sender.material.currency]
        cells += [each.duty, each.saved, each.margin]
        cells += [each.receiver.site.currency, len(each.orders), several(customers) or None]
        rows.append(cells)
    return table("Transfers that would cover it", columns, rows, total=len(found))


def _units(found: Sequence[Transfer]) -> list[str]:
    return [each.receiver.material.unit for each in found]


def _plants(every: Sequence[Standing]) -> Table:
    shown = sorted(every, key=lambda each: (each.material.number, not each.lacks, -each.free))[: 2 * _SHOWN]
    units = [each.material.unit for each in shown]
    unit, own_unit = common(units), unit_column(units)
    columns = (
        Column("number", "Number", "id"),
        Column("material", "Material", "text"),
        Column("site", "Site", "text"),
        Column("on_hand", "On hand", "quantity", unit),
        Column("free", "Free", "quantity", unit, good="up"),
        Column("lacks", "Missing at worst", "quantity", unit, good="down"),
        *own_unit,
        Column("short_on", "First day", "date"),
    )
    rows: list[list[Cell]] = []
    for each in shown:
        material = each.material
        cells: list[Cell] = [material.number, material.name, each.site.name, material.on_hand, each.free]
        rows.append([*cells, each.lacks, *([material.unit] if own_unit else []), each.short_on])
    return table("How the plants stand", columns, rows, total=len(every))


# ── words ──
def _sentence(found: Sequence[Transfer], short: Sequence[Standing]) -> str:
    if not short:
        return said("No plant falls short of it in this time; {{figures[2]}} have some free.")
    if not found:
        return said("No plant has free what is missing at {{figures[1]}} of them.")
    text = counted(
        len(found),
        "{{figures[0]}} transfer would help.",
        "{{figures[0]}} transfers would help.",
    )
    first = said(
        "First: {{tables[0].rows[0].quantity}} of {{tables[0].rows[0].material}} from"
        " {{tables[0].rows[0].from_site}} to {{tables[0].rows[0].site}}, where it is needed on"
        " {{tables[0].rows[0].needed_on}}."
    )
    return f"{text} {first}"


def _reading(args: BalancePlants, code: str | None) -> str:
    what = args.material or args.group
    parts = [
        said("Balance of [[thing]] between the plants", thing=what)
        if what
        else said("Balance of all materials between the plants")
    ]
    if code is not None:
        parts.append(said("what is short at [[site]]", site=code))
    parts.append(said("within [[number]] days of each site's today", number=args.horizon_days))
    return ", ".join(parts)


def _caveats(found: Sequence[Transfer]) -> list[str]:
    notes = [
        said(
            "Free is what may leave today while the plant stays above its safety stock on every day of this"
            " time, with what is on order there; plants that are short give none."
        ),
        said("Duty is that of the receiver's country on the standard cost; freight is not on record."),
    ]
    free = sorted({f"{t.sender.site.name} > {t.receiver.site.name}" for t in found if t.duty is None})
    if free:
        notes.append(
            said("No duty rate is on record for [[pairs]], so none is counted.", pairs=several(free))
        )
    pairs = sorted({f"{t.sender.site.name} > {t.receiver.site.name}" for t in found if t.there_on is None})
    if pairs:
        notes.append(
            said(
                "No lead time is on record for [[pairs]]: whether it comes in time is not known.",
                pairs=several(pairs),
            )
        )
    if any(each.saved is None for each in found):
        notes.append(said("Without a price, a standard cost or a rate nothing is said about saving."))
    return notes


async def _suggestions(queries: Queries, found: Sequence[Transfer]) -> tuple[str, ...]:
    """The first transfers as the draft takes them."""
    calendars: dict[str, Calendar] = {}
    told: list[str] = []
    for each in found[:3]:
        site, material = each.receiver.site, each.receiver.material
        if site.site not in calendars:
            calendars[site.site] = await calendar_of(queries, site)
        works = calendars[site.site].works
        wanted = max(each.receiver.short_on or site.today, site.today)
        day = last_working(wanted, works) or wanted
        if day < site.today:
            day = next_working(site.today + timedelta(days=1), works) or wanted
        told.append(
            said(
                "Transfer [[quantity]] of [[material]] from [[sender]] to [[site]] by [[day]]",
                quantity=n(each.quantity),
                material=material.number,
                sender=each.sender.site.name,
                site=site.name,
                day=day_text(day),
            )
        )
    return tuple(told) or (said("What is short in the next two weeks?"),)
