"""Finance gets an explanation once, keeps it as told, and opens it as a table, a workbook or a document."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import httpx
import pypdf
import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, Store
from server.finance.document import pdf_of
from server.finance.explanations import Explanations
from server.house import House
from tests.conftest import Database
from tests.server.stand_in import StandInDirectory, house
from tests.server.test_http import client

_AT = "/v1/finance/variance-explanations"
_OCTOBER = {"site": "MTY", "period": "2025-10"}


class People(StandInDirectory):
    """The people of the demo itself."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    async def caller(self, subject: str) -> Caller:
        return await self._store.caller(subject)


def _house(store: Store) -> House:
    return replace(house(directory=People(store)), explanations=Explanations(store))


@pytest.fixture
async def finance(demo_apart: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with await Store.open(demo_apart.dsn()) as store, client(_house(store)) as http:
        http.headers["x-plantwright-person"] = "controller.monterrey"
        yield http


async def test_the_same_request_is_one_explanation(finance: httpx.AsyncClient) -> None:
    """Asked twice, with or without a key, it is made once; a key of another question is refused."""
    first = await finance.post(_AT, json=_OCTOBER, headers={"idempotency-key": "closing-2025-10"})
    again = await finance.post(_AT, json=_OCTOBER, headers={"idempotency-key": "closing-2025-10"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["location"] == f"{_AT}/{first.json()['id']}"
    other = await finance.post(
        _AT, json={**_OCTOBER, "against": "plan"}, headers={"idempotency-key": "closing-2025-10"}
    )
    assert other.status_code in (400, 409, 422)
    assert "another question" in other.json()["detail"]
    assert (await finance.post(_AT, json=_OCTOBER)).json()["id"] == (
        await finance.post(_AT, json=_OCTOBER)
    ).json()["id"]


async def test_steps_and_ledger_add_up_in_every_form(finance: httpx.AsyncClient) -> None:
    """JSON, CSV, workbook and document say the same total."""
    told = (await finance.post(_AT, json=_OCTOBER)).json()
    total = sum(Decimal(step["amount"]) for step in told["bridge"])
    assert total == Decimal(told["figures"][0]["value"]) == Decimal("236070.72")
    assert sum(Decimal(account["ledger"]) for account in told["accounts"]) == total
    files = {kind: await finance.get(address) for kind, address in told["files"].items()}
    assert {answer.status_code for answer in files.values()} == {200}
    rows = list(csv.reader(io.StringIO(files["csv"].content.decode("utf-8-sig"))))
    assert sum(Decimal(row[1]) for row in rows[2 : rows.index([])]) == total
    with zipfile.ZipFile(io.BytesIO(files["xlsx"].content)) as book:
        assert any(name.startswith("xl/charts/") for name in book.namelist())
        assert "<f>SUM(B5:B" in book.read("xl/worksheets/sheet1.xml").decode()
    pages = pypdf.PdfReader(io.BytesIO(files["pdf"].content)).pages
    text = "\n".join(page.extract_text() for page in pages)
    assert "236,070.72" in text
    assert told["digest"] in text


async def test_what_is_booked_later_makes_it_stale(finance: httpx.AsyncClient, demo_apart: Database) -> None:
    """A posting that arrives afterwards shows, with its amount; what was told stays as it was."""
    import psycopg

    told = (await finance.post(_AT, json={"site": "MTY", "period": "2025-09"})).json()
    address = f"{_AT}/{told['id']}"
    assert (await finance.get(address)).json()["state"] == "current"
    with psycopg.connect(demo_apart.dsn(OWNER_ROLE)) as owner:
        owner.execute(
            "insert into erp.ledger_line (company, site, source_system, source_key, load_id, line_id,"
            " posted_on, account_id, cost_centre_id, scenario, amount, currency, document)"
            " select company, site, source_system, 'late', load_id, 'late', '2025-09-30', '5400', '4110',"
            " 'actual', 1234.56, currency, 'ADJ-1' from erp.ledger_line where site = 'MTY' limit 1"
        )
    later = (await finance.get(address)).json()
    assert (later["state"], later["delta"], later["bridge"]) == ("stale", "1234.56", told["bridge"])
    fresh = await finance.post(
        _AT, json={"site": "MTY", "period": "2025-09"}, headers={"idempotency-key": "again"}
    )
    assert fresh.json()["bridge"][-1]["cause"] == "document ADJ-1 has no record behind it"


async def test_nobody_reads_anothers_explanation(finance: httpx.AsyncClient) -> None:
    """Another person's id is as if it were not there, and another plant's period is refused."""
    told = (await finance.post(_AT, json=_OCTOBER)).json()
    stranger = {"x-plantwright-person": "controller.kassel"}
    assert (await finance.get(f"{_AT}/{told['id']}", headers=stranger)).status_code == 404
    assert (await finance.get(told["files"]["pdf"], headers=stranger)).status_code == 404
    assert (await finance.post(_AT, json=_OCTOBER, headers=stranger)).status_code in (400, 404, 422)


async def test_a_period_that_is_none_is_refused(finance: httpx.AsyncClient) -> None:
    """The refusal names the field."""
    refused = await finance.post(_AT, json={"site": "MTY", "period": "2025-13"})
    assert refused.status_code == 422
    assert "2025-13" in refused.json()["detail"] or "period" in refused.json()["detail"]


async def test_no_letter_of_a_document_is_a_box(finance: httpx.AsyncClient, demo_apart: Database) -> None:
    """Without a font of the system, Polish and Czech letters lose their marks, and the notes say so."""
    told = (await finance.post(_AT, json={"site": "MTY", "period": "2025-04"})).json()
    async with await Store.open(demo_apart.dsn()) as store:
        caller = await store.caller("controller.monterrey")
        kept = await Explanations(store).find(caller, UUID(told["id"]))
    named = "Zażółć gęślą jaźń, příliš žluťoučký kůň, ñandú, Größe"
    report = kept.report.model_copy(update={"reading": named})
    pages = pypdf.PdfReader(io.BytesIO(pdf_of(report, kept.digest, folders=()))).pages
    text = "\n".join(page.extract_text() for page in pages)
    assert "Zazółć gesla jazn, príliš žlutoučký kun, ñandú, Größe" in text
    assert "written without their marks" in text
    plain = pypdf.PdfReader(io.BytesIO(pdf_of(kept.report, kept.digest, folders=()))).pages
    assert "without their marks" not in "".join(page.extract_text() for page in plain)


async def test_the_group_is_asked_for_like_a_plant(demo_apart: Database) -> None:
    """In one currency, with every ledger in its own, as JSON and as files; what is not theirs is refused."""
    asked = {"group": True, "period": "2025-11", "against": "plan"}
    async with await Store.open(demo_apart.dsn()) as store, client(_house(store)) as http:
        http.headers["x-plantwright-person"] = "controller"
        told = (await http.post(_AT, json=asked)).json()
        held = (await http.post(_AT, json={**asked, "rates": "constant"})).json()
        files = {kind: await http.get(address) for kind, address in told["files"].items()}
        http.headers["x-plantwright-person"] = "controller.monterrey"
        refused = await http.post(_AT, json={"plants": ["MTY", "KAS"], "period": "2025-11"})
    steps = {step["step"]: Decimal(step["amount"]) for step in told["bridge"]}
    assert told["currency"] == "EUR"
    assert sum(steps.values()) == sum(Decimal(plant["amount"]) for plant in told["accounts"])
    assert "exchange rates" in steps
    assert "exchange rates" not in {step["step"] for step in held["bridge"]}
    assert {answer.status_code for answer in files.values()} == {200}
    assert 'filename="variance-group-2025-11.pdf"' in files["pdf"].headers["content-disposition"]
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(files["pdf"].content)).pages)
    assert "Monterrey" in text
    assert refused.status_code in (400, 404, 422)
    assert "no site 'KAS' that you may see" in refused.json()["detail"]
