"""What a turn puts on record: the question, what was asked of models and tools, and the answer's digest.

All of it goes in one append at the turn's end, so that a turn costs one transaction that others share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from agents.answer import Answer
from erp_adapters.errors import Denied
from policies.audit.event import AuditEvent, EventKind
from policies.audit.sealing import Sealed

if TYPE_CHECKING:
    from agents.context import Ran, TurnContext
    from agents.models.protocol import Sent

_LONGEST = 8_000
"""Characters of one text that are kept whole; of longer ones the beginning and the digest are."""


@dataclass(slots=True)
class Noted:
    """What of a turn can be put on record so far, in the order in which it happened."""

    events: list[AuditEvent] = field(default_factory=list)
    sealed: list[Sealed] = field(default_factory=list)
    """The first of them, as they go into the chain."""
    sent: int = 0
    """Requests to models that are among them."""
    ran: int = 0
    """Calls of tools likewise."""

    @property
    def ready(self) -> list[AuditEvent | Sealed]:
        """All of them, sealed as far as they are."""
        return [*self.sealed, *self.events[len(self.sealed) :]]


async def on_record(turn: TurnContext, outcome: Answer | str) -> None:
    """Put the turn on record, where there is a trail.

    Args:
        turn: as it has ended.
        outcome: its answer, or the name of the error that ended it without one.

    Raises:
        AuditUnavailable: it could not be kept.
    """
    if turn.trail is not None and not turn.work.is_on_record:
        await turn.trail.append((*_noted(turn).events, _end(turn, outcome)))


def ready_events(turn: TurnContext, answer: Answer) -> list[AuditEvent | Sealed]:
    """The turn's events in the order in which they happened, sealed as far as they were made ahead."""
    return [*_noted(turn).ready, _end(turn, answer)]


async def seal_ahead(turn: TurnContext) -> None:
    """Seal what is known by now of what the turn puts on record, where that is kept with its answer."""
    noted = _noted(turn)
    if turn.keeping is not None:
        noted.sealed += await turn.keeping.sealed(tuple(noted.events[len(noted.sealed) :]))


def _noted(turn: TurnContext) -> Noted:
    """The turn's events but for its end, those of now among them."""
    noted = turn.work.noted
    if not noted.events:
        caller = turn.caller
        asked = {
            "conversation": turn.conversation,
            "question": _text(turn.question),
            "language": turn.language,
            "roles": sorted(caller.roles),
            "sites": sorted(caller.sites),
            "replayed": not turn.keep,
        }
        noted.events.append(_event(turn, "question", turn.asked_at, asked))
        noted.events.append(_event(turn, "policy_decision", turn.asked_at, _admitted(turn)))
    now = _now(turn)
    sent, ran = turn.meter.sent[noted.sent :], turn.work.ran[noted.ran :]
    noted.events += [_event(turn, "model_call", now, _asked(one)) for one in sent]
    noted.events += [_event(turn, "tool_call", now, _called(one)) for one in ran]
    noted.sent, noted.ran = noted.sent + len(sent), noted.ran + len(ran)
    return noted


def _end(turn: TurnContext, outcome: Answer | str) -> AuditEvent:
    return _event(turn, "answer", _now(turn), _answered(turn, outcome))


def _now(turn: TurnContext) -> datetime:
    return turn.asked_at + timedelta(milliseconds=turn.watch.total())


def _event(turn: TurnContext, kind: EventKind, at: datetime, payload: Mapping[str, Any]) -> AuditEvent:
    subject = turn.caller.subject
    return AuditEvent(kind, at, subject, subject, {"answer": turn.answer_id, **payload})


def _asked(sent: Sent) -> dict[str, Any]:
    return {
        "model": _text(sent.model),
        "prompt": sent.prompt,
        "version": sent.version,
        "sent": f"sha256:{sent.digest}",
        "characters": sent.characters,
        # How much of each class went out as placeholders, never what.
        "masked": dict(sent.masked),
    }


def _admitted(turn: TurnContext) -> dict[str, Any]:
    """With which tools the person may read; where policy decided that, what decided and why not others."""
    held: dict[str, Any] = {"action": "read", "allowed": [tool.name for tool in turn.tools]}
    admission = turn.admitted()
    if admission is None:
        return held
    return {
        **held,
        "denied": dict(admission.denied),
        "policies": list(admission.policies),
        "policy_hash": admission.policy_hash,
    }


def _called(ran: Ran) -> dict[str, Any]:
    held: dict[str, Any] = {
        "tool": _text(ran.call.name),
        "arguments": _text(ran.call.arguments.model_dump_json()),
    }
    if ran.failure is not None:
        outcome = "denied" if isinstance(ran.failure, Denied) else "failed"
        return {**held, "outcome": outcome, "why": _text(str(ran.failure))}
    if ran.result is None:
        return {**held, "outcome": "ended"}
    return {
        **held,
        "outcome": "answered",
        "evidence": [{"tool": each.tool, "version": each.version} for each in ran.result.evidence],
        "rows": sum(len(table.rows) for table in ran.result.tables),
    }


def _answered(turn: TurnContext, outcome: Answer | str) -> dict[str, Any]:
    held: dict[str, Any] = {
        # The model that answered: named with its version, also where nothing left this program.
        "model": _text(turn.model.name),
        "tokens": turn.meter.prompt_tokens + turn.meter.completion_tokens,
    }
    if turn.meter.kept:
        # For whose sake a request was not made.
        held["kept"] = sorted(set(turn.meter.kept))
    if isinstance(outcome, str):
        return {**held, "status": "ended", "why": outcome}
    return {
        **held,
        "status": outcome.status,
        "reading": _text(outcome.reading),
        "shown": f"sha256:{hashlib.sha256(turn.work.text_of(outcome).encode()).hexdigest()}",
    }


def _text(text: str) -> str:
    """The text as it can be kept: whole unless it is very long, and without halves of characters."""
    kept = text.encode("utf-8", "backslashreplace")
    if len(kept) <= _LONGEST:
        return kept.decode()
    digest = hashlib.sha256(kept).hexdigest()
    return f"{kept[:_LONGEST].decode(errors='ignore')} ... ({len(kept)} bytes, sha256:{digest})"
