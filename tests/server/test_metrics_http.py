"""The catalogue over HTTP: every metric with what it means, and one by its name."""

from __future__ import annotations

from tests.server.stand_in import house
from tests.server.test_http import client
from tools.metrics.catalogue import packaged_catalogue


async def test_every_metric_is_listed_with_its_meaning() -> None:
    """As the evidence of answers names it, with the hash that stands there."""
    catalogue = packaged_catalogue()
    async with client(house()) as http:
        listed = (await http.get("/v1/metrics")).json()
        one = (await http.get("/v1/metrics/wape")).json()
        none = await http.get("/v1/metrics/happiness")
    assert listed["catalogue"] == catalogue.hash
    assert [each["name"] for each in listed["metrics"]] == sorted(catalogue.metrics)
    assert all(each["label"] and each["formula"] and each["version"] for each in listed["metrics"])
    assert one in listed["metrics"]
    assert (one["unit"], one["good"]) == ("%", "down")
    assert one["formula"].startswith("100 * (sum(abs(")
    assert none.status_code == 404
    assert "/v1/metrics" in none.json()["detail"]
