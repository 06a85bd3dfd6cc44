"""Drafts a quality hold: of a batch, of what lies in one place, or of all stock of a material."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field

from policies.drafts.hold import HoldDraft
from policies.drafts.parts import Alternative, Amount, Grounds, Price
from policies.drafts.parts import Named as Code
from tools.arguments import Arguments, MaterialName, Text
from tools.drafting.needs import needed
from tools.drafting.numbers import n
from tools.drafting.parts import Asked as AskedQuantity
from tools.drafting.parts import (
    DraftSite,
    Fact,
    Subject,
    UnitName,
    ages,
    category_of,
    doubts,
    fit_to_show,
    relied_on,
    subject_of,
)
from tools.drafting.units import asked_in
from tools.engines.structure import ZERO
from tools.errors import ToolError
from tools.languages import said
from tools.matching import meant, ranked
from tools.naming import Thing
from tools.planning import Book, Material, book_of
from tools.planning_scope import Scope
from tools.presenting import figure, several, table
from tools.registry import Effect, ToolContext, tool
from tools.requirements import Stock, stock_of
from tools.results import Column, Drafted, Evidence, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"
_HELD = "blocked"


class DraftHold(Arguments):
    """What to hold, where, and why."""

    reason: Text = Field(description="Why it is to be held, in the person's own words.", min_length=3)
    material: MaterialName | None = Field(
        None, description="The material: number or name; may be left out where a batch says it."
    )
    batch: Text | None = Field(None, description="Number of the batch that the person named.")
    location: Text | None = Field(None, description="Storage location that the person named: id or name.")
    quantity: AskedQuantity | None = Field(
        None, description="How much, where the person said so; otherwise all that lies there."
    )
    unit: UnitName = None
    site: DraftSite = None


@dataclass(frozen=True, slots=True)
class _Batch:
    site: str
    batch_id: str
    material_id: str


@dataclass(frozen=True, slots=True)
class _Open:
    hold_id: str
    batch_id: str | None
    quantity: Decimal | None


@dataclass(frozen=True, slots=True)
class _Basis:
    args: DraftHold
    subject: Subject
    lying: list[Stock]
    quantity: Decimal
    book: Book
    material: Material
    why: tuple[str, ...]


_OPEN = """
select h.hold_id, h.batch_id, h.quantity from erp.quality_hold h
where h.site = %(site)s and h.material_id = %(material)s and h.released_at is null order by h.hold_id
"""


@tool(
    name="draft_hold",
    examples=(
        "Block batch CP-40-260310-037 at Kassel because of leaking seals",
        "Put 20 of BR-6204 at Kassel on quality hold due to surface defects",
    ),
    effect=Effect.DRAFT,
    version=_VERSION,
)
async def draft_hold(args: DraftHold, context: ToolContext) -> ToolResult:
    """Draft a quality hold of stock for a person to confirm; nothing is blocked until then.

    Only for somebody who asks to block, hold or quarantine stock: never to answer a question. Without a
    quantity all that lies unblocked in that batch, in that place or at the site is held. A reason is needed.

    Example: {"batch": "CP-40-260310-037", "site": "Kassel", "reason": "leaking seals"}.
    """
    queries = Queries(context.tx)
    with fit_to_show():
        basis = await _basis(args, queries)
        draft = await _draft(basis, queries)
    proof = await queries.evidence(
        tool="draft_hold",
        version=_VERSION,
        arguments=args,
        records=("material", "stock", "quality_hold"),
        site=basis.subject.site.site,
    )
    return _result(basis, draft, proof)


async def _basis(args: DraftHold, queries: Queries) -> _Basis:
    subject = await _subject(args, queries)
    site, thing = subject.site, subject.named.thing
    lying = _lying(args, subject, await stock_of(queries, site.site, thing.id))
    book = await book_of(queries, Scope(site, None, (), ()), whole=True)
    material = book.materials[subject.key]
    total = sum((row.quantity for row in lying), ZERO)
    quantity, why = total, tuple[str, ...]()
    if args.quantity is not None:
        asked = await asked_in(queries, site.site, thing.id, material.unit, args.quantity, args.unit)
        quantity, why = asked.base_value, asked.why
    if quantity > total:
        raise ToolError(
            said(
                "of [[thing]] there are [[there]] [[unit]] that could be held there, not [[asked]]",
                thing=thing,
                there=n(total),
                unit=material.unit,
                asked=n(quantity),
            )
        )
    return _Basis(args, subject, lying, quantity, book, material, why)


async def _draft(basis: _Basis, queries: Queries) -> HoldDraft:
    args, subject, lying, material = basis.args, basis.subject, basis.lying, basis.material
    site, thing, quantity = subject.site, subject.named.thing, basis.quantity
    location = lying[0] if args.location else None
    already = await queries.rows(_Open, _OPEN, {"site": site.site, "material": thing.id})
    told, stale = await ages(queries, (site.site,))
    held = [one for one in already if args.batch is None or one.batch_id == lying[0].batch_id]
    return HoldDraft(
        site=site.site,
        material=Code(code=thing.code or thing.id, name=thing.name),
        category=await category_of(queries, subject),
        batch=lying[0].batch_id if args.batch else None,
        location=Code(code=location.location_id, name=location.location) if location else None,
        quantity=Amount(value=quantity, unit=material.unit),
        reason=args.reason,
        worth=_worth(material, quantity),
        grounds=Grounds(
            why=(*basis.why, _why(args, lying, quantity, material.unit)),
            without_it=f"{n(quantity)} {material.unit} stay usable: production and dispatch may take them.",
            demands=needed(basis.book, site, material, quantity, site.today).demands,
            alternatives=(Alternative(kind="nothing", what="Do nothing: the stock stays usable."),),
            freshness=told,
            flags=(
                *(f"Hold {one.hold_id} is open for the same material already." for one in held[:3]),
                *await doubts(queries, subject, args.material or ""),
                *stale,
            ),
            facts=await relied_on(queries, site.site, _facts(thing, lying)),
        ),
    )


def _result(basis: _Basis, draft: HoldDraft, proof: Evidence) -> ToolResult:
    site, thing, material = basis.subject.site, basis.subject.named.thing, basis.material
    columns = (
        Column("number", "Number", "id"),
        Column("material", "Material", "text"),
        Column("batch", "Batch", "id"),
        Column("location", "Location", "text"),
        Column("quantity", "Quantity", "quantity", material.unit),
    )
    rows = [(thing.code, thing.name, row.batch_id or None, row.location, row.quantity) for row in basis.lying]
    return ToolResult(
        tool="draft_hold",
        reading=said("Draft of a quality hold of [[thing]], at [[site]]", thing=thing, site=site.site),
        tables=(table("Stock that it holds", columns, rows),),
        figures=(figure("quantity", basis.quantity, "quantity", proof.id, material.unit),),
        evidence=(proof,),
        sentence=said("Drafted: a hold of {{figures[0]}} of {{tables[0].rows[0].material}}."),
        caveats=basis.subject.named.caveats,
        drafted=Drafted(draft, site.today),
    )


async def _subject(args: DraftHold, queries: Queries) -> Subject:
    """The material that was named, or the one that the batch is of."""
    if args.material is not None:
        return await subject_of(queries, args.material, args.site)
    if args.batch is None:
        raise ToolError(said("name a material or a batch that is to be held"))
    found = await queries.rows(
        _Batch,
        "select distinct s.site, s.batch_id, s.material_id from erp.stock s"
        " where lower(s.batch_id) = lower(%(batch)s) order by s.site",
        {"batch": args.batch},
    )
    if not found:
        raise ToolError(said("no batch [[batch]] is in stock at a site that you see", batch=repr(args.batch)))
    if len({one.site for one in found}) > 1 and args.site is None:
        sites = ", ".join(sorted({one.site for one in found}))
        raise ToolError(
            said("batch [[batch]] is kept at [[sites]]; name the site", batch=args.batch, sites=sites)
        )
    return await subject_of(queries, f"id:{found[0].material_id}", args.site or found[0].site)


def _lying(args: DraftHold, subject: Subject, stock: Sequence[Stock]) -> list[Stock]:
    """The stock rows that could be held.

    Raises:
        ToolError: the batch or the place that was named holds none of it; the message says which do.
    """
    usable = [row for row in stock if row.status != _HELD and row.quantity > 0]
    thing = subject.named.thing
    if args.batch is not None:
        batches = sorted({row.batch_id for row in usable if row.batch_id})
        usable = [row for row in usable if row.batch_id.casefold() == args.batch.casefold()]
        if not usable:
            raise ToolError(
                said(
                    "[[thing]] has no unblocked stock in batch [[batch]]; there is [[batches]]",
                    thing=thing,
                    batch=repr(args.batch),
                    batches=several(batches, 5) or said("none"),
                )
            )
    if args.location is not None:
        places = [
            Thing("", id, id, name) for id, name in sorted({(r.location_id, r.location) for r in usable})
        ]
        taken = meant(ranked(args.location, places))
        if len(taken) != 1:
            raise ToolError(
                said(
                    "[[thing]] does not lie in [[location]]; it lies in [[places]]",
                    thing=thing,
                    location=repr(args.location),
                    places=several([f"{each.id} {each.name}" for each in places], 5) or said("none"),
                )
            )
        usable = [row for row in usable if row.location_id == taken[0].thing.id]
    if not usable:
        raise ToolError(
            said("[[thing]] has no unblocked stock at [[site]]", thing=thing, site=subject.site.site)
        )
    return usable


def _why(args: DraftHold, lying: Sequence[Stock], quantity: Decimal, unit: str) -> str:
    where = f"in batch {lying[0].batch_id}" if args.batch else "in all batches"
    place = f" in {lying[0].location}" if args.location else ""
    rule = "as asked for" if args.quantity is not None else "all that is not blocked yet"
    return f"{n(quantity)} {unit} {where}{place}: {rule}."


def _worth(material: Material, quantity: Decimal) -> Price | None:
    if material.standard_cost is None:
        return None
    worth = (quantity * material.standard_cost).quantize(Decimal("0.01"))
    return Price(amount=worth, currency=material.currency)


def _facts(thing: Thing, lying: Sequence[Stock]) -> list[Fact]:
    rows: list[Fact] = [("stock", (thing.id, row.location_id, row.batch_id, row.status)) for row in lying]
    return [("material", (thing.id,)), *rows]
