"""A stand-in of SAP in a process of its own, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from erp_adapters.sap_rfc.client import Client
from tests.systems.sap_rfc.server import Served, serving


@pytest.fixture(scope="package")
def sap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A stand-in of this folder's own."""
    with serving(tmp_path_factory.mktemp("sap")) as served:
        yield served


@pytest.fixture
async def client(sap: Served) -> AsyncIterator[Client]:
    """Sessions of a user who may do everything."""
    async with Client.open(sap.logon(), call_s=5, through=sap.library()) as client:
        yield client
