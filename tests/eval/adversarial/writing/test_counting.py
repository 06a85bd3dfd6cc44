"""The count finds what it is for: whoever writes past the program, or makes it forget, is caught."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest

from erp_adapters.records import Document
from eval.adversarial.writing.acts import Actor, Log
from eval.adversarial.writing.counting import count, drained
from eval.adversarial.writing.ground import Ground, ground
from eval.adversarial.writing.traces import sites_of
from policies.execution.marker import marker_of
from policies.proposals import Shown
from tests.conftest import Database

pytestmark = pytest.mark.long

SEED = 7


@pytest.fixture
async def place(demo_copy: Database) -> AsyncIterator[Ground]:
    """A ground of one trace's people."""
    async with ground(demo_copy.dsn) as place:
        place.employ([SEED], lambda seed: sites_of(seed, place.sites))
        yield place


async def held(place: Ground, *, confirmed: bool) -> tuple[Actor, Shown]:
    """A quality hold as honest people bring it about."""
    actor = Actor(place, SEED, sites_of(SEED, place.sites))
    await actor.proposed(actor.cast.planner, await actor.draft("quality_hold"))
    (shown,) = actor.log.shown.values()
    if confirmed:
        await actor.confirming(actor.cast.steward, shown, shown.digest)
    return actor, shown


async def wrongs(place: Ground, log: Log) -> set[str]:
    found, _ = await count(place, SEED, sites_of(SEED, place.sites), log)
    return {broken.wrong for broken in found}


async def write(place: Ground, shown: Shown, document: Document | None = None) -> None:
    """Write past the program, under its marker."""
    proposal = shown.proposal
    marker = marker_of(proposal.id, shown.digest)
    await place.erp.create(document or proposal.draft.document(proposal.requester), marker)


async def test_an_honest_draft_breaks_nothing(place: Ground) -> None:
    """One document of what was confirmed."""
    actor, shown = await held(place, confirmed=True)
    await drained(place)
    assert await wrongs(place, actor.log) == set()
    assert (
        await place.proposals.read(actor.callers[actor.cast.planner], shown.proposal.id)
    ).state == "executed"


async def test_a_document_that_nobody_confirmed_is_found(place: Ground) -> None:
    """It also is one that nobody is told of."""
    actor, shown = await held(place, confirmed=False)
    await write(place, shown)
    assert await wrongs(place, actor.log) == {"unconfirmed", "lost"}


async def test_a_confirmation_by_the_wrong_person_counts_as_none(place: Ground) -> None:
    """Even where the program took it for good."""
    actor, _shown = await held(place, confirmed=True)
    await drained(place)
    for wrong in (actor.cast.planner, actor.cast.stranger, actor.cast.buyer):
        actor.log.signed = [type(one)(one.proposal, one.digest, wrong) for one in actor.log.signed]
        assert await wrongs(place, actor.log) == {"unconfirmed"}


async def test_a_second_document_is_found(place: Ground) -> None:
    """Whoever wrote it."""
    actor, shown = await held(place, confirmed=True)
    await drained(place)
    await write(place, shown)
    assert "duplicate" in await wrongs(place, actor.log)


async def test_a_document_of_something_else_is_found(place: Ground) -> None:
    """The program would say so, too; here it is made to believe that all is well."""
    actor, _shown = await held(place, confirmed=True)
    await drained(place)
    with psycopg.connect(place.erp_dsn) as erp:
        erp.execute("update demo_erp.document_item set quantity = quantity + 1")
    assert await wrongs(place, actor.log) == {"other than shown"}


async def test_a_document_that_is_gone_is_found(place: Ground) -> None:
    """Executed, and the ERP has nothing."""
    actor, _shown = await held(place, confirmed=True)
    await drained(place)
    with psycopg.connect(place.erp_dsn) as erp:
        erp.execute("delete from demo_erp.document_item")
        erp.execute("delete from demo_erp.document")
    assert await wrongs(place, actor.log) == {"lost"}


async def test_a_confirmed_draft_that_nobody_works_on_is_found(place: Ground) -> None:
    """Without a worker it stays confirmed."""
    actor, _ = await held(place, confirmed=True)
    assert await wrongs(place, actor.log) == {"lost"}


async def test_what_was_accepted_and_must_be_refused_is_found(place: Ground) -> None:
    """The suite's own findings are counted beside the ERP's."""
    actor, _ = await held(place, confirmed=False)
    actor.log.broken.append("a stranger confirmed it")
    assert await wrongs(place, actor.log) == {"accepted"}
