"""Other ways to meet a need: stock elsewhere, a substitute, an order sooner, another supplier, nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from policies.drafts.parts import Alternative, Amount, Price
from tools.drafting.names import seen
from tools.drafting.needs import needed
from tools.drafting.numbers import money, n
from tools.engines.sourcing import Offer, Priced
from tools.naming import Site
from tools.planning import Book, Material, book_of
from tools.planning_scope import Scope
from tools.rows import Queries
from tools.substitutes import Substitute

_MOST_SITES = 4
_MOST_OFFERS = 2
_MOST_SUBSTITUTES = 3
_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    site: str
    material_id: str


_ELSEWHERE = """
select m.site, m.material_id from erp.material m
join erp.stock s on s.site = m.site and s.material_id = m.material_id and s.status = 'unrestricted'
where m.site <> %(site)s and (lower(m.number) = lower(%(number)s) or lower(m.name) = lower(%(name)s))
  and m.discontinued_on is null
group by m.site, m.material_id having sum(s.quantity) > 0
order by sum(s.quantity) desc, m.site limit {most}
"""


@dataclass(frozen=True, slots=True)
class Spare:
    """Free stock of the same material at another site."""

    site: Site
    material: Material
    free: Decimal


async def spare_elsewhere(queries: Queries, site: str, number: str, name: str, by: date) -> list[Spare]:
    """Where the same material lies that nobody there needs, most of it first; only sites that the caller
    sees."""
    found = []
    asked = {"site": site, "number": number, "name": name}
    for one in await queries.rows(_Elsewhere, _ELSEWHERE.format(most=_MOST_SITES), asked):
        key = (one.site, one.material_id)
        at = Scope(None, frozenset({key}), (), ())
        book = await book_of(queries, at)
        there = book.materials.get(key)
        if there is None:
            continue
        free = min(there.on_hand, needed(book, book.sites[one.site], there, Decimal(0), by).free)
        if free > 0:
            found.append(Spare(book.sites[one.site], there, free))
    return sorted(found, key=lambda spare: (-spare.free, spare.site.site))


def other_ways(
    book: Book,
    site: Site,
    material: Material,
    quantity: Decimal,
    by: date,
    without_it: str,
    *,
    spare: Sequence[Spare] = (),
    offers: Sequence[Offer] = (),
    substitutes: Sequence[Substitute] = (),
    priced: Priced | None = None,
    split: Alternative | None = None,
) -> tuple[Alternative, ...]:
    """The alternatives to a draft; doing nothing is the last of them."""
    found = [_transfer(one, quantity) for one in spare]
    usable = [one for one in substitutes if one.judged.hindrance is None]
    found += [_substitute(one, material, quantity, by, priced) for one in usable[:_MOST_SUBSTITUTES]]
    found += _expedited(book, site, material, by)
    found += [_other_source(one, site, material.unit) for one in offers[:_MOST_OFFERS]]
    found += [split] if split is not None else []
    return (*found, Alternative(kind="nothing", what=f"Do nothing. {without_it}"))


def _transfer(one: Spare, quantity: Decimal) -> Alternative:
    part = min(one.free, quantity)
    enough = "which covers it" if part >= quantity else f"which covers {n(part)} of it"
    text = f"Transfer from {one.site.name}: {n(one.free)} {one.material.unit} are free there, {enough}."
    return Alternative(
        kind="transfer",
        what=text,
        site=one.site.site,
        quantity=Amount(value=part, unit=one.material.unit),
    )


def _substitute(
    one: Substitute, material: Material, quantity: Decimal, by: date, priced: Priced | None
) -> Alternative:
    ratio, free = one.judged.pair.ratio, one.judged.free
    part = min(free, quantity * ratio).quantize(_PLACES, ROUND_FLOOR)
    covers = one.judged.covers
    enough = "which covers it" if covers >= quantity else f"which covers {n(covers)} {material.unit} of it"
    is_alike = ratio == 1 and one.unit == material.unit
    each = "" if is_alike else f", {n(ratio)} {one.unit} for 1 {material.unit}"
    said = [
        f"Use {seen(one.name)} ({seen(one.number)}) instead{each}: {n(free)} {one.unit} are free by {by},"
        f" {enough}.",
        _priced_against(one, material, priced),
        f"More of it takes {n(one.lead_time_days)} days." if one.lead_time_days is not None else "",
        "Quality has to approve the use." if one.judged.pair.needs_approval else "Quality has released it.",
        f"Note: {seen(one.note).rstrip('.')}." if one.note else "",
    ]
    return Alternative(
        kind="substitute",
        what=" ".join(text for text in said if text),
        quantity=Amount(value=part, unit=one.unit or material.unit),
        available_on=one.judged.enough_on,
        cost=Price(amount=one.price, currency=one.currency) if one.price is not None else None,
    )


def _priced_against(one: Substitute, material: Material, priced: Priced | None) -> str:
    """Its price for what one of the material does, against the price that the draft has."""
    price = one.price_for_one
    if price is None:
        return "It has no price on record."
    text = f"It costs {money(price, one.currency)} for 1 {material.unit}"
    if priced is None or priced.price is None:
        return f"{text}."
    return f"{text} against {money(priced.price, priced.currency)}."


def _expedited(book: Book, site: Site, material: Material, by: date) -> list[Alternative]:
    """The first open purchase order that comes after the day of need, or should have come already."""
    for entry in book.by_material.get(material.key, ()):
        if entry.record != "purchase_line" or entry.due is None or entry.quantity <= 0:
            continue
        late = entry.due < site.today
        if not late and entry.due <= by:
            continue
        when = f"overdue since {entry.due}" if late else f"due {entry.due}, after the day of need"
        text = (
            f"Expedite purchase order {entry.order_id} of {seen(entry.partner)}: {n(entry.quantity)}"
            f" {material.unit} are {when}."
        )
        amount = Amount(value=entry.quantity, unit=material.unit)
        return [Alternative(kind="expedite", what=text, quantity=amount, available_on=entry.due)]
    return []


def _other_source(one: Offer, site: Site, unit: str) -> Alternative:
    on = None
    lead = "without a lead time on record"
    if one.lead_time_days is not None:
        on = site.today + timedelta(days=int(one.lead_time_days))
        lead = f"with a lead time of {n(one.lead_time_days)} days"
    price = "no price on record" if one.price is None else f"{money(one.price, one.currency)} a {unit}"
    return Alternative(
        kind="other_source",
        what=f"Buy from {seen(one.name)}: {price}, {lead}.",
        available_on=on,
        cost=Price(amount=one.price, currency=one.currency) if one.price is not None else None,
    )
