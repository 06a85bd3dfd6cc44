"""Decisions that were put on record with what was asked, so that other rules can be tried on them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from erp_adapters.errors import ConfigurationError
from policies.deciding import Decision, Request
from policies.engine import CedarPolicy

_REQUEST: TypeAdapter[Request] = TypeAdapter(Request)


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
    """The payload of a `policy_decision` event: all that `plantwright policy replay` needs."""
    return {
        "request": _REQUEST.dump_python(request, mode="json"),
        "allowed": decision.allowed,
        "policies": list(decision.policies),
        "policy_hash": decision.policy_hash,
        "reason": decision.reason,
    }


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


@dataclass(frozen=True, slots=True)
class DecisionFiles:
    """Decisions in the `*.jsonl` files of a folder: a line an event, with its `kind` and readable `payload`."""

    folder: Path

    def decisions(self) -> Iterator[RecordedDecision]:
        """Every decision with its request, by the names of the files.

        Raises:
            ConfigurationError: there is no file, or a line is no event; names file and line.
        """
        files = sorted(self.folder.glob("*.jsonl"))
        if not files:
            raise ConfigurationError(f"There are no *.jsonl files in {str(self.folder)!r}.")
        for file in files:
            with file.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, start=1):
                    try:
                        event = json.loads(line)
                        if event.get("kind") != "policy_decision" or "request" not in event["payload"]:
                            continue
                        yield decision_of(event["payload"], str(event.get("proposal", "")))
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


def replayed(policy: CedarPolicy, record: RecordedDecisions) -> tuple[int, tuple[Changed, ...]]:
    """How many decisions were made again, and those that come out in another way."""
    count, found = 0, []
    for decided in record.decisions():
        count += 1
        again = policy.decide(decided.request)
        if again.allowed != decided.allowed:
            found.append(
                Changed(decided.request, decided.allowed, decided.reason, again.allowed, again.reason)
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
