"""Reading SAP: figures as they are meant, lists that are empty, and what an older release or a role lacks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from erp_adapters.errors import CapabilityMissing, ErpRefused, ErpUnavailable
from erp_adapters.ports import Capability, Cell
from erp_adapters.sap_rfc import SapRfcReader
from erp_adapters.sap_rfc.production import order_state
from tests.systems.sap_rfc.plant import CHIP, FRAME, GRIP, OTHER_PLANT, PLANT, TUBE, day
from tests.systems.sap_rfc.server import Served, serving


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A stand-in whose tables the test changes as it likes."""
    with serving(tmp_path_factory.mktemp("sap")) as served:
        yield served


@pytest.fixture
async def reader(own: Served) -> AsyncIterator[SapRfcReader]:
    async with SapRfcReader.open(own.connection(), through=own.library()) as reader:
        yield reader


async def cells(reader: SapRfcReader, capability: Capability, **where: Cell) -> list[dict[str, Cell]]:
    """Cells of rows that have these."""
    found = [dict(row.cells) async for page in reader.pages(capability) for row in page.rows]
    return [row for row in found if where.items() <= row.items()]


async def test_only_the_plants_of_the_file_are_read(own: Served, reader: SapRfcReader) -> None:
    """Other plants of the system are nobody's business here; without any all are read."""
    assert {row["plant"] for row in await cells(reader, Capability.MATERIALS)} == {PLANT}
    assert {row["plant"] for row in await cells(reader, Capability.STOCK)} == {PLANT}
    async with SapRfcReader.open(own.connection(plants={}), through=own.library()) as every:
        assert {row["plant"] for row in await cells(every, Capability.MATERIALS)} == {PLANT, OTHER_PLANT}


async def test_of_a_bill_s_versions_the_one_that_is_valid_today_counts(
    own: Served, reader: SapRfcReader
) -> None:
    """Quantities for the base quantity; changed, changed in future, deleted, and of another alternative."""
    shared = {"STLTY": "M", "STLNR": "00000042", "POSTP": "L", "MEINS": "KG", "IDNRK": TUBE}
    versions = [
        ("00000003", day(-10), "40", ""),
        ("00000004", day(5), "99", ""),
    ]
    for counter, begins, quantity, gone in versions:
        row = {
            "STLKN": "00000001",
            "STPOZ": counter,
            "DATUV": begins,
            "MENGE": Decimal(quantity),
            "LKENZ": gone,
        }
        own.write("STPO", {**shared, **row})
    own.write("STPO", {**shared, "STLKN": "00000002", "STPOZ": "00000005", "DATUV": day(-1), "LKENZ": "X"})
    own.write(
        "STPO", {**shared, "STLKN": "00000009", "STPOZ": "00000006", "DATUV": day(-1), "MENGE": Decimal(1)}
    )
    [row] = await cells(reader, Capability.BOM, made=FRAME)
    assert (row["material"], row["quantity"], row["per_made"]) == (TUBE, Decimal(40), Decimal(4))


async def test_prices_and_stock_are_what_they_are_meant_to_be(reader: SapRfcReader) -> None:
    """For one unit, in the currency's own decimals, with the sign; a plant's own condition says so."""
    [yen] = await cells(reader, Capability.INFO_RECORDS, material=CHIP)
    assert (yen["price"], yen["currency"], yen["plant"]) == (118, "JPY", PLANT)
    [per_hundred] = await cells(reader, Capability.INFO_RECORDS, material=TUBE)
    assert (per_hundred["price"], per_hundred["plant"], per_hundred["supplier"]) == (
        Decimal("2.35"),
        PLANT,
        "10077",
    )
    assert [row["quantity"] for row in await cells(reader, Capability.STOCK, material=CHIP)] == [-7]
    blocked = await cells(reader, Capability.STOCK, material=TUBE, status="blocked")
    assert [row["quantity"] for row in blocked] == [3]
    schedules = await cells(reader, Capability.PURCHASE_ORDERS, material=TUBE)
    assert sorted((row["quantity"], row["received"]) for row in schedules) == [(200, 0), (400, 100)]


async def test_a_supplier_has_one_condition_for_a_material_in_a_plant(
    own: Served, reader: SapRfcReader
) -> None:
    """The plant's own before the one for all plants, and one for buying before one for subcontracting."""
    shared = {"INFNR": "5300000001", "WAERS": "EUR", "PEINH": Decimal(1), "BPRME": "KG", "APLFZ": Decimal(3)}
    own.write("EINE", {**shared, "EKORG": "0000", "ESOKZ": "3", "WERKS": PLANT, "NETPR": Decimal(1)})
    own.write("EINE", {**shared, "EKORG": "0002", "ESOKZ": "0", "WERKS": PLANT, "NETPR": Decimal(2)})
    own.write("EINE", {**shared, "EKORG": "0002", "ESOKZ": "0", "WERKS": OTHER_PLANT, "NETPR": Decimal(3)})
    assert [row["price"] for row in await cells(reader, Capability.INFO_RECORDS, material=TUBE)] == [2]


async def test_a_price_per_another_unit_than_is_ordered_in_is_none(own: Served, reader: SapRfcReader) -> None:
    """Rather than a price for a piece that was meant for a kilogram."""
    own.write("EKPO", {"BPRME": "M"}, {"EBELN": "4500000001"})
    assert {row["price"] for row in await cells(reader, Capability.PURCHASE_ORDERS, material=TUBE)} == {None}


async def test_lists_that_are_empty_say_so_as_if_it_were_wrong_and_are_not(
    own: Served, reader: SapRfcReader
) -> None:
    """SAP answers an empty list with an error message; any other error is one."""
    for table, key in (("EKPO", "EBELN"), ("AFPO", "AUFNR")):
        for row in own.rows(table):
            own.write(table, {"WERKS" if table == "EKPO" else "DWERK": "9999"}, {key: row[key]})
    assert await cells(reader, Capability.PURCHASE_ORDERS) == []
    assert await cells(reader, Capability.PRODUCTION_ORDERS) == []
    own.write("AFPO", {"DWERK": PLANT}, {"AUFNR": "000001000123"})
    own.write("AFKO", {"WERKS": "9999"}, {"AUFNR": "000001000123"})
    assert await cells(reader, Capability.PRODUCTION_ORDERS) == []


async def test_what_is_asked_for_and_deleted_or_ordered_is_not_open(
    own: Served, reader: SapRfcReader
) -> None:
    """What is partly ordered is open for the rest."""
    for item, sets in (
        ("00020", {"LOEKZ": "X"}),
        ("00030", {"STATU": "B", "BSMNG": Decimal(5)}),
        ("00040", {"STATU": "B"}),
    ):
        row = {
            "BANFN": "0010000000",
            "BNFPO": item,
            "STATU": "N",
            "MATNR": GRIP,
            "WERKS": PLANT,
            "MENGE": Decimal(5),
            "MEINS": "ST",
        }
        own.write("EBAN", {**row, **sets})
    found = {row["item"]: row["state"] for row in await cells(reader, Capability.REQUISITIONS)}
    assert found == {"00010": "open", "00020": "cancelled", "00030": "ordered", "00040": "open"}


def test_a_production_order_is_as_far_as_its_furthest_status() -> None:
    """By SAP's codes: the short words of the same are in the language of the user."""
    assert order_state(["I0002", "I0010"]) == "in process"
    assert order_state(["I0002", "I0010", "I0012", "I0045"]) == "complete"
    assert order_state(["I0002", "I0076"]) == "cancelled"
    assert order_state(["I0001"]) == order_state([]) == "created"


async def test_what_a_list_of_requirements_has_belongs_to_its_order(reader: SapRfcReader) -> None:
    """What is still to be withdrawn, for the order whose reservation it is; planned orders come in."""
    [need] = await cells(reader, Capability.DEMAND, material=TUBE)
    assert (need["quantity"], need["order"], need["is_receipt"]) == (112, "1000123", False)
    [planned] = await cells(reader, Capability.DEMAND, element="PA")
    assert (planned["material"], planned["number"], planned["is_receipt"]) == (FRAME, "700001", True)


async def test_what_the_role_may_not_read_is_named_and_so_is_a_wrong_plant(own: Served) -> None:
    """The table, and what to give; a plant that is not there is found by the doctor."""
    reader_only = replace(own.connection(), logon=own.logon("READER"))
    async with SapRfcReader.open(reader_only, through=own.library()) as reader:
        assert await cells(reader, Capability.MATERIALS)
        with pytest.raises(ErpRefused, match="may not read table MBEW"):
            await cells(reader, Capability.COSTS)
    async with SapRfcReader.open(own.connection(plants={"KAS": "7777"}), through=own.library()) as lost:
        health = await lost.health()
        assert (health.is_well, health.why) == (False, "SAP has no plant '7777'")
    nobody = replace(own.connection(), logon=own.logon("NOBODY"))
    async with SapRfcReader.open(nobody, through=own.library()) as reader:
        health = await reader.health()
        assert not health.is_well
        assert "may not call RFC_READ_TABLE" in health.why


async def test_a_stand_in_says_that_it_is_one(reader: SapRfcReader) -> None:
    """In its traits and wherever its health is shown."""
    assert reader.traits.origin == "stand-in"
    assert "a stand-in" in (await reader.health()).why


async def test_a_system_that_goes_away_while_it_is_read_gives_no_last_page(
    own: Served, reader: SapRfcReader
) -> None:
    """What was cut short is not taken for all there is."""
    own.befall("BAPI_MATERIAL_STOCK_REQ_LIST", "drop_before", "drop_before")
    with pytest.raises(ErpUnavailable):
        await cells(reader, Capability.DEMAND)
    with pytest.raises(CapabilityMissing, match="not read for 'ledger'"):
        await cells(reader, Capability.LEDGER)
