"""Files at SAP's objects: asked for by the keys that SAP has, and no sign-in page passes for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from erp_adapters.errors import CapabilityMissing, ErpUnavailable
from erp_adapters.http import Secret
from erp_adapters.ports import AttachedTo, Capability, SourceRow
from erp_adapters.sap_odata import Basic, SapReader
from tests.conformance.adapters import sap_hung
from tests.systems.sap_odata.erp import USERS
from tests.systems.sap_odata.server import Sap


@pytest.fixture
async def reader(sap: Sap) -> AsyncIterator[SapReader]:
    sap.order("reset")
    async with SapReader.open(sap.connection()) as reader:
        yield reader


async def files(reader: SapReader) -> dict[str, SourceRow]:
    rows = [row async for page in reader.pages(Capability.DOCUMENTS) for row in page.rows]
    return {str(row.cells["name"]): row for row in rows}


async def test_each_object_is_asked_for_by_the_key_that_sap_has(sap: Sap, reader: SapReader) -> None:
    """With the zeros that its numbers are kept with, of the business object that its kind is."""
    on = {
        "order.txt": ("BUS2005", "000001000021"),
        "material.txt": ("BUS1001006", "T-100"),
        "requisition.txt": ("BUS2105", "0010000001"),
        "supplier.txt": ("LFA1", "S-77"),
        "purchase.txt": ("BUS2012", "4500000018"),
    }
    for name, (kind, number) in on.items():
        await sap_hung(sap, uuid4().hex.upper(), name=name, on=(kind, number))
    found = await files(reader)
    told = {
        name: (row.cells["about"], row.cells["object"], row.cells["plant"]) for name, row in found.items()
    }
    assert told == {
        "order.txt": ("production_order", "1000021", "1010"),
        "material.txt": ("material", "T-100", None),
        "requisition.txt": ("requisition", "0010000001", "1010"),
        "supplier.txt": ("supplier", "S-77", None),
        "purchase.txt": ("purchase_order", "4500000018", "1010"),
    }


async def test_only_kinds_of_objects_that_are_wanted_are_asked_for(sap: Sap) -> None:
    """Each object is a call, so that nobody is asked for what no one may read."""
    sap.order("reset")
    await sap_hung(sap, uuid4().hex.upper(), name="supplier.txt", on=("LFA1", "S-77"))
    await sap_hung(sap, uuid4().hex.upper(), name="purchase.txt")
    wanted = frozenset({AttachedTo.SUPPLIER})
    async with SapReader.open(sap.connection(documents=wanted)) as reader:
        assert set(await files(reader)) == {"supplier.txt"}


async def test_a_sign_in_page_is_no_file(sap: Sap, reader: SapReader) -> None:
    """It would be quoted as what somebody wrote; a page that hangs there itself is read."""
    await sap_hung(sap, uuid4().hex.upper(), name="purchase.txt")
    row = (await files(reader))["purchase.txt"]
    sap.order("spoil", what="html")
    with pytest.raises(ErpUnavailable, match="HTML page"):
        await reader.content(row.key, 1000)
    sap.order("heal")
    assert await reader.content(row.key, 1000)


async def test_a_service_that_is_not_activated_is_named_and_the_rest_is_read(sap: Sap) -> None:
    """For a user without it, documents are not offered, and say why where they are asked for."""
    held = USERS["NOFILES"]["password"]
    technical = Basic("NOFILES", Secret(str(held)))
    async with SapReader.open(sap.connection(technical=technical)) as reader:
        assert (await reader.health()).is_well
        assert Capability.DOCUMENTS not in reader.traits.capabilities
        with pytest.raises(CapabilityMissing, match=r"'documents' cannot be read.*API_CV_ATTACHMENT_SRV"):
            await files(reader)
