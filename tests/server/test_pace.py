"""Pace: nobody takes the service from the others, and whoever is refused is told when to come back."""

from __future__ import annotations

import pytest

from server.pace import KNOWN_AT_ONCE, Pace
from server.settings import Settings
from tests.server.stand_in import house
from tests.server.test_http import client


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_may_come_at_once_and_no_more() -> None:
    """Then one a second, as the bucket fills; somebody else has a bucket of their own."""
    clock = Clock()
    pace = Pace(60, clock)
    assert [pace.take("a") for _ in range(60)] == [0] * 60
    assert pace.take("a") == 1
    assert pace.take("b") == 0
    clock.now += 1
    assert (pace.take("a"), pace.take("a")) == (0, 1)
    clock.now += 3600
    assert [pace.take("a") for _ in range(61)] == [*[0] * 60, 1]


def test_refusal_says_when() -> None:
    """A slow pace is told in its own seconds."""
    pace = Pace(2, Clock())
    assert [pace.take("a") for _ in range(3)] == [0, 0, 30]


def test_buckets_do_not_pile_up() -> None:
    """Addresses without number cannot fill the memory."""
    pace = Pace(1, Clock())
    for i in range(KNOWN_AT_ONCE + 10):
        pace.take(str(i))
    assert len(pace._left) == KNOWN_AT_ONCE
    assert pace.take("0") == 0


@pytest.mark.parametrize(
    "settings", [Settings(requests_a_minute=3), Settings(requests_a_minute_of_address=3)]
)
async def test_too_many_requests_are_a_problem(settings: Settings) -> None:
    """Of a person, and of an address before anything is looked up; probes are always answered."""
    async with client(house(settings=settings)) as http:
        came = [await http.get("/v1/conversations") for _ in range(4)]
        probe = await http.get("/healthz")
    assert [each.status_code for each in came] == [200, 200, 200, 429]
    assert int(came[3].headers["retry-after"]) > 0
    assert came[3].headers["content-type"] == "application/problem+json"
    assert came[3].json()["type"] == "urn:plantwright:problem:too-many-requests"
    assert "content-security-policy" in came[3].headers
    assert probe.status_code == 200


async def test_one_persons_pace_is_not_anothers() -> None:
    """From the same machine, as behind a proxy."""
    async with client(house(settings=Settings(requests_a_minute=1))) as http:
        mine = [await http.get("/v1/conversations") for _ in range(2)]
        theirs = await http.get("/v1/conversations", headers={"x-plantwright-person": "buyer"})
    assert [each.status_code for each in mine] == [200, 429]
    assert theirs.status_code == 200
