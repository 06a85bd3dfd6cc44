"""Who sells a material to a site and on what terms: info records, contracts, price scales and quotas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from tools.drafting.names import seen
from tools.engines.sourcing import Contract, Offer, Quota, Step
from tools.errors import ToolError
from tools.languages import said
from tools.naming import Kind, Named, Site, Thing, Unnamed, one
from tools.presenting import several
from tools.rows import Queries

_OFFERED = 5


@dataclass(frozen=True, slots=True)
class Market:
    """Everything that a source is chosen from."""

    offers: tuple[Offer, ...]
    contracts: tuple[Contract, ...]
    steps: tuple[Step, ...]
    quotas: tuple[Quota, ...]
    numbers: Mapping[str, str]
    """Number of each supplier, as the ERP writes it, by id."""
    quota_since: Mapping[str, date]
    """First day of each supplier's quota, which is part of its key."""


_NOBODY = Market((), (), (), (), {}, {})


@dataclass(frozen=True, slots=True)
class _Offer:
    material_id: str
    supplier_id: str
    number: str
    name: str
    lead_time_days: Decimal | None
    standard_price: Decimal | None
    last_price: Decimal | None
    currency: str
    minimum_order: Decimal | None
    maximum_order: Decimal | None
    valid_from: date | None
    valid_to: date | None
    is_preferred: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class _Contract:
    material_id: str
    contract_id: str
    supplier_id: str
    unit_price: Decimal | None
    currency: str
    valid_from: date | None
    valid_to: date | None
    open_quantity: Decimal | None


@dataclass(frozen=True, slots=True)
class _Step:
    material_id: str
    supplier_id: str
    from_quantity: Decimal
    unit_price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class _Quota:
    material_id: str
    supplier_id: str
    share_pct: Decimal
    valid_from: date
    ordered: Decimal


_RowT = TypeVar("_RowT", _Offer, _Contract, _Step, _Quota)

_OFFERS = """
select i.material_id, i.supplier_id, coalesce(nullif(s.number, ''), i.supplier_id) as number,
       coalesce(s.name, i.supplier_id) as name, i.lead_time_days, i.standard_price, i.last_price,
       coalesce(i.currency, t.currency) as currency, i.minimum_order, i.maximum_order, i.valid_from,
       i.valid_to,
       coalesce(s.is_preferred, false) as is_preferred, coalesce(s.is_active, true) as is_active
from erp.info_record i
join erp.site t on t.site = i.site
left join erp.supplier s on s.site = i.site and s.supplier_id = i.supplier_id
where i.site = %(site)s and (%(material)s::text is null or i.material_id = %(material)s)
order by i.supplier_id
"""
# What was ordered under a contract: of its supplier and material, since it began.
_CONTRACTS = """
select coalesce(c.material_id, '') as material_id, c.contract_id, c.supplier_id, c.unit_price,
       coalesce(c.currency, t.currency) as currency, c.valid_from, c.valid_to,
       c.target_quantity - coalesce((
           select sum(l.ordered) from erp.purchase_line l
           join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
           where l.site = c.site and l.material_id = c.material_id and o.supplier_id = c.supplier_id
             and o.status <> 'rejected' and (c.valid_from is null or o.ordered_on >= c.valid_from)
             and (c.valid_to is null or o.ordered_on <= c.valid_to)), 0) as open_quantity
from erp.contract c join erp.site t on t.site = c.site
where c.site = %(site)s and (%(material)s::text is null or c.material_id = %(material)s)
order by c.contract_id
"""
_STEPS = """
select p.material_id, p.supplier_id, p.from_quantity, p.unit_price,
       coalesce(p.currency, t.currency) as currency
from erp.price_scale p join erp.site t on t.site = p.site
where p.site = %(site)s and (%(material)s::text is null or p.material_id = %(material)s)
order by p.supplier_id, p.from_quantity
"""
_QUOTAS = """
select q.material_id, q.supplier_id, q.share_pct, q.valid_from, coalesce((
           select sum(l.ordered) from erp.purchase_line l
           join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
           where l.site = q.site and l.material_id = q.material_id and o.supplier_id = q.supplier_id
             and o.status <> 'rejected' and o.ordered_on >= q.valid_from), 0) as ordered
from erp.quota q
where q.site = %(site)s and (%(material)s::text is null or q.material_id = %(material)s)
  and q.valid_from <= %(today)s and (q.valid_to is null or q.valid_to >= %(today)s) order by q.supplier_id
"""


async def market_of(queries: Queries, site: Site, material: str) -> Market:
    """What purchasing knows of a material at a site, as of the site's today."""
    return (await _markets(queries, site, material)).get(material, _NOBODY)


async def markets_of(queries: Queries, site: Site) -> Mapping[str, Market]:
    """The same of every material that somebody sells to the site, by its id."""
    return await _markets(queries, site, None)


async def _markets(queries: Queries, site: Site, material: str | None) -> dict[str, Market]:
    asked = {"site": site.site, "material": material}
    offers = await queries.rows(_Offer, _OFFERS, asked)
    contracts = await queries.rows(_Contract, _CONTRACTS, asked)
    steps = await queries.rows(_Step, _STEPS, asked)
    quotas = await queries.rows(_Quota, _QUOTAS, {**asked, "today": site.today})
    of_offers, of_contracts = _by_material(offers), _by_material(contracts)
    of_steps, of_quotas = _by_material(steps), _by_material(quotas)
    return {
        id: _market(id, of_offers.get(id, ()), of_contracts.get(id, ()), of_steps.get(id, ()),
                    of_quotas.get(id, ()))
        for id in {*of_offers, *of_contracts, *of_steps, *of_quotas}
    }  # fmt: skip


def _by_material(rows: Sequence[_RowT]) -> dict[str, list[_RowT]]:
    found: dict[str, list[_RowT]] = defaultdict(list)
    for row in rows:
        found[row.material_id].append(row)
    return found


def _market(
    material: str,
    offers: Sequence[_Offer],
    contracts: Sequence[_Contract],
    steps: Sequence[_Step],
    quotas: Sequence[_Quota],
) -> Market:
    return Market(
        tuple(
            Offer(
                one.supplier_id,
                one.name,
                one.lead_time_days,
                one.standard_price,
                one.last_price,
                one.currency,
                one.minimum_order,
                one.maximum_order,
                one.valid_from,
                one.valid_to,
                one.is_preferred,
                one.is_active,
            )
            for one in offers
        ),
        tuple(
            Contract(
                one.contract_id,
                one.supplier_id,
                one.unit_price,
                one.currency,
                one.valid_from,
                one.valid_to,
                one.open_quantity,
            )
            for one in contracts
        ),
        tuple(Step(one.supplier_id, one.from_quantity, one.unit_price, one.currency) for one in steps),
        tuple(
            Quota(
                one.supplier_id,
                one.share_pct,
                one.ordered,
                f"{material}/{one.supplier_id}",
            )
            for one in quotas
        ),
        {one.supplier_id: one.number for one in offers},
        {one.supplier_id: one.valid_from for one in quotas},
    )


async def seller(queries: Queries, text: str, site: Site, material: Thing, market: Market) -> Named:
    """The supplier that was named.

    Raises:
        ToolError: several may be meant, or none is called so; then those that sell the material are named.
    """
    try:
        return await one(queries.tx, Kind.SUPPLIER, text, site.site)
    except Unnamed as unknown:
        selling = several([seen(offer.name) for offer in market.offers if offer.is_active], _OFFERED)
        if not selling:
            raise
        told = said(
            "[[unknown]]; [[thing]] is sold to [[site]] by [[suppliers]]",
            unknown=unknown,
            thing=material,
            site=site.site,
            suppliers=selling,
        )
        raise ToolError(told) from unknown
