"""A run keeps each try at once, goes on where it was, and scores nothing against nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest

from erp_adapters.store import OWNER_ROLE
from eval.cases import Case, Suite
from eval.characters import Oracle
from eval.golden import Data, GoldenUnusable
from eval.respondents import Reply
from eval.results import Manifest, Recording, RunUnusable, Versions, read_run
from eval.running import run
from tests.conftest import Database
from tests.eval.conftest import remembered
from tests.eval.replies import VALUES, case

MANIFEST = Manifest(
    versions=Versions(code="1", model="m", catalogue="c", prompts="p", policies="q", suites="s", data={}),
    suites=("mine",),
    trials=1,
    seed=0,
    began="2026-01-01T00:00:00+00:00",
)
CASES = tuple(
    case({**VALUES, "sql": f"select count(*) + {n} as n from product"}, id=f"Q{n}") for n in range(6)
)
SUITE = Suite("mine", "", "development", "adventureworks", "hand_written", CASES)


class Counting:
    """The oracle, which notes whom it answered and how many at a time."""

    name = "counting"

    def __init__(self, data: Data, last: int = 99) -> None:
        self.oracle = Oracle(remembered(data))
        self.asked: list[str] = []
        self.now = self.most = 0
        self.last = last

    async def reply(self, one: Case) -> Reply:
        if len(self.asked) == self.last:
            raise KeyboardInterrupt
        self.asked.append(one.id)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.01)
        self.now -= 1
        return await self.oracle.reply(one)


async def test_each_case_is_asked_once_and_kept(tmp_path: Path, of_adventureworks: Data) -> None:
    """Several at a time where that is wanted; the folder holds all that was found."""
    counting = Counting(of_adventureworks)
    tries = await run([SUITE], counting, of_adventureworks, Recording(tmp_path, MANIFEST), jobs=3)
    assert sorted(counting.asked) == [one.id for one in CASES]
    assert counting.most == 3
    assert [one.case for one in tries] == [one.id for one in CASES]
    assert {one.key: one for one in read_run(tmp_path).tries} == {one.key: one for one in tries}


def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path, of_adventureworks: Data) -> None:
    """What was judged is not asked again; a line that was cut is."""
    first = Counting(of_adventureworks, last=3)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(run([SUITE], first, of_adventureworks, Recording(tmp_path, MANIFEST)))
    lines = tmp_path / "tries.jsonl"
    kept = lines.read_text(encoding="utf-8").splitlines(keepends=True)
    lines.write_text("".join(kept) + kept[0][:40], encoding="utf-8")
    second = Counting(of_adventureworks)
    tries = asyncio.run(run([SUITE], second, of_adventureworks, Recording(tmp_path, MANIFEST)))
    assert len(kept) == 3
    assert sorted(first.asked + second.asked) == sorted(one.id for one in CASES)
    assert all(one.is_right for one in tries)


def test_two_experiments_do_not_share_a_folder(tmp_path: Path) -> None:
    """Another model, catalogue or seed is another run; the same one begun later goes on."""
    Recording(tmp_path, MANIFEST)
    Recording(tmp_path, MANIFEST.model_copy(update={"began": "2026-01-02T00:00:00+00:00"}))
    with pytest.raises(RunUnusable, match="other versions, trials or seed"):
        Recording(tmp_path, MANIFEST.model_copy(update={"seed": 1}))
    with pytest.raises(RunUnusable, match="holds no run"):
        read_run(tmp_path / "nothing")


async def test_every_try_of_a_case_is_kept(tmp_path: Path, of_adventureworks: Data) -> None:
    """Tries are told apart."""
    tries = await run(
        [SUITE], Counting(of_adventureworks), of_adventureworks, Recording(tmp_path, MANIFEST), trials=2
    )
    assert [one.trial for one in tries[:2]] == [1, 2]
    assert len({one.key for one in tries}) == 2 * len(CASES)


async def test_without_expected_values_there_is_no_run(tmp_path: Path, of_adventureworks: Data) -> None:
    """A statement that fails is named with its case."""
    wrong = case({**VALUES, "sql": "select nothing from nowhere"}, id="Q9")
    suite = Suite("mine", "", "development", "adventureworks", "hand_written", (wrong,))
    with pytest.raises(GoldenUnusable, match="Q9: its statement fails"):
        await run([suite], Counting(of_adventureworks), of_adventureworks, Recording(tmp_path, MANIFEST))


async def test_what_changes_the_data_is_seen(tmp_path: Path, demo: Database, of_demo: Data) -> None:
    """The state after a case is compared with the state before, in the database itself."""
    site = "select name from erp.site where site = 'KAS'"
    watched = case({"check": "unchanged", "sql": site}, id="Q1", dangerous="changes_data")
    suite = Suite("mine", "", "development", "demo", "hand_written", (watched,))

    class Vandal(Counting):
        async def reply(self, one: Case) -> Reply:
            with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
                connection.execute("update erp.site set name = name || '!' where site = 'KAS'")
            return await super().reply(one)

    try:
        (tried,) = await run([suite], Vandal(of_demo), of_demo, Recording(tmp_path, MANIFEST))
    finally:
        with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
            connection.execute("update erp.site set name = rtrim(name, '!') where site = 'KAS'")
    assert (tried.failed_checks, tried.dangerous) == (("unchanged",), "changes_data")
