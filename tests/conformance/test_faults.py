"""A real server behind a network that fails: what is said of it, and what is there afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import get_args

import pytest

from erp_adapters.errors import CapabilityMissing, ErpUnavailable, WriteOutcomeUnknown
from erp_adapters.http import Secret
from erp_adapters.tryton import Connection, Tryton, TrytonReader
from erp_adapters.tryton.client import Client
from tests.conformance.adapters import TRYTON, Written, new_marker, tryton_written
from tests.conformance.proxy import Fault, FaultProxy, in_front_of, was_passed_on
from tests.systems.tryton_erp.server import LOGIN, Served

pytestmark = TRYTON
CREATES = "purchase.requisition.create"
FAULTS: tuple[Fault, ...] = get_args(Fault)


@pytest.fixture
async def proxy(tryton: Served) -> AsyncIterator[FaultProxy]:
    async with in_front_of(tryton.url) as proxy:
        yield proxy


@pytest.fixture
async def past(tryton: Served) -> AsyncIterator[Written]:
    """The server itself, past the network."""
    async with tryton_written(tryton) as written:
        yield written


def through(tryton: Served, proxy: FaultProxy, call_s: float = 60.0) -> Connection:
    return tryton.connection(proxy.url, call_s=call_s, units={"PC": "u"})


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_write_that_meets_a_fault_is_made_at_most_once_and_its_fate_is_named(
    tryton: Served, proxy: FaultProxy, past: Written, fault: Fault
) -> None:
    """Only what certainly did nothing is said to be unsent; what the server did is found by its marker."""
    waits = fault in ("half_open", "hold")
    async with Tryton.open(through(tryton, proxy, 5.0 if waits else 60.0)) as erp:
        # Signed in and looked up before, so that the time is the call's own.
        await erp.create(past.requisition, new_marker())
        proxy.befall(CREATES, fault)
        marker = new_marker()
        error = ErpUnavailable if fault == "throttle" else WriteOutcomeUnknown
        with pytest.raises(error):
            await erp.create(past.requisition, marker)
        assert proxy.seen == 1
        assert len(await past.port.find("purchase_requisition", marker)) == was_passed_on(fault)
        proxy.released.set()
        # Whoever has read that back may call again: it is there once then, whoever wrote it.
        again = await erp.create(past.requisition, marker)
        assert [each.number for each in await past.port.find("purchase_requisition", marker)] == [
            again.number
        ]


async def test_a_read_outlasts_what_passes(tryton: Served, proxy: FaultProxy) -> None:
    """Asked for patience, cut off, failed by a gateway: the same rows come in the end, each once."""
    async with Client.open(proxy.url, LOGIN, tryton.connection().password, timeout_s=60) as client:
        plain = await client.rows("product.product", [], ["code"])
        proxy.befall("product.product.search_read", "throttle", "truncate", "gateway")
        assert await client.rows("product.product", [], ["code"]) == plain
        assert proxy.seen == 4
        proxy.befall("product.product.search_read", "html")
        with pytest.raises(ErpUnavailable, match="an HTML page titled 'Sign in'"):
            await client.rows("product.product", [], ["code"])


async def test_a_wrong_password_is_said_to_be_one_and_shown_to_nobody(tryton: Served) -> None:
    """Nothing was done, so that what was confirmed waits until the password is mended."""
    wrong = Connection(tryton.url, LOGIN, Secret("not-the-password"), "a test", call_s=60)
    async with TrytonReader.open(wrong) as reader:
        health = await reader.health()
    assert not health.is_well
    assert "does not let 'admin' in" in health.why
    assert "not-the-password" not in health.why


async def test_an_ended_session_is_begun_anew(tryton: Served) -> None:
    """Also in front of a write: Tryton refuses the call before it does anything."""
    async with Client.open(tryton.url, LOGIN, tryton.connection().password, timeout_s=60) as client:
        await client.call("model.product.category.create", [{"name": "one"}], effect="write")
        client._session = "bm9ib2R5OjE6bm8="
        await client.call("model.product.category.create", [{"name": "two"}], effect="write")
        found = await client.rows("product.category", [["name", "in", ["one", "two"]]], ["name"])
    assert sorted(each["name"] for each in found) == ["one", "two"]


async def test_a_model_or_a_field_that_is_not_there_is_named(tryton: Served) -> None:
    """A module that is not activated, or a release that calls it otherwise."""
    async with Client.open(tryton.url, LOGIN, tryton.connection().password, timeout_s=60) as client:
        with pytest.raises(CapabilityMissing, match=r"no 'quality\.inspection'"):
            await client.rows("quality.inspection", [], ["id"])
        with pytest.raises(ErpUnavailable, match="barcode_of_old"):
            await client.rows("product.product", [], ["barcode_of_old"])
