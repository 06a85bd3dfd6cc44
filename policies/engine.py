"""Allow or deny, with the policies that decided and a reason: Cedar over one version of the limits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from importlib import resources
from typing import Any

import cedarpy
import rfc8785

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError
from erp_adapters.records import DraftKind
from policies.case import ENTITY, Case, malformed, person
from policies.deciding import LOOKS, TELLING, Decision, Request, Signatures, Subject
from policies.limits import Limits, LimitsChange, parse_limits
from policies.sentences import KIND_WORDS, NOUNS, money, nobody_permits, signers_in_words, told
from policies.texts import PolicyTexts
from policies.wording import Worded

ROLES = tuple(role for role in NOUNS if role)
_SOMEBODY_ELSE = "\x00somebody else"
"""Subject of nobody: a person's never holds a zero byte."""


def packaged_limits() -> Limits:
    """The limits that this version of the program brings."""
    file = resources.files("policies") / "cedar" / "limits.toml"
    return parse_limits(file.read_text(encoding="utf-8"), "limits.toml")


@dataclass(frozen=True)
class CedarPolicy:
    """The policies over one version of the limits; implements `Policy`."""

    texts: PolicyTexts
    limits: Limits

    @classmethod
    def packaged(cls) -> CedarPolicy:
        """What decides where nobody has changed anything."""
        return cls(PolicyTexts.packaged(), packaged_limits())

    def changed(self, change: LimitsChange, name: str) -> CedarPolicy:
        """The policy after a change of its limits; `name` stands in messages.

        Raises:
            ConfigurationError: the change leaves limits that cannot be.
        """
        try:
            return CedarPolicy(self.texts, self.limits.changed(change))
        except ValueError as error:
            raise ConfigurationError(f"Limits cannot be changed by {name}: {error}") from error

    def check(self) -> None:
        """Nothing, where the policies can be parsed and admit everybody whom the limits name.

        Raises:
            ConfigurationError: they cannot, or the limits name somebody whom no policy admits.
        """
        day = datetime(2000, 1, 1, tzinfo=UTC)
        for row in self.limits.limit:
            sites = {row.site, "another site"} if row.kind == "stock_transfer" else {row.site}
            subject = Subject(
                row.kind,
                frozenset(sites),
                site="another site" if row.kind == "stock_transfer" else row.site,
                requester="somebody",
                amount_minor=0,
                currency=row.currency,
            )
            for place, role in [(0, r) for r in row.confirm] + [(1, r) for r in row.second]:
                caller = Caller(_SOMEBODY_ELSE, "", frozenset({role}), frozenset(sites), frozenset())
                asked = Request(caller, "confirm", subject, day, day.date())
                context = Case.of(asked, Limits.only(row)).context() | {
                    "role": role,
                    "signed": place,
                    "place": place,
                    "needed": 2,
                    "firstUpTo": row.confirm.get(role, -1),
                    "secondUpTo": row.second.get(role, -1),
                }
                if not _allows(self._ask(asked, [context])[0]):
                    raise ConfigurationError(
                        f"The limit {', '.join(row.key)} has {role!r} give the {('first', 'second')[place]}"
                        f" signature, and no policy lets {NOUNS[role]} sign a {KIND_WORDS[row.kind]} there."
                    )

    def hash(self, at: datetime) -> str:
        """Of the policies, their schema and the limits."""
        return self.digest

    @cached_property
    def digest(self) -> str:
        """`sha256:` and 64 hexadecimal digits."""
        said = rfc8785.dumps({"policies": self.texts.digest, "limits": self.limits.digest})
        return "sha256:" + hashlib.sha256(said).hexdigest()

    def decide(self, request: Request) -> Decision:
        """Allow or deny; deny by default, and wherever anything is missing or failed."""
        wrong = malformed(request)
        if wrong:
            return self._denied("request", f"This cannot be decided: {wrong}.")
        if request.action == "read":
            looks = {**_look(request), "roles": list(request.caller.roles)}
            return self._answered(request, None, ("",), [looks])
        if request.action in LOOKS:
            roles = tuple(sorted(request.caller.roles)) or ("",)
            shared = _look(request)
            if request.action in TELLING:
                shared["requester"] = person(request.subject.requester)
            return self._answered(request, None, roles, [{**shared, "role": role} for role in roles])
        case = Case.of(request, self.limits)
        roles = case.roles()
        shared = case.context()
        return self._answered(request, case, roles, [shared | own for own in case.tried(roles)])

    def signatures(self, request: Request) -> Signatures:
        """Who has to confirm: how many, and whose signature is next."""
        subject = request.subject
        asked = replace(
            request,
            action="confirm",
            caller=Caller(_SOMEBODY_ELSE, "", frozenset(ROLES), subject.sites, frozenset()),
            acting_for="",
        )
        wrong = malformed(asked)
        if wrong:
            return Signatures(1, frozenset(), False, f"This cannot be decided: {wrong}.")
        case = Case.of(asked, self.limits)
        # Whoever has signed all it needs is still told whose the last signature was.
        place = min(case.signed, case.needed - 1)
        shared = {**case.context(), "signers": [], "signed": place, "place": place, "blackout": False}
        # Whoever the limits do not name can sign nothing; they need not be tried.
        named = {*case.first_signers(0), *case.second_signers(0)}
        tried = tuple(role for role in ROLES if role in named) or ROLES[:1]
        results = self._ask(asked, [shared | own for own in case.tried(tried)])
        roles = frozenset(role for role, result in zip(tried, results, strict=True) if _allows(result))
        why = _signatures_in_words(case) if roles else self._said(asked, case, tried, results).reason
        return Signatures(case.needed, roles, case.rule.requester_may_confirm, why)

    def window_days(self, site: str, at: datetime) -> int:
        """Length of the rolling window that `Recent` is counted over."""
        return self.limits.site_rule(site).window_days

    def lifetime_hours(self, site: str, kind: DraftKind, at: datetime) -> int:
        """How long a proposal may wait for its confirmation."""
        return self.limits.draft_rule(site, kind).lifetime_hours

    def escalate_after_hours(self, site: str, kind: DraftKind, at: datetime) -> int:
        """After what time without an answer others are told."""
        return self.limits.draft_rule(site, kind).escalate_after_hours

    def _answered(
        self, request: Request, case: Case | None, roles: Sequence[str], contexts: list[dict[str, Any]]
    ) -> Decision:
        results = self._ask(request, contexts)
        return self._said(request, case, roles, results)

    def _ask(self, request: Request, contexts: list[dict[str, Any]]) -> list[cedarpy.AuthzResult]:
        subject = request.subject
        if request.action == "switch":
            resource = {"type": "Switch", "id": subject.tool}
        elif request.action == "subscribe":
            resource = {"type": "Webhook", "id": ""}
        elif request.action in TELLING:
            resource = {"type": "VarianceExplanation", "id": ""}
        elif subject.kind == "answer":
            resource = {"type": "Tool", "id": subject.tool}
        else:
            resource = {"type": ENTITY[subject.kind], "id": ""}
        asked = {
            "principal": {"type": "Person", "id": request.caller.subject},
            "action": {"type": "Action", "id": request.action},
            "resource": resource,
        }
        rules = self.texts.rules
        return cedarpy.is_authorized_batch(
            [{**asked, "context": context} for context in contexts],
            rules.policies,
            rules.entities,
            rules.schema,
        )

    def _said(
        self,
        request: Request,
        case: Case | None,
        roles: Sequence[str],
        results: Sequence[cedarpy.AuthzResult],
    ) -> Decision:
        """The first role's answer that allows; otherwise the first role's."""
        # An answer beside a diagnostic is none: a forbid that failed was skipped.
        failed = [result for result in results if not _is_sound(result)]
        if failed:
            what = "; ".join(failed[0].diagnostics.errors) or "no decision"
            return self._denied("error", f"Policy could not be evaluated, so the answer is no: {what[:300]}.")
        role, result = next(
            ((r, x) for r, x in zip(roles, results, strict=True) if _allows(x)), (roles[0], results[0])
        )
        sentences = self.texts.rules.sentences
        spoke = frozenset(result.diagnostics.reasons)
        ids = tuple(name for name in sentences if name in spoke)
        if not ids:
            return self._denied("default", nobody_permits(request, case))
        reason = told([sentences[name] for name in ids], request, case, role)
        return Decision(_allows(result), ids, self.digest, reason)

    def _denied(self, policy: str, reason: str) -> Decision:
        return Decision(False, (policy,), self.digest, reason)


def _look(request: Request) -> dict[str, Any]:
    return {"scope": list(request.caller.sites), "touches": list(request.subject.sites)}


def _is_sound(result: cedarpy.AuthzResult) -> bool:
    return (
        result.decision in (cedarpy.Decision.Allow, cedarpy.Decision.Deny) and not result.diagnostics.errors
    )


def _allows(result: cedarpy.AuthzResult) -> bool:
    return result.decision is cedarpy.Decision.Allow and not result.diagnostics.errors


def _signatures_in_words(case: Case) -> Worded:
    """How many signatures, whose, and why."""
    assert case.bounds is not None, "somebody may sign"
    bounds, currency = case.bounds, case.request.subject.currency
    first = signers_in_words(case.first_signers(case.counted), currency)
    if case.needed == 1:
        one = Worded.of("one signature at [[site]]: [[signers]]", site=case.site, signers=first)
        return Worded.sentence(one)
    if case.unknown:
        why = Worded.of("its amount is not known")
    elif bounds.two_people:
        why = Worded.of("two people release it")
    else:
        why = Worded.of(
            "[[amount]] reaches [[limit]]"
            if case.counted == case.amount
            else "[[amount]] reaches [[limit]], with what the requester had from the same supplier in"
            " [[days]] days",
            amount=money(case.counted, currency),
            limit=money(bounds.second_from or 0, currency),
            days=str(case.site_rule.window_days),
        )
    return Worded.sentence(
        Worded.of(
            "two signatures at [[site]], as [[why]]: [[first]] then [[second]]",
            site=case.site,
            why=why,
            first=first,
            second=signers_in_words(case.second_signers(case.counted), currency),
        )
    )
