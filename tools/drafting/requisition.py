"""Drafts a purchase requisition: source, quantity, price and posting by rules, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pydantic import Field

from policies.drafts.parts import Alternative, Amount, Grounds, Price
from policies.drafts.parts import Named as Code
from policies.drafts.requisition import DraftLine, Lot, RequisitionDraft, Source
from tools.arguments import Arguments, CurrencyName, MaterialName, SupplierName, Text
from tools.drafting.days import Calendar, calendar_of, moved, moved_sentence
from tools.drafting.exact_choice import compared
from tools.drafting.names import seen
from tools.drafting.needs import Needed, needed
from tools.drafting.numbers import n
from tools.drafting.other_ways import Spare, other_ways, spare_elsewhere
from tools.drafting.parts import Asked as AskedQuantity
from tools.drafting.parts import (
    DraftSite,
    Fact,
    NoLater,
    Subject,
    UnitName,
    ages,
    doubts,
    fit_to_show,
    relied_on,
    subject_of,
    taken,
)
from tools.drafting.pending import pending
from tools.drafting.postings import Posting, posting_of
from tools.drafting.sources import Market, market_of, seller
from tools.drafting.splitting import Split, as_alternative, split_of
from tools.drafting.units import Asked, asked_in
from tools.engines.sourcing import Lots, Need, Sourced, Unsourceable, source
from tools.errors import ToolError
from tools.languages import counted, said
from tools.languages.forms import day_text
from tools.naming import Kind, one
from tools.planning import Book, Material, book_of
from tools.planning_scope import Scope
from tools.presenting import figure, table
from tools.registry import Effect, ToolContext, tool
from tools.results import Column, Drafted, Evidence, ToolResult
from tools.rows import Queries
from tools.substitutes import Substitute, substitutes_of

_VERSION = "1.3.0"
_RECORDS = ("material", "stock", "info_record", "supplier", "contract", "price_scale", "quota", "substitute")


class DraftRequisition(Arguments):
    """What to buy, how much, for which site and by when."""

    material: MaterialName
    quantity: AskedQuantity
    needed_on: date = Field(
        description="The day by which it has to be there, as the person said: 2026-12-04."
    )
    no_later: NoLater = False
    unit: UnitName = None
    site: DraftSite = None
    supplier: SupplierName | None = Field(
        None, description="Only a supplier that the person named; otherwise quota, contract and price decide."
    )
    cost_centre: Text | None = Field(None, description="Only a cost centre that the person named.")
    currency: CurrencyName | None = Field(None, description="Only a currency that the person named.")
    reason: Text | None = Field(None, description="Why it is needed, in the person's own words.")
    split: bool = Field(
        False, description="Only where the person wants it split over several suppliers, as a draft offered."
    )


@dataclass(frozen=True, slots=True)
class _Master:
    category: str
    base_unit: str
    is_made: bool | None
    minimum_lot: Decimal | None
    maximum_lot: Decimal | None
    rounding_value: Decimal | None
    receipt_days: Decimal | None
    discontinued_on: date | None


_MASTER = """
select coalesce(m.category, '') as category, coalesce(m.base_unit, '') as base_unit, m.is_made, m.minimum_lot,
       m.maximum_lot, m.rounding_value, m.receipt_days, m.discontinued_on
from erp.material m where m.site = %(site)s and m.material_id = %(material)s
"""


@dataclass(frozen=True, slots=True)
class _Basis:
    """Everything that the draft is made from."""

    args: DraftRequisition
    subject: Subject
    master: _Master
    asked: Asked
    day: date
    period: str
    market: Market
    chosen: Sourced
    bought: tuple[Sourced, ...]
    """What is drafted: the chosen source, or the parts of several."""
    split: Split | None
    posting: Posting
    need: Needed
    book: Book
    material: Material
    spare: list[Spare]
    substitutes: list[Substitute]
    why: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def total(self) -> Decimal:
        """All that is drafted, in the unit of the ERP."""
        return sum((one.sizing.total for one in self.bought), Decimal(0))


@tool(
    name="draft_requisition",
    examples=(
        "Draft a requisition for 500 of BR-6204 for Kassel by 4 December",
        "Order 20 mechanical seals 20 mm from Dichtora for Kassel by 15 June",
    ),
    effect=Effect.DRAFT,
    version=_VERSION,
)
async def draft_requisition(args: DraftRequisition, context: ToolContext) -> ToolResult:
    """Draft a purchase requisition for a person to confirm; nothing is ordered and nothing is written.

    Only for somebody who asks to buy, order or request something: never to answer a question. Pass on what
    was said and no more; source, order quantity, price, account and cost centre are chosen here, with
    reasons. A quantity, day, site or supplier that nobody named is asked for, not made up.

    Example: {"material": "BR-6204", "quantity": "500", "needed_on": "2026-12-04", "site": "Kassel"}.
    """
    queries = Queries(context.tx)
    with fit_to_show():
        basis = await _basis(args, queries)
        draft = await _draft(basis, queries)
    proof = await queries.evidence(
        tool="draft_requisition",
        version=_VERSION,
        arguments=args,
        records=_RECORDS,
        site=basis.subject.site.site,
    )
    return _result(basis, draft, proof)


async def _basis(args: DraftRequisition, queries: Queries) -> _Basis:
    subject = await subject_of(queries, args.material, args.site, bought=True)
    site, thing = subject.site, subject.named.thing
    at = {"site": site.site, "material": thing.id}
    master = (await queries.rows(_Master, _MASTER, at))[0]
    _bought(master, subject, args.needed_on)
    calendar = await calendar_of(queries, site)
    day = calendar.needed_on(args.needed_on, no_later=args.no_later)
    asked = await asked_in(queries, site.site, thing.id, master.base_unit, args.quantity, args.unit)
    market = await market_of(queries, site, thing.id)
    supplier = await seller(queries, args.supplier, site, thing, market) if args.supplier else None
    lots = Lots(master.minimum_lot, master.rounding_value, master.maximum_lot)

    def sourced_from(supplier: str) -> Sourced | None:
        try:
            return _sourced(day, subject, master, asked, market, calendar, supplier)
        except ToolError:
            return None

    chosen = _sourced(day, subject, master, asked, market, calendar, supplier.thing.id if supplier else "")
    chosen = compared(chosen, market, lots, asked.base_value, asked.base_unit, day, sourced_from)
    await _in_currency(queries, args, chosen, site.site)

    def part_from(supplier: str, quantity: Decimal) -> Sourced | None:
        part = replace(asked, base_value=quantity)
        try:
            return _sourced(day, subject, master, part, market, calendar, supplier)
        except ToolError:
            return None

    split = None if supplier else split_of(chosen, market, lots, asked.base_value, day, part_from)
    if args.split and split is None:
        raise ToolError(
            said(
                "no split of [[thing]] over the suppliers of [[site]] is cheaper or sooner than one of them"
                " alone: draft it without a split",
                thing=thing,
                site=site.site,
            )
        )
    bought = split.parts if args.split and split is not None else (chosen,)
    total = sum((one.sizing.total for one in bought), Decimal(0))
    period = calendar.period_of(day)
    named = period.period if period else f"{day:%Y-%m}"
    posting = await posting_of(
        queries, site.site, master.category, day, named, cost_centre=args.cost_centre, currency=site.currency
    )
    book = await book_of(queries, Scope(site, None, (), ()), whole=True)
    material = book.materials[subject.key]
    need = needed(book, site, material, total, day)
    drafts = await pending(queries, site.site, thing.code or thing.id)
    need = replace(need, covering=(*need.covering, *drafts))
    spare = await spare_elsewhere(queries, site.site, thing.code, thing.name, day)
    substitutes, _ = await substitutes_of(queries, site, thing.id, day, total, book)
    flags = (
        *moved(args.needed_on, day),
        *dict.fromkeys(flag for one in bought for flag in _flags(one, market, day, master, site.currency)),
        *need.flags,
        *(taken(supplier, args.supplier or "") if supplier else ()),
        *await doubts(queries, subject, args.material),
    )
    why = (*asked.why, *_why(bought, asked.base_unit), *posting.why)
    return _Basis(
        args, subject, master, asked, day, named, market, chosen, bought, split, posting, need, book,
        material, spare, substitutes, why, flags,
    )  # fmt: skip


def _why(bought: Sequence[Sourced], unit: str) -> tuple[str, ...]:
    """Why it is bought as it is; of parts, each with what is its own."""
    if len(bought) == 1:
        return bought[0].why
    parts = (
        f"{n(one.sizing.total)} {unit} from {seen(one.offer.name)}: {' '.join(one.why[1:])}" for one in bought
    )
    return (
        f"Split over {len(bought)} suppliers: the least that comes too late, and of that the least cost.",
        *parts,
    )


def _bought(master: _Master, subject: Subject, day: date) -> None:
    """Raise for what is not bought: made in house, or discontinued by then."""
    here = {"thing": subject.named.thing, "site": subject.site.site}
    if master.is_made:
        raise ToolError(
            said(
                "[[thing]] is made in house at [[site]], so it is not bought: plan a production order, or"
                " draft a stock transfer from another site",
                **here,
            )
        )
    if master.discontinued_on is not None and master.discontinued_on <= day:
        raise ToolError(
            said(
                "[[thing]] is discontinued at [[site]] since [[day]]: name the material that replaces it",
                day=day_text(master.discontinued_on),
                **here,
            )
        )


def _sourced(
    day: date,
    subject: Subject,
    master: _Master,
    asked: Asked,
    market: Market,
    calendar: Calendar,
    supplier: str,
) -> Sourced:
    try:
        return source(
            Need(asked.base_value, asked.base_unit, day, subject.site.today),
            market.offers,
            contracts=market.contracts,
            steps=market.steps,
            quotas=market.quotas,
            lots=Lots(master.minimum_lot, master.rounding_value, master.maximum_lot),
            asked_for=supplier,
            receipt_days=master.receipt_days or Decimal(0),
            is_working=calendar.works,
        )
    except Unsourceable as error:
        text = said("[[thing]] cannot be bought at [[site]]: [[reason]]",
                    thing=subject.named.thing, site=subject.site.site, reason=error)  # fmt: skip
        raise ToolError(text) from error


async def _in_currency(queries: Queries, args: DraftRequisition, chosen: Sourced, site: str) -> None:
    if args.currency is None or chosen.priced.price is None:
        return
    wanted = (await one(queries.tx, Kind.CURRENCY, args.currency, site)).thing.id
    if wanted != chosen.priced.currency:
        raise ToolError(
            said(
                "[[supplier]] sells it to [[site]] in [[currency]], not in [[wanted]]; leave the currency"
                " out",
                supplier=chosen.offer.name,
                site=site,
                currency=chosen.priced.currency,
                wanted=wanted,
            )
        )


def _flags(chosen: Sourced, market: Market, day: date, master: _Master, currency: str) -> tuple[str, ...]:
    found = []
    if chosen.feasible_on is not None and chosen.feasible_on > day:
        found.append(f"It cannot be there by {day}: {chosen.feasible_on} is the first day by its lead time.")
    if chosen.priced.price is None:
        found.append("No source has a price: what it will come to is not known.")
    if chosen.priced.price is not None and chosen.priced.currency != currency:
        found.append(f"The price is in {chosen.priced.currency}; the site keeps its books in {currency}.")
    if master.is_made is None:
        found.append("Nothing says whether it is bought or made in house.")
    gone = [one.name for one in market.offers if not one.is_active]
    found += [f"{name} is no longer an active supplier and was not considered." for name in gone]
    return tuple(found)


async def _draft(basis: _Basis, queries: Queries) -> RequisitionDraft:
    site = basis.subject.site
    told, stale = await ages(queries, (site.site,))
    facts = await relied_on(queries, site.site, _facts(basis))
    ways = other_ways(
        basis.book,
        site,
        basis.material,
        basis.total,
        basis.day,
        basis.need.without_it,
        spare=basis.spare,
        offers=basis.chosen.others,
        substitutes=basis.substitutes,
        priced=basis.chosen.priced,
        split=_offered(basis),
    )
    return RequisitionDraft(
        site=site.site,
        lines=tuple(_line(basis, one, each) for one in basis.bought for each in one.sizing.quantities),
        note=basis.args.reason or "",
        grounds=Grounds(
            why=basis.why,
            without_it=basis.need.without_it,
            demands=basis.need.demands,
            covering=basis.need.covering,
            alternatives=ways,
            freshness=told,
            flags=(*basis.flags, *stale),
            facts=facts,
        ),
    )


def _offered(basis: _Basis) -> Alternative | None:
    """The split beside a draft from one source."""
    is_drafted = basis.args.split or basis.split is None
    return None if is_drafted or basis.split is None else as_alternative(basis.split, basis.asked.base_unit)


def _line(basis: _Basis, chosen: Sourced, quantity: Decimal) -> DraftLine:
    thing = basis.subject.named.thing
    offer, price = chosen.offer, chosen.priced
    return DraftLine(
        material=Code(code=thing.code or thing.id, name=thing.name),
        category=basis.master.category,
        quantity=Amount(value=quantity, unit=basis.asked.base_unit),
        needed_on=basis.day,
        source=Source(
            supplier=Code(code=basis.market.numbers.get(offer.supplier, offer.supplier), name=offer.name),
            chosen_by=chosen.chosen_by,
            reference=chosen.reference,
            lead_time_days=offer.lead_time_days,
            price_from=price.source,
            scale_from=price.scale_from,
        ),
        unit_price=None if price.price is None else Price(amount=price.price, currency=price.currency),
        lot=Lot(
            asked=Amount(value=basis.asked.value, unit=basis.asked.unit),
            minimum=chosen.sizing.minimum,
            rounding=chosen.sizing.rounding,
            maximum=chosen.sizing.maximum,
            factor=basis.asked.factor,
        ),
        cost_centre=basis.posting.cost_centre,
        account=basis.posting.account,
        budget=basis.posting.budget,
    )


def _facts(basis: _Basis) -> list[Fact]:
    material = basis.subject.named.thing.id
    suppliers = [one.offer.supplier for one in basis.bought]
    found: list[Fact] = [
        ("material", (material,)),
        *(("supplier", (one,)) for one in suppliers),
        *(("info_record", (material, one)) for one in suppliers),
        *(("contract", (one.number,)) for one in basis.market.contracts if one.supplier in suppliers),
        *(
            ("price_scale", (material, one.supplier, f"{one.from_quantity:f}"))
            for one in basis.market.steps
            if one.supplier in suppliers
        ),
        *(
            ("quota", (material, each, since.isoformat()))
            for each, since in basis.market.quota_since.items()
            if each in suppliers
        ),
        *basis.posting.facts,
        ("fiscal_period", (basis.period,)),
    ]
    return found


# ── as the person sees it ─────────────────────────────────────────────────────────────────────────────────
def _result(basis: _Basis, draft: RequisitionDraft, proof: Evidence) -> ToolResult:
    unit, value = basis.asked.base_unit, draft.value
    thing, site = basis.subject.named.thing, basis.subject.site
    total = figure("quantity", basis.total, "quantity", proof.id, unit)
    worth = (figure("value", value.amount, "money", proof.id, value.currency),) if value else ()
    text = said(
        "Drafted: {{figures[0]}} of {{tables[0].rows[0].material}} from {{tables[0].rows[0].supplier}} by"
        " {{tables[0].rows[0].needed_on}}, worth {{figures[1]}}."
        if value
        else "Drafted: {{figures[0]}} of {{tables[0].rows[0].material}} from"
        " {{tables[0].rows[0].supplier}} by {{tables[0].rows[0].needed_on}}; no price is known."
    )
    return ToolResult(
        tool="draft_requisition",
        reading=said(
            "Draft of a purchase requisition for [[thing]], at [[site]]", thing=thing, site=site.site
        ),
        tables=(
            table(
                "Lines of the requisition",
                (
                    Column("number", "Number", "id"),
                    Column("material", "Material", "text"),
                    Column("quantity", "Quantity", "quantity", unit),
                    Column("needed_on", "Needed on", "date"),
                    Column("supplier", "Supplier", "text"),
                    Column("price", "Price", "money", basis.chosen.priced.currency),
                ),
                [
                    (
                        line.material.code,
                        line.material.name,
                        line.quantity.value,
                        line.needed_on,
                        line.source.supplier.name if line.source else None,
                        line.unit_price.amount if line.unit_price else None,
                    )
                    for line in draft.lines
                ],
            ),
        ),
        figures=(total, *worth),
        evidence=(proof,),
        sentence=text + moved_sentence(basis.args.needed_on, basis.day),
        caveats=_caveats(basis),
        drafted=Drafted(draft, site.today),
    )


def _caveats(basis: _Basis) -> tuple[str, ...]:
    found = list(basis.subject.named.caveats)
    many = sum(len(one.sizing.quantities) for one in basis.bought)
    if many > 1:
        found.append(counted(many, "It has [[number]] line.", "It has [[number]] lines."))
    if basis.total != basis.asked.base_value:
        found.append(
            said(
                "Asked for were [[asked]] [[unit]]; the lot rules make it [[total]].",
                asked=n(basis.asked.base_value),
                unit=basis.asked.base_unit,
                total=n(basis.total),
            )
        )
    return tuple(found)
