"""`plantwright policy replay` over a home: what was decided there, under limits that were not in force."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from erp_adapters.errors import Denied
from erp_adapters.store import Store
from server.commands.tree import app
from server.desk import opened_desk
from server.settings import Settings
from tests.conftest import Database
from tests.server.drafted import NEEDED_ON, bought, requisition

STRICTER = """
[[limit]]
site = "KAS"
kind = "purchase_requisition"
currency = "EUR"
confirm = {buyer = 100, controller = 1_000_000}
second = {controller = 1_000_000}
second_from = 10_000
"""


async def _work(database: Database, home: Path) -> dict[str, str]:
    """Two requisitions of 60 and 200 euros, signed by a buyer after a planner was refused; their ids."""
    settings = Settings(home=home)
    made = {}
    async with (
        await Store.open(database.dsn()) as store,
        opened_desk(settings, database, store) as desk,  # type: ignore[arg-type]
    ):
        goods = await bought(store)
        planner, buyer = await desk.person("planner.kassel"), await desk.person("buyer.kassel")
        day = await desk.day(planner, "KAS")
        for number, (name, quantity) in enumerate({"small": "60", "large": "200"}.items()):
            draft = requisition(goods[0], quantity, "1.00", needed_on=NEEDED_ON + timedelta(days=number))
            shown = (await desk.propose(planner, draft, business_date=day)).shown
            with pytest.raises(Denied):
                await desk.confirmations.confirm(planner, shown.proposal.id, shown.digest, business_date=day)
            await desk.confirmations.confirm(buyer, shown.proposal.id, shown.digest, business_date=day)
            made[name] = str(shown.proposal.id)
    return made


def test_replay_names_exactly_what_stricter_limits_would_have_refused(
    demo_apart: Database, tmp_path: Path
) -> None:
    """Of six decisions one differs: the signature of the large one; likewise from readable contents."""
    made = asyncio.run(_work(demo_apart, tmp_path / "home"))
    runner = CliRunner(
        env={"DATABASE_URL": demo_apart.dsn(), "PLANTWRIGHT_HOME": str(tmp_path / "home"), "COLUMNS": "200"}
    )
    change, contents = tmp_path / "stricter.toml", tmp_path / "contents.jsonl"
    change.write_text(STRICTER)
    same = runner.invoke(app, ["policy", "replay", "--json"])
    assert same.exit_code == 0, same.output
    assert json.loads(same.stdout) == {"compared": 6, "unreadable": 0, "changed": []}
    written = runner.invoke(app, ["audit", "contents", "--out", str(contents)])
    assert written.exit_code == 0, written.output
    assert contents.stat().st_mode & 0o077 == 0
    for source in ((), ("--record", str(contents))):
        done = runner.invoke(app, ["policy", "replay", "--limits", str(change), *source, "--json"])
        assert done.exit_code == 0, done.output
        shown = json.loads(done.stdout)
        assert shown["compared"] == 6
        (one,) = shown["changed"]
        assert (one["proposal"], one["request"]["caller"]["subject"]) == (made["large"], "buyer.kassel")
        assert (one["was_allowed"], one["is_allowed"]) == (True, False)
    told = runner.invoke(app, ["policy", "replay", "packaged", "--limits", str(change)])
    assert "1 of 6 requests differ" in told.output
    assert made["large"] in told.output
    assert "up to 100.00 EUR" in told.output
    assert runner.invoke(app, ["policy", "replay", "--record", str(tmp_path / "none")]).exit_code == 1
