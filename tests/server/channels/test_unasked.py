"""Told unasked: once, what is theirs, in their quiet hours nothing, and in their own language and time."""

from __future__ import annotations

from datetime import UTC, datetime, time

import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE
from server.channels.records import CardPost, Note
from server.channels.typed import Digest, Quiet, typed
from server.channels.unasked import LOOKED_EVERY, Unasked, is_quiet
from tests.server.channels.office import Office


@pytest.mark.slow
async def test_what_waits_is_told_once_outside_of_quiet_hours(office: Office) -> None:
    """To whoever may confirm it and no planner; Kassel's clocks count; many are a list; off is off."""
    office.map("UP", "planner.kassel")
    office.map("UB", "buyer.kassel")
    shown = await office.proposed()
    now = [datetime(2026, 6, 1, 4, 30, tzinfo=UTC)]
    unasked = Unasked(office.desk, office.book, {"slack": office.scribe}, "", lambda: now[0])
    scribe = office.scribe

    async def sweep(hour: int, minute: int = 0, day: int = 1) -> None:
        now[0] = datetime(2026, 6, day, hour, minute, tzinfo=UTC)
        await unasked.sweep()

    await sweep(4, 30)
    assert not scribe.posts
    await sweep(5, 1)
    (card,) = [content for _, content in scribe.cards()]
    assert card.shown.id == str(shown.proposal.id)
    assert scribe.posts[0][0].channel == "D-UB"
    await sweep(6)
    assert len(scribe.posts) == 1
    for _ in range(5):
        await office.proposed()
    await sweep(7)
    (note,) = [content for _, _, content in scribe.posts if isinstance(content, Note)]
    assert "5 drafts wait for you" in note.text or "5 Entwürfe warten" in note.text
    await office.say("UB", "notices off")
    await office.proposed()
    await sweep(8)
    assert len(scribe.posts) == 2
    await office.say("UB", "digest 09:30")
    await sweep(7, 29, day=2)
    assert len(scribe.posts) == 2
    await sweep(7, 31, day=2)
    await sweep(7, 40, day=2)
    assert len(scribe.posts) == 3
    assert "7" in str(scribe.posts[-1][2])
    with psycopg.connect(office.database.dsn(OWNER_ROLE), autocommit=True) as owner:
        owner.execute("update erp.person set active = false where subject = 'buyer.kassel'")
        await sweep(7, 40, day=3)
        owner.execute("update erp.person set active = true where subject = 'buyer.kassel'")
    assert len(scribe.posts) == 3
    await office.say("UB", "waiting")
    assert sum(isinstance(content, CardPost) for _, _, content in scribe.posts) == 4
    assert "more wait" in scribe.words()
    assert LOOKED_EVERY.total_seconds() < 60


def test_what_is_typed_is_a_wish_only_where_it_is_nothing_else() -> None:
    """A question that holds such a word stays a question."""
    assert typed(" Digest  7:30 ") == Digest(time(7, 30))
    assert typed("digest off") == Digest(None)
    assert typed("quiet 18:00 - 07.00") == Quiet(time(18), time(7))
    assert typed("quiet off") == Quiet(time(0), time(0))
    assert typed("quiet 25:00-07:00") is None
    assert typed("what is waiting for goods receipt?") is None
    assert typed("help me with BR-6204") is None


def test_quiet_hours_go_past_midnight() -> None:
    """And the same time twice means none."""
    assert [is_quiet(time(hour), time(18), time(7)) for hour in (17, 18, 23, 0, 6, 7)] == [
        False, True, True, True, True, False,
    ]  # fmt: skip
    assert is_quiet(time(13), time(12), time(14))
    assert not is_quiet(time(15), time(12), time(14))
    assert not is_quiet(time(3), time(0), time(0))
