"""Cases that policies and limits have to answer: a YAML list, and what they answer instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError
from erp_adapters.records import DraftKind
from policies.deciding import LOOKS, Action, Recent, Request, Subject
from policies.engine import CedarPolicy
from policies.limits import parse_change


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Before(_Strict):
    """What the requester had in the rolling window, in units of the currency."""

    requester: Decimal = Decimal(0)
    supplier: Decimal = Decimal(0)
    drafts: int = 0


class Confirmed(_Strict):
    """By how many, and by which roles next."""

    count: int
    roles: frozenset[str]


class PolicyCase(_Strict):
    """One request, and what has to be answered."""

    name: str
    who: str
    """`role` or `role.name`; `nobody` has no role."""
    roles: frozenset[str] | None = None
    has: frozenset[str] | None = None
    """Sites of the person; those that are touched unless given."""
    action: Action
    kind: DraftKind = "purchase_requisition"
    site: str = "KAS"
    touches: frozenset[str] | None = None
    requester: str = "planner"
    amount: Decimal | None = Decimal(5000)
    currency: str = "EUR"
    categories: frozenset[str] = frozenset()
    signed: tuple[str, ...] = ()
    """In the order of the signatures."""
    acting_for: str = ""
    recent: Before = Before()
    day: date = date(2026, 3, 31)
    change: str = ""
    allow: tuple[str, ...] | None = None
    deny: tuple[str, ...] | None = Field(default=None)
    confirm: Confirmed | None = None

    @field_validator("amount", mode="before")
    @classmethod
    def _amount(cls, given: Any) -> Any:
        if given == "unknown":
            return None
        # YAML has neither `1_000.5` nor `1e400` as numbers; infinity would be none either.
        return given.replace("_", "") if isinstance(given, str) else given

    @field_validator("recent", mode="before")
    @classmethod
    def _figures(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {
            key: value.replace("_", "") if isinstance(value, str) else value for key, value in given.items()
        }

    @model_validator(mode="after")
    def _has_one_answer(self) -> Self:
        if sum(answer is not None for answer in (self.allow, self.deny, self.confirm)) != 1:
            raise ValueError("give one of allow, deny and confirm")
        return self

    @property
    def request(self) -> Request:
        """What policy is asked."""
        touches = self.touches
        if touches is None:
            touches = frozenset({"KAS", "BRE"}) if self.kind == "stock_transfer" else frozenset({self.site})
        named = self.who.partition(".")[0]
        roles = self.roles if self.roles is not None else frozenset({named} - {"nobody"})
        is_look = self.action in LOOKS
        return Request(
            Caller(self.who, self.who, roles, touches if self.has is None else self.has, frozenset()),
            self.action,
            Subject(
                "answer" if is_look else self.kind,
                touches,
                site=self.site,
                requester=self.requester,
                amount_minor=None if self.amount is None else int(self.amount * 100),
                currency=self.currency,
                categories=self.categories,
            ),
            datetime(2026, 4, 1, tzinfo=UTC),
            self.day,
            Recent(int(self.recent.requester * 100), int(self.recent.supplier * 100), self.recent.drafts),
            frozenset(self.signed),
            self.acting_for,
            self.signed,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case got."""

    case: PolicyCase
    passed: bool
    got: str
    """The answer in words, with its reason."""


def run(policy: CedarPolicy, cases: Sequence[PolicyCase]) -> tuple[Outcome, ...]:
    """What the policy answers to each."""
    return tuple(outcome(policy, case) for case in cases)


def outcome(policy: CedarPolicy, case: PolicyCase) -> Outcome:
    """What the policy answers."""
    if case.change:
        policy = policy.changed(parse_change(case.change, case.name), case.name)
    decision = policy.decide(case.request)
    if case.confirm is not None:
        asked = policy.signatures(case.request)
        got = Confirmed(count=asked.count, roles=asked.roles)
        words = f"{asked.count} by {', '.join(sorted(asked.roles)) or 'nobody'}: {asked.reason}"
        if not decision.allowed:
            words = f"deny: {decision.reason}"
        return Outcome(case, decision.allowed and got == case.confirm, words)
    expected = case.allow if case.allow is not None else case.deny
    same = decision.allowed == (case.allow is not None) and set(decision.policies) == set(expected or ())
    verdict = "allow" if decision.allowed else "deny"
    return Outcome(case, same, f"{verdict} [{', '.join(decision.policies)}] {decision.reason}")


def packaged_cases() -> tuple[PolicyCase, ...]:
    """The cases that this version of the program brings."""
    file = resources.files("policies") / "cedar" / "cases.yaml"
    return parse_cases(file.read_text(encoding="utf-8"), "cases.yaml")


def parse_cases(text: str, name: str) -> tuple[PolicyCase, ...]:
    """The cases in a YAML text; `name` stands in messages.

    Raises:
        ConfigurationError: it is no list of cases; names each place.
    """
    try:
        listed = yaml.safe_load(text)
        if not isinstance(listed, list) or not listed:
            raise ConfigurationError(f"{name!r} is no list of cases")
        cases = tuple(PolicyCase.model_validate(entry) for entry in listed)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"Cases {name!r} are not YAML: {error}") from error
    except ValidationError as error:
        places = [f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors()]
        raise ConfigurationError(f"Cases {name!r} are wrong:\n  " + "\n  ".join(places)) from error
    names = [case.name for case in cases]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ConfigurationError(f"Cases {name!r} has two named {twice[0]!r}")
    return cases
