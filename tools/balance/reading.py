"""Which plants lack a material and which have some to spare, with what moves between them would mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from tools.drafting.sources import market_of
from tools.drafting.units import asked_in
from tools.engines.netting import outlook
from tools.engines.pegging import Plan
from tools.engines.plant_balance import Lack, Move, Spare, Way, balanced
from tools.engines.sourcing import Need, Unsourceable, source
from tools.engines.structure import ZERO
from tools.errors import ToolError
from tools.naming import Site
from tools.planning import Book, Entry, Material
from tools.rows import Queries

_CENT = Decimal("0.01")
_THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a plant stands with a material."""

    site: Site
    material: Material
    short_on: date | None
    waits: str
    """Key of the first requirement that is not covered."""
    lacks: Decimal
    """The most that is missing on a day up to the horizon."""
    free: Decimal
    """What may leave it today without its running below its safety stock; zero where it is short itself."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A move that would cover something, with what it means."""

    sender: Standing
    receiver: Standing
    quantity: Decimal
    """In the receiver's unit."""
    there_on: date | None
    """None where no lead time between the two is on record."""
    worth: Decimal | None
    """At the sender's standard cost, in its currency."""
    duty: Decimal | None
    """What the receiver's country takes on it, in the receiver's currency; None without a rate or cost."""
    saved: Decimal | None
    """Against buying or making it there, duty paid, in the receiver's currency; None without a price."""
    orders: tuple[Entry, ...]
    """Sales order lines that wait for what is missing."""
    margin: Decimal | None
    """What is earned with these lines, in the receiver's currency."""

    @property
    def days_late(self) -> int | None:
        """After the first day short."""
        if self.there_on is None or self.receiver.short_on is None:
            return None
        return max(0, (self.there_on - self.receiver.short_on).days)


@dataclass(frozen=True)
class Rates:
    """Exchange rates as they are on record, the latest of each pair."""

    pairs: Mapping[tuple[str, str], Decimal]

    def converted(self, amount: Decimal, currency: str, into: str) -> Decimal | None:
        """The amount in another currency, directly or over one other; None without a rate."""
        if currency == into:
            return amount
        if (rate := self._rate(currency, into)) is not None:
            return amount * rate
        for between in {one for pair in self.pairs for one in pair}:
            first, second = self._rate(currency, between), self._rate(between, into)
            if first is not None and second is not None:
                return amount * first * second
        return None

    def _rate(self, one: str, other: str) -> Decimal | None:
        if (one, other) in self.pairs:
            return self.pairs[one, other]
        back = self.pairs.get((other, one))
        return None if not back else 1 / back


@dataclass(frozen=True, slots=True)
class _Rate:
    from_currency: str
    to_currency: str
    closing_rate: Decimal


_RATES = """
select distinct on (r.from_currency, r.to_currency) r.from_currency, r.to_currency, r.closing_rate
from erp.fx_rate r where r.closing_rate > 0 order by r.from_currency, r.to_currency, r.valid_on desc
"""


@dataclass(frozen=True, slots=True)
class _Duty:
    percent: Decimal


# Within one country nothing is taken. The rate of a category goes before the one of all others.
_DUTIES = """
select 0 as percent from erp.site t join erp.site f on f.site = %(from)s and f.country = t.country
where t.site = %(to)s
union all
(select d.percent from erp.duty_rate d join erp.site f on f.site = %(from)s and f.country = d.origin_country
 where d.site = %(to)s and d.valid_from <= %(on)s and (d.category is null or d.category = (
    select m.category from erp.material m where m.site = %(to)s and m.material_id = %(material)s))
 order by d.category is null, d.valid_from desc limit 1)
"""


@dataclass(frozen=True, slots=True)
class _Lead:
    days: Decimal


# A plant that sells to another of the group stands there as a supplier, by its company.
_LEADS = """
select min(i.lead_time_days) as days from erp.info_record i
join erp.supplier v on v.site = i.site and v.supplier_id = i.supplier_id
join erp.site t on t.company = v.group_company
where i.site = %(to)s and t.site = %(from)s and i.lead_time_days is not null
having min(i.lead_time_days) is not null
"""


@dataclass(frozen=True, slots=True)
class _Sold:
    line: str
    unit_price: Decimal | None
    currency: str
    standard_cost: Decimal | None


_SOLD = """
select l.source_key as line, l.unit_price, coalesce(l.currency, t.currency) as currency, m.standard_cost
from erp.sales_line l join erp.site t on t.site = l.site
left join erp.material m on m.site = l.site and m.material_id = l.material_id
where l.site = %(site)s and l.order_id = any(%(orders)s)
"""


async def rates_of(queries: Queries) -> Rates:
    """The latest closing rates that the caller sees."""
    found = await queries.rows(_Rate, _RATES)
    return Rates({(one.from_currency, one.to_currency): one.closing_rate for one in found})


def standings(book: Book, materials: Sequence[Material], days: int) -> list[Standing]:
    """How each plant stands with one material."""
    found = []
    for each in materials:
        site = book.sites[each.site]
        plan, end = book.plan(each.key), site.today + timedelta(days=days)
        ahead = outlook(plan.opening, plan.supplies, plan.demands, site.today, end)
        if ahead.short is not None:
            found.append(
                Standing(site, each, ahead.short.first, ahead.short.waiting, ahead.short.deepest, ZERO)
            )
            continue
        found.append(Standing(site, each, None, "", ZERO, _free(plan, each, site.today, end)))
    return found


def _free(plan: Plan, material: Material, today: date, end: date) -> Decimal:
    """What may leave today so that the plant stays above its safety stock on every day up to the horizon."""
    changes: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for coming in plan.supplies:
        changes[max(coming.due, today)] += coming.quantity
    for taken in plan.demands:
        changes[max(taken.due, today)] -= taken.quantity
    running = least = plan.opening
    for day in sorted(day for day in changes if day <= end):
        running += changes[day]
        least = min(least, running)
    return max(ZERO, min(material.on_hand, least - material.safety_stock))


class Balancing:
    """Makes transfers of standings; remembers what it has read."""

    def __init__(self, queries: Queries, book: Book, rates: Rates) -> None:
        self._queries = queries
        self._book = book
        self._rates = rates
        self._leads: dict[tuple[str, str], Decimal | None] = {}
        self._duties: dict[tuple[str, str, str], Decimal | None] = {}

    async def transfers(self, found: Sequence[Standing]) -> list[Transfer]:
        """What those with stock to spare should send to those that are short."""
        lacking = [one for one in found if one.lacks > 0]
        sparing = [one for one in found if one.free > 0]
        if not lacking or not sparing:
            return []
        ways: dict[tuple[str, str], Way] = {}
        factors: dict[str, Decimal] = {}
        unit = lacking[0].material.unit
        for sender in sparing:
            factor = await self._factor(sender, lacking[0], unit)
            if factor is None:
                continue
            factors[sender.site.site] = factor
            for receiver in lacking:
                if receiver.material.unit == unit:
                    ways[sender.site.site, receiver.site.site] = await self._way(sender, receiver, factor)
        spares = [
            Spare(one.site.site, (one.free * factors[one.site.site]).quantize(_THOUSANDTH, ROUND_FLOOR))
            for one in sparing
            if one.site.site in factors
        ]
        moves = balanced([Lack(one.site.site, one.lacks) for one in lacking], spares, ways)
        by_site = {one.site.site: one for one in found}
        return [
            await self._transfer(by_site[move.from_site], by_site[move.to_site], move, factors)
            for move in moves
        ]

    async def _factor(self, sender: Standing, receiver: Standing, unit: str) -> Decimal | None:
        """Units of the receiver in one of the sender; None where nothing converts them."""
        if sender.material.unit == unit:
            return Decimal(1)
        try:
            asked = await asked_in(
                self._queries, receiver.site.site, receiver.material.material_id, unit, Decimal(1),
                sender.material.unit,
            )  # fmt: skip
        except ToolError:
            return None
        return asked.base_value

    async def _way(self, sender: Standing, receiver: Standing, factor: Decimal) -> Way:
        lead = await self._lead(sender.site.site, receiver.site.site)
        late = 0
        if lead is not None and receiver.short_on is not None:
            late = max(0, (receiver.site.today + timedelta(days=int(lead)) - receiver.short_on).days)
        cost = self._cost(sender, receiver.site.currency, factor) or ZERO
        duty = await self._duty(sender, receiver) or ZERO
        return Way(late, cost * (1 + duty / 100))

    def _cost(self, sender: Standing, currency: str, factor: Decimal) -> Decimal | None:
        """Standard cost of a unit of the receiver's."""
        cost = sender.material.standard_cost
        if cost is None or not factor:
            return None
        return self._rates.converted(cost / factor, sender.material.currency, currency)

    async def _duty(self, sender: Standing, receiver: Standing) -> Decimal | None:
        """Percent that the receiver's country takes; None where no rate is on record."""
        key = (sender.site.site, receiver.site.site, receiver.material.material_id)
        if key not in self._duties:
            given: dict[str, object] = {
                "from": key[0], "to": key[1], "material": key[2], "on": receiver.site.today,
            }  # fmt: skip
            rows = await self._queries.rows(_Duty, _DUTIES, given)
            self._duties[key] = rows[0].percent if rows else None
        return self._duties[key]

    async def _lead(self, sender: str, receiver: str) -> Decimal | None:
        pair = (sender, receiver)
        if pair not in self._leads:
            rows = await self._queries.rows(_Lead, _LEADS, {"from": sender, "to": receiver})
            self._leads[pair] = rows[0].days if rows else None
        return self._leads[pair]

    async def _transfer(
        self, sender: Standing, receiver: Standing, move: Move, factors: Mapping[str, Decimal]
    ) -> Transfer:
        factor = factors[sender.site.site]
        lead = await self._lead(sender.site.site, receiver.site.site)
        cost = sender.material.standard_cost
        own = self._cost(sender, receiver.site.currency, factor)
        price = await self._price(receiver, move.quantity)
        percent = await self._duty(sender, receiver)
        duty = None if percent is None or own is None else own * percent / 100
        landed = None if own is None else own + (duty or ZERO)
        orders, margin = await self._waiting(receiver)
        return Transfer(
            sender,
            receiver,
            move.quantity,
            None if lead is None else receiver.site.today + timedelta(days=int(lead)),
            None if cost is None else (cost * move.quantity / factor).quantize(_CENT),
            None if duty is None else (duty * move.quantity).quantize(_CENT),
            None if landed is None or price is None else ((price - landed) * move.quantity).quantize(_CENT),
            orders,
            margin,
        )

    async def _price(self, receiver: Standing, quantity: Decimal) -> Decimal | None:
        """Of a unit that the receiver would buy or make, in its currency."""
        material = receiver.material
        if material.is_made:
            return material.standard_cost
        market = await market_of(self._queries, receiver.site, material.material_id)
        need = Need(quantity, material.unit, receiver.short_on or receiver.site.today, receiver.site.today)
        try:
            priced = source(
                need, market.offers, contracts=market.contracts, steps=market.steps, quotas=market.quotas
            ).priced
        except Unsourceable:
            return material.standard_cost
        if priced.price is None:
            return material.standard_cost
        return self._rates.converted(priced.price, priced.currency, receiver.site.currency)

    async def _waiting(self, receiver: Standing) -> tuple[tuple[Entry, ...], Decimal | None]:
        """Sales order lines that wait for what is missing, and what is earned with them."""
        book, site = self._book, receiver.site
        network = book.network(site)
        uncovered = network.allocation(receiver.material.material_id).uncovered
        found: dict[str, Entry] = {}
        for key in dict.fromkeys([receiver.waits, *uncovered]):
            entry = book.by_key.get(key)
            if entry is None:
                continue
            if entry.record == "sales_line":
                found[entry.key] = entry
                continue
            order = next((e for e in book.entries if e.quantity > 0 and e.order == entry.order), None)
            for step in network.up([order.key]) if order is not None else ():
                end = book.by_key.get(step.demand)
                if end is not None and end.record == "sales_line":
                    found[end.key] = end
        if not found:
            return (), None
        orders = sorted({entry.order_id for entry in found.values()})
        sold = {
            one.line: one
            for one in await self._queries.rows(_Sold, _SOLD, {"site": site.site, "orders": orders})
        }
        total = ZERO
        for entry in found.values():
            line = sold.get(entry.source_key)
            if line is None or line.unit_price is None or line.standard_cost is None:
                return tuple(found.values()), None
            price = self._rates.converted(line.unit_price, line.currency, site.currency)
            if price is None:
                return tuple(found.values()), None
            total += (price - line.standard_cost) * -entry.quantity
        return tuple(found.values()), total.quantize(_CENT)


def by_item(materials: Sequence[Material]) -> list[list[Material]]:
    """The materials that are the same at several plants: by number, otherwise by name."""
    groups: dict[str, list[Material]] = defaultdict(list)
    numbers = defaultdict(set)
    for each in materials:
        numbers[each.number.casefold()].add(each.site)
    for each in materials:
        number = each.number.casefold()
        groups[number if len(numbers[number]) > 1 else each.name.casefold()].append(each)
    return [group for group in groups.values() if len({each.site for each in group}) > 1]
