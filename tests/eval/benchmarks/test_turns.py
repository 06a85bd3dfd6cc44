"""The benchmark of turns measures what it says: a turn that is lost, doubled or out of order is told."""

from __future__ import annotations

import psycopg
import pytest

from erp_adapters.store import ADMIN_ROLE
from eval.benchmarks.turns.kept import kept
from eval.benchmarks.turns.load import Asked
from eval.benchmarks.turns.script import lines, question
from tests.conftest import Database


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"], (0, 0, 0)),
        (["00000000-0000-0000-0000-000000000001"], (2, 0, 1)),
    ],
)
def test_lost_turns_are_told(database: Database, ids: list[str], found: tuple[int, int, int]) -> None:
    """A row that is missing counts as a question without answer and as an answer without row."""
    conversation = "00000000-0000-0000-0000-00000000000a"
    asked = [
        Asked(
            conversation, turn, f"q{turn}", 1.0, f"00000000-0000-0000-0000-00000000000{turn}", "answered", ()
        )
        for turn in (1, 2)
    ]
    with psycopg.connect(database.dsn(ADMIN_ROLE)) as connection:
        connection.execute(
            "insert into app.conversation (id, subject, title) values (%s, 'anna', '')", (conversation,)
        )
        for turn, one in enumerate(ids, 1):
            connection.execute(
                "insert into app.answer (id, conversation, subject, question, answer, calls, readings)"
                " values (%s, %s, 'anna', %s, '{}', '[]', '[]')",
                (one, conversation, f"q{turn}"),
            )
        seen = kept(connection, asked)
        connection.rollback()
    assert (seen.lost, seen.doubled, seen.disordered) == found


def test_every_question_of_the_script_has_its_lines() -> None:
    """Numbers with a dot among them; the bare server's text is as long as ours, give or take a few words."""
    for turn in (0, 1):
        asked = question("EM-1.5", turn)
        plain, referring = lines("plain", asked), lines("referring", asked)
        assert '"EM-1.5"' in plain.arguments
        assert '"EM-1.5"' in referring.arguments
        assert abs(len(plain.text) - len(referring.text)) < 20
