"""Faults that Tryton itself tells of: reads that outlast them, sign-ins that end, names that are wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from erp_adapters.errors import CapabilityMissing, ErpRefused, ErpUnavailable
from erp_adapters.http import Secret
from erp_adapters.ports import Capability
from erp_adapters.tryton import Connection, Tryton, TrytonReader
from erp_adapters.tryton.client import Client
from tests.conformance.adapters import TRYTON, new_marker, tryton_written
from tests.conformance.proxy import FaultProxy, in_front_of
from tests.systems.tryton_erp.server import LOGIN, Served

pytestmark = TRYTON


@pytest.fixture
async def proxy(tryton: Served) -> AsyncIterator[FaultProxy]:
    async with in_front_of(tryton.url) as proxy:
        yield proxy


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


async def test_a_right_that_is_missing_is_named_and_nothing_is_written(tryton: Served) -> None:
    """A login that may sign in and has no group of Tryton's: it reads none of it, and writes nothing."""
    password = "only-in-this-test-too"
    async with Client.open(tryton.url, LOGIN, tryton.connection().password, timeout_s=60) as admin:
        [company] = await admin.rows("company.company", [], ["id"], limit=1)
        values = {"name": "Nobody", "login": "nobody", "password": password, "company": company["id"],
                  "companies": [["add", [company["id"]]]]}  # fmt: skip
        await admin.call("model.res.user.create", [values], effect="write")
        before = await admin.rows("purchase.requisition", [], ["id"])
    connection = Connection(tryton.url, "nobody", Secret(password), "a test", units={"PC": "u"}, call_s=60)
    async with TrytonReader.open(connection) as reader:
        health = await reader.health()
        assert not health.is_well
        with pytest.raises(ErpRefused, match=r"access|allowed"):
            async for _ in reader.pages(Capability.REQUISITIONS):
                pass
    async with tryton_written(tryton) as written, Tryton.open(connection) as erp:
        with pytest.raises(ErpRefused):
            await erp.create(written.document, new_marker())
    async with Client.open(tryton.url, LOGIN, tryton.connection().password, timeout_s=60) as admin:
        assert await admin.rows("purchase.requisition", [], ["id"]) == before


async def test_a_model_or_a_field_that_is_not_there_is_named(tryton: Served) -> None:
    """A module that is not activated, or a release that calls it otherwise."""
    async with Client.open(tryton.url, LOGIN, tryton.connection().password, timeout_s=60) as client:
        with pytest.raises(CapabilityMissing, match=r"no 'quality\.inspection'"):
            await client.rows("quality.inspection", [], ["id"])
        with pytest.raises(ErpUnavailable, match="barcode_of_old"):
            await client.rows("product.product", [], ["barcode_of_old"])
