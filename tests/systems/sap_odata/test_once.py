"""A requisition confirmed in plantwright is in SAP's stand-in once, whatever dies on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from erp_adapters.sap_odata import Sap as Writer
from tests.conftest import Database
from tests.systems.sap_odata.erp import USERS
from tests.systems.sap_odata.server import Sap, serving
from tests.systems.works import Works, opened_works, written_once_though_killed

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(600)]
CREATES = '"PurReqnDescription"'
SYSTEMS = """
[north]
adapter = "sap_odata"
url = "{url}"
login = "COPILOT"
password = "file:{password}"
reason = "the sign-in that people use here is not trusted by SAP"
client = "100"
sites = ["KAS"]
plants = { KAS = "1010" }
requisitioners = { "planner.kassel" = "PKASSEL" }
"""


@pytest.fixture(scope="module")
def sap() -> Iterator[Sap]:
    with serving() as served:
        yield served


@pytest.fixture
async def works(demo_apart: Database, sap: Sap, tmp_path: Path) -> AsyncIterator[Works]:
    erp = Writer.open(sap.connection(units={}, call_s=60))
    password = str(USERS["COPILOT"]["password"])
    async with opened_works(demo_apart, tmp_path, sap.url, SYSTEMS, password, erp) as works:
        goods = works.goods[0]
        sap.order("bought", number=goods.material.code, name=goods.material.name, unit="PC",
                  supplier=goods.supplier.code)  # fmt: skip
        yield works


async def test_a_confirmed_requisition_is_in_sap_once_though_its_worker_was_killed(
    works: Works, sap: Sap
) -> None:
    """Killed when SAP had committed and nobody knew: the next worker reads it back and writes nothing."""
    await written_once_though_killed(works, CREATES)
    # Counted at the stand-in's own side, past what reading back says.
    assert sap.order("seen")["creations"] == 2
