"""Each fault does what it says, counted in the ERP's own tables."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from erp_adapters.demo.erp import DemoErp, Fault, configure, inject
from erp_adapters.errors import ConfigurationError, ErpUnavailable, WriteOutcomeUnknown
from erp_adapters.records import PurchaseRequisition, QualityHold, StockTransfer

REQUISITION = "purchase_requisition"


def marker() -> str:
    """A marker that no other test has."""
    return f"PW-{uuid4().hex[:20]}"


def counted(erp_dsn: str, sent: str) -> tuple[int, int, int]:
    """Documents, lines, and calls that brought them, as the system itself has them."""
    with psycopg.connect(erp_dsn) as connection:
        row = connection.execute(
            "select count(distinct d.doc_no), count(i.item_no), count(distinct d.delivery)"
            " from demo_erp.document d left join demo_erp.document_item i using (doc_no) where marker = %s",
            (sent,),
        ).fetchone()
    assert row
    return int(row[0]), int(row[1]), int(row[2])


async def test_unavailable_sends_nothing(erp_dsn: str, requisition: PurchaseRequisition) -> None:
    """A refused connection is known to have written nothing, and the next call succeeds."""
    sent = marker()
    async with DemoErp.open(erp_dsn, faults=[Fault("unavailable")]) as port:
        with pytest.raises(ErpUnavailable, match="nothing was sent"):
            await port.create(requisition, sent)
        assert counted(erp_dsn, sent) == (0, 0, 0)
        await port.create(requisition, sent)
    assert counted(erp_dsn, sent) == (1, 2, 1)


async def test_drop_before_writes_nothing_and_says_it_does_not_know(
    erp_dsn: str, requisition: PurchaseRequisition
) -> None:
    """The caller cannot tell it from a drop after the commit."""
    sent = marker()
    async with DemoErp.open(erp_dsn, faults=[Fault("drop_before")]) as port:
        with pytest.raises(WriteOutcomeUnknown) as before:
            await port.create(requisition, sent)
    assert counted(erp_dsn, sent) == (0, 0, 0)
    async with DemoErp.open(erp_dsn, faults=[Fault("drop_after_commit")]) as port:
        with pytest.raises(WriteOutcomeUnknown) as after:
            await port.create(requisition, sent)
        assert len(await port.find(REQUISITION, sent)) == 1
    assert counted(erp_dsn, sent) == (1, 2, 1)
    assert str(before.value) == str(after.value)


async def test_late_504_commits_after_the_caller_gave_up(
    erp_dsn: str, requisition: PurchaseRequisition
) -> None:
    """Nothing is there when the caller gives up, and the document comes later without it."""
    sent = marker()
    async with DemoErp.open(erp_dsn, faults=[Fault("late_504", seconds=0.6)]) as port:
        with pytest.raises(WriteOutcomeUnknown, match="504"):
            await port.create(requisition, sent)
        assert counted(erp_dsn, sent) == (0, 0, 0)
        await asyncio.sleep(1.2)
        assert len(await port.find(REQUISITION, sent)) == 1
    assert counted(erp_dsn, sent) == (1, 2, 1)


def _give_up_and_die(erp_dsn: str, requisition: PurchaseRequisition, sent: str) -> None:
    async def call() -> None:
        async with DemoErp.open(erp_dsn, faults=[Fault("late_504", seconds=0.6)]) as port:
            try:
                await port.create(requisition, sent)
            except WriteOutcomeUnknown:
                os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(call())


def test_late_504_commits_though_the_caller_was_killed(
    erp_dsn: str, requisition: PurchaseRequisition
) -> None:
    """The ERP is another system: what it has, it finishes."""
    sent = marker()
    caller = multiprocessing.get_context("spawn").Process(
        target=_give_up_and_die, args=(erp_dsn, requisition, sent)
    )
    caller.start()
    caller.join(30)
    assert caller.exitcode == -signal.SIGKILL
    deadline = time.monotonic() + 10
    while counted(erp_dsn, sent)[0] == 0 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert counted(erp_dsn, sent) == (1, 2, 1)


async def test_duplicate_delivery_makes_two_documents_of_one_call(
    erp_dsn: str, requisition: PurchaseRequisition
) -> None:
    """Without a unique key both stand, and their delivery says that the network did it."""
    sent = marker()
    async with DemoErp.open(erp_dsn, faults=[Fault("duplicate_delivery")]) as port:
        await port.create(requisition, sent)
        assert len(await port.find(REQUISITION, sent)) == 2
    assert counted(erp_dsn, sent) == (2, 4, 1)


async def test_duplicate_delivery_makes_one_document_where_duplicates_are_rejected(
    erp_dsn: str, requisition: PurchaseRequisition
) -> None:
    """The second delivery is answered with the first's document."""
    configure(erp_dsn, duplicates="rejects")
    sent = marker()
    async with DemoErp.open(erp_dsn, faults=[Fault("duplicate_delivery")]) as port:
        posted = await port.create(requisition, sent)
        assert await port.find(REQUISITION, sent) == (posted,)
    assert counted(erp_dsn, sent) == (1, 2, 1)


async def test_read_back_lag_hides_what_is_committed(erp_dsn: str, requisition: PurchaseRequisition) -> None:
    """The document is there and a search does not find it, until it does."""
    sent = marker()
    async with DemoErp.open(erp_dsn, faults=[Fault("read_back_lag", seconds=0.8)]) as port:
        posted = await port.create(requisition, sent)
        assert await port.find(REQUISITION, sent) == ()
        assert counted(erp_dsn, sent) == (1, 2, 1)
        assert posted in await port.documents("KAS")
        await asyncio.sleep(1.0)
        assert await port.find(REQUISITION, sent) == (posted,)


async def test_partial_lines_leave_a_document_that_is_not_the_one_sent(
    erp_dsn: str, requisition: PurchaseRequisition, transfer: StockTransfer, hold: QualityHold
) -> None:
    """Read-back shows that it differs, for documents of one line too."""
    for document in (requisition, transfer, hold):
        sent = marker()
        async with DemoErp.open(erp_dsn, faults=[Fault("partial_lines")]) as port:
            with pytest.raises(WriteOutcomeUnknown, match="500"):
                await port.create(document, sent)
            (found,) = await port.find(document.kind, sent)
        assert found.document != document
        lines = len(requisition.lines) // 2 if document is requisition else 0
        assert counted(erp_dsn, sent) == (1, lines, 1)


async def test_an_expired_token_is_renewed_once(erp_dsn: str, requisition: PurchaseRequisition) -> None:
    """A 401 did nothing, so the same call is made again, once."""
    sent = marker()
    async with DemoErp.open(erp_dsn, faults=[Fault("token_expiry", times=2)]) as port:
        await port.create(requisition, sent)
        await port.create(replace(requisition, note="second"), sent)
    assert counted(erp_dsn, sent) == (2, 4, 2)
    with psycopg.connect(erp_dsn) as connection:
        connection.execute("update demo_erp.system set token_minutes = 0")
    try:
        async with DemoErp.open(erp_dsn) as port:
            with pytest.raises(ErpUnavailable, match="nothing was written"):
                await port.create(requisition, marker())
    finally:
        with psycopg.connect(erp_dsn) as connection:
            connection.execute("update demo_erp.system set token_minutes = 60")


async def test_a_call_that_takes_too_long_is_given_up(erp_dsn: str, requisition: PurchaseRequisition) -> None:
    """The port says that it does not know; it does not say that nothing happened."""
    configure(erp_dsn, call_time=timedelta(seconds=0.5))
    with psycopg.connect(erp_dsn) as other:
        other.execute("select * from demo_erp.number_range for update")
        async with DemoErp.open(erp_dsn) as port:
            with pytest.raises(WriteOutcomeUnknown, match=r"within 0\.5 s"):
                await port.create(requisition, marker())


async def test_a_connection_that_breaks_in_the_call_leaves_the_outcome_unknown(
    erp_dsn: str, requisition: PurchaseRequisition
) -> None:
    """Whatever ends the connection while the system has the request is not taken for a refusal."""
    with psycopg.connect(erp_dsn) as other:
        other.execute("select * from demo_erp.number_range for update")
        async with DemoErp.open(erp_dsn) as port:
            call = asyncio.create_task(port.create(requisition, marker()))
            with psycopg.connect(erp_dsn, autocommit=True) as killer:
                for _ in range(100):
                    await asyncio.sleep(0.05)
                    ended = killer.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                        " where query like '%create_document%' and wait_event_type = 'Lock'"
                    ).fetchall()
                    if ended:
                        break
            with pytest.raises(WriteOutcomeUnknown, match="not known"):
                await call


async def test_faults_in_the_table_befall_whoever_is_next(
    erp_dsn: str, requisition: PurchaseRequisition, transfer: StockTransfer
) -> None:
    """They are for a site and a kind where they say so, are used up once, and come in their order."""
    inject(
        erp_dsn,
        [
            Fault("unavailable", site="WRO"),
            Fault("unavailable", document="stock_transfer"),
            Fault("drop_before", site="KAS", times=2),
        ],
    )
    async with DemoErp.open(erp_dsn) as first, DemoErp.open(erp_dsn) as second:
        for port in (first, second):
            with pytest.raises(WriteOutcomeUnknown):
                await port.create(requisition, marker())
        await first.create(requisition, marker())
        with pytest.raises(ErpUnavailable):
            await second.create(transfer, marker())
        await first.create(transfer, marker())
    with psycopg.connect(erp_dsn) as connection:
        connection.execute("insert into demo_erp.fault (fault) values ('gremlin')")
    async with DemoErp.open(erp_dsn) as port:
        with pytest.raises(ConfigurationError, match="'gremlin' is no fault"):
            await port.create(requisition, marker())
