"""Drafts from typed parts: what a form or a program gives goes through the tools that sentences end in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import assert_never

from pydantic import BaseModel, ValidationError

from erp_adapters.caller import Caller
from erp_adapters.errors import Denied, DraftInvalid
from erp_adapters.records import DraftKind
from policies.drafts.cancellation import CancellationDraft
from policies.drafts.floor import OrderHoldDraft, WorkOrderDraft
from policies.drafts.hold import HoldDraft
from policies.drafts.proposal import Draft
from policies.drafts.published_text import PublishedTextDraft
from policies.drafts.redating import RedatingDraft
from policies.drafts.replanning import ReplanningDraft
from policies.drafts.requisition import RequisitionDraft
from policies.drafts.transfer import TransferDraft
from policies.proposals import Proposed, Shown
from server.desk import TOOLS, Desk
from tools.errors import ToolError
from tools.languages import speaking
from tools.registry import ToolContext


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be otherwise in a draft; None leaves it."""

    quantity: Decimal | None = None
    needed_on: date | None = None
    note: str | None = None


async def propose(desk: Desk, caller: Caller, kind: DraftKind, arguments: Mapping[str, object]) -> Proposed:
    """The draft that the arguments ask for, proposed; or the pending one for the same need.

    Raises:
        DraftInvalid: an argument names or asks what cannot be; the message says what would be valid.
        Denied, SwitchedOff, AuditUnavailable: as `Proposals.propose` does.
    """
    draft, day = await _drafted(desk, caller, kind, arguments)
    return await desk.propose(caller, draft, business_date=day)


async def edit(desk: Desk, caller: Caller, shown: Shown, digest: str, change: Change) -> Proposed:
    """A new version: source, lot, price and grounds are found anew for what is asked now.

    Raises:
        DraftInvalid: it cannot be drafted so, or it has several materials.
        ConfirmationInvalid, Denied, SwitchedOff, AuditUnavailable: as `Proposals.edit` does.
    """
    kind = shown.proposal.draft.kind
    draft, day = await _drafted(desk, caller, kind, _asked(shown.proposal.draft, change))
    return await desk.edit(caller, shown.proposal.id, digest, draft, business_date=day)


async def _drafted(
    desk: Desk, caller: Caller, kind: DraftKind, arguments: Mapping[str, object]
) -> tuple[Draft, date]:
    if kind not in TOOLS:
        raise DraftInvalid("a text is written when its explanation is published: publish that")
    tool = TOOLS[kind]
    admission = desk.reads(caller, (tool.name,), datetime.now(UTC))
    if tool.name in admission.denied:
        raise Denied(admission.denied[tool.name])
    try:
        given: BaseModel = tool.arguments.model_validate(
            {name: value for name, value in arguments.items() if value is not None}
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DraftInvalid(f"{place or 'the draft'}: {first['msg']}") from error
    try:
        with speaking("en"):
            async with desk.store.reading(caller) as tx:
                result = await tool.run(given, ToolContext(caller, tx))
    except ToolError as error:
        raise DraftInvalid(str(error)) from error
    assert result.drafted is not None, "a tool of effect DRAFT drafts, or says why not"
    return result.drafted.draft, result.drafted.business_date


def _asked(draft: Draft, change: Change) -> dict[str, object]:
    """The tool's arguments that a draft came from, as far as a person said them, with the change put in."""
    match draft:
        case RequisitionDraft():
            first = draft.lines[0]
            if any(
                (each.material, each.lot.asked) != (first.material, first.lot.asked) for each in draft.lines
            ):
                raise DraftInvalid("this draft has several materials: reject it and draft each anew")
            by_name = first.source is not None and first.source.chosen_by == "asked_for"
            return {
                "material": first.material.code,
                "quantity": change.quantity or first.lot.asked.value,
                "unit": first.lot.asked.unit,
                "site": draft.site,
                "needed_on": change.needed_on or first.needed_on,
                "supplier": first.source.supplier.code if first.source is not None and by_name else None,
                "reason": (draft.note if change.note is None else change.note) or None,
                "split": len({each.source.supplier.code for each in draft.lines if each.source}) > 1,
            }
        case TransferDraft():
            return {
                "material": draft.material.code,
                "quantity": change.quantity or draft.quantity.value,
                "unit": draft.quantity.unit,
                "from_site": draft.from_site,
                "site": draft.site,
                "needed_on": change.needed_on or draft.needed_on,
                "reason": (draft.note if change.note is None else change.note) or None,
            }
        case HoldDraft():
            if change.needed_on is not None:
                raise DraftInvalid("a hold begins when it is confirmed: it has no day to change")
            return {
                "material": draft.material.code,
                "quantity": change.quantity or draft.quantity.value,
                "unit": draft.quantity.unit,
                "site": draft.site,
                "batch": draft.batch,
                "location": draft.location.code if draft.location else None,
                "reason": change.note or draft.reason,
            }
        case ReplanningDraft():
            raise DraftInvalid("moves of work orders are not changed: reject them and draft them anew")
        case RedatingDraft():
            if change.quantity is not None:
                raise DraftInvalid("what was ordered is not changed here: change the day alone")
            return {
                "order": draft.order,
                "line": draft.line,
                "needed_on": change.needed_on or draft.due_on,
                "site": draft.site,
                "reason": (draft.note if change.note is None else change.note) or None,
            }
        case PublishedTextDraft():
            raise DraftInvalid("a text is what was published: publish a new version of its explanation")
        case WorkOrderDraft():
            if change.note is not None:
                raise DraftInvalid("a work order has no words in the MES: change quantity or day")
            return {
                "material": draft.material.code,
                "quantity": change.quantity or draft.quantity.value,
                "unit": draft.quantity.unit,
                "site": draft.site,
                "needed_on": change.needed_on or draft.due_on,
                "priority": draft.priority,
                "reason": draft.note or None,
            }
        case OrderHoldDraft():
            raise DraftInvalid("a hold or resumption is not changed: reject the draft and make another")
        case CancellationDraft():
            raise DraftInvalid("what is taken back is not changed: reject the draft and make another")
        case _:
            assert_never(draft)
