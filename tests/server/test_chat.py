"""The conversation at the prompt: follow-ups, keys, commands, and questions that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from erp_adapters.errors import StoreUnavailable
from server.commands.chat import Chat
from tests.server.stand_in import ANSWER_ID, CONVERSATION, StandInCopilot, house, person


@pytest.fixture
def copilot() -> StandInCopilot:
    return StandInCopilot()


@pytest.fixture
def chat(copilot: StandInCopilot) -> Iterator[Chat]:
    with asyncio.Runner() as runner:
        yield Chat(runner, house(copilot), person("planner", "Planner"))


def test_next_question_goes_on_with_the_conversation(chat: Chat, copilot: StandInCopilot) -> None:
    """Until /new begins another."""
    for line in ("top five", "and by month?", "/new", "top five"):
        chat.take(line)
    assert [conversation for _, _, conversation, _ in copilot.asked] == [None, CONVERSATION, None]


def test_key_runs_an_offered_reading(chat: Chat, copilot: StandInCopilot) -> None:
    """A digit that no reading was offered for is a question like any other."""
    chat.take("1")
    chat.take("2")
    assert [question for _, question, _, _ in copilot.asked] == ["1"]
    assert copilot.chosen == [(CONVERSATION, ANSWER_ID, "2")]


def test_commands(chat: Chat, capsys: pytest.CaptureFixture[str]) -> None:
    """Evidence and JSON of the last answer, another person, and what there is to type."""
    chat.take("/evidence")
    assert "no answer yet" in capsys.readouterr().err
    chat.take("top five")
    capsys.readouterr()
    chat.take("/evidence")
    assert "group by r.name" in capsys.readouterr().out
    chat.take("/json")
    assert '"status": "answered"' in capsys.readouterr().out
    chat.take("/as buyer")
    assert "Buyer" in capsys.readouterr().out
    chat.take("/what")
    assert "/quit" in capsys.readouterr().out


def test_unknown_person_is_said_and_the_old_one_stays(
    chat: Chat, copilot: StandInCopilot, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped name does not end the chat."""
    chat.take("/as mallory")
    assert "buyer, planner" in capsys.readouterr().err
    chat.take("top five")
    assert copilot.asked[0][0] == "planner"


def test_failed_question_leaves_the_chat_open(
    chat: Chat, copilot: StandInCopilot, capsys: pytest.CaptureFixture[str]
) -> None:
    """The database may be back for the next one."""
    copilot.error = StoreUnavailable("the database does not answer")
    chat.take("top five")
    assert "does not answer" in capsys.readouterr().err
    copilot.error = None
    chat.take("top five")
    assert "Paint process failed" in capsys.readouterr().out


def test_interruption_stops_the_question_only(
    chat: Chat, copilot: StandInCopilot, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C while an answer is made."""
    copilot.error = KeyboardInterrupt()
    chat.take("top five")
    assert "the conversation goes on" in capsys.readouterr().err
