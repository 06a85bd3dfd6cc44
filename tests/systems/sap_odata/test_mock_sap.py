"""The client against mock-sap, which this project did not write: both versions, writes, tokens, faults."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from erp_adapters.errors import ErpRefused, ErpUnavailable, WriteOutcomeUnknown
from erp_adapters.http import Secret
from erp_adapters.ports import Capability
from erp_adapters.sap_odata import ClientCredentials, SapReader
from erp_adapters.sap_odata.batch import Change
from erp_adapters.sap_odata.client import Changed, Client, Service, etag_of, nested
from erp_adapters.sap_odata.tables import PRODUCTS, PRODUCTS_4
from tests.conformance.adapters import MOCK_SAP
from tests.systems.sap_odata.erp import USERS
from tests.systems.sap_odata.server import MOCK_SAP_PATHS, Sap, mocking

pytestmark = MOCK_SAP
ORDERS = Service("API_PURCHASEORDER_PROCESS_SRV", "/sap/opu/odata/sap/API_PURCHASEORDER_PROCESS_SRV")
POSTINGS = Service("API_JOURNALENTRY_SRV", "/sap/opu/odata/sap/API_JOURNALENTRY_SRV")
ORDER: dict[str, Any] = {
    "PurchaseOrderType": "NB",
    "CompanyCode": "1710",
    "PurchasingOrganization": "1710",
    "Supplier": "1000015",
    "DocumentCurrency": "EUR",
    "to_PurchaseOrderItem": [
        {"Material": "TG14", "Plant": "1710", "OrderQuantity": "12.500", "PurchaseOrderQuantityUnit": "PC"}
    ],
}


@pytest.fixture(scope="module")
def sap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sap]:
    signed_in = f"COPILOT:{USERS['COPILOT']['password']}"
    with mocking(tmp_path_factory.mktemp("mock-sap"), "--auth", signed_in, "--require-if-match") as served:
        yield served


@pytest.fixture(scope="module")
def oauth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sap]:
    with mocking(tmp_path_factory.mktemp("mock-sap"), "--oauth", "copilot:its-secret") as served:
        yield served


def told(sap: Sap, what: str, method: str, body: dict[str, Any] | None = None) -> None:
    """Say something to the side of mock-sap that is there for tests."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{sap.url}_mock/{what}", data, method=method)
    urllib.request.urlopen(request, timeout=30).close()


def befall(sap: Sap, method: str, scenario: str) -> None:
    """Let the next call of a method meet this."""
    rule = {"method": method, "match": "/sap/opu/odata", "scenario": scenario, "count": 1}
    told(sap, "faults", "POST", rule)


async def test_an_order_is_created_by_deep_insert_and_read_back(sap: Sap) -> None:
    """With a token and the session's cookie; what it refuses is refused in its own words."""
    async with Client.open(sap.connection()) as client:
        made = await client.create(ORDERS, "A_PurchaseOrder", ORDER, person=None, request="one")
        query = {
            "$filter": f"PurchaseOrder eq '{made['PurchaseOrder']}'",
            "$expand": "to_PurchaseOrderItem",
        }
        [order] = await client.rows(ORDERS, "A_PurchaseOrder", query)
        assert [item["OrderQuantity"] for item in nested(order, "to_PurchaseOrderItem")] == ["12.500"]
        with pytest.raises(ErpRefused, match="Colour"):
            await client.create(ORDERS, "A_PurchaseOrder", {"Colour": "red"}, person=None, request="two")
        postings = await client.rows(POSTINGS, "A_JournalEntryItem", {"$orderby": "AccountingDocument"})
        assert len(postings) == 18


@pytest.mark.parametrize(
    ("scenario", "error", "said"),
    [
        ("lock", ErpUnavailable, "locked by user MOCKUSER"),
        ("precondition", Changed, "somebody changed it since it was read"),
        ("forbidden", ErpRefused, "needs the authorisation"),
        ("error", WriteOutcomeUnknown, "An exception was raised in the mock backend"),
        ("busy", WriteOutcomeUnknown, "No dialog work process available"),
    ],
)
async def test_what_befalls_a_write_is_named_for_what_it_is(
    sap: Sap, scenario: str, error: type[Exception], said: str
) -> None:
    """With the system's own words; a token that it no longer takes is no fault of the write."""
    async with Client.open(sap.connection()) as client:
        await client.create(ORDERS, "A_PurchaseOrder", ORDER, person=None, request="before")
        befall(sap, "POST", scenario)
        with pytest.raises(error, match=said):
            await client.create(ORDERS, "A_PurchaseOrder", ORDER, person=None, request=scenario)
        befall(sap, "POST", "csrf")
        await client.create(ORDERS, "A_PurchaseOrder", ORDER, person=None, request="after")


async def test_a_change_set_of_what_was_changed_meanwhile_changes_nothing(sap: Sap) -> None:
    """Both changes or none, by the version that was read."""
    async with Client.open(sap.connection()) as client:

        async def products() -> dict[str, dict[str, Any]]:
            return {row["Product"]: row for row in await client.rows(PRODUCTS, "A_Product", {})}

        before = await products()
        one, other = list(before)[:2]
        old = "W/\"datetime'1999-01-01T00%3A00%3A00'\""
        wrong = [
            Change("PATCH", f"A_Product('{one}')", {"Division": "77"}, etag_of(before[one])),
            Change("PATCH", f"A_Product('{other}')", {"Division": "77"}, old),
        ]
        with pytest.raises(Changed):
            await client.change(PRODUCTS, wrong, person=None)
        assert await products() == before
        right = [wrong[0], Change("PATCH", wrong[1].path, wrong[1].body, etag_of(before[other]))]
        await client.change(PRODUCTS, right, person=None)
        after = await products()
        assert [after[each]["Division"] for each in (one, other)] == ["77", "77"]


async def test_version_4_gives_the_same_materials(sap: Sap) -> None:
    """Where version 2 is not activated, by the metadata of the other."""
    keys = []
    for services in (MOCK_SAP_PATHS, {**MOCK_SAP_PATHS, PRODUCTS.name: "/no"}):
        async with SapReader.open(sap.connection(services=services, writes=False), page=4) as reader:
            pages = [page async for page in reader.pages(Capability.MATERIALS)]
            keys.append(
                [(row.key, row.cells["unit"], row.cells["name"]) for page in pages for row in page.rows]
            )
    assert keys[0] == keys[1]
    assert len(keys[0]) == 20
    async with Client.open(sap.connection(services=MOCK_SAP_PATHS)) as client:
        assert (await client.metadata(PRODUCTS_4)).version == 4


async def test_tokens_are_given_taken_back_and_given_anew(oauth: Sap) -> None:
    """To the program as a client; mock-sap reads no assertion that is encoded as RFC 7522 has it."""
    url = f"{oauth.url}sap/bc/sec/oauth2/token"
    technical = ClientCredentials(url, "copilot", Secret("its-secret"))
    async with Client.open(oauth.connection(technical=technical)) as client:
        assert await client.rows(ORDERS, "A_PurchaseOrder", {"$top": "1"}, most=1)
        told(oauth, "tokens", "DELETE")
        assert await client.rows(ORDERS, "A_PurchaseOrder", {"$top": "1"}, most=1)
        await client.create(ORDERS, "A_PurchaseOrder", ORDER, person=None, request="by token")
    wrong = ClientCredentials(url, "copilot", Secret("not-its-secret"))
    async with SapReader.open(oauth.connection(technical=wrong)) as reader:
        health = await reader.health()
    assert "status 401, invalid_client" in health.why
    assert "not-its-secret" not in health.why
