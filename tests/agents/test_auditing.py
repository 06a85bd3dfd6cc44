"""Every question is on record with what was asked of models and tools, however its turn ends."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from agents.copilot import Copilot
from agents.models.openai_compatible import OpenAIModel
from agents.models.protocol import ModelProtocol, Plan, Turn
from erp_adapters.store import OWNER_ROLE
from erp_adapters.store.session import ReadTransaction
from policies.audit.chain import Entry
from policies.audit.checkpoints import CheckpointLog
from policies.audit.keys import AuditKeys
from policies.audit.reading import subject_keys, tables
from policies.audit.sealing import opened
from policies.audit.trail import PostgresTrail
from policies.audit.verify import verify, witnesses
from policies.engine import CedarPolicy
from policies.reading import PolicyReads
from tests.agents.scripted import ScriptedModel, calls
from tests.agents.scripted_openai import Status, scripted_openai
from tests.agents.toy import PLANNER, KeptInMemory, NoStore, ScrapArguments, Unlinked, registry
from tests.conftest import Database

SCRAP = calls("scrap", ScrapArguments(top=3))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> AuditKeys:
    return AuditKeys.kept_in(tmp_path_factory.mktemp("audit"))


@pytest.fixture
async def trail(database: Database, keys: AuditKeys) -> AsyncIterator[PostgresTrail]:
    async with await PostgresTrail.open(database.dsn(), keys) as trail:
        yield trail


def copilot(model: ModelProtocol, trail: PostgresTrail | None, **options: Any) -> Copilot:
    options.setdefault("conversations", KeptInMemory())
    return Copilot(NoStore(), registry(), model, trail=trail, **options)  # type: ignore[arg-type]


def kept(database: Database, keys: AuditKeys, answer: str) -> list[tuple[str, dict[str, Any]]]:
    """What is on record about one answer, opened."""
    found = []
    with tables(database.dsn(OWNER_ROLE)) as (source, connection):
        known = subject_keys(connection, keys.wrapping)
        for entry in source.entries:
            assert isinstance(entry, Entry)
            key = known[entry.about]
            assert key is not None
            payload = dict(opened(entry.sealed, entry.header, key))
            if payload.pop("answer", None) == answer:
                assert key.subject == PLANNER.subject
                found.append((entry.kind, payload))
    return found


async def test_a_turn_is_on_record_from_its_question_to_its_answer(
    database: Database, keys: AuditKeys, trail: PostgresTrail
) -> None:
    model = ScriptedModel(SCRAP, ["{{r0.tables[0].rows[0].name}} had {{r0.tables[0].rows[0].scrapped}}."])
    reads = PolicyReads(CedarPolicy.packaged())
    answer = await copilot(model, trail, reads=reads).ask(PLANNER, "What was scrapped, by reason?")
    record = kept(database, keys, answer.id)
    assert [kind for kind, _ in record] == ["question", "policy_decision", "tool_call", "answer"]
    question, decision, call, end = (payload for _, payload in record)
    assert question["question"] == "What was scrapped, by reason?"
    assert question["conversation"] == answer.conversation
    assert question["sites"] == sorted(PLANNER.sites)
    assert "scrap" in decision["allowed"]
    assert (decision["denied"], decision["policies"]) == ({}, ["read.own_sites"])
    assert decision["policy_hash"] == CedarPolicy.packaged().digest
    assert (call["tool"], call["outcome"]) == ("scrap", "answered")
    assert '"top":3' in call["arguments"]
    assert end["shown"] == "sha256:" + hashlib.sha256(answer.model_dump_json().encode()).hexdigest()
    assert end["status"] == "answered"


async def test_what_leaves_for_a_hosted_model_is_on_record_by_its_digest_also_where_it_fails(
    database: Database, keys: AuditKeys, trail: PostgresTrail
) -> None:
    async with scripted_openai(Status(500)) as endpoint:
        model = OpenAIModel(
            "some-model", "a key", endpoint.base_url, form="tools", attempts=1, facts=_none, links=Unlinked()
        )
        answer = await copilot(model, trail).ask(PLANNER, "What was scrapped, by reason?")
        await model.close()
    sent = [payload for kind, payload in kept(database, keys, answer.id) if kind == "model_call"]
    assert [each["prompt"] for each in sent] == ["plan"]
    assert sent[0]["model"] == "openai:some-model"
    assert sent[0]["version"]
    assert len(sent[0]["sent"]) == len("sha256:") + 64


async def _none(tx: ReadTransaction) -> str:
    return ""


async def test_a_call_that_a_tool_refuses_is_on_record(
    database: Database, keys: AuditKeys, trail: PostgresTrail
) -> None:
    answer = await copilot(ScriptedModel(calls("no_such_tool", ScrapArguments(top=3))), trail).ask(
        PLANNER, "What was scrapped?"
    )
    record = dict(kept(database, keys, answer.id))
    assert record["tool_call"]["outcome"] == "failed"
    assert record["answer"]["status"] == "cannot_answer"


async def test_a_question_of_any_length_and_characters_is_on_record(
    database: Database, keys: AuditKeys, trail: PostgresTrail
) -> None:
    for text in ("x" * 50_000, "half a character: \ud800", "a zero byte: \0"):
        answer = await copilot(ScriptedModel(SCRAP), trail).ask(PLANNER, text)
        record = dict(kept(database, keys, answer.id))
        assert record["question"]["question"][:10] == text[:10]
        assert not any("not on record" in caveat for caveat in answer.caveats)


async def test_a_turn_whose_reader_leaves_is_on_record(
    database: Database, keys: AuditKeys, trail: PostgresTrail
) -> None:
    begun = asyncio.Event()

    class Slow(ScriptedModel):
        async def plan(self, turn: Turn, *rest: Any) -> Plan:
            begun.set()
            await asyncio.sleep(60)
            raise AssertionError

    events = copilot(Slow(SCRAP), trail).stream(PLANNER, "What was scrapped?")
    started = await anext(events)
    reading = asyncio.ensure_future(_rest(events))
    await begun.wait()
    # A task that has not begun is cancelled without a word to what it would have read.
    await asyncio.sleep(0)
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading
    record = kept(database, keys, getattr(started, "answer", ""))
    assert [kind for kind, _ in record] == ["question", "policy_decision", "answer"]
    assert record[-1][1]["status"] == "ended"


async def _rest(events: AsyncIterator[Any]) -> None:
    try:
        async for _ in events:
            pass
    finally:
        await events.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en-GB", "not on record"), ("de-DE", "nicht protokolliert"), ("fr-FR", "pas consignée")],
)
async def test_without_an_audit_questions_are_answered_and_the_answer_says_so(
    database: Database, keys: AuditKeys, locale: str, words: str
) -> None:
    """Reading goes on, since nothing in the ERP comes of it; the person knows."""
    trail = await PostgresTrail.open(database.dsn(), keys)
    await trail.close()
    question = {"en": "What was scrapped?", "de": "Was war Ausschuss?", "fr": "Quels rebuts ?"}[locale[:2]]
    answer = await copilot(ScriptedModel(SCRAP), trail).ask(replace(PLANNER, locale=locale), question)
    assert answer.status == "answered"
    assert any(words in caveat for caveat in answer.caveats), answer.caveats


async def test_without_a_trail_nothing_is_kept_and_nothing_said(database: Database) -> None:
    answer = await copilot(ScriptedModel(SCRAP), None).ask(PLANNER, "What was scrapped?")
    assert answer.status == "answered"
    assert not any("record" in caveat for caveat in answer.caveats)


async def test_turns_at_once_keep_one_chain(database: Database, keys: AuditKeys, tmp_path: Path) -> None:
    log = CheckpointLog(tmp_path / "checkpoints.jsonl", keys.signing)
    async with await PostgresTrail.open(database.dsn(), keys, log=log) as trail:
        asking = copilot(ScriptedModel(SCRAP), trail)
        await asyncio.gather(*(asking.ask(PLANNER, "What was scrapped?") for _ in range(20)))
    with tables(database.dsn(OWNER_ROLE)) as (source, _):
        assert verify(source, witnesses(log.file, keys.public), keys.public).is_intact
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        kinds = connection.execute(
            "select string_agg(kind, ' ' order by position) from (select * from audit.event"
            " order by position desc limit 80) as last"
        ).fetchone()
    assert kinds == (" ".join(["question policy_decision tool_call answer"] * 20),)
