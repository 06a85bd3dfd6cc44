"""The card that a person confirms, made from the very bytes that are hashed and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never

from policies.drafts.cancellation import CancellationDraft
from policies.drafts.floor import OrderHoldDraft, WorkOrderDraft
from policies.drafts.hold import HoldDraft
from policies.drafts.parts import Amount, FactVersion, Named, Price, plain
from policies.drafts.proposal import AnyDraft, Proposal, digest_of
from policies.drafts.published_text import PublishedTextDraft
from policies.drafts.redating import RedatingDraft
from policies.drafts.replanning import Dates, ReplanningDraft
from policies.drafts.requisition import DraftLine, RequisitionDraft
from policies.drafts.transfer import TransferDraft
from policies.lettering import made_visible, remarks

_GROUP = "\N{NARROW NO-BREAK SPACE}"
_NAMES = {
    "purchase_requisition": "Purchase requisition",
    "stock_transfer": "Stock transfer",
    "quality_hold": "Quality hold",
    "order_rescheduling": "Moves of work orders",
    "purchase_order_redating": "New day of a purchase order line",
    "published_text": "Text of an explanation",
    "work_order": "Work order",
    "order_hold": "Hold or resumption of a work order",
    "cancellation": "Taking back",
}


@dataclass(frozen=True, slots=True)
class CardRow:
    """One thing that is confirmed, or that it rests on."""

    label: str
    value: str
    mark: str = ""
    """What is odd about it, such as a letter of another alphabet; empty where nothing is."""
    key: str = ""
    """What programs tell it by, whatever language its label is in: the English one."""


@dataclass(frozen=True, slots=True)
class CardTable:
    """Rows of the same kind; always all of them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    key: str = ""
    """What programs tell it by, whatever language its title is in: the English one."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a person is shown: plain text that no channel may take for markup."""

    title: str
    rows: tuple[CardRow, ...]
    tables: tuple[CardTable, ...]
    warnings: tuple[str, ...]
    digest: str
    """Of the bytes that it was made from: what a confirmation names."""


def card_of(canonical: bytes) -> Card:
    """The card of a proposal's canonical bytes.

    Raises:
        pydantic.ValidationError: they are no proposal.
    """
    proposal = Proposal.model_validate_json(canonical)
    draft = proposal.draft
    writer = _Writer()
    match draft:
        case RequisitionDraft():
            _requisition(writer, draft)
        case TransferDraft():
            _transfer(writer, draft)
        case HoldDraft():
            _hold(writer, draft)
        case ReplanningDraft():
            _moves(writer, draft)
        case RedatingDraft():
            _redating(writer, draft)
        case PublishedTextDraft():
            _text(writer, draft)
        case WorkOrderDraft():
            _work_order(writer, draft)
        case OrderHoldDraft():
            _order_hold(writer, draft)
        case CancellationDraft():
            _cancellation(writer, draft)
        case _:
            assert_never(draft)
    _grounds(writer, draft)
    writer.row("Requested by", proposal.requester)
    writer.row("Version", str(proposal.version))
    writer.row("Drafted", moment(proposal.created_at))
    writer.row("Confirm before", moment(proposal.expires_at))
    writer.row("Under policy", proposal.policy_hash)
    return Card(
        f"{_NAMES[draft.kind]} for {made_visible(draft.site)}",
        tuple(writer.rows),
        tuple(writer.tables),
        tuple(dict.fromkeys(writer.warnings)),
        digest_of(canonical),
    )


def number(value: Decimal) -> str:
    """A decimal that reads the same everywhere: a point for decimals, thin spaces between thousands."""
    sign, text = ("−", plain(abs(value))) if value < 0 else ("", plain(value))
    whole, point, places = text.partition(".")
    return f"{sign}{int(whole):,}".replace(",", _GROUP) + point + places


def amount(value: Amount) -> str:
    """A quantity with its unit."""
    return f"{number(value.value)} {made_visible(value.unit)}"


def price(value: Price | None) -> str:
    """Money with its currency; both decimals of an amount of money are always written."""
    if value is None:
        return "unknown"
    shown = value.amount
    exponent = shown.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent > -2:
        whole = number(shown.to_integral_value(rounding="ROUND_DOWN"))
        cents = abs(shown - shown.to_integral_value(rounding="ROUND_DOWN"))
        whole = f"−{whole}" if shown < 0 and not whole.startswith("−") else whole
        return f"{whole}.{int(cents * 100):02d} {value.currency}"
    return f"{number(shown)} {value.currency}"


def day(value: date | None) -> str:
    """A date that no country reads otherwise, with its weekday."""
    return "unknown" if value is None else f"{value.isoformat()} ({value:%A})"


def moment(value: datetime) -> str:
    """A moment with its distance from UTC."""
    return value.isoformat(sep=" ", timespec="seconds")


class _Writer:
    """Collects rows and tables; no text of the data is shown as it came."""

    def __init__(self) -> None:
        self.rows: list[CardRow] = []
        self.tables: list[CardTable] = []
        self.warnings: list[str] = []

    def row(self, label: str, value: str) -> None:
        if value:
            self.rows.append(CardRow(label, made_visible(value), self._marked(label, value), label))

    def named(self, label: str, thing: Named | None) -> None:
        if thing is not None:
            self.row(label, _named(thing))

    def table(self, title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        if not rows:
            return
        for row in rows:
            for column, cell in zip(columns, row, strict=True):
                self._marked(f"{title}, {column}", cell)
        self.tables.append(
            CardTable(
                title,
                columns,
                tuple(tuple(made_visible(cell).replace("\n", " ⏎ ") for cell in row) for row in rows),
                title,
            )
        )

    def _marked(self, label: str, value: str) -> str:
        odd = remarks(value)
        self.warnings += [f"{label}: {remark}" for remark in odd]
        return "; ".join(odd)


def _requisition(writer: _Writer, draft: RequisitionDraft) -> None:
    writer.row("Site", draft.site)
    for place, line in enumerate(draft.lines, start=1):
        _line(writer, f"Line {place} " if len(draft.lines) > 1 else "", line)
    writer.row("Total", price(draft.value))
    writer.row("Note", draft.note)


def _line(writer: _Writer, prefix: str, line: DraftLine) -> None:
    def label(name: str) -> str:
        return prefix + name.lower() if prefix else name

    writer.named(label("Material"), line.material)
    writer.row(label("Category"), line.category)
    writer.row(label("Quantity"), amount(line.quantity))
    asked = line.lot.asked
    if (asked.value, asked.unit) != (line.quantity.value, line.quantity.unit):
        writer.row(label("Asked for"), amount(asked))
    for name, value in (
        ("Minimum lot", line.lot.minimum),
        ("Rounding", line.lot.rounding),
        ("Maximum lot", line.lot.maximum),
    ):
        if value is not None:
            writer.row(label(name), f"{number(value)} {line.quantity.unit}")
    if line.lot.factor != 1:
        writer.row(label("Unit factor"), number(line.lot.factor))
    writer.row(label("Needed on"), day(line.needed_on))
    if line.source is None:
        writer.row(label("Supplier"), "left to the buyer")
    else:
        source = line.source
        writer.named(label("Supplier"), source.supplier)
        reference = f" {source.reference}" if source.reference else ""
        writer.row(label("Chosen by"), f"{_words(source.chosen_by)}{reference}")
        if source.lead_time_days is not None:
            writer.row(label("Lead time"), f"{number(source.lead_time_days)} days")
        scale = (
            f" from {number(source.scale_from)} {line.quantity.unit}" if source.scale_from is not None else ""
        )
        writer.row(label("Price from"), _words(source.price_from) + scale)
    unit_price = price(line.unit_price)
    writer.row(label("Price"), f"{unit_price} for 1 {line.quantity.unit}" if line.unit_price else unit_price)
    writer.row(label("Value"), price(line.value))
    writer.named(label("Cost centre"), line.cost_centre)
    writer.named(label("Account"), line.account)
    if line.budget is not None:
        budget = line.budget
        writer.row(
            label("Budget"),
            f"{price(budget.planned)} planned, {price(budget.spent)} spent in {budget.period}"
            f" for {_named(budget.cost_centre)}, {_named(budget.account)}",
        )


def _transfer(writer: _Writer, draft: TransferDraft) -> None:
    writer.row("To site", draft.site)
    writer.row("From site", draft.from_site)
    writer.named("Material", draft.material)
    writer.named("Material there", draft.from_material)
    writer.row("Category", draft.category)
    writer.row("Quantity", amount(draft.quantity))
    writer.row("Needed on", day(draft.needed_on))
    if draft.available is not None:
        writer.row("Free there", f"{number(draft.available)} {draft.quantity.unit}")
    writer.row("Worth", price(draft.worth))
    writer.row("Note", draft.note)


def _hold(writer: _Writer, draft: HoldDraft) -> None:
    writer.row("Site", draft.site)
    writer.named("Material", draft.material)
    writer.row("Category", draft.category)
    writer.row("Batch", draft.batch or "every batch")
    if draft.location is None:
        writer.row("Location", "wherever it lies")
    writer.named("Location", draft.location)
    writer.row("Quantity", amount(draft.quantity))
    writer.row("Reason", draft.reason)
    writer.row("Worth", price(draft.worth))


def _work_order(writer: _Writer, draft: WorkOrderDraft) -> None:
    writer.row("Site", draft.site)
    writer.named("Material", draft.material)
    writer.row("Quantity", amount(draft.quantity))
    writer.row("Due on", day(draft.due_on))
    writer.row("Priority", f"{draft.priority} (the lower, the more urgent)")
    writer.row("Note", draft.note)


def _redating(writer: _Writer, draft: RedatingDraft) -> None:
    writer.row("Site", draft.site)
    writer.row("Purchase order", draft.order)
    writer.row("Line", draft.line)
    writer.named("Supplier", draft.supplier)
    writer.named("Material", draft.material)
    writer.row("Still to come", amount(draft.open))
    writer.row("Due on now", day(draft.expected_due))
    writer.row("To be due on", day(draft.due_on))
    writer.row("Note", draft.note)


def _order_hold(writer: _Writer, draft: OrderHoldDraft) -> None:
    writer.row("Site", draft.site)
    writer.row("Work order", draft.order)
    writer.named("Material", draft.material)
    writer.row("Action", "stop it" if draft.action == "hold" else "let it go on")
    writer.row("Reason", draft.reason)
    if draft.held_since is not None:
        writer.row("On hold since", moment(draft.held_since))
    writer.row("On hold because", draft.held_for)


def _text(writer: _Writer, draft: PublishedTextDraft) -> None:
    writer.row("Site", draft.site)
    writer.named("Written at plant" if draft.about == "plant" else "Written at cost centre", draft.object)
    writer.row("Period", draft.period)
    writer.row("Version of the explanation", str(draft.version))
    writer.row("Released by", draft.released_by)
    writer.row("Explanation", draft.publication)
    writer.row("Digest of the explanation", draft.digest)
    writer.row("Wording", draft.text)


def _cancellation(writer: _Writer, draft: CancellationDraft) -> None:
    writer.row("Takes back", f"{_NAMES[draft.original.kind]} {draft.number}")
    writer.row("Note", draft.note)
    writer.row("Follows draft", draft.follows)
    writer.row("Was asked for by", draft.asked_by)
    writer.row("Marker", draft.marker)
    match draft.original:
        case RequisitionDraft():
            _requisition(writer, draft.original)
        case TransferDraft():
            _transfer(writer, draft.original)
        case HoldDraft():
            _hold(writer, draft.original)
        case PublishedTextDraft():
            _text(writer, draft.original)
        case _:
            assert_never(draft.original)


def _moves(writer: _Writer, draft: ReplanningDraft) -> None:
    writer.row("Site", draft.site)
    writer.row("What has happened", draft.event)
    writer.row("As of", f"{moment(draft.now)} ({draft.zone})")
    writer.row("Way", _words(draft.way or ""))
    writer.row("Follows draft", draft.follows)
    writer.row("Orders moved", str(len(draft.moves)))
    writer.row("Start within 24 hours", ", ".join(draft.frozen) or "none of them")
    for what in draft.relaxed:
        writer.row("Gives way", what)
    writer.row("Note", draft.note)
    writer.table(
        "Orders, before and after",
        ("Order", "Material", "", "Starts on", "Due on", "First start", "Last end", "Work centres"),
        [
            (move.order if is_first else "", _named(move.material) if is_first else "", when, *_dates(dates))
            for move in draft.moves
            for is_first, when, dates in ((True, "before", move.before), (False, "after", move.after))
        ],
    )
    writer.table(
        "Ways to go on",
        ("Way", "Later orders", "Days later", "Customers hit", "Cost", "Margin effect", "Moved", "Overtime"),
        [
            (
                _words(one.way) + (" (this one)" if one.way == draft.way else ""),
                *(
                    (
                        str(one.later_orders),
                        number(one.later_days),
                        str(one.customers),
                        "" if one.cost is None else price(Price(amount=one.cost, currency=draft.currency)),
                        ""
                        if one.margin is None
                        else price(Price(amount=one.margin, currency=draft.currency)),
                        str(one.moved_orders),
                        f"{one.overtime_minutes} min",
                    )
                    if one.is_possible
                    else ("cannot be carried out", *([""] * 6))
                ),
            )
            for one in draft.ways
        ],
    )


def _dates(dates: Dates) -> tuple[str, ...]:
    return (
        "none" if dates.start_on is None else day(dates.start_on),
        "none" if dates.due_on is None else day(dates.due_on),
        "" if dates.starts_at is None else moment(dates.starts_at),
        "" if dates.ends_at is None else moment(dates.ends_at),
        ", ".join(dict.fromkeys(map(_named, dates.work_centres))),
    )


def _grounds(writer: _Writer, draft: AnyDraft) -> None:
    grounds = draft.grounds
    for reason in grounds.why:
        writer.row("Why", reason)
    writer.row("Without it", grounds.without_it)
    for flag in grounds.flags:
        writer.row("Flag", flag)
        writer.warnings.append(made_visible(flag))
    writer.table(
        "Needed for",
        ("Kind", "Number", "Quantity", "Needed on", "Customer"),
        [
            (_words(d.kind), d.number, amount(d.quantity), day(d.needed_on), d.customer)
            for d in grounds.demands
        ],
    )
    writer.table(
        "Already covers the need",
        ("Kind", "Number", "Quantity", "Due on", "Note"),
        [
            (
                _words(s.kind),
                s.number,
                amount(s.quantity),
                day(s.due_on),
                _joined("overdue" if s.overdue else "", s.note),
            )
            for s in grounds.covering
        ],
    )
    writer.table(
        "Alternatives",
        ("Kind", "What", "Site", "Quantity", "Available on", "Cost"),
        [
            (
                _words(a.kind),
                a.what,
                a.site or "",
                amount(a.quantity) if a.quantity else "",
                day(a.available_on) if a.available_on else "",
                price(a.cost) if a.cost else "",
            )
            for a in grounds.alternatives
        ],
    )
    writer.table(
        "Data",
        ("System", "Site", "As of", "Loaded"),
        [
            (f.system, f.site, day(f.data_as_of), moment(f.loaded_at) if f.loaded_at else "unknown")
            for f in grounds.freshness
        ],
    )
    writer.table(
        "Rests on",
        ("Record", "Site", "Key", "Version"),
        [(_words(f.record), f.site, " / ".join(f.key), _version(f)) for f in grounds.facts],
    )
    writer.table("Evidence", ("Id",), [(each,) for each in grounds.evidence])


def _version(fact: FactVersion) -> str:
    return fact.version.removeprefix("sha256:")


def _named(thing: Named) -> str:
    return f"{thing.code} {thing.name}".strip()


def _words(code: str) -> str:
    return code.replace("_", " ")


def _joined(*texts: str) -> str:
    return ", ".join(text for text in texts if text)
