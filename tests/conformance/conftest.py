"""The system that a spec runs against."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from erp_adapters.scorecards import scorecard
from tests.conformance.adapters import READ, WRITTEN, Adapter, Readable, Written
from tests.systems.mes.server import Served as Mes
from tests.systems.mes.server import serving as serving_mes
from tests.systems.sap_odata.erp import USERS
from tests.systems.sap_odata.server import Sap, mocking
from tests.systems.sap_odata.server import serving as serving_sap
from tests.systems.sap_rfc.server import Served as ServedSap
from tests.systems.sap_rfc.server import serving as serving_sap_rfc
from tests.systems.tryton_erp.server import Served, serving


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every spec belongs to the kit, so that one command runs it against all adapters."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker("conformance")


@pytest.fixture(scope="session")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A Tryton of this worker's own."""
    with serving(tmp_path_factory.mktemp("tryton")) as served:
        yield served


@pytest.fixture(scope="session")
def mes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mes]:
    """A MES of this worker's own."""
    with serving_mes(tmp_path_factory.mktemp("mes")) as served:
        yield served


@pytest.fixture(scope="session")
def sap() -> Iterator[Sap]:
    """A stand-in of SAP of this worker's own."""
    with serving_sap() as served:
        yield served


@pytest.fixture(scope="session")
def sap_rfc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSap]:
    """A stand-in of SAP of this worker's own."""
    with serving_sap_rfc(tmp_path_factory.mktemp("sap")) as served:
        yield served


@pytest.fixture(scope="session")
def mock_sap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sap]:
    """A mock-sap of this worker's own."""
    signed_in = f"COPILOT:{USERS['COPILOT']['password']}"
    with mocking(tmp_path_factory.mktemp("mock-sap"), "--auth", signed_in, "--require-if-match") as served:
        yield served


def _unless_declared(request: pytest.FixtureRequest) -> tuple[Adapter, Any]:
    """The row and its system, unless its scorecard says that this spec does not hold for it, and why."""
    spec = request.node.nodeid.partition("[")[0]
    for skip in scorecard(request.param.folder).skips:
        if skip.spec == spec:
            pytest.skip(f"by declaration: {skip.why}")
    return request.param, request.getfixturevalue(request.param.fixture)


@pytest.fixture(params=list(WRITTEN.values()))
def writer(request: pytest.FixtureRequest) -> tuple[Adapter, Any]:
    """Each adapter that writes, one after the other, and what its system runs in."""
    return _unless_declared(request)


@pytest.fixture
async def written(writer: tuple[Adapter, Any]) -> AsyncIterator[Written]:
    """The opened adapter, and documents that it takes."""
    adapter, within = writer
    async with adapter.opens(within) as system:
        yield system


@pytest.fixture(params=list(READ.values()))
def reader(request: pytest.FixtureRequest) -> tuple[Adapter, Any]:
    """Each adapter that is read, and what its system runs in."""
    return _unless_declared(request)


@pytest.fixture
async def readable(reader: tuple[Adapter, Any]) -> AsyncIterator[Readable]:
    """The opened adapter, and what is known to be there."""
    adapter, within = reader
    async with adapter.opens(within) as system:
        yield system
