"""Cedar and the reference decide alike on 6,500 requests that are made up from a seed."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from typing import get_args

import pytest

from erp_adapters.caller import Caller
from policies.deciding import Action, Recent, Request, Subject
from policies.engine import ROLES, CedarPolicy
from policies.limits import KINDS
from tests.policies.asked import AT
from tests.policies.reference import admits

SITES = ("KAS", "BRE", "HAM", "AW", "WRO")
PEOPLE = ("ann", "bob", "cyd", "dan")
EDGES = (
    0,
    1,
    4_999_99,
    5_000_00,
    9_999_99,
    10_000_00,
    24_999_99,
    25_000_00,
    50_000_00,
    50_000_01,
    100_000_00,
)
FURTHER = (100_000_01, 250_000_00, 250_000_01, 400_000_00, 1_000_000_00, 1_000_000_01, 2_500_000_01, 10**13)
_CATEGORIES = ("Assemblies", "Assembly", "Bolts", "Frozen horizon")
_LIKELY = {"propose": "planner", "edit": "planner", "confirm": "controller", "publish": "controller"}


def made_up(chance: Random) -> Request:
    """A request near the edges of the rules."""
    action: Action = chance.choice([*get_args(Action), "confirm", "execute"])  # which are allowed seldom
    kind = chance.choice(KINDS)
    site, other = chance.sample(SITES, 2)
    sites = {site, other} if kind == "stock_transfer" else {site}
    has = set(SITES) if chance.random() < 0.8 else set(chance.sample(SITES, chance.randrange(4)))
    likely = _LIKELY.get(action)
    count = chance.choice([0, 1, 1, 1, 1, 2])
    roles = set(chance.sample(ROLES, count)) | ({likely} if likely and chance.random() < 0.4 else set())
    signed = chance.sample(PEOPLE, chance.choice([0, 0, 0, 1, 1, 2]))
    amount = chance.choice([None, *EDGES, *EDGES, *FURTHER, chance.randrange(2_000_000_00)])
    currency = chance.choice(["EUR", "EUR", "EUR", "USD", "CAD", "PLN", "JPY"])
    if kind == "order_rescheduling" and chance.random() < 0.9:
        currency = "XXX"
        amount = chance.choice([None, 0, 1_00, 20_00, 20_01, 21_00, 59_00, 60_00, 60_01, 600_00])
    categories = chance.sample(["Assemblies", "Assembly", "Bolts", "Frozen horizon"], chance.randrange(3))
    if kind == "cancellation":
        categories = chance.sample(["Purchase requisition", "Stock transfer", "Quality hold", "Bolts"], 1)
    recent = chance.choice(
        [Recent(), Recent(), Recent(*[chance.choice(EDGES)] * 2, 3), Recent(10**9, 0, 200)]
    )
    return Request(
        Caller(chance.choice(PEOPLE), "", frozenset(r for r in roles if r), frozenset(has), frozenset()),
        action,
        Subject(
            kind,
            frozenset() if action == "switch" and chance.random() < 0.2 else frozenset(sites),
            site=site,
            requester=chance.choice(PEOPLE),
            amount_minor=amount,
            currency=currency,
            categories=frozenset(categories),
        ),
        AT,
        date(2026, 12, chance.choice([26, 27, 31])) if chance.random() < 0.3 else date(2026, 3, 31),
        recent,
        frozenset(signed),
        chance.choice(["", "", "", *PEOPLE]),
        tuple(signed),
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_cedar_decides_as_the_reference_does(seed: int) -> None:
    """1,300 requests a seed, with allowed and denied ones of every action among them."""
    chance, policy = Random(seed), CedarPolicy.packaged()
    seen: Counter[tuple[Action, bool]] = Counter()
    for _ in range(1300):
        request = made_up(chance)
        decision = policy.decide(request)
        assert decision.allowed == admits(request), f"{decision}\n{request}"
        seen[request.action, decision.allowed] += 1
    rare = {(a, b): seen[a, b] for a in get_args(Action) for b in (True, False) if seen[a, b] < 5}
    assert not rare, f"too few of these to say anything: {rare}"
