"""What a system keeps that moves work orders, or lines of purchase orders, to other days."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import pytest

from erp_adapters.errors import ErpRefused
from erp_adapters.records import Document, OrderRescheduling, PurchaseOrderRedating
from erp_adapters.tryton.client import Client
from policies.execution.outcome import NotSent, Posted, Unknown, call, documents
from policies.execution.readback import AsSent, NothingThere, judge
from tests.conformance.adapters import Written, new_marker, seen, tryton_production, tryton_written
from tests.conformance.faulty import FaultyPort, Loss
from tests.systems.tryton_erp.server import Served, missing

Move: TypeAlias = OrderRescheduling | PurchaseOrderRedating
LATER = timedelta(days=3)
KINDS = pytest.mark.parametrize("kind", ["order_rescheduling", "purchase_order_redating"])


async def move_of(written: Written, kind: str) -> Move:
    """A move that nobody has asked for yet; others are left out by their own traits."""
    if kind not in written.port.traits.kinds:
        pytest.skip(f"by declaration: its traits have no {kind}")
    made = written.order if kind == "order_rescheduling" else written.line
    assert made is not None, "it moves them, so the table says which"
    return await made()


def days_of(move: Document) -> tuple[date, ...]:
    assert isinstance(move, OrderRescheduling | PurchaseOrderRedating)
    return (move.start_on, move.due_on) if isinstance(move, OrderRescheduling) else (move.due_on,)


def moved_on(move: Move) -> Move:
    """The next move of the same, by somebody who has seen the first."""
    if isinstance(move, PurchaseOrderRedating):
        return replace(move, due_on=move.due_on + LATER, expected_due=move.due_on)
    return replace(
        move,
        start_on=move.start_on + LATER,
        due_on=move.due_on + LATER,
        expected_start=move.start_on,
        expected_due=move.due_on,
    )


@KINDS
async def test_an_order_is_moved_once_and_found_by_its_marker(written: Written, kind: str) -> None:
    """Its days are those that were sent; calls at the same time move it once."""
    document, marker = await move_of(written, kind), new_marker()
    made = await asyncio.gather(
        *(written.port.create(document, marker) for _ in range(3)), return_exceptions=True
    )
    # A system without single-flight refuses the others, since the days are not those expected any more.
    assert [
        each for each in made if isinstance(each, BaseException) and not isinstance(each, ErpRefused)
    ] == []
    [posted] = await seen(written.port, document, marker)
    assert isinstance(judge([posted], document, marker), AsSent)
    assert days_of(posted.document) == days_of(document)
    assert await seen(written.port, moved_on(document), new_marker()) == ()


async def test_an_order_is_found_though_it_was_moved_on_since(written: Written) -> None:
    """By somebody else's confirmation: the first is found as it was sent all the same."""
    await _is_found_though_moved_on(written, "order_rescheduling")


async def test_a_line_is_found_though_it_was_moved_on_since(written: Written) -> None:
    """The same of a line of a purchase order."""
    await _is_found_though_moved_on(written, "purchase_order_redating")


async def _is_found_though_moved_on(written: Written, kind: str) -> None:
    document, marker, second = await move_of(written, kind), new_marker(), new_marker()
    await written.port.create(document, marker)
    again = moved_on(document)
    await written.port.create(again, second)
    for sent, mark in ((document, marker), (again, second)):
        found = await seen(written.port, sent, mark)
        assert isinstance(judge(found, sent, mark), AsSent), found


@KINDS
@pytest.mark.parametrize("wrong", ["order", "expected", "backwards"])
async def test_a_move_that_is_not_as_expected_is_refused_and_changes_nothing(
    written: Written, kind: str, wrong: str
) -> None:
    """An order that is not there or has other days, and days that run backwards: each by its name."""
    document = await move_of(written, kind)
    match wrong, document:
        case "order", _:
            sent = replace(document, order="NO-SUCH-1")
        case "expected", OrderRescheduling():
            sent = replace(document, expected_start=document.start_on)
        case "expected", PurchaseOrderRedating():
            sent = replace(document, expected_due=document.expected_due - LATER)
        case _, OrderRescheduling():
            sent = replace(document, due_on=document.start_on - timedelta(days=1))
        case _:
            sent = replace(document, due_on=date(2020, 1, 2))
    marker = new_marker()
    with pytest.raises(ErpRefused, match=sent.order):
        await written.port.create(sent, marker)
    assert await seen(written.port, sent, marker) == ()
    # The order is as it was: what expects its days goes through.
    await written.port.create(document, new_marker())


@KINDS
@pytest.mark.parametrize("loss", ["lost_on_the_way", "answer_lost"])
async def test_reading_back_tells_what_became_of_a_lost_move(written: Written, kind: str, loss: Loss) -> None:
    """Moved as it was sent, or certainly not moved; a call after that ends with the one move."""
    document, marker = await move_of(written, kind), new_marker()
    outcome = await call(FaultyPort(written.port, [loss]), document, marker)
    assert isinstance(outcome, Unknown)
    there = await documents(written.port, document, marker)
    assert not isinstance(there, NotSent)
    if loss == "answer_lost":
        assert isinstance(judge(there, document, marker), AsSent)
        return
    assert isinstance(judge(there, document, marker), NothingThere)
    assert isinstance(await call(written.port, document, marker), Posted)


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
