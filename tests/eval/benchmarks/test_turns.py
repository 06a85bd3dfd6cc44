"""The benchmark of turns measures what it says: both servers answer, and two of ours lose nothing."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from erp_adapters.store import ADMIN_ROLE
from eval.benchmarks.turns.kept import BARE, OURS, kept, size
from eval.benchmarks.turns.load import Asked
from eval.benchmarks.turns.measuring import Place, added, opened, pace, replicas
from eval.benchmarks.turns.script import lines, question
from tests.conftest import Database


@pytest.fixture
def place(demo_copy: Database, tmp_path: Path) -> Place:
    with ExitStack() as stack:
        yield opened(stack, demo_copy.server, demo_copy.dsn, tmp_path / "home")


@pytest.mark.slow
def test_both_servers_answer_the_script_and_replicas_keep_every_turn_once(place: Place) -> None:
    """A turn that is not answered, or not in the model's own words, ends the run."""
    with psycopg.connect(place.dsn(ADMIN_ROLE), autocommit=True) as connection:
        before = size(connection, OURS)
        with place.up("bare, durable") as served:
            assert pace(place, served, 2, 2).cpu_ms > 0
        assert size(connection, BARE).stored > 0
        assert size(connection, OURS).stored == before.stored
    two = replicas(place, 3, 3)
    assert (two.kept.asked, two.kept.is_whole) == (9, True)
    # A question, what policy says, two requests to the model, a call and the answer.
    assert two.events >= 9 * 6
    with place.up("ours") as served:
        some = added(place, served, 100, 2)
    sentences = sum(
        lines("referring", question(place.materials[0], turn)).text.count(". ") + 1 for turn in (0, 1)
    )
    assert len(some.clause_ms) == sentences
    assert some.clause_ms[0] > 0


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
