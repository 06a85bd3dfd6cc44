"""What reading meets: pages that servers cut, releases that differ, rows and answers that are wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from erp_adapters.errors import CapabilityMissing, ErpError, ErpUnavailable
from erp_adapters.http import Secret
from erp_adapters.ports import Capability, SourceRow
from erp_adapters.sap_odata import Basic, SapReader
from erp_adapters.sap_odata.client import Client, nested
from erp_adapters.sap_odata.refusals import said
from erp_adapters.sap_odata.tables import PRODUCTS, PRODUCTS_4
from erp_adapters.sap_odata.values import cell, literal, moment, written_day
from tests.conformance.proxy import in_front_of
from tests.systems.sap_odata.server import Sap


@pytest.fixture
async def erp(sap: Sap) -> AsyncIterator[SapReader]:
    async with SapReader.open(sap.connection()) as erp:
        yield erp


async def every(erp: SapReader, capability: Capability) -> list[SourceRow]:
    return [row async for page in erp.pages(capability) for row in page.rows]


async def test_a_server_that_makes_more_pages_of_it_loses_nothing(sap: Sap, erp: SapReader) -> None:
    """By links that name the host as the server knows itself, or by sending less than was asked for."""
    whole = await every(erp, Capability.STOCK)
    assert len(whole) == 4
    sap.order("set", page=1)
    assert await every(erp, Capability.STOCK) == whole
    assert await every(erp, Capability.PURCHASE_ORDERS)
    sap.order("spoil", what="short", set="A_MatlStkInAcctMod", once=True)
    assert await every(erp, Capability.STOCK) == whole


async def test_version_4_is_read_where_version_2_is_not_activated(sap: Sap) -> None:
    """The same rows, over links to the next page, typed by its own metadata."""
    async with SapReader.open(sap.connection()) as two:
        wanted = await every(two, Capability.MATERIALS)
    sap.order("set", page=1)
    async with SapReader.open(sap.connection(services={PRODUCTS.name: "/no"})) as four:
        assert [(row.key, row.cells["is_made"]) for row in await every(four, Capability.MATERIALS)] == [
            (row.key, row.cells["is_made"]) for row in wanted
        ]
    async with Client.open(sap.connection()) as client:
        metadata = await client.metadata(PRODUCTS_4)
        assert metadata.version == 4
        query = {"$filter": "LastChangeDateTime ge 2026-03-02T00:00:00Z", "$expand": "_ProductPlant"}
        found = await client.rows(PRODUCTS_4, "Product", query)
        assert [nested(each, "_ProductPlant")[0]["Plant"] for each in found] == ["1010"] * 3


async def test_a_field_that_a_release_calls_otherwise_is_named(sap: Sap, erp: SapReader) -> None:
    """Before a row of it is read as if it were empty."""
    sap.order("spoil", what="rename", property="MatlWrhsStkQtyInMatlBaseUnit")
    with pytest.raises(CapabilityMissing, match=r"A_MatlStkInAcctMod.*has no 'MatlWrhsStkQtyInMatlBaseUnit'"):
        await every(erp, Capability.STOCK)


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("MatlWrhsStkQtyInMatlBaseUnit", "1.234,50", "Edm.Decimal"),
        ("MatlWrhsStkQtyInMatlBaseUnit", "NaN", "Edm.Decimal"),
        ("MatlWrhsStkQtyInMatlBaseUnit", True, "Edm.Decimal"),
        ("Material", 7, "Edm.String"),
    ],
)
async def test_a_value_that_is_none_of_its_type_is_named(
    sap: Sap, erp: SapReader, name: str, value: object, what: str
) -> None:
    """Figures and dates are never guessed."""
    sap.order("spoil", what="value", set="A_MatlStkInAcctMod", property=name, value=value)
    with pytest.raises(ErpUnavailable, match=f"as '{name}', which is no {what}"):
        await every(erp, Capability.STOCK)


async def test_a_day_that_is_none_is_named(sap: Sap, erp: SapReader) -> None:
    sap.order(
        "spoil", what="value", set="A_ProductionOrder_2", property="MfgOrderPlannedEndDate", value="soon"
    )
    with pytest.raises(ErpUnavailable, match=r"'soon' as 'MfgOrderPlannedEndDate', which is no Edm"):
        await every(erp, Capability.PRODUCTION_ORDERS)


async def test_a_key_that_comes_twice_is_told(sap: Sap, erp: SapReader) -> None:
    """Of two rows with one key nobody knows which is right."""
    sap.order("spoil", what="double", set="A_MatlStkInAcctMod")
    with pytest.raises(ErpUnavailable, match=r"sent stock 'F-900/1010/0001//01' twice"):
        await every(erp, Capability.STOCK)


async def test_a_service_that_the_user_may_not_use_is_named_and_left_out(sap: Sap) -> None:
    """With SAP's own words; the others are read."""
    blind = Basic("NOSTOCK", Secret("only-in-this-test"))
    async with SapReader.open(sap.connection(technical=blind)) as erp:
        with pytest.raises(
            CapabilityMissing, match=r"'stock'.*'NOSTOCK'.*No authorization to access service"
        ):
            await every(erp, Capability.STOCK)
        health = await erp.health()
        assert health.is_well
        assert "not offered: stock" in health.why
        assert Capability.STOCK not in erp.traits.capabilities
        assert await every(erp, Capability.SUPPLIERS)


async def test_what_is_no_answer_of_sap_is_named(sap: Sap) -> None:
    """A page to sign in, a wrong password that no message shows, a server that is not there."""
    async with SapReader.open(sap.connection()) as erp:
        sap.order("spoil", what="html")
        with pytest.raises(ErpUnavailable, match=r"an HTML page: Sign in where the metadata of"):
            await every(erp, Capability.STOCK)
        sap.order("heal")
        assert await every(erp, Capability.STOCK)
        sap.order("spoil", what="html")
        with pytest.raises(ErpUnavailable, match="an HTML page"):
            await every(erp, Capability.STOCK)
    wrong = Basic("COPILOT", Secret("not-the-password"))
    async with SapReader.open(sap.connection(technical=wrong)) as erp:
        health = await erp.health()
    assert not health.is_well
    assert "does not let the technical user 'COPILOT' in: Logon Error Message" in health.why
    assert "not-the-password" not in health.why


async def test_a_read_outlasts_what_passes(sap: Sap) -> None:
    """Asked for patience, cut off, failed by a gateway: the same rows come in the end, each once."""
    async with in_front_of(sap.url) as proxy, SapReader.open(sap.connection(proxy.url)) as erp:
        whole = await every(erp, Capability.STOCK)
        proxy.befall("a_matlstkinacctmod", "throttle", "truncate", "gateway")
        assert await every(erp, Capability.STOCK) == whole
        assert proxy.seen == 5


async def test_what_came_is_taken_off_the_earliest_schedule_line(sap: Sap, erp: SapReader) -> None:
    """Of an item with two lines; in another unit than the order's it stays unknown."""
    sap.order("set", page=100)
    sap.order(
        "add",
        set="A_PurchaseOrderScheduleLine",
        like={"PurchasingDocument": "4500000018"},
        values={"ScheduleLine": "0002", "ScheduleLineOrderQuantity": "30"},
    )

    async def came() -> dict[str, object]:
        rows = await every(erp, Capability.PURCHASE_ORDERS)
        return {row.key: row.cells["received"] for row in rows if row.cells["number"] == "4500000018"}

    assert sum(Decimal(str(each)) for each in (await came()).values()) == 40
    receipt = {"PurchaseOrder": "4500000018", "GoodsMovementType": "102"}
    sap.order("change", set="A_MaterialDocumentItem", where=receipt, values={"EntryUnit": "ST"})
    assert set((await came()).values()) == {None}


def test_values_are_read_and_written_as_each_version_has_them() -> None:
    """Dates are UTC days, an offset says only where a moment was noted down, and figures are exact."""
    assert cell("/Date(1753142400000)/", "Edm.DateTime", "x") == date(2025, 7, 22)
    assert cell("2025-07-22", "Edm.Date", "x") == date(2025, 7, 22)
    assert moment("/Date(1753142400000+0120)/") == datetime(2025, 7, 22, tzinfo=UTC)
    assert moment("2025-07-22T02:00:00+02:00") == datetime(2025, 7, 22, tzinfo=UTC)
    assert cell("/Date(-2208988800000)/", "Edm.DateTime", "x") == date(1900, 1, 1)
    assert cell("0.1000", "Edm.Decimal", "x") == Decimal("0.1")
    assert cell(123991.82, "Edm.Decimal", "x") == Decimal("123991.82")
    assert cell("", "Edm.DateTime", "x") is None
    assert literal("O'Hara", "Edm.String", 2) == "'O''Hara'"
    assert literal(date(2025, 7, 22), "Edm.DateTime", 2) == "datetime'2025-07-22T00:00:00'"
    assert literal(date(2025, 7, 22), "Edm.Date", 4) == "2025-07-22"
    assert literal(Decimal("1.50"), "Edm.Decimal", 2) == "1.50m"
    assert written_day(date(2025, 7, 22), 2) == "/Date(1753142400000)/"
    for wrong, kind in (("2025-07-22T02:00:00", "Edm.DateTimeOffset"), ("/Date(9e99)/", "Edm.DateTime")):
        with pytest.raises(ErpError, match="which is no"):
            cell(wrong, kind, "x")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            '{"error":{"code":"ME/083","message":{"lang":"en","value":"Enter Plant"},'
            '"innererror":{"errordetails":['
            '{"code":"M3/305","message":"Material X does not exist","severity":"error"},'
            '{"code":"W1","message":"careful","severity":"warning"}]}}}',
            "Enter Plant; Material X does not exist (ME/083)",
        ),
        ('{"error":{"code":"005","message":"Not found","details":[{"message":"Row 7"}]}}',
         "Not found; Row 7 (005)"),
        (
            '<?xml version="1.0"?><error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">'
            '<code>/IWBEP/007</code><message xml:lang="en">No &quot;access&quot;</message></error>',
            'No "access" (/IWBEP/007)',
        ),
        ("<html><head><title>Logon failed</title></head><body>x</body></html>", "Logon failed"),
        ('{"d":{}}', ""),
        ('["error"]', ""),
        ("{broken", ""),
        ("CSRF token validation failed", ""),
    ],
)  # fmt: skip
def test_what_went_wrong_is_read_out_of_every_envelope(body: str, told: str) -> None:
    """Of version 2 and 4, of Gateway's XML and of its pages; warnings are none of it."""
    assert said(body) == told
