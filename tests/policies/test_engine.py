"""Decisions carry what they rest on, fail closed, and say why; Cedar's traps are not ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

import cedarpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_adapters.errors import ConfigurationError
from erp_adapters.store.people import ROLES as PEOPLES_ROLES
from policies.cases import packaged_cases, run
from policies.deciding import Policy, Recent
from policies.engine import ROLES, CedarPolicy, packaged_limits
from policies.limits import KINDS, MOST, Role
from policies.sentences import NOUNS
from policies.texts import PolicyTexts
from tests.policies.asked import asked, caller, nobody

PACKAGED = CedarPolicy.packaged()
POLICY: Policy = PACKAGED
"""mypy: it is what the others are told a policy is."""
CASES = packaged_cases()


def with_policies(**files: str) -> CedarPolicy:
    """The packaged policies with further files."""
    more = {f"{name}.cedar": text for name, text in files.items()}
    texts = PolicyTexts(PACKAGED.texts.schema, {**PACKAGED.texts.files, **more})
    return CedarPolicy(texts, PACKAGED.limits)


def test_the_packaged_cases_are_answered_as_written() -> None:
    """Every case gets its answer from exactly the policies it names."""
    wrong = [f"{o.case.name}: {o.got}" for o in run(PACKAGED, CASES) if not o.passed]
    assert not wrong, "\n".join(wrong)


def test_every_policy_has_a_case_for_and_near_it() -> None:
    """Each id stands in a case, and each kind of draft has cases that allow, confirm and deny."""
    named = {name for case in CASES for name in (*(case.allow or ()), *(case.deny or ()))}
    assert set(PACKAGED.texts.rules.sentences) <= named
    for kind in KINDS:
        of_kind = [case for case in CASES if case.kind == kind]
        assert any(case.allow for case in of_kind)
        assert any(case.confirm for case in of_kind)
        assert any(case.deny for case in of_kind)


def test_the_packaged_limits_name_nobody_in_vain() -> None:
    """Whoever the limits name is somebody whom the policies admit."""
    PACKAGED.check()


def test_roles_are_those_of_the_people_table() -> None:
    """One list of roles; limits may name each but the administrator's."""
    assert set(ROLES) == set(PEOPLES_ROLES) == set(NOUNS) - {""}
    assert set(get_args(Role)) == set(PEOPLES_ROLES) - {"admin"}


# ── traps of Cedar ──


def test_reasons_are_our_ids_and_not_policy0() -> None:
    """Cedar answers with the number of a policy; a decision names its @id."""
    for case in CASES:
        for name in PACKAGED.decide(case.request).policies:
            assert not re.fullmatch(r"policy\d+", name)


def test_a_default_deny_has_a_reason() -> None:
    """Where no policy speaks, Cedar gives no reason and we do, with who, what and who would be right."""
    decision = PACKAGED.decide(asked(caller("planner.two"), "confirm"))
    assert decision.policies == ("default",)
    assert decision.reason == (
        "A purchase requisition at KAS of 5,000.00 EUR is signed by a buyer (up to 100,000.00 EUR) or a"
        " controller (up to 1,000,000.00 EUR); 'planner.two' is a planner."
    )


def test_a_forbid_that_fails_denies() -> None:
    """Cedar skips a forbid whose condition errors, and would allow; a diagnostic of any kind is a no."""
    request = asked(caller("buyer"), "confirm", amount=MOST - 2, recent=Recent(0, MOST - 2))
    decision = PACKAGED.decide(request)
    assert (decision.allowed, decision.policies) == (False, ("error",))
    failing = """
        @id("mine.failing") @reason("never")
        forbid (principal, action == Action::"confirm", resource)
        when { context.drafts * 9223372036854775807 * 2 > 0 };
    """
    policy = with_policies(mine=failing)
    assert policy.decide(asked(caller("buyer"), "confirm")).allowed
    decision = policy.decide(asked(caller("buyer"), "confirm", recent=Recent(drafts=2)))
    assert (decision.allowed, decision.policies) == (False, ("error",))
    assert "mine.failing" in decision.reason


def test_a_forbid_on_a_missing_attribute_does_not_load() -> None:
    """The schema is always there, so that a condition on what nobody sends is found before it is skipped."""
    text = '@id("mine.x") @reason("x") forbid (principal, action, resource) when { context.urgent };'
    with pytest.raises(ConfigurationError, match="urgent"):
        with_policies(mine=text).check()


def test_no_decision_is_a_no() -> None:
    """A request that the schema refuses gets no decision; that is not allowed through."""
    request = asked(caller("buyer"), "confirm", recent=Recent(drafts=1.5))  # type: ignore[arg-type]
    decision = PACKAGED.decide(request)
    assert (decision.allowed, decision.policies) == (False, ("error",))


def test_a_missing_attribute_gets_no_decision() -> None:
    """Each attribute is required: a request without one is refused by the schema, whatever policies ask."""
    request = asked(caller("buyer"), "confirm")
    from policies.case import Case

    case = Case.of(request, PACKAGED.limits)
    whole = case.context() | case.tried(["buyer"])[0]
    rules = PACKAGED.texts.rules
    for left_out in whole:
        answer = cedarpy.is_authorized(
            {
                "principal": 'Person::"buyer"',
                "action": 'Action::"confirm"',
                "resource": 'PurchaseRequisition::""',
                "context": {key: value for key, value in whole.items() if key != left_out},
            },
            rules.policies,
            rules.entities,
            rules.schema,
        )
        assert answer.decision is cedarpy.Decision.NoDecision, left_out


def test_add_does_not_approve_addition() -> None:
    """A policy for a tool means that name, not every name that begins with it."""
    text = (
        '@id("mine.no") @reason("no") forbid (principal, action == Action::"read", resource == Tool::"add");'
    )
    policy = with_policies(mine=text)
    assert not policy.decide(asked(caller("buyer"), "read", "answer", tool="add")).allowed
    for name in ("addition", "ad", "Add", "add ", " add", "*"):
        assert policy.decide(asked(caller("buyer"), "read", "answer", tool=name)).allowed


@pytest.mark.parametrize("role", ["Buyer", "buyers", "buy", "buyer ", "*", "controller,buyer"])
def test_a_role_is_an_exact_name(role: str) -> None:
    """Nothing but the name itself is the role."""
    who = replace(caller("x"), roles=frozenset({role}))
    assert not PACKAGED.decide(asked(who, "confirm")).allowed


# ── policies that are not fit to decide ──


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("permit (principal, action", "no Cedar"),
        ('@reason("x") permit (principal, action, resource);', "no @id"),
        ('@id("default") @reason("x") permit (principal, action, resource);', "no @id of its own"),
        ('@id("mine") permit (principal, action, resource);', "no @reason"),
        ('@id("mine") @reason("{secret}") permit (principal, action, resource);', "asks for {secret}"),
        ('@id("mine") @reason("{who.roles}") permit (principal, action, resource);', "asks for {who.roles}"),
        ('@id("guard.scope") @reason("x") permit (principal, action, resource);', "Two policies"),
        ('@id("mine") @reason("x") permit (principal, action == Action::"confrim", resource);', "confrim"),
        ('@id("mine") @reason("x") permit (principal, action, resource == Toll::"x");', "Toll"),
    ],
)
def test_policies_that_are_not_fit_do_not_load(text: str, because: str) -> None:
    """No Cedar, no id, no reason, an unknown name: an error that names it, and no decision."""
    with pytest.raises(ConfigurationError, match=re.escape(because)):
        with_policies(mine=text).check()


# ── what a decision carries ──


def test_a_decision_carries_the_hash_of_all_that_decided() -> None:
    """Another policy, another schema or another limit is another hash; layout of the limits is not."""
    decision = PACKAGED.decide(asked(caller("buyer"), "confirm"))
    assert decision.policy_hash == PACKAGED.hash(asked(caller("x"), "read").at)
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", decision.policy_hash)
    limits = PACKAGED.limits
    row = limits.limit[3]
    hashes = {
        PACKAGED.digest,
        with_policies(mine="// only a comment\n").digest,
        replace(PACKAGED, texts=replace(PACKAGED.texts, schema=PACKAGED.texts.schema + " ")).digest,
        replace(PACKAGED, limits=limits.model_copy(update={"limit": limits.limit[1:]})).digest,
        replace(
            PACKAGED,
            limits=limits.model_copy(
                update={
                    "limit": (*limits.limit[:3], row.model_copy(update={"second_from": 1}), *limits.limit[4:])
                }
            ),
        ).digest,
    }
    assert len(hashes) == 5
    turned = limits.model_copy(update={"limit": limits.limit[::-1]})
    assert replace(PACKAGED, limits=turned).digest == CedarPolicy(PACKAGED.texts, packaged_limits()).digest


REASONS: Mapping[str, tuple[object, str]] = {
    "scope": (
        asked(caller("buyer", sites="WRO"), "confirm"),
        "The purchase requisition is at KAS, and 'buyer' has WRO.",
    ),
    "requester": (
        asked(caller("planner", "planner buyer"), "confirm"),
        "'planner' asked for it, and a purchase requisition at KAS is signed by somebody else.",
    ),
    "window": (
        asked(caller("planner"), "propose", recent=Recent(by_requester_minor=199_900_000, drafts=7)),
        "With 5,000.00 EUR 'planner' would come to 2,004,000.00 EUR in 30 days, and the limit at KAS is"
        " 2,000,000.00 EUR.",
    ),
    "currency": (
        asked(caller("planner"), "propose", currency="JPY"),
        "There are no limits for a purchase requisition in JPY at KAS; add a row for it with"
        " `plantwright policy limits propose`.",
    ),
    "nobody": (
        asked(nobody("eve"), "propose"),
        "A purchase requisition at KAS is proposed by a planner, production or inventory; 'eve' is nobody"
        " with a role.",
    ),
}


@pytest.mark.parametrize("name", REASONS)
def test_reasons_are_sentences_with_their_figures(name: str) -> None:
    """What a person reads says who, what, how much, and what the limit is."""
    request, reason = REASONS[name]
    assert PACKAGED.decide(request).reason == reason  # type: ignore[arg-type]


def test_what_a_person_is_called_cannot_write_a_reason() -> None:
    """A name with braces, quotes, line ends or a foreign shape of Cedar is a name."""
    for subject in (
        "{amount}",
        'x"; permit(principal, action, resource);',
        "a\nb",
        'Person::"buyer"',
        "ü" * 70,
    ):
        decision = PACKAGED.decide(asked(caller(subject, "steward"), "confirm"))
        assert decision.policies == ("default",)
        assert repr(subject) in decision.reason
        assert PACKAGED.decide(asked(caller(subject, "buyer"), "confirm")).allowed


@given(
    amount=st.none() | st.integers(),
    supplier=st.integers(),
    requester=st.integers(),
    drafts=st.integers(),
    currency=st.sampled_from(["EUR", "JPY", "", "eur", "EURO"]),
    role=st.sampled_from(ROLES),
)
def test_whatever_is_asked_gets_an_answer_with_a_reason(
    amount: int | None, supplier: int, requester: int, drafts: int, currency: str, role: str
) -> None:
    """Figures of any size: no exception, no allowed amount beyond every limit, always a reason."""
    recent = Recent(requester, supplier, drafts)
    for action in ("propose", "confirm", "execute", "reject"):
        request = asked(caller("ann", role), action, amount=amount, currency=currency, recent=recent)
        decision = PACKAGED.decide(request)
        assert decision.reason.endswith(".")
        assert decision.policies
        if decision.allowed and action != "reject":
            assert currency == "EUR" or (currency == "" and amount is None)
            assert 0 <= (amount or 0) <= 100_000_000
    PACKAGED.signatures(
        asked(caller("ann", role), "propose", amount=amount, currency=currency, recent=recent)
    )


# ── signatures ──


def test_signatures_say_who_and_why() -> None:
    """The number, the roles of the next one, and the reason with its figures."""
    asked_for = PACKAGED.signatures(asked(caller("planner"), "propose", amount=1_000_000))
    assert (asked_for.count, asked_for.requester_may) == (2, False)
    assert asked_for.reason == (
        "Two signatures at KAS, as 10,000.00 EUR reaches 10,000.00 EUR: a buyer (up to 100,000.00 EUR) or"
        " a controller (up to 1,000,000.00 EUR) then a controller (up to 1,000,000.00 EUR)."
    )
    assert PACKAGED.signatures(asked(caller("planner"), "propose", amount=None)).reason.startswith(
        "Two signatures at KAS, as its amount is not known"
    )


def test_signatures_and_confirmations_agree() -> None:
    """Whoever signatures name may confirm, and nobody else, at either place and any amount."""
    for amount in (0, 999_999, 1_000_000, 10_000_000, 10_000_001, 100_000_000, 100_000_001, None):
        for signed in ((), ("x",)):
            request = asked(caller("planner"), "propose", amount=amount, signed=signed)
            needed = PACKAGED.signatures(request)
            if len(signed) >= needed.count:
                continue
            may = {
                role
                for role in ROLES
                if PACKAGED.decide(asked(caller("y", role), "confirm", amount=amount, signed=signed)).allowed
            }
            assert needed.roles == may


def test_what_nobody_may_sign_has_no_signers() -> None:
    """An amount beyond every limit: no roles, and the reason."""
    needed = PACKAGED.signatures(asked(caller("planner"), "propose", amount=10**12))
    assert needed.roles == frozenset()
    assert "more than anybody at KAS may confirm" in needed.reason


def test_times_are_those_of_the_site() -> None:
    """Window, lifetime and escalation come from the site's row, or from the default."""
    at = asked(caller("x"), "read").at
    assert POLICY.window_days("KAS", at) == 30
    assert POLICY.window_days("BRE", at) == 14
    assert POLICY.lifetime_hours("KAS", "purchase_requisition", at) == 72
    assert POLICY.escalate_after_hours("KAS", "quality_hold", at) == 2


def test_two_who_sign_first_by_now_are_not_enough() -> None:
    """At execution each signer is held to their own place, however many others could give theirs."""
    order = ("buyer", "controller")
    for who, roles, place in (("buyer", "buyer", True), ("controller", "controller", True)):
        assert (
            PACKAGED.decide(asked(caller(who, roles), "execute", amount=2_000_000, signed=order)).allowed
            is place
        )
    assert not PACKAGED.decide(
        asked(caller("controller", "buyer"), "execute", amount=2_000_000, signed=order)
    ).allowed


@pytest.mark.parametrize("order", [(), ("buyer",), ("buyer", "x", "x"), ("buyer", "y")])
def test_an_order_that_is_not_of_the_signers_decides_nothing(order: tuple[str, ...]) -> None:
    """Whose place is not known, or is said to be among others, is denied."""
    request = asked(caller("buyer"), "execute", amount=2_000_000, signed=("buyer", "x"))
    assert PACKAGED.decide(request).allowed
    assert not PACKAGED.decide(replace(request, signed_in_order=order)).allowed
