"""Suppositions about demand and deliveries: what has to be ordered or made, and which customers wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_UP, Decimal

from tools.engines.structure import ZERO, CircularStructure
from tools.errors import ToolError
from tools.evidence import shares
from tools.languages import said
from tools.languages.forms import day_text
from tools.matching import fitting, meant, nearest
from tools.naming import Site, Thing
from tools.planning import Book, Entry, Material, book_of
from tools.planning_scope import scope_of
from tools.presenting import common, table, unit_column
from tools.replanning.disturbances import deliveries
from tools.replanning.floor import Floor, floor_of
from tools.results import Cell, Column, Table
from tools.rows import Queries
from tools.structures import Line, all_lines
from tools.what_if.arguments import Supposition, WhatIf
from tools.what_if.compared import AS_IS, Compared, changed, digest, short
from tools.what_if.demand import (
    LEADS,
    Lateness,
    Lead,
    Requirements,
    hours_by_centre,
    required,
    structure_error,
)

_SHOWN = 30
_OFFERED = 5
_GROUPS = """
select material_id, coalesce(category, '') as category, coalesce(subcategory, '') as subcategory,
       coalesce(product_line, '') as line from erp.material where site = %(site)s
"""
_AMOUNTS = """
select l.source_key, coalesce(l.unit_price, 0) as price from erp.sales_line l where l.site = %(site)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grouped:
    material_id: str
    category: str
    subcategory: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Price:
    source_key: str
    price: Decimal


@dataclass(frozen=True)
class _Given:
    """What of a site every case is computed from."""

    site: Site
    book: Book
    lines: Sequence[Line]
    leads: dict[str, int]
    prices: dict[str, Decimal]
    floor: Floor | None
    horizon: date


@dataclass(frozen=True)
class _Case:
    """What one world comes to."""

    need: Requirements
    waiting: tuple[Entry, ...]
    """Sales lines that are met too late, or by nothing."""
    late_days: int
    at_risk: Decimal
    bought: Decimal
    late: int
    """Materials whose lead time does not reach."""
    hours: Decimal | None
    busiest: str | None
    load: Decimal | None


async def stock_compared(
    queries: Queries, args: WhatIf, supposed: Sequence[Supposition], site: Site, first: int
) -> Compared:
    """The site's requirements and customers as they are and as supposed.

    Args:
        first: the number of its first table in the answer.

    Raises:
        ToolError: a name fits none or several, or a bill of materials runs in a circle.
    """
    given, notes = await _given(queries, args, site)
    worlds, words = [given.book], [said(AS_IS)]
    for one in supposed:
        book, text, taken = await _supposed(queries, given, one)
        worlds.append(book)
        words.append(text)
        notes += taken
    try:
        cases = [_case(replace(given, book=book)) for book in worlds]
    except CircularStructure as cycle:
        raise await structure_error(queries, site.site, cycle) from None
    labels = [said(AS_IS), *(short(one) for one in supposed)]
    queries.note(
        f"material requirements lot for lot up to {given.horizon}, on copies in memory;"
        f" inputs sha256:{digest((*given.book.materials.values(), *given.book.entries, *given.lines))}"
    )
    return Compared(
        site.site,
        (_compared(given, cases, labels), _changes(given, cases, labels)),
        _sentence(cases, first),
        tuple(words[1:]),
        (*notes, *_caveats(given, cases[0].busiest)),
        _suggestions(given, cases),
        (
            *shares("material", given.book.materials.values()), "stock",
            *given.book.sources(given.book.entries), *shares("bom_item", given.lines),
        ),
    )  # fmt: skip


async def _given(queries: Queries, args: WhatIf, site: Site) -> tuple[_Given, list[str]]:
    code = site.site
    book = await book_of(queries, await scope_of(queries, site=code), whole=True)
    leads = await queries.rows(Lead, LEADS, {"site": code})
    prices = await queries.rows(_Price, _AMOUNTS, {"site": code})
    notes: list[str] = []
    floor: Floor | None = None
    try:
        made = [each.material_id for each in book.materials.values() if each.is_made and each.site == code]
        floor = await floor_of(queries, code, made)
        notes += floor.notes
    except ToolError as missing:
        notes.append(said("Hours of work are left out: [[reason]].", reason=missing))
    given = _Given(
        site,
        book,
        await all_lines(queries, code, site.today),
        {one.material_id: one.days for one in leads},
        {one.source_key: one.price for one in prices},
        floor,
        site.today + timedelta(days=args.horizon_days),
    )
    return given, notes


# ── copies ────────────────────────────────────────────────────────────────────────────────────────
async def _supposed(queries: Queries, given: _Given, one: Supposition) -> tuple[Book, str, list[str]]:
    """The book as it would be, what was supposed in words, and what a name was taken for."""
    if one.kind == "delivery_late":
        assert one.about is not None
        assert one.days is not None
        late = {line.key for line in deliveries(given.book, given.site.site, one.about)}
        delay = timedelta(days=one.days)
        entries = [
            replace(entry, due=max(entry.due, given.site.today) + delay)
            if entry.key in late and entry.due is not None
            else entry
            for entry in given.book.entries
        ]
        text = said("[[name]] delivers [[number]] days late", name=one.about, number=one.days)
        return _book(given.book, entries), text, []
    assert one.rise is not None
    materials, name, notes = await _meant(queries, given, one.about)
    factor = 1 + one.rise / 100
    entries = [
        replace(entry, quantity=_scaled(entry.quantity, factor))
        if entry.record == "sales_line" and (materials is None or entry.material_id in materials)
        else entry
        for entry in given.book.entries
    ]
    text = said("demand for [[name]] [[change]]", name=name, change=changed(one))
    return _book(given.book, entries), text, notes


def _scaled(quantity: Decimal, factor: Decimal) -> Decimal:
    """More or less of it; whole pieces stay whole, rounded up."""
    changed_to = quantity * factor
    return changed_to.to_integral_value(ROUND_UP) if quantity == quantity.to_integral_value() else changed_to


def _book(book: Book, entries: list[Entry]) -> Book:
    ordered = sorted(entries, key=lambda e: (e.due is None, e.due or date.max, e.quantity < 0, e.key))
    return replace(book, entries=ordered)


async def _meant(
    queries: Queries, given: _Given, text: str | None
) -> tuple[frozenset[str] | None, str, list[str]]:
    """The materials whose demand changes; None for all of the site's."""
    if text is None:
        return None, said("everything at [[site]]", site=given.site.name), []
    code = given.site.site
    groups: dict[str, set[str]] = {}
    for row in await queries.rows(_Grouped, _GROUPS, {"site": code}):
        for group in (row.category, row.subcategory, row.line):
            if group:
                groups.setdefault(group.casefold(), set()).add(row.material_id)
    asked = text.casefold()
    for same in (asked, f"{asked}s", asked.removesuffix("s")):
        if same in groups:
            return frozenset(groups[same]), text, []
    sold = {entry.material_id for entry in given.book.entries if entry.record == "sales_line"}
    things = [
        Thing(code, one.material_id, one.number, one.name)
        for one in given.book.materials.values()
        if one.site == code
    ]
    taken = meant(fitting(text, things))
    if len(taken) > 1 and len(ordered := [one for one in taken if one.thing.id in sold]) == 1:
        taken = ordered
    if len(taken) != 1:
        near = [one.thing for one in taken[:_OFFERED]] or nearest(text, things, _OFFERED)
        listed = ", ".join(map(str, near))
        raise ToolError(
            said(
                "[[asked]] is not one material or product group of [[site]]; the nearest are [[near]]",
                asked=repr(text),
                site=code,
                near=listed,
            )
        )
    thing = taken[0].thing
    if thing.id not in sold:
        raise ToolError(
            said(
                "no customer order is open for [[material]] at [[site]], so its demand cannot change",
                material=thing,
                site=code,
            )
        )
    return frozenset({thing.id}), str(thing), []


# ── cases ─────────────────────────────────────────────────────────────────────────────────────────
def _case(given: _Given) -> _Case:
    site, book = given.site, given.book
    need = required(book, given.lines, given.leads, site.site, site.today, given.horizon)
    lateness = Lateness(book, site.site, site.today)
    waiting: list[Entry] = []
    days = 0
    risk = ZERO
    for entry in book.entries:
        if entry.record != "sales_line" or entry.site != site.site or entry.due is None:
            continue
        if entry.due > given.horizon:
            continue
        late = lateness.days(entry)
        if late == 0:
            continue
        waiting.append(entry)
        days += late or 0
        risk -= entry.quantity * given.prices.get(entry.source_key, ZERO)
    bought = ZERO
    for one in need.by_material.values():
        material = book.materials.get((site.site, one.material_id))
        if material is not None and not material.is_made:
            bought += one.quantity * (material.standard_cost or ZERO)
    hours = busiest = load = None
    if given.floor is not None:
        by_centre = hours_by_centre(given.floor, need, given.horizon)
        available = Decimal(given.floor.hours.day_ends(given.horizon)) / 60
        hours = sum(by_centre.values(), ZERO)
        if by_centre and available > 0:
            centre = max(sorted(by_centre), key=lambda one: by_centre[one])
            busiest = given.floor.centres[centre].name
            load = by_centre[centre] / available * 100
    late_ones = sum(one.is_late for one in need.by_material.values())
    return _Case(need, tuple(waiting), days, risk, bought, late_ones, hours, busiest, load)


# ── telling ───────────────────────────────────────────────────────────────────────────────────────
def _compared(given: _Given, cases: Sequence[_Case], words: Sequence[str]) -> Table:
    money = given.site.currency
    columns = (
        Column("case", "Case", "text"),
        Column("to_order", "To order or make", "count", good="down"),
        Column("too_late", "Too late", "count", good="down"),
        Column("to_buy", "To buy", "money", money, good="down"),
        Column("orders", "Orders that wait", "count", good="down"),
        Column("late_days", "Days late", "days", "days", good="down"),
        Column("at_risk", "Sales that wait", "money", money, good="down"),
        Column("hours", "Work", "quantity", "h"),
        Column("load", "Load", "percent", "%", good="down"),
    )
    rows: list[list[Cell]] = [
        [
            text,
            len(case.need.by_material),
            case.late,
            _cents(case.bought),
            len({entry.order_id for entry in case.waiting}),
            case.late_days,
            _cents(case.at_risk),
            None if case.hours is None else case.hours.quantize(Decimal("0.1")),
            None if case.load is None else case.load.quantize(Decimal("0.1")),
        ]
        for text, case in zip(words, cases, strict=True)
    ]
    return table("As is and as supposed", columns, rows)


def _different(given: _Given, cases: Sequence[_Case]) -> list[tuple[str, list[Decimal]]]:
    """Materials of which another quantity has to come, the dearest difference first."""
    ids = sorted({id for case in cases for id in case.need.by_material})
    found: list[tuple[str, list[Decimal]]] = []
    for id in ids:
        amounts = [
            one.quantity if (one := case.need.by_material.get(id)) is not None else ZERO for case in cases
        ]
        if len(set(amounts)) > 1:
            found.append((id, amounts))

    def worth(pair: tuple[str, list[Decimal]]) -> Decimal:
        material = given.book.materials.get((given.site.site, pair[0]))
        cost = (material.standard_cost if material else None) or ZERO
        return max(abs(amount - pair[1][0]) for amount in pair[1]) * cost

    return sorted(found, key=lambda pair: (-worth(pair), pair[0]))


def _changes(given: _Given, cases: Sequence[_Case], words: Sequence[str]) -> Table:
    """What has to be ordered or made in each case, where the cases differ."""
    different = _different(given, cases)
    shown = different[:_SHOWN]
    known = {id: given.book.materials.get((given.site.site, id)) for id, _ in shown}
    units = [material.unit if material else "" for material in known.values()]
    unit, own = common(units), unit_column(units)
    columns = (
        Column("material_id", "Material id", "id"),
        Column("material", "Material", "text"),
        Column("source", "Source", "text", words="kind"),
        *(Column(f"quantity_{at}", text, "quantity", unit) for at, text in enumerate(words)),
        *own,
        Column("first_day", "First needed", "date"),
        Column("too_late", "Too late", "flag"),
    )
    rows: list[list[Cell]] = []
    for id, amounts in shown:
        material = known[id]
        last = next((one for case in reversed(cases) if (one := case.need.by_material.get(id))), None)
        cells: list[Cell] = [id, material.name if material else id]
        cells.append("made" if material and material.is_made else "bought")
        cells += [amount.quantize(Decimal("0.001")) for amount in amounts]
        cells += [material.unit if material else ""] if own else []
        cells += [last.first if last else None, last.is_late if last else None]
        rows.append(cells)
    return table("What else has to be ordered or made", columns, rows, total=len(different))


def _sentence(cases: Sequence[_Case], first: int) -> str:
    if all(
        (case.need.by_material, case.waiting) == (cases[0].need.by_material, cases[0].waiting)
        for case in cases
    ):
        return said(
            "Nothing would be different: no other material has to come, and no customer waits longer."
        )
    return said(
        "As it is, {{tables[[[t]]].rows[0].orders}} customer orders wait and purchases of"
        " {{tables[[[t]]].rows[0].to_buy}} are not on order yet; supposed, it is"
        " {{tables[[[t]]].rows[1].orders}} orders and {{tables[[[t]]].rows[1].to_buy}}.",
        t=first,
    )


def _caveats(given: _Given, busiest: str | None) -> list[str]:
    found = [
        said(
            "Up to [[day]]: customer orders through all levels of the bills of materials, lot for lot; stock"
            " and everything on order is used first. Forecasts are no requirements here.",
            day=day_text(given.horizon),
        ),
        said("What is to be bought is valued at standard cost."),
    ]
    if busiest is not None:
        found.append(
            said(
                "Load is that of the busiest work centre, [[name]] as it is; each counts once, though another"
                " may stand in for it.",
                name=busiest,
            )
        )
    return found


def _suggestions(given: _Given, cases: Sequence[_Case]) -> tuple[str, ...]:
    """Sentences that draft what would have to be bought, of the last case."""
    found: list[str] = []
    for id, amounts in _different(given, cases):
        material: Material | None = given.book.materials.get((given.site.site, id))
        more = amounts[-1] - amounts[0]
        need = cases[-1].need.by_material.get(id)
        if material is None or material.is_made or more <= 0 or need is None:
            continue
        day = max(need.first, given.site.today + timedelta(days=given.leads.get(id, 0)))
        found.append(
            said(
                "Draft a requisition for [[quantity]] of [[material]] for [[site]] by [[day]]",
                quantity=f"{more.to_integral_value(ROUND_CEILING):f}",
                material=material.number,
                site=given.site.name,
                day=day_text(day),
            )
        )
        if len(found) == 2:
            break
    return (*found, said("What should I expedite today?"))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
