"""Sessions and units of work: what is committed is there, what is not is nowhere, failures have names."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from erp_adapters.errors import (
    CapabilityMissing,
    ConfigurationError,
    ErpRefused,
    ErpUnavailable,
    WriteOutcomeUnknown,
)
from erp_adapters.sap_rfc.client import Client, Unit
from erp_adapters.sap_rfc.connection import library
from tests.systems.sap_rfc.plant import PLANT, TUBE, day
from tests.systems.sap_rfc.server import DONE, FAULTS, USER, Fault, Served

COMMIT, CREATE = "BAPI_TRANSACTION_COMMIT", "BAPI_PR_CREATE"


def item(**given: object) -> Mapping[str, object]:
    held = {"MATERIAL": TUBE, "PLANT": PLANT, "QUANTITY": "5", "UNIT": "KG", "DELIV_DATE": day(9), **given}
    return {
        "PRITEM": [{"PREQ_ITEM": "00010", **held}],
        "PRITEMX": [{"PREQ_ITEM": "00010", **dict.fromkeys(held, "X")}],
    }


async def put_in(unit: Unit, tracking: str) -> str:
    """Number of a requisition that is in the unit of work."""
    answer = await unit.call(CREATE, **item(TRACKINGNO=tracking))
    return str(answer["NUMBER"])


async def written(client: Client, tracking: str, after: Mapping[str, object] | None = None) -> None:
    """One unit of work, committed; what comes after is called in it too."""
    async with client.unit() as unit:
        await put_in(unit, tracking)
        if after is not None:
            await unit.call(CREATE, **after)
        await unit.commit()


def there(sap: Served, tracking: str) -> int:
    return len(sap.rows("EBAN", f"BEDNR = '{tracking}'"))


async def test_what_is_not_committed_is_lost_with_its_session(client: Client, sap: Served) -> None:
    """The stand-in keeps units of work as SAP does: a forgotten commit loses the document."""
    async with client.unit() as unit:
        assert await put_in(unit, "FORGOTTEN")
    async with client.unit() as unit:
        assert await put_in(unit, "KEPT")
        assert there(sap, "KEPT") == 0
        await unit.commit()
    assert (there(sap, "FORGOTTEN"), there(sap, "KEPT")) == (0, 1)


async def test_a_session_that_is_used_again_brings_nothing_of_the_unit_before(
    client: Client, sap: Served
) -> None:
    """Refused, or left without a commit: the next commit in that session writes its own only."""
    async with client.unit() as unit:
        await put_in(unit, "BEFORE")
    with pytest.raises(ErpRefused, match=r"does not exist.*M3 305"):
        await written(client, "BEFORE", item(MATERIAL="NOWHERE"))
    await written(client, "AFTER")
    assert (there(sap, "BEFORE"), there(sap, "AFTER")) == (0, 1)


@pytest.mark.parametrize("fault", FAULTS)
async def test_before_the_commit_every_failure_is_one_that_wrote_nothing(
    client: Client, sap: Served, fault: Fault
) -> None:
    """SAP forgets the unit of work with its session, so it is said to be unsent, and that is so."""
    name = f"B{FAULTS.index(fault)}"
    async with Client.open(sap.logon(), call_s=0.5, through=sap.library()) as impatient:
        sap.befall(CREATE, fault)
        error = ErpRefused if fault == "dump" else ErpUnavailable
        with pytest.raises(error, match="nothing is written"):
            await written(impatient, name)
        sap.control("release")
        # The pool goes on with another session.
        await written(impatient, f"{name}-2")
    assert (there(sap, name), there(sap, f"{name}-2")) == (0, 1)
    assert sap.control("seen") == 2


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_commit_without_an_answer_is_of_unknown_outcome_and_never_sent_again(
    sap: Served, fault: Fault
) -> None:
    """Whether it wrote only reading back can tell; the program does not guess."""
    name = f"C{FAULTS.index(fault)}"
    async with Client.open(sap.logon(), call_s=0.5, through=sap.library()) as impatient:
        sap.befall(COMMIT, fault)
        with pytest.raises(WriteOutcomeUnknown):
            await written(impatient, name)
    assert sap.control("seen") == 1
    assert there(sap, name) == (fault in DONE)
    sap.control("release")


async def test_an_update_that_was_terminated_is_of_unknown_outcome(client: Client, sap: Served) -> None:
    """Of several parts of an update some may have been through: SAP's own word for it is not trusted."""
    sap.control("terminate")
    with pytest.raises(WriteOutcomeUnknown, match="Update was terminated"):
        await written(client, "TERMINATED")
    assert there(sap, "TERMINATED") == 0
    await written(client, "TERMINATED")
    assert there(sap, "TERMINATED") == 1


async def test_a_read_outlasts_a_session_that_was_ended_and_no_logon_is_repeated(
    client: Client, sap: Served
) -> None:
    """Gateways end sessions without a word; a wrong password sent again and again locks the user."""
    assert (await client.attributes())["user"] == USER
    sap.befall("RFC_READ_TABLE", "drop_before")
    assert (await client.call("RFC_READ_TABLE", QUERY_TABLE="T001W", NO_DATA="X"))["FIELDS"]
    assert sap.control("seen") == 2
    async with Client.open(sap.logon(password="not-it"), call_s=5, through=sap.library()) as wrong:
        sap.befall("logon")
        with pytest.raises(ErpUnavailable, match="does not let the user in") as raised:
            await wrong.call("RFC_PING")
        assert "not-it" not in str(raised.value)
        assert sap.control("seen") == 1


async def test_a_call_that_is_given_up_leaves_the_pool_working(client: Client, sap: Served) -> None:
    """Cancelled from outside while SAP keeps silent: its session is ended, its place is free again."""
    sap.befall("RFC_PING", *(["half_open"] * 6))
    waiting = [asyncio.create_task(client.call("RFC_PING")) for _ in range(6)]
    await asyncio.sleep(0.3)
    for each in waiting:
        each.cancel()
    assert all(
        isinstance(each, asyncio.CancelledError)
        for each in await asyncio.gather(*waiting, return_exceptions=True)
    )
    sap.control("release")
    sap.befall("")
    async with asyncio.timeout(3):
        await client.call("RFC_PING")


async def test_what_is_missing_or_not_allowed_is_named(sap: Served, client: Client) -> None:
    """A function of another release, a parameter of another release, a right that the role lacks."""
    with pytest.raises(CapabilityMissing, match="no function module 'BAPI_OF_LATER'"):
        await client.call("BAPI_OF_LATER")
    with pytest.raises(CapabilityMissing, match="field 'MATERIAL_LONGER' not found"):
        await client.call("BAPI_PR_GETDETAIL", MATERIAL_LONGER="x")
    with pytest.raises(ErpRefused, match="string is required"):
        await client.call("BAPI_PR_GETDETAIL", NUMBER=7)
    async with Client.open(sap.logon("NOBODY"), through=sap.library()) as nobody:
        with pytest.raises(ErpRefused, match="may not call BAPI_PR_GETDETAIL"):
            await nobody.call("BAPI_PR_GETDETAIL")


def test_without_pyrfc_it_is_said_how_to_get_it() -> None:
    """It cannot be installed with the program: SAP's kit is SAP's to give."""
    with pytest.raises(ConfigurationError, match=r"`pyrfc` is not here: fetch the SDK"):
        library()


def test_a_pyrfc_that_does_not_find_the_kit_says_so(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed, and broken by what is missing beside it."""
    (tmp_path / "pyrfc.py").write_text(
        "raise ImportError('libsapnwrfc.so: cannot open shared object file')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match="libsapnwrfc"):
        library()
