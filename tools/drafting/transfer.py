"""Drafts a stock transfer: both sites' numbers, what is free where it lies, and what the move is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field

from policies.drafts.parts import Amount, Grounds, Price
from policies.drafts.parts import Named as Code
from policies.drafts.transfer import TransferDraft
from tools.arguments import Arguments, MaterialName, Text
from tools.drafting.days import calendar_of, moved, moved_sentence
from tools.drafting.needs import Needed, needed
from tools.drafting.numbers import n
from tools.drafting.other_ways import other_ways, spare_elsewhere
from tools.drafting.parts import Asked as AskedQuantity
from tools.drafting.parts import (
    DraftSite,
    NoLater,
    Subject,
    UnitName,
    ages,
    category_of,
    doubts,
    fit_to_show,
    relied_on,
    site_said,
    subject_of,
)
from tools.drafting.units import Asked, asked_in
from tools.errors import ToolError
from tools.languages import said
from tools.naming import Kind, Named, Thing, candidates, one, site_by_code
from tools.planning import Material, book_of
from tools.planning_scope import Scope
from tools.presenting import figure, table
from tools.registry import Effect, ToolContext, tool
from tools.results import Column, Drafted, Evidence, ToolResult
from tools.rows import Queries

_VERSION = "1.0.0"


class DraftTransfer(Arguments):
    """What to move, how much, from which site to which and by when."""

    material: MaterialName
    quantity: AskedQuantity
    from_site: Text = Field(description="Code or name of the site that sends.")
    needed_on: date = Field(
        description="The day by which it has to be there, as the person said: 2026-12-04."
    )
    no_later: NoLater = False
    unit: UnitName = None
    site: DraftSite = None
    reason: Text | None = Field(None, description="Why it is needed, in the person's own words.")


@dataclass(frozen=True, slots=True)
class _Basis:
    args: DraftTransfer
    subject: Subject
    """At the site that receives."""
    sender: Subject
    asked: Asked
    """In the unit of the site that receives."""
    day: date
    there: Material
    """The material where it lies."""
    available: Decimal
    """Free there, in the unit of the site that receives."""
    category: str
    need: Needed
    why: tuple[str, ...]
    flags: tuple[str, ...]


@tool(
    name="draft_transfer",
    examples=(
        "Transfer 40 of BR-6204 from Greenville to Kassel by 10 April",
        "Draft a stock transfer of 20 gasket sets from Greenville to Kassel by 15 April",
    ),
    effect=Effect.DRAFT,
    version=_VERSION,
)
async def draft_transfer(args: DraftTransfer, context: ToolContext) -> ToolResult:
    """Draft a transfer of stock between two sites for a person to confirm; nothing is moved.

    Only for somebody who asks to move, send or transfer stock: never to answer a question. Both sites have
    to be sites that the person sees; no more than lies there unrestricted can be drafted.

    Example: {"material": "BR-6204", "quantity": "40", "from_site": "Greenville", "site": "Kassel",
    "needed_on": "2026-04-10"}.
    """
    queries = Queries(context.tx)
    with fit_to_show():
        basis, grounds = await _basis(args, queries)
        draft = _draft(basis, grounds)
    proof = await queries.evidence(
        tool="draft_transfer", version=_VERSION, arguments=args, records=("material", "stock")
    )
    return _result(basis, draft, proof)


async def _basis(args: DraftTransfer, queries: Queries) -> tuple[_Basis, Grounds]:
    from_code = await site_said(queries, args.from_site)
    subject = await _receiver(args, queries, from_code)
    site, thing = subject.site, subject.named.thing
    if from_code == site.site:
        raise ToolError(
            said("[[site]] is both ends of the transfer: name the site that sends", site=site.site)
        )
    there_named = await _there(queries, thing, from_code)
    sender = Subject(await site_by_code(queries.tx, from_code), there_named, args.from_site)
    day = (await calendar_of(queries, site)).needed_on(args.needed_on, no_later=args.no_later)
    book = await book_of(queries, Scope(site, None, (), ()), whole=True)
    away = await book_of(queries, Scope(sender.site, None, (), ()), whole=True)
    here, there = book.materials[subject.key], away.materials[sender.key]
    asked = await asked_in(queries, site.site, thing.id, here.unit, args.quantity, args.unit)
    sent = await asked_in(queries, from_code, sender.named.thing.id, there.unit, asked.base_value, here.unit)
    free = min(there.on_hand, needed(away, sender.site, there, Decimal(0), day).free)
    if sent.base_value > there.on_hand:
        raise ToolError(
            said(
                "[[site]] has [[there]] [[unit]] of [[thing]] unrestricted, less than [[asked]]; ask for as"
                " much or less",
                site=sender.site.site,
                there=n(max(Decimal(0), there.on_hand)),
                unit=there.unit,
                thing=sender.named.thing,
                asked=n(sent.base_value),
            )
        )
    need = needed(book, site, here, asked.base_value, day)
    spare = await spare_elsewhere(queries, site.site, thing.code, thing.name, day)
    flags = [
        *moved(args.needed_on, day),
        *need.flags,
        *sender.misspelt,
        *await doubts(queries, subject, args.material),
    ]
    if sent.base_value > free:
        flags.insert(
            0, f"Only {n(free)} {there.unit} of it are free at {sender.site.site}: the rest is needed there."
        )
    told, stale = await ages(queries, (site.site, from_code))
    category = await category_of(queries, subject)
    why = (
        *asked.why,
        f"{sender.site.name} has {n(there.on_hand)} {there.unit} unrestricted, {n(free)} of them free.",
    )
    basis = _Basis(
        args, subject, sender, asked, day, there, _back(free, sent.factor), category, need, why, tuple(flags)
    )
    facts = await relied_on(queries, site.site, [("material", (thing.id,))])
    facts += await relied_on(
        queries, from_code, [("material", (there.material_id,)), ("stock", (there.material_id,))]
    )
    return basis, Grounds(
        why=why,
        without_it=need.without_it,
        demands=need.demands,
        covering=need.covering,
        alternatives=other_ways(
            book,
            site,
            here,
            asked.base_value,
            day,
            need.without_it,
            spare=[one for one in spare if one.site.site != from_code],
        ),
        freshness=told,
        flags=(*flags, *stale),
        facts=facts,
    )


async def _receiver(args: DraftTransfer, queries: Queries, from_code: str) -> Subject:
    """The material where it is wanted; the only other site that keeps it where none was named."""
    if args.site is not None:
        return await subject_of(queries, args.material, args.site)
    found = await candidates(queries.tx, Kind.MATERIAL, args.material)
    others = sorted({match.thing.site for match in found if match.thing.site != from_code and match.fit > 2})
    if len(others) != 1:
        raise ToolError(said("name the site that receives: [[sites]]", sites=", ".join(others) or "?"))
    return await subject_of(queries, args.material, others[0])


async def _there(queries: Queries, thing: Thing, site: str) -> Named:
    """The same material at the site that sends: by its number, else by its name."""
    for text in (f"code:{thing.code}", f"name:{thing.name}"):
        if await candidates(queries.tx, Kind.MATERIAL, text, site):
            return await one(queries.tx, Kind.MATERIAL, text, site)
    raise ToolError(
        said("[[site]] keeps no [[thing]], neither by number nor by name", site=site, thing=thing)
    )


def _back(free: Decimal, factor: Decimal) -> Decimal:
    """What is free in the unit of the site that receives, rounded down to six places."""
    return (free / factor).quantize(Decimal("0.000001"), rounding="ROUND_FLOOR")


def _draft(basis: _Basis, grounds: Grounds) -> TransferDraft:
    here, there = basis.subject.named.thing, basis.sender.named.thing
    cost = basis.there.standard_cost
    worth = None if cost is None else (basis.asked.base_value * cost).quantize(Decimal("0.01"))
    return TransferDraft(
        site=basis.subject.site.site,
        from_site=basis.sender.site.site,
        material=Code(code=here.code or here.id, name=here.name),
        from_material=Code(code=there.code or there.id, name=there.name),
        category=basis.category,
        quantity=Amount(value=basis.asked.base_value, unit=basis.asked.base_unit),
        needed_on=basis.day,
        worth=None if worth is None else Price(amount=worth, currency=basis.there.currency),
        available=basis.available,
        note=basis.args.reason or "",
        grounds=grounds,
    )


def _result(basis: _Basis, draft: TransferDraft, proof: Evidence) -> ToolResult:
    unit, thing = basis.asked.base_unit, basis.subject.named.thing
    columns = (
        Column("number", "Number", "id"),
        Column("material", "Material", "text"),
        Column("quantity", "Quantity", "quantity", unit),
        Column("from_site", "From site", "text"),
        Column("site", "Site", "text"),
        Column("needed_on", "Needed on", "date"),
    )
    row = (
        draft.material.code,
        draft.material.name,
        draft.quantity.value,
        basis.sender.site.name,
        basis.subject.site.name,
        draft.needed_on,
    )
    return ToolResult(
        tool="draft_transfer",
        reading=said(
            "Draft of a stock transfer of [[thing]], from [[sender]] to [[site]]",
            thing=thing,
            sender=basis.sender.site.site,
            site=basis.subject.site.site,
        ),
        tables=(table("Transfer", columns, [row]),),
        figures=(
            figure("quantity", draft.quantity.value, "quantity", proof.id, unit),
            figure("free there", basis.available, "quantity", proof.id, unit),
        ),
        evidence=(proof,),
        sentence=said(
            "Drafted: {{figures[0]}} of {{tables[0].rows[0].material}} from"
            " {{tables[0].rows[0].from_site}} to {{tables[0].rows[0].site}} by"
            " {{tables[0].rows[0].needed_on}}; {{figures[1]}} are free there."
        )
        + moved_sentence(basis.args.needed_on, basis.day),
        caveats=basis.subject.named.caveats,
        drafted=Drafted(draft, basis.subject.site.today),
    )
