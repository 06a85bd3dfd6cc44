"""What a system keeps that moves work orders to other days."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from erp_adapters.errors import ErpRefused
from erp_adapters.records import OrderRescheduling
from erp_adapters.tryton.client import Client
from policies.execution.readback import AsSent, judge
from tests.conformance.adapters import Written, new_marker, tryton_production, tryton_written
from tests.systems.tryton_erp.server import Served, missing


async def move_of(written: Written) -> OrderRescheduling:
    """A move that nobody has asked for yet; others are left out by their own traits."""
    if "order_rescheduling" not in written.port.traits.kinds:
        pytest.skip("by declaration: its traits move no orders")
    assert written.order is not None, "it moves orders, so the table says which"
    return await written.order()


async def test_an_order_is_moved_once_and_found_by_its_marker(written: Written) -> None:
    """Its days are those that were sent; calls at the same time move it once."""
    document, marker = await move_of(written), new_marker()
    made = await asyncio.gather(
        *(written.port.create(document, marker) for _ in range(3)), return_exceptions=True
    )
    # A system without single-flight refuses the others, since the days are not those expected any more.
    assert [
        each for each in made if isinstance(each, BaseException) and not isinstance(each, ErpRefused)
    ] == []
    [posted] = await written.port.find("order_rescheduling", marker)
    assert isinstance(judge([posted], document, marker), AsSent)
    assert (posted.document.start_on, posted.document.due_on) == (document.start_on, document.due_on)  # type: ignore[union-attr]
    # Moved on by somebody else's confirmation: the first is found as it was sent all the same.
    later = timedelta(days=3)
    again = replace(
        document,
        start_on=document.start_on + later,
        due_on=document.due_on + later,
        expected_start=document.start_on,
        expected_due=document.due_on,
    )
    second = new_marker()
    await written.port.create(again, second)
    for sent, mark in ((document, marker), (again, second)):
        found = await written.port.find("order_rescheduling", mark)
        assert isinstance(judge(found, sent, mark), AsSent), found


@pytest.mark.parametrize("wrong", ["order", "expected", "backwards"])
async def test_a_move_that_is_not_as_expected_is_refused_and_changes_nothing(
    written: Written, wrong: str
) -> None:
    """An order that is not there or has other days, and days that run backwards: each by its name."""
    document = await move_of(written)
    sent = {
        "order": replace(document, order="NO-SUCH-1"),
        "expected": replace(document, expected_start=document.start_on),
        "backwards": replace(document, due_on=document.start_on - timedelta(days=1)),
    }[wrong]
    marker = new_marker()
    with pytest.raises(ErpRefused, match=sent.order):
        await written.port.create(sent, marker)
    assert await written.port.find("order_rescheduling", marker) == ()
    # The order is as it was: what expects its days goes through.
    await written.port.create(document, new_marker())


@pytest.mark.systems
@pytest.mark.timeout(300)
@pytest.mark.skipif(bool(missing()), reason=missing() or "it is there")
async def test_tryton_moves_nothing_that_has_begun(tryton: Served) -> None:
    """Running: refused by its number and state. A draft stays a draft; one that waited waits again."""
    day = datetime.now(UTC).date() + timedelta(days=20)
    due = day + timedelta(days=4)
    async with tryton_written(tryton) as written:
        assert written.order is not None, "Tryton moves productions"
        like = await written.order()
        running, draft = [
            await tryton_production(tryton, day, due, state=state) for state in ("running", "draft")
        ]
        with pytest.raises(ErpRefused, match=rf"production {running} is running"):
            await written.port.create(replace(like, order=running), new_marker())
        await written.port.create(replace(like, order=draft), new_marker())
        await written.port.create(like, new_marker())
        at = tryton.connection()
        async with Client.open(at.url, at.login, at.password, timeout_s=60) as client:
            rows = await client.rows(
                "production", [["number", "in", [draft, like.order]]], ["number", "state", "reference"]
            )
    assert {row["number"]: row["state"] for row in rows} == {draft: "draft", like.order: "waiting"}
    assert all(row["reference"].startswith("line 3 PW-") for row in rows)
