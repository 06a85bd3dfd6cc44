"""Public data sets, read as a plant's own database, are trained on, served and asked like any plant."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from erp_adapters.caller import Caller
from erp_adapters.store import EmbeddedPostgres, Store
from erp_adapters.store.provision import WORKER_ROLE
from eval.reference_models.public_data import PLANTS, Public, made
from policies.predictors.register import Predictors
from policies.predictors.registered import registration_of
from server.predicting.endpoints import Endpoints
from server.predicting.running import DailyRun, Ran
from tests.policies.recorded import Recorded
from tests.systems.predicting.mlserver import IS_THERE, TREE, WHY, serving, train
from tests.tools.asking import Asking, column
from tests.tools.predicting.test_supplier_lateness import Trail
from tools.predicting.forecasts import forecasting_with
from tools.predicting.tool import foretelling_with
from tools.results import ToolResult

pytestmark = [pytest.mark.systems, pytest.mark.skipif(not IS_THERE, reason=WHY)]
FILES: dict[Public, Path] = {
    "ai4i": TREE.parent / "shared/data/predictive/ai4i2020.csv",
    "steel_energy": TREE.parent / "shared/data/predictive/Steel_industry_data.csv.gz",
}
LINES: dict[Public, int] = {"ai4i": 3001, "steel_energy": 40_000}
MODELS: dict[Public, str] = {"ai4i": "ai4i_failure", "steel_energy": "steel_energy"}
_PROGRAM = "from server.cli import main; main()"


@contextmanager
def _folder() -> Iterator[Path]:
    # The database's own account must be able to enter it.
    folder = Path(tempfile.mkdtemp(prefix="plantwright-public-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, *arguments: str) -> None:
    environment = {
        **os.environ,
        "PLANTWRIGHT_HOME": str(folder / "home"),
        "PLANTWRIGHT_SYSTEMS": str(folder / "plant" / "systems.toml"),
    }
    done = subprocess.run(
        [sys.executable, *arguments], check=False, capture_output=True, text=True, env=environment, cwd=TREE
    )
    assert done.returncode == 0, done.stderr


def _read_and_train(name: Public, folder: Path) -> dict[str, Any]:
    """A home with the data, and a model of it; its report."""
    file = FILES[name]
    text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    (folder / "some.csv").write_bytes(b"\n".join(text.splitlines()[: LINES[name]]))
    made(name, folder / "some.csv", folder / "plant")
    _run(folder, "-c", _PROGRAM, "sync", name)
    rows = folder / "rows.csv"
    _run(
        folder, "-m", "eval.reference_models.history", "--kind", name, "--home", str(folder / "home"),
        "--out", str(rows),
    )  # fmt: skip
    train(rows, folder / "models", "--kind", name)
    report: dict[str, Any] = json.loads((folder / "models" / MODELS[name] / "report.json").read_text())
    return report


async def _let_in(
    server: EmbeddedPostgres, folder: Path, name: Public, url: str, **asked: Any
) -> tuple[Ran, ToolResult]:
    site = PLANTS[name].site
    entry = registration_of(folder / "models" / MODELS[name] / "registration.toml")
    predictors = Predictors(server.dsn(), Recorded(), lambda: datetime.now(UTC))
    async with (
        await Store.open(server.dsn()) as store,
        await Store.open(server.dsn(WORKER_ROLE)) as worker,
        Endpoints(timeout_s=60.0) as endpoints,
    ):
        admin = await store.caller("admin")
        await predictors.register(admin, entry.model_copy(update={"url": url}), (site,))
        run = DailyRun(server.dsn(WORKER_ROLE), worker, endpoints.ask, Trail(), lambda: datetime.now(UTC))
        [done] = await run.run(weeks_back=40)
        await predictors.decide(admin, entry.name, "1", site, "active", "to see it speak")
        tool = foretelling_with(endpoints.ask) if name == "ai4i" else forecasting_with(endpoints.ask)[2]
        person = Caller("planner", "P", frozenset({"planner"}), frozenset({site}), frozenset())
        return done, await Asking(store, person).unchecked(tool, site=site, **asked)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_public_data_set_is_foretold_as_a_plant_is(name: Public) -> None:
    """Trained on the earlier part, judged by the later, asked of the live endpoint by the same tools."""
    if not FILES[name].exists():
        pytest.skip(f"{name} is not there: put it into {FILES[name]}")
    with _folder() as folder:
        report = _read_and_train(name, folder)[PLANTS[name].site]
        if name == "ai4i":
            assert report["model"]["brier"] < 0.8 * report["rule"]["brier"]
        else:
            assert report["model"]["wape"] < 1.1 * report["rule"]["wape"]
        with (
            EmbeddedPostgres(folder / "home" / "postgres") as server,
            serving(folder / "models", MODELS[name]) as (url, _),
        ):
            asked = {} if name == "ai4i" else {"ahead": "tomorrow"}
            done, found = asyncio.run(_let_in(server, folder, name, url, **asked))
        assert done.trouble == ""
        shown = found.tables[-1]
        if name == "ai4i":
            assert set(column(shown, "basis")) == {"model"}, column(shown, "why")
        else:  # one meter has no fifty outcomes after its training, so that a rule speaks and says why
            assert set(column(shown, "why")) == {"not calibrated here"}
        assert any(f"{MODELS[name]} version 1" in note for note in found.caveats)
