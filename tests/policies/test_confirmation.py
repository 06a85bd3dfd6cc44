"""One confirmation is one write, by whoever may, of exactly what was shown."""

from __future__ import annotations

import asyncio

import pytest

from erp_adapters.errors import ConfirmationInvalid, CopilotError, Denied
from policies.drafts.proposal import documents_of
from tests.policies.conftest import Desk
from tests.policies.stand_ins import BUYER, DRAFTS, FOREIGN, PLANNER, SECOND, requisition


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.kind)
async def test_a_confirmed_draft_becomes_one_document_as_shown(desk: Desk, draft) -> None:
    """From a wish to a document: every kind of draft, once, with the document that was shown."""
    shown = await desk.confirmed(draft)
    assert shown.state == "confirmed"
    await desk.executor.run(shown.proposal.id)
    done = await desk.state(shown.proposal.id)
    assert done.state == "executed"
    posted = desk.erp.documents()
    assert ", ".join(each.number for each in posted) == done.document_number
    sent = documents_of(shown.proposal.draft, "paula")
    assert [each.document for each in posted] == [document for _, document in sent]


async def test_50_concurrent_confirmations_write_once(desk: Desk) -> None:
    """Fifty confirmations at once consume the proposal once."""
    shown = await desk.proposed()
    outcomes = await asyncio.gather(*(desk.confirm(shown) for _ in range(50)), return_exceptions=True)
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert all(isinstance(o, ConfirmationInvalid) for o in outcomes if isinstance(o, BaseException))
    await asyncio.gather(*(desk.executor.run(shown.proposal.id) for _ in range(8)))
    assert len(desk.erp.documents()) == 1
    assert (await desk.state(shown.proposal.id)).state == "executed"


async def test_two_persons_sign_at_once_and_both_count(desk: Desk) -> None:
    """A second signature at the same moment is not lost."""
    shown = await desk.proposed(requisition(price="100.00"))
    assert shown.signatures.count == 2
    await asyncio.gather(desk.confirm(shown, BUYER), desk.confirm(shown, SECOND))
    assert (await desk.state(shown.proposal.id)).state == "confirmed"


async def test_one_person_signs_once(desk: Desk) -> None:
    """Two signatures are two persons."""
    shown = await desk.proposed(requisition(price="100.00"))
    assert (await desk.confirm(shown)).state == "awaiting_confirmation"
    with pytest.raises(ConfirmationInvalid, match="signed already"):
        await desk.confirm(shown)


@pytest.mark.parametrize("person", [PLANNER, FOREIGN], ids=["requester", "foreign"])
async def test_who_may_not_confirm_does_not(desk: Desk, person) -> None:
    """Neither the requester nor somebody of another site confirms."""
    shown = await desk.proposed()
    with pytest.raises((Denied, CopilotError)):
        await desk.confirm(shown, person)
    assert (await desk.state(shown.proposal.id)).state == "awaiting_confirmation"
