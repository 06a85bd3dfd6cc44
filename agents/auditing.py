"""What a turn puts on record: the question, what was asked of models and tools, and the answer's digest.

All of it goes in one append at the turn's end, so that a turn costs one transaction that others share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from agents.answer import Answer
from agents.context import Ran, TurnContext
from erp_adapters.errors import Denied
from policies.audit.event import AuditEvent, EventKind

_LONGEST = 8_000
"""Characters of one text that are kept whole; of longer ones the beginning and the digest are."""


async def on_record(turn: TurnContext, outcome: Answer | str) -> None:
    """Put the turn on record, where there is a trail.

    Args:
        turn: as it has ended.
        outcome: its answer, or the name of the error that ended it without one.

    Raises:
        AuditUnavailable: it could not be kept.
    """
    if turn.trail is not None and not turn.work.is_on_record:
        await turn.trail.append(tuple(turn_events(turn, outcome)))


def turn_events(turn: TurnContext, outcome: Answer | str) -> Iterator[AuditEvent]:
    """The turn's events in the order in which they happened."""
    ended = turn.asked_at + timedelta(milliseconds=turn.watch.total())
    caller = turn.caller

    def event(kind: EventKind, at: datetime, payload: Mapping[str, Any]) -> AuditEvent:
        return AuditEvent(kind, at, caller.subject, caller.subject, {"answer": turn.answer_id, **payload})

    yield event(
        "question",
        turn.asked_at,
        {
            "conversation": turn.conversation,
            "question": _text(turn.question),
            "language": turn.language,
            "roles": sorted(caller.roles),
            "sites": sorted(caller.sites),
            "replayed": not turn.keep,
        },
    )
    yield event("policy_decision", turn.asked_at, _admitted(turn))
    for sent in turn.meter.sent:
        yield event(
            "model_call",
            ended,
            {
                "model": _text(sent.model),
                "prompt": sent.prompt,
                "version": sent.version,
                "sent": f"sha256:{sent.digest}",
                "characters": sent.characters,
                # How much of each class went out as placeholders, never what.
                "masked": dict(sent.masked),
            },
        )
    for ran in turn.work.ran:
        yield event("tool_call", ended, _called(ran))
    yield event("answer", ended, _answered(turn, outcome))


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
