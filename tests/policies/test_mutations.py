"""No policy, and no part of its condition, could be lost or turned round without a case that notices."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import cedarpy
import pytest

from policies.cases import PolicyCase, outcome, packaged_cases
from policies.engine import CedarPolicy
from policies.texts import PolicyTexts

pytestmark = pytest.mark.slow
PACKAGED = CedarPolicy.packaged()
CASES = packaged_cases()
WRITTEN = json.loads(cedarpy.policies_to_json_str(PACKAGED.texts.text))
NAMES = {key: policy["annotations"]["id"] for key, policy in WRITTEN["staticPolicies"].items()}


def changed(key: str, policy: dict[str, Any] | None) -> CedarPolicy:
    """The packaged policies with one in the place of another, or without it."""
    written = deepcopy(WRITTEN)
    if policy is None:
        del written["staticPolicies"][key]
    else:
        written["staticPolicies"][key] = policy
    text = cedarpy.policies_from_json_str(json.dumps(written))
    return CedarPolicy(PolicyTexts(PACKAGED.texts.schema, {"all.cedar": text}), PACKAGED.limits)


def is_noticed(policy: CedarPolicy, name: str = "") -> bool:
    """Whether a case fails; those about the policy are tried first."""

    def nearness(case: PolicyCase) -> tuple[bool, bool]:
        about = name in (*(case.allow or ()), *(case.deny or ()))
        return not about, not any(word in case.kind for word in name.partition(".")[0].split("_"))

    return any(not outcome(policy, case).passed for case in sorted(CASES, key=nearness))


def shorter(expression: Any) -> Iterator[Any]:
    """The expression with one side of one `&&` or `||` left out, for each of them."""
    if not isinstance(expression, dict):
        return
    for operator in ("&&", "||"):
        if operator in expression:
            left, right = expression[operator]["left"], expression[operator]["right"]
            yield from (left, right)
            yield from ({operator: {"left": part, "right": right}} for part in shorter(left))
            yield from ({operator: {"left": left, "right": part}} for part in shorter(right))


def test_a_mutation_can_be_written_at_all() -> None:
    """Going through JSON and back changes nothing: all cases pass."""
    text = cedarpy.policies_from_json_str(json.dumps(WRITTEN))
    same = CedarPolicy(PolicyTexts(PACKAGED.texts.schema, {"all.cedar": text}), PACKAGED.limits)
    assert not is_noticed(same)


@pytest.mark.parametrize("key", NAMES, ids=NAMES.values())
def test_a_lost_policy_is_noticed(key: str) -> None:
    """Without the policy at least one case fails."""
    assert is_noticed(changed(key, None), NAMES[key])


@pytest.mark.parametrize("key", NAMES, ids=NAMES.values())
def test_a_condition_turned_round_is_noticed(key: str) -> None:
    """`when` in the place of `unless`, and the other way."""
    policy = deepcopy(WRITTEN["staticPolicies"][key])
    (condition,) = policy["conditions"]
    condition["kind"] = {"when": "unless", "unless": "when"}[condition["kind"]]
    assert is_noticed(changed(key, policy), NAMES[key])


@pytest.mark.parametrize("key", NAMES, ids=NAMES.values())
def test_no_part_of_a_condition_is_idle(key: str) -> None:
    """With any one side of an `&&` or `||` left out at least one case fails."""
    (condition,) = WRITTEN["staticPolicies"][key]["conditions"]
    for number, body in enumerate(shorter(condition["body"])):
        policy = deepcopy(WRITTEN["staticPolicies"][key])
        policy["conditions"][0]["body"] = body
        assert is_noticed(changed(key, policy), NAMES[key]), (
            f"mutation {number} of {NAMES[key]}: {json.dumps(body)}"
        )


@pytest.mark.parametrize("key", [k for k, n in NAMES.items() if n.startswith("guard.")])
def test_a_guard_holds_for_every_action_that_it_names(key: str) -> None:
    """With any one action taken from a guard at least one case fails."""
    action = WRITTEN["staticPolicies"][key]["action"]
    for left_out in action.get("entities", []):
        policy = deepcopy(WRITTEN["staticPolicies"][key])
        policy["action"]["entities"] = [entity for entity in action["entities"] if entity != left_out]
        assert is_noticed(changed(key, policy), NAMES[key]), f"{NAMES[key]} without {left_out['id']}"
