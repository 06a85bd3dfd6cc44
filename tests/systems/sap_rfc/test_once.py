"""A requisition confirmed in plantwright is in SAP's stand-in once, whatever dies on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from erp_adapters.sap import padded
from erp_adapters.sap_rfc import SapRfc
from tests.conftest import Database
from tests.server.drafted import Bought
from tests.systems.sap_rfc.plant import PLANT
from tests.systems.sap_rfc.server import LIBRARY, PASSWORD, USER, Fault, Served, serving
from tests.systems.works import Works, opened_works, written_once_though_killed

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(600)]
COMMIT = "BAPI_TRANSACTION_COMMIT"
SYSTEMS = f"""
[south]
adapter = "sap_rfc"
route = {{ ashost = "127.0.0.1", sysnr = "00", saprouter = "{{url}}" }}
client = "100"
login = "{USER}"
password = "file:{{password}}"
reason = "this stand-in has no single sign-on"
sites = ["KAS"]
plants = {{ KAS = "{PLANT}" }}
call_s = 5
settle_s = 1
"""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Something that the stand-in is asked to wait for, or to do."""

    sap: Served
    done: str

    async def wait(self) -> object:
        return await asyncio.to_thread(self.sap.control, "wait", seconds=100)

    def set(self) -> None:
        self.sap.control(self.done)


@dataclass(frozen=True, slots=True)
class _Line:
    """The line to the stand-in, which lets calls meet with faults by itself."""

    sap: Served

    @property
    def url(self) -> str:
        return self.sap.route

    @property
    def seen(self) -> int:
        return int(self.sap.control("seen"))

    @property
    def answered(self) -> _Asked:
        return _Asked(self.sap, "nothing")

    @property
    def released(self) -> _Asked:
        return _Asked(self.sap, "release")

    def befall(self, call: str, *faults: Fault) -> None:
        self.sap.befall(call, *faults)


@pytest.fixture
def sap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("sap")) as served:
        yield served


@pytest.fixture
async def works(
    demo_apart: Database, sap: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Works]:
    # As if pyrfc were installed, in this process and in those that it starts.
    monkeypatch.syspath_prepend(LIBRARY)

    @asynccontextmanager
    async def line() -> AsyncIterator[_Line]:
        try:
            yield _Line(sap)
        finally:
            sap.control("release")

    erp = SapRfc.open(sap.connection(units={}), through=sap.library())
    given = {"network": line(), "environment": {"PYTHONPATH": str(LIBRARY)}}
    async with opened_works(demo_apart, tmp_path, sap.route, SYSTEMS, PASSWORD, erp, **given) as works:
        master_data(sap, works.goods[0])
        yield works


def master_data(sap: Served, goods: Bought) -> None:
    """Let SAP know the material and its supplier by the numbers that the plant has for them."""
    code, unit = padded(goods.material.code, 18), "ST" if goods.unit == "PC" else goods.unit
    sap.write("MARA", {"MATNR": code, "MEINS": unit})
    sap.write("MARC", {"MATNR": code, "WERKS": PLANT})
    sap.write("LFA1", {"LIFNR": padded(goods.supplier.code, 10), "NAME1": goods.supplier.name[:35]})


async def test_a_confirmed_requisition_is_in_sap_once_though_its_worker_was_killed(works: Works) -> None:
    """Killed when SAP had committed and nobody knew: the next worker reads it back and writes nothing."""
    await written_once_though_killed(works, COMMIT)
