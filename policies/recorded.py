"""Decisions that were put on record with what was asked, so that other rules can be tried on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from erp_adapters.errors import ConfigurationError
from policies.asking import Decided
from policies.audit.event import AuditEvent
from policies.audit.packet import PacketEvent
from policies.deciding import Decision, Request
from policies.engine import CedarPolicy

_REQUEST: TypeAdapter[Request] = TypeAdapter(Request)
_LARGEST = 2**53 - 1
"""Canonical JSON has no larger integer; a text is read again just as well."""


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """A decision with what was asked."""

    request: Request
    allowed: bool
    policies: tuple[str, ...]
    policy_hash: str
    reason: str
    proposal: str = ""


class RecordedDecisions(Protocol):
    """Where decisions can be read again."""

    def decisions(self) -> Iterator[RecordedDecision]:
        """Every decision with its request, oldest first."""
        ...


def decision_payload(request: Request, decision: Decision) -> dict[str, Any]:
    """The payload of a `policy_decision` event: all that `plantwright policy replay` needs.

    The name of who asks is left out: no policy looks at it.
    """
    return {
        "request": _kept(
            _REQUEST.dump_python(replace(request, caller=replace(request.caller, name="")), mode="json")
        ),
        "allowed": decision.allowed,
        "policies": list(decision.policies),
        "policy_hash": decision.policy_hash,
        "reason": decision.reason,
    }


def _kept(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _kept(held) for key, held in value.items()}
    return str(value) if type(value) is int and abs(value) > _LARGEST else value


def decision_event(
    said: Decided, *, actor: str = "", proposal: str = "", site: str = "", **more: object
) -> AuditEvent:
    """A decision as an event of its own, about the person whom policy was asked about.

    Args:
        actor: who acted, where it was not that person.
        more: what else the payload holds.
    """
    who = said.request.caller.subject
    return AuditEvent(
        "policy_decision",
        said.request.at,
        actor or who,
        who,
        {**more, "action": said.request.action, **decision_payload(said.request, said.decision)},
        proposal=proposal,
        site=site,
    )


def decision_in(kind: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The decision that an event holds: its own payload, or beside what was decided about."""
    held = payload if kind == "policy_decision" else payload.get("decision")
    return held if isinstance(held, Mapping) and "request" in held else None


def decision_of(payload: Mapping[str, Any], proposal: str = "") -> RecordedDecision:
    """The decision of such a payload.

    Raises:
        ValueError: it is none.
    """
    try:
        return RecordedDecision(
            _REQUEST.validate_python(payload["request"]),
            payload["allowed"] is True,
            tuple(map(str, payload["policies"])),
            str(payload["policy_hash"]),
            str(payload["reason"]),
            proposal,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"it has no {error}") from error


@dataclass(slots=True)
class DecisionsOnRecord:
    """Decisions of a home's own record, opened."""

    events: Iterable[PacketEvent]
    unreadable: int = 0
    """Events that nobody can read, since the person they are about was erased."""

    def decisions(self) -> Iterator[RecordedDecision]:
        """Every decision with its request, oldest first.

        Raises:
            ConfigurationError: an event's decision is none that this version can read; names the event.
        """
        for event in self.events:
            if event.contents is None:
                self.unreadable += 1
            elif (held := decision_in(event.entry.kind, event.contents)) is not None:
                try:
                    yield decision_of(held, event.entry.proposal)
                except (ValueError, ValidationError) as error:
                    raise ConfigurationError(
                        f"Event {event.entry.position} holds no readable decision: {str(error)[:300]}"
                    ) from error


@dataclass(frozen=True, slots=True)
class DecisionFiles:
    """Decisions in a file, or the `*.jsonl` files of a folder: a line an event, with `kind` and `payload`."""

    place: Path

    def decisions(self) -> Iterator[RecordedDecision]:
        """Every decision with its request, by the names of the files.

        Raises:
            ConfigurationError: there is no file, or a line is no event; names file and line.
        """
        files = [self.place] if self.place.is_file() else sorted(self.place.glob("*.jsonl"))
        if not files:
            raise ConfigurationError(f"There are no *.jsonl files in {str(self.place)!r}.")
        for file in files:
            with file.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, start=1):
                    try:
                        event = json.loads(line)
                        held = decision_in(event["kind"], event["payload"])
                        if held is not None:
                            yield decision_of(held, str(event.get("proposal", "")))
                    except (ValueError, ValidationError, KeyError, TypeError, AttributeError) as error:
                        raise ConfigurationError(
                            f"Line {number} of {file.name!r} is no readable decision: {str(error)[:300]}"
                        ) from error


@dataclass(frozen=True, slots=True)
class Changed:
    """A request that is decided in another way."""

    request: Request
    was_allowed: bool
    was: str
    """Reason."""
    is_allowed: bool
    now: str
    signatures: str = ""
    """How many are needed, where that is what changed."""
    proposal: str = ""
    """Id of the draft, where it is one on record."""


def replayed(policy: CedarPolicy, record: RecordedDecisions) -> tuple[int, tuple[Changed, ...]]:
    """How many decisions were made again, and those that come out in another way."""
    count, found = 0, []
    for decided in record.decisions():
        count += 1
        again = policy.decide(decided.request)
        if again.allowed != decided.allowed:
            found.append(
                Changed(
                    decided.request,
                    decided.allowed,
                    decided.reason,
                    again.allowed,
                    again.reason,
                    proposal=decided.proposal,
                )
            )
    return count, tuple(found)


def as_json(changed: Changed) -> dict[str, Any]:
    """The change as JSON."""
    dumped = asdict(changed)
    dumped["request"] = _REQUEST.dump_python(changed.request, mode="json")
    return dumped


def moment(text: str) -> datetime:
    """An ISO date or moment; a date begins at midnight UTC.

    Raises:
        ValueError: it is neither.
    """
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
