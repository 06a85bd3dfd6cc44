"""What whoever runs the service sees: figures of a real home, its readiness, and what may leave it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner

from server.app import create_app
from server.bootstrap import opened_on
from server.commands.tree import app
from server.house import House
from server.operation_records import operations_record, operations_table
from server.operations import Operations
from server.readiness import readiness
from server.settings import Settings
from tests.conftest import Database
from tests.server.drafted import bought, requisition

SERIES = {
    "plantwright_http_requests_total", "plantwright_http_request_duration_seconds_bucket",
    "plantwright_turns_running", "plantwright_answers_total", "plantwright_turn_duration_seconds_bucket",
    "plantwright_policy_decisions_total", "plantwright_drafts", "plantwright_outbox_rows",
    "plantwright_outbox_oldest_age_seconds", "plantwright_workers_alive", "plantwright_webhook_messages",
    "plantwright_finance_jobs", "plantwright_audit_position",
    "plantwright_audit_unwitnessed_events", "plantwright_pool_connections", "plantwright_data_age_seconds",
    "plantwright_database_up", "plantwright_executions_total",
}  # fmt: skip


@pytest.fixture
async def opened(demo_apart: Database, tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(home=tmp_path, person="planner.kassel")
    async with opened_on(settings, demo_apart) as house:
        yield house


def http(house: House) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(house), client=("127.0.0.1", 50000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8046")


async def test_a_homes_figures(opened: House) -> None:
    """A question, a draft and its document are counted; no label holds what somebody asked or is called."""
    desk = opened.drafts
    person = await desk.person("planner.kassel")
    async with http(opened) as client, desk.working():
        await client.post(
            "/v1/conversations/0192d0f0-0000-7000-8000-0000000000dd/messages",
            json={"question": "How many suppliers do we have?"},
            headers={"accept": "application/json"},
        )
        (good, *_) = await bought(desk.store)
        day = await desk.day(person, "KAS")
        made = (await desk.propose(person, requisition(good, "10", "0.20"), business_date=day)).shown
        buyer = await desk.person("buyer.kassel" if await _is_there(opened, "buyer.kassel") else "buyer")
        await desk.confirmations.confirm(buyer, made.proposal.id, made.digest, business_date=day)
        done = await desk.settled(buyer, made.proposal.id, 30, works=False)
        assert done.state == "executed"
        ready = await readiness(opened)
        text = (await client.get("/metrics")).text
    assert {part.name: part.state for part in ready.parts} == {
        "database": "ok", "model": "ok", "audit": "ok", "worker": "ok",
    }  # fmt: skip
    names = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")}
    assert names >= SERIES
    figures = {
        key: float(value)
        for key, _, value in (line.rpartition(" ") for line in text.splitlines() if line[0] != "#")
    }
    assert figures['plantwright_answers_total{status="answered"}'] == 1
    assert figures['plantwright_executions_total{state="executed"}'] >= 1
    assert figures['plantwright_drafts{state="executed"}'] >= 1
    assert figures["plantwright_workers_alive"] >= 1
    assert figures["plantwright_database_up"] == 1
    assert figures['plantwright_policy_decisions_total{action="confirm",outcome="allow"}'] >= 1
    labels = set(re.findall(r'="([^"]*)"', text))
    assert not labels & {good.supplier.name, good.material.name, person.subject, buyer.subject}
    assert len(figures) < 600


async def _is_there(house: House, subject: str) -> bool:
    return subject in {one.subject for one in await house.directory.people()}


async def test_status_tells_the_same_to_people_and_programs(opened: House) -> None:
    """Database with its extensions, drafts, outbox, worker, switches, record and what leaves."""
    assert opened.operations is not None
    seen = await opened.operations.look()
    console = Console(width=160)
    with console.capture() as capture:
        console.print(operations_table(opened, seen, None))
    text = capture.get()
    for said in ("PostgreSQL", "vector", "does not answer at port", "none alive", "nothing is sent anywhere"):
        assert said in text
    record = json.loads(json.dumps(operations_record(opened, seen, None)))
    assert record["worker"]["alive"] == seen.workers
    assert record["audit"]["events"] == seen.audit_position
    assert record["egress"]["default"]["names"] == "mask"


async def test_what_went_wrong_is_said(opened: House) -> None:
    """A record that cannot be written, a worker that is gone and what is switched off each have a line."""
    assert opened.operations is not None
    seen = replace(
        await opened.operations.look(),
        off=("site KAS",),
        outbox={"send": 3},
        outbox_oldest_s=300.0,
        checkpoint_trouble="no checkpoint can be kept",
    )
    assert isinstance(seen, Operations)
    console = Console(width=160)
    with console.capture() as capture:
        console.print(operations_table(replace(opened, deskless="no keys"), seen, None))
    for said in ("site KAS", "3 to send; the oldest for 300 s", "no checkpoint can be kept"):
        assert said in capture.get()


async def test_only_an_administrator_sees_what_leaves(opened: House) -> None:
    """And sees it for each of their sites."""
    admin = next(p for p in await opened.directory.people() if "admin" in p.roles)
    async with http(opened) as client:
        refused = await client.get("/v1/admin/egress", headers={"x-plantwright-person": "planner.kassel"})
        shown = await client.get("/v1/admin/egress", headers={"x-plantwright-person": admin.subject})
    assert refused.status_code == 403
    held = shown.json()
    assert held["sends"] is False
    assert {each["name"]: each["treatment"] for each in held["default"]}["names"] == "mask"
    assert {each["site"] for each in held["sites"]} == set(admin.sites)


def test_policy_egress_and_doctor_need_no_home(tmp_path: Path) -> None:
    """What may leave can be read before anything is set up; so can what is wrong."""
    own = tmp_path / "own.toml"
    own.write_text('[site.KAS]\nnames = "keep"\n', encoding="utf-8")
    runner = CliRunner(
        env={"PLANTWRIGHT_HOME": str(tmp_path / "none"), "PLANTWRIGHT_EGRESS": str(own), "COLUMNS": "200"}
    )
    text = runner.invoke(app, ["policy", "egress"])
    assert text.exit_code == 0, text.output
    assert "KAS" in text.output
    held = json.loads(runner.invoke(app, ["policy", "egress", "--site", "KAS", "--json"]).output)
    assert {each["name"]: each["treatment"] for each in held["sites"][0]["classes"]}["names"] == "keep"
    looked = runner.invoke(app, ["doctor", "--json"])
    found = {one["name"]: one for one in json.loads(looked.output)}
    assert found["home"]["state"] == "warning"
    assert looked.exit_code == (1 if any(one["state"] == "broken" for one in found.values()) else 0)
    own.write_text("[default]\nnames = 'hide'\n", encoding="utf-8")
    wrong = runner.invoke(app, ["doctor"])
    assert wrong.exit_code == 1
    assert "PLANTWRIGHT_EGRESS" in wrong.output
    assert runner.invoke(app, ["policy", "egress"]).exit_code == 1
