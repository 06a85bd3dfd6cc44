"""Pages: every entry once, whatever comes in between, and no cursor that opens anything."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from agents.conversations import PostgresConversations, StoredAnswer
from erp_adapters.store.ids import new_id
from erp_adapters.store.session import Store
from server.directory import StoreDirectory
from server.errors import UsageError
from server.paging import Cursor
from tests.server.stand_in import house, person, ranking
from tests.server.test_http import client


async def test_conversations_come_page_by_page() -> None:
    """The last page says that it is the last."""
    async with client(house()) as http:
        first = (await http.get("/v1/conversations?limit=3")).json()
        second = (await http.get("/v1/conversations", params={"limit": 3, "cursor": first["next"]})).json()
    titles = [each["title"] for page in (first, second) for each in page["conversations"]]
    assert titles == [f"Question {i}" for i in range(1, 6)]
    assert second["next"] is None


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x"])
async def test_pages_have_bounds(limit: str) -> None:
    """Nobody asks for everything at once."""
    async with client(house()) as http:
        response = await http.get(f"/v1/conversations?limit={limit}")
    assert response.status_code == 422
    assert "limit" in response.json()["detail"]


@pytest.mark.parametrize("text", ["x", "%%", "AAAA", "é", "2026", "MjAyNg", "x" * 100])
def test_what_no_list_gave_out_is_refused(text: str) -> None:
    """A cursor is read strictly."""
    with pytest.raises(UsageError, match="cursor"):
        Cursor.parsed(text)


def test_cursor_comes_back_as_it_was() -> None:
    """To the microsecond, or an entry would be lost between two pages."""
    cursor = Cursor(datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC), UUID(int=7))
    assert Cursor.parsed(str(cursor)) == cursor
    assert Cursor.parsed("") is None


async def test_own_conversations_are_listed_by_their_last_question(store: Store) -> None:
    """With the first question as title; another person's are not there, with whatever cursor."""
    caller, other = person(f"planner-{uuid4().hex[:6]}", "Planner"), person("buyer", "Buyer")
    conversations, directory = PostgresConversations(store), StoreDirectory(store)
    ids = [str(uuid4()) for _ in range(3)]
    for at, conversation in enumerate([*ids, ids[0]]):
        await conversations.open(caller, conversation, f"Question {at}", 1)
        answer = ranking().model_copy(update={"id": str(new_id()), "conversation": conversation})
        await conversations.save(caller, StoredAnswer(answer))
    first = await directory.conversations(caller, 2, None)
    rest = await directory.conversations(caller, 2, (first[-1].last_asked_at, first[-1].id))
    assert [(str(talk.id), talk.title, talk.answers) for talk in [*first, *rest]] == [
        (ids[0], "Question 0", 2),
        (ids[2], "Question 2", 1),
        (ids[1], "Question 1", 1),
    ]
    assert await directory.conversations(other, 2, None) == []
