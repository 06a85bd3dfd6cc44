"""A real server of models is asked as it is in plants, and what goes wrong there is named."""

from __future__ import annotations

import csv
import json
import random
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from erp_adapters.endpoints import Asked, ModelEndpoint
from erp_adapters.errors import ErpRefused, ErpUnavailable
from policies.predictors.registered import Registration, registration_of
from tools.predicting import demand
from tools.predicting.inputs import INPUTS

TREE = Path(__file__).parents[3]
ENVIRONMENT = TREE / ".venv-models" / "bin"
pytestmark = [
    pytest.mark.systems,
    pytest.mark.skipif(
        not (ENVIRONMENT / "mlserver").exists(),
        reason="needs mlserver: make test-systems installs it into .venv-models",
    ),
]
_PATIENCE_S = 90.0


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of failures, trained on rows in which warm machines fail."""
    folder = tmp_path_factory.mktemp("models")
    chance = random.Random(7)
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("site", "subject", "day", *INPUTS, "quality", "rule", "came"))
        for number in range(4000):
            warmth = chance.gauss(0, 1)
            came = chance.random() < (0.6 if warmth > 1.5 else 0.02)
            values = [1, 2, 5, 60, 1, 9, 30, f"{warmth:.3f}" if chance.random() < 0.9 else "", 0]
            day = date(2025, 1, 1) + timedelta(days=number // 10)
            writer.writerow(("KAS", f"P{number % 10}", day, *values, 1.0, 0.08, int(came)))
    command = [ENVIRONMENT / "python", TREE / "eval/reference_models/train.py", folder / "rows.csv", folder]
    subprocess.run(command, check=True, capture_output=True)
    _trained_of_demand(folder)
    return folder


def _trained_of_demand(folder: Path) -> None:
    """Beside it a model of a quantity, trained on rows in which what is booked comes."""
    chance = random.Random(8)
    with (folder / "demand.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("site", "subject", "day", *demand.INPUTS, "quality", "rule", "came"))
        for number in range(1500):
            booked = chance.uniform(0, 2)
            values = [f"{booked:.3f}", f"{booked + 0.2:.3f}", 1.0, 1.0, "1" if number % 2 else "", 0.0]
            day = date(2025, 1, 1) + timedelta(days=number // 5)
            writer.writerow(("KAS", f"M{number % 5}", day, *values, 1.0, 1.0, f"{booked + 0.2:.3f}"))
    script = TREE / "eval/reference_models/train.py"
    command: list[Path | str] = [
        ENVIRONMENT / "python", script, folder / "demand.csv", folder, "--kind", "demand"
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def server(trained: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        for each in (one, two, three):
            each.bind(("127.0.0.1", 0))
        http, grpc, metrics = (each.getsockname()[1] for each in (one, two, three))
    settings = {
        "host": "127.0.0.1", "http_port": http, "grpc_port": grpc, "metrics_port": metrics,
        "metrics_endpoint": None, "parallel_workers": 0,
    }  # fmt: skip
    (trained / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    with (trained / "log").open("wb") as log:
        process = subprocess.Popen(
            [ENVIRONMENT / "mlserver", "start", "."], cwd=trained, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{http}/"
            _wait(f"{url}v2/models/press_failure/ready", process, trained / "log")
            yield url, process
        finally:
            process.terminate()
            process.wait(20)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as reply:
                if reply.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-2000:])


def of(entry: Registration, url: str, version: str = "1", output: str = "predict_proba") -> ModelEndpoint:
    return ModelEndpoint(url, entry.protocol, entry.name, version, output=output, timeout_s=10.0)


def rows(*warmths: float | None) -> Asked:
    return Asked(INPUTS, tuple((1.0, 2.0, 5.0, 60.0, 1.0, 9.0, 30.0, warmth, 0.0) for warmth in warmths))


async def test_a_real_server_foretells_and_what_is_wrong_is_named(
    trained: Path, server: tuple[str, subprocess.Popen[bytes]]
) -> None:
    url, process = server
    entry = registration_of(trained / "press_failure" / "registration.toml")
    assert entry.inputs == INPUTS
    async with of(entry, url) as endpoint:
        assert await endpoint.health() == (True, "it answers")
        found = await endpoint.predict(rows(3.0, 0.0, None))
        assert (found.model, found.version) == ("press_failure", "1")
        warm, usual, unknown = (outcome.value for outcome in found.outcomes)
        assert warm > 0.3 > usual
        assert 0 <= unknown <= 1, "an input that is not known is no reason to fail"
        with pytest.raises(ErpUnavailable, match="status 500"):
            await endpoint.predict(Asked(("warmth",), ((3.0,),)))
    async with of(entry, url, version="2") as other:
        with pytest.raises(ErpRefused):
            await other.predict(rows(3.0))
    async with of(entry.model_copy(update={"name": "pump_failure"}), url) as another:
        with pytest.raises(ErpRefused):
            await another.predict(rows(3.0))
    async with of(entry, url, output="predict") as labels:
        with pytest.raises(ErpRefused, match="no number"):  # what it takes for certain is no chance
            await labels.predict(rows(3.0, 0.0))
    measured = registration_of(trained / "demand_four_weeks" / "registration.toml")
    assert (measured.kind, measured.inputs, measured.output) == ("demand", demand.INPUTS, "predict")
    async with ModelEndpoint(
        url, measured.protocol, measured.name, "1", kind="quantity", output=measured.output, timeout_s=10.0
    ) as quantities:
        asked = Asked(demand.INPUTS, ((1.8, 2.0, 1.0, 1.0, None, 0.0), (0.1, 0.3, 1.0, 1.0, None, 0.0)))
        high, low = (outcome.value for outcome in (await quantities.predict(asked)).outcomes)
        assert high > 1.5 > 0.6 > low
    process.kill()
    process.wait(20)
    async with of(entry, url) as endpoint:
        with pytest.raises(ErpUnavailable, match="cannot be reached"):
            await endpoint.predict(rows(3.0))
