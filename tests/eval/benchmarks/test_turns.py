"""The benchmark of turns measures what it says: a turn that is lost, doubled or out of order is told."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psycopg
import pytest

from erp_adapters.store import ADMIN_ROLE
from eval.benchmarks.turns.__main__ import demo
from eval.benchmarks.turns.clock import spent
from eval.benchmarks.turns.kept import kept
from eval.benchmarks.turns.load import Asked
from eval.benchmarks.turns.measuring import replicas
from eval.benchmarks.turns.processes import up
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


def test_a_server_that_logs_much_goes_on(tmp_path: Path) -> None:
    """More than a pipe holds: nobody reads what a server says once it is up."""
    done = tmp_path / "done"
    says = (
        "import pathlib, sys, time\n"
        "print('it is at http://127.0.0.1:1/', file=sys.stderr, flush=True)\n"
        "print('x' * 2**20, file=sys.stderr, flush=True)\n"
        f"pathlib.Path({str(done)!r}).touch()\n"
        "time.sleep(60)\n"
    )
    with up([sys.executable, "-c", says]) as (url, pid):
        assert url == "http://127.0.0.1:1/"
        assert spent(pid) > 0
        until = time.monotonic() + 30
        while not done.exists():
            assert time.monotonic() < until, "it waits for somebody to read"
            time.sleep(0.01)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_two_replicas_lose_and_double_nothing() -> None:
    """Conversations go from service to service with every turn; the audit's chain is whole behind them."""
    with demo() as at:
        found = replicas(at, conversations=4, turns=3)
    assert found.kept.asked == 12
    assert found.kept.is_whole
    # Its question, what policy decided, two requests to the model, the call and the answer.
    assert found.events >= 12 * 6
