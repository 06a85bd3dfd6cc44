"""Faults that the MES itself tells of: reads that outlast them, sign-ins that end, names that are wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from erp_adapters.errors import CapabilityMissing, ErpUnavailable, RecordNotFound
from erp_adapters.fsmes import Connection, FsmesReader
from erp_adapters.fsmes.client import Client
from erp_adapters.http import Secret
from tests.conformance.adapters import MES
from tests.conformance.proxy import in_front_of
from tests.systems.mes.server import Served

pytestmark = MES


def calls(at: Connection, url: str = "", password: Secret | None = None):
    """A client, at another address or with another password."""
    return Client.open(url or at.url, at.login, password or at.password, timeout_s=30)


async def test_a_read_outlasts_what_passes(mes: Served) -> None:
    """Asked for patience, cut off, failed by a gateway: the same rows come in the end, each once."""
    async with in_front_of(mes.url) as proxy, calls(mes.connection(), proxy.url) as client:
        plain = await client.rows("workorders")
        proxy.befall("get /workorders", "throttle", "truncate", "gateway")
        assert await client.rows("workorders") == plain
        assert proxy.seen == 4
        proxy.befall("get /workorders", "html")
        with pytest.raises(ErpUnavailable, match="an HTML page titled 'Sign in'"):
            await client.rows("workorders")


async def test_a_wrong_password_is_said_to_be_one_and_shown_to_nobody(mes: Served) -> None:
    """Nothing was done, so that what was confirmed waits until the password is mended."""
    wrong = replace(mes.connection(), password=Secret("not-the-password"))
    async with FsmesReader.open(wrong) as reader:
        health = await reader.health()
    assert not health.is_well
    assert "does not let 'COPILOT' in" in health.why
    assert "not-the-password" not in health.why


async def test_an_ended_session_is_begun_anew(mes: Served) -> None:
    """The MES refuses a token of another time before it does anything, so that the call goes out again."""
    async with calls(mes.connection()) as client:
        await client.rows("workorders")
        client._token = Secret("e30.e30.e30")
        assert await client.rows("workorders")


async def test_a_plant_a_right_or_a_path_that_is_not_there_is_named(mes: Served) -> None:
    """Each by what it is, so that somebody can mend it."""
    async with calls(mes.connection()) as client:
        with pytest.raises(RecordNotFound, match="WO-NONE"):
            await client.get("workorders", "WO-NONE")
        with pytest.raises(CapabilityMissing, match="'COPILOT' call POST 'admin/roles'"):
            await client.post("admin", "roles", body={"code": "x", "name": "x", "capabilities": []})
    async with FsmesReader.open(replace(mes.connection(), plants={"KAS": "NOWHERE"})) as reader:
        health = await reader.health()
    assert not health.is_well
    assert "has no site 'NOWHERE'" in health.why
