"""Files and notes at a real Tryton's records are quoted with their source, and only to whom they may be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.caller import Caller
from erp_adapters.documents.embedding import NgramEmbedder
from erp_adapters.store import OWNER_ROLE, Store
from server.feeding import Wanted, read_again
from server.systems import TrytonSystem
from tests.conformance.adapters import TRYTON, tryton_hung
from tests.conftest import Database
from tests.systems.tryton_erp.server import LOGIN, PASSWORD, Served, serving
from tests.tools.asking import Asking, column
from tools.all_tools import registry
from tools.documents import searching_with

pytestmark = [*TRYTON, pytest.mark.timeout(600)]
FIND = searching_with(NgramEmbedder())
QUESTION = "What do the attachments say about goods that are not unloaded?"


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("tryton")) as served:
        yield served


def person(*roles: str, site: str = "KAS") -> Caller:
    return Caller("someone", "S", frozenset(roles), frozenset({site}), frozenset())


async def test_a_file_at_a_purchase_is_quoted_with_its_source_to_whoever_may_read_it(
    database: Database, tryton: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What hangs on an employee is read for nobody, whatever the file of systems says."""
    await tryton_hung(tryton)
    employee = ("party.party", "code", "planner.kassel")
    await tryton_hung(tryton, "evaluation.txt", b"Goods are not unloaded by this person.", employee)
    monkeypatch.setenv("NORTH_PASSWORD", PASSWORD)
    north = TrytonSystem.model_validate(
        {
            "adapter": "tryton", "url": tryton.url, "login": LOGIN, "password": "env:NORTH_PASSWORD",
            "reason": "Tryton's JSON-RPC takes no token of another sign-in", "call_s": 60,
            "documents": {"purchase_order": ["buyer"], "supplier": ["everybody"]},
            "reads": {
                "KAS": {"name": "Kassel", "country": "DE", "time_zone": "Europe/Berlin", "currency": "EUR"}
            },
        }
    )  # fmt: skip
    owner = database.dsn(OWNER_ROLE)
    report = await read_again(owner, north, "KAS", Wanted(), NgramEmbedder)
    assert (report.parts[-1].part, report.parts[-1].written, report.problems) == ("documents", 1, ())
    async with await Store.open(database.dsn()) as store:
        result = await Asking(store, person("buyer"))(FIND, question=QUESTION)
        [table] = result.tables
        names = ("document", "system", "about", "object", "passage")
        assert [column(table, name)[0] for name in names] == [
            "terms.txt", "Tryton", "purchase order", "1", "Goods that come before six are not unloaded.",
        ]  # fmt: skip
        assert result.evidence[0].sources[0].system == "tryton"
        copilot = Copilot(store, registry(NgramEmbedder()), EmbeddedModel())
        answer = await copilot.ask(person("buyer"), QUESTION)
        assert "“terms.txt”, from Tryton, purchase order 1;" in answer.model_dump_json()
        for other in (person("planner"), person("buyer", site="HAM")):
            hidden = await Asking(store, other)(FIND, question=QUESTION)
            assert column(hidden.tables[0], "passage") == []
