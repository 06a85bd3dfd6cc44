"""Sites netted: what to release, from whom, and which order it is for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from tools.drafting.sources import Market
from tools.engines.material_requirements import PlantPlan, Proposed, plant_plan
from tools.engines.material_requirements.plants import WEEKS
from tools.engines.netting import Demand, Peg, Supply, allocate
from tools.engines.scrap import Convention, started
from tools.engines.shortage_risk import Arrival, Risk, shortage_risk
from tools.engines.sourcing import Quota, Sourced
from tools.net_requirements.plants import REMADE, PlantData
from tools.planning import Book, Entry, Material

_NEW, _NEED = "new/", "need/"
_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Release:
    """An order to release, with where it would be bought."""

    material: Material
    number: int
    """Among the orders of its material."""
    order: Proposed
    sourced: Sourced | None
    """None where it is made, or where nobody can be ordered from."""
    has_lead_time: bool
    below_reorder_point: bool = False
    """True where no requirement asks for it: what is there and on order lies below the reorder point."""

    @property
    def value(self) -> Decimal | None:
        """At the supplier's price, or at standard cost where it is made."""
        price = self.sourced.priced.price if self.sourced else self.material.standard_cost
        return None if price is None else (price * self.order.quantity).quantize(Decimal("0.01"))

    @property
    def currency(self) -> str:
        """Of its value."""
        return self.sourced.priced.currency if self.sourced else self.material.currency


@dataclass(frozen=True)
class Netted:
    """A site with its net requirements."""

    data: PlantData
    book: Book
    plan: PlantPlan
    convention: Convention
    anew: bool

    @cached_property
    def releases(self) -> tuple[Release, ...]:
        """Every order to release, the earliest first."""
        found: list[Release] = []
        for id, orders in self.orders.items():
            found += self._of(id, orders)
        return tuple(
            sorted(found, key=lambda one: (one.order.release_on, one.order.due_on, one.material.key))
        )

    @cached_property
    def orders(self) -> Mapping[str, Sequence[Proposed]]:
        """The proposed orders of each material, with what the reorder point asks for."""
        found: dict[str, list[Proposed]] = defaultdict(list)
        for order in self.plan.orders:
            found[order.material].append(order)
        for id in self.data.materials:
            if (pulled := self._by_reorder_point(id, found.get(id, []))) is not None:
                found[id] = pulled
        return found

    def _by_reorder_point(self, id: str, orders: list[Proposed]) -> list[Proposed] | None:
        """Orders where stock and what is on order are below the reorder point: one of them leaves today."""
        one, master, today = self.data.materials[id], self.data.masters[id], self.data.site.today
        at = master.reorder_point or Decimal(0)
        if one.policy.rule != "min_max" or (orders and orders[0].release_on <= today):
            return None
        position = one.on_hand + sum(one.receipts.values(), Decimal(0))
        if position >= at:
            return None
        days = one.lead if one.is_made else one.lead + one.receipt_days
        due = (
            self.data.calendar.after(today, days)
            if one.is_made
            else self.data.calendar.on_or_after(today + timedelta(days=days))
        )
        if orders:
            return [replace(orders[0], release_on=today, due_on=min(due, orders[0].due_on)), *orders[1:]]
        lots = one.policy.size.orders(at - position)
        made = [started(lot, one.scrap_pct, self.convention) for lot in lots]
        return [Proposed(id, today, due, lot, start, 0) for lot, start in zip(lots, made, strict=True)]

    def _of(self, id: str, orders: Sequence[Proposed]) -> list[Release]:
        one = self.data.materials[id]
        material = self.book.materials[self.data.site.site, id]
        market = None if one.is_made else self.data.markets.get(id)
        asked = {order.due_on for order in self.plan.of(id)}
        found = []
        for number, order in enumerate(orders):
            sourced = None
            if market is not None:
                sourced = self.data.sourced(id, order.quantity, order.due_on, market)
                market = _counted(market, sourced, order.quantity)
            known = one.lead > 0 or self.data.masters[id].days_to_make == 0
            found.append(Release(material, number, order, sourced, known, not asked))
        return found

    # ── what an order is for ──
    def waiting(self, one: Release) -> Entry | None:
        """The order at the end of the chain that waits first for a release; None where only stock does."""
        material, number = one.material.material_id, one.number
        for _ in range(_DEEPEST):
            peg = next((peg for peg in self._pegs(material) if peg.supply == f"{_NEW}{number}"), None)
            if peg is None:
                return None
            if not peg.demand.startswith(_NEED):
                return self.book.by_key.get(peg.demand)
            material, _, at = peg.demand.removeprefix(_NEED).rpartition("/")
            number = int(at)
        return None

    @cached_property
    def _pegged(self) -> dict[str, tuple[Peg, ...]]:
        return {}

    def _pegs(self, id: str) -> tuple[Peg, ...]:
        if id not in self._pegged:
            one, site = self.data.materials[id], self.data.site
            plan = self.book.plan((site.site, id))
            supplies = [s for s in plan.supplies if not self._remade(s.key)]
            supplies += [
                Supply(f"{_NEW}{number}", order.due_on, order.quantity)
                for number, order in enumerate(self.orders.get(id, ()))
            ]
            demands = [d for d in plan.demands if not self._remade(d.key)] + self._needs.get(id, [])
            self._pegged[id] = allocate(one.on_hand, supplies, demands, site.today).pegs
        return self._pegged[id]

    def _remade(self, key: str) -> bool:
        return self.anew and self.book.by_key[key].record in REMADE

    @cached_property
    def _needs(self) -> Mapping[str, list[Demand]]:
        """What the proposed orders need of their parts."""
        found: dict[str, list[Demand]] = defaultdict(list)
        for id, orders in self.orders.items():
            for number, order in enumerate(orders):
                for part in self.data.materials[id].components:
                    wanted = started(order.started * part.quantity, part.scrap_pct, self.convention)
                    found[part.item].append(Demand(f"{_NEED}{id}/{number}", order.release_on, wanted))
        return found

    # ── what may go wrong ──
    def risk(self, material: Material) -> Risk:
        """The risk that a material runs short before an order placed today could help."""
        one, site = self.data.materials[material.material_id], self.data.site
        days = one.lead if one.is_made else one.lead + one.receipt_days
        until = (
            self.data.calendar.after(site.today, days)
            if one.is_made
            else self.data.calendar.on_or_after(site.today + timedelta(days=days))
        )
        dated = [e for e in self.book.by_material.get(material.key, ()) if e.due is not None]
        return shortage_risk(
            one.on_hand,
            [
                Arrival(
                    entry.due,
                    entry.quantity,
                    self.data.lateness.get(entry.partner) if entry.record == "purchase_line" else None,
                )
                for entry in dated
                if entry.quantity > 0 and entry.due is not None
            ],
            one.demand,
            site.today,
            until,
        )


def _counted(market: Market, sourced: Sourced | None, quantity: Decimal) -> Market:
    """The market after an order: what is ordered under a quota counts at the next choice."""
    if sourced is None or not market.quotas:
        return market
    quotas = tuple(
        Quota(each.supplier, each.share, each.ordered + quantity, each.key)
        if each.supplier == sourced.offer.supplier
        else each
        for each in market.quotas
    )
    return replace(market, quotas=quotas)


def netted(
    data: PlantData,
    book: Book,
    weeks: int = WEEKS,
    convention: Convention = "surcharge",
    *,
    anew: bool = False,
) -> Netted:
    """A site with its net requirements.

    Raises:
        RequirementsInvalid: it cannot be planned.
    """
    plan = plant_plan(data.materials, data.calendar, data.site.today, weeks, convention)
    return Netted(data, book, plan, convention, anew)


def past_needs(data: PlantData, ids: Sequence[str]) -> int:
    """How many of these materials are required before today."""
    today: date = data.site.today
    return sum(any(day < today for day in data.materials[id].demand) for id in ids)
