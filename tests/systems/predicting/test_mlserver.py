"""A real server of models is asked as it is in plants, and what goes wrong there is named."""

from __future__ import annotations

import csv
import random
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from erp_adapters.endpoints import Asked, ModelEndpoint
from erp_adapters.errors import ErpRefused, ErpUnavailable
from policies.predictors.registered import Registration, registration_of
from tests.systems.predicting.mlserver import IS_THERE, WHY, serving, train
from tools.predicting import demand
from tools.predicting.inputs import INPUTS

pytestmark = [pytest.mark.systems, pytest.mark.skipif(not IS_THERE, reason=WHY)]


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
    train(folder / "rows.csv", folder)
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
    train(folder / "demand.csv", folder, "--kind", "demand")


@pytest.fixture(scope="module")
def server(trained: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with serving(trained, "press_failure") as found:
        yield found


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
