"""A file of questions: one answer a line, in order, whatever happens to a line."""

from __future__ import annotations

import io
import json

import pytest

from agents.answer import Answer
from erp_adapters.caller import Caller
from erp_adapters.errors import StoreUnavailable, ToolError
from server.commands.ask import PATIENCE, ask_file
from server.errors import ExitCode
from tests.server.stand_in import ANSWER_ID, CONVERSATION, StandInCopilot, house


class Moody(StandInCopilot):
    """Fails where the question says so."""

    async def ask(
        self, caller: Caller, question: str, *, conversation: str | None = None, alternatives: bool = False
    ) -> Answer:
        if question == "away":
            raise StoreUnavailable("the database does not answer")
        if question == "wrong":
            raise ToolError("that cannot be computed")
        return await super().ask(caller, question, conversation=conversation, alternatives=alternatives)


async def answered(
    lines: list[str], copilot: StandInCopilot, *, alternatives: bool = False
) -> tuple[ExitCode, list[dict[str, object]], str]:
    out, log = io.StringIO(), io.StringIO()
    code = await ask_file(house(copilot), iter(lines), out, log, None, alternatives=alternatives)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], log.getvalue()


async def test_ids_come_back_and_the_answers_keep_theirs() -> None:
    """`id` is the input's, of either type; `answer_id` can be replayed."""
    lines = ['{"id": "A01", "question": "one"}', "", '{"id": 2, "question": "two", "note": "ignored"}']
    code, records, log = await answered(lines, StandInCopilot())
    assert code == ExitCode.ANSWERED
    assert [record["id"] for record in records] == ["A01", 2]
    assert {record["answer_id"] for record in records} == {ANSWER_ID}
    assert records[0]["status"] == "answered"
    assert "2 questions answered, 0 lines failed" in log


async def test_person_conversation_and_alternatives_are_passed_on() -> None:
    """Each line may name its own person and conversation."""
    copilot = StandInCopilot()
    line = json.dumps({"id": 1, "question": "one", "as": "buyer", "conversation": CONVERSATION})
    await answered([line], copilot, alternatives=True)
    assert copilot.asked == [("buyer", "one", CONVERSATION, True)]


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        '"text"',
        '{"id": 1}',
        '{"question": "x"}',
        "\x00\x01",
        '{"id": 1, "question": 7}',
        "[" * 100_000,
    ],
)
async def test_run_goes_on_after_a_bad_line(bad: str) -> None:
    """The line is named with what is wrong, and the next one is answered."""
    code, records, _ = await answered([bad, '{"id": "next", "question": "one"}'], StandInCopilot())
    assert code == ExitCode.FAILURE
    assert "error" in records[0]
    assert records[0]["line"] == 1
    assert records[1]["id"] == "next"
    assert records[1]["status"] == "answered"


async def test_run_goes_on_after_a_failure() -> None:
    """A tool's refusal and an unknown person are that line's affair."""
    lines = [
        '{"id": 1, "question": "wrong"}',
        '{"id": 2, "question": "one", "as": "mallory"}',
        '{"id": 3, "question": "away"}',
        '{"id": 4, "question": "one"}',
    ]
    _, records, log = await answered(lines, Moody())
    assert [("error" in record, record["id"]) for record in records] == [
        (True, 1),
        (True, 2),
        (True, 3),
        (False, 4),
    ]
    assert "1 questions answered, 3 lines failed" in log


async def test_database_that_stays_away_ends_the_run() -> None:
    """Every later line would wait for it in vain."""
    lines = ['{"id": 1, "question": "away"}'] * 10
    out = io.StringIO()
    with pytest.raises(StoreUnavailable, match=f"stopped at line {PATIENCE}"):
        await ask_file(house(Moody()), iter(lines), out, io.StringIO(), None)
    assert len(out.getvalue().splitlines()) == PATIENCE
