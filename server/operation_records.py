"""How a home is doing, as `plantwright status` shows it."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from policies.egress import egress_of
from policies.states import PENDING
from server.house import House
from server.operations import Operations
from server.readiness import Health
from server.wording import plain


def operations_table(house: House, seen: Operations, service: Health | None) -> RenderableType:
    """A line for each part."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for name, said in _lines(house, seen, service):
        grid.add_row(f"{name:8}", Text(plain(said)))
    return grid


def operations_record(house: House, seen: Operations, service: Health | None) -> dict[str, object]:
    """The same for programs."""
    checkpoint = seen.checkpoint
    return {
        "database": {"version": seen.database, "extensions": list(seen.extensions)},
        "service": None if service is None else service.model_dump(),
        "drafts": dict(seen.drafts),
        "outbox": {"rows": dict(seen.outbox), "oldest_age_seconds": round(seen.outbox_oldest_s, 1)},
        "worker": {"alive": seen.workers, "heartbeat_age_seconds": seen.heartbeat_s},
        "webhook_messages": dict(seen.messages),
        "finance_jobs": dict(seen.jobs),
        "switched_off": list(seen.off),
        "audit": {
            "events": seen.audit_position,
            "checkpoint": None
            if checkpoint is None
            else {"position": checkpoint.position, "at": checkpoint.at.isoformat()},
            "trouble": seen.checkpoint_trouble or house.deskless,
        },
        "egress": {
            "sends": house.settings.is_hosted,
            "default": egress_of(house.settings.egress).strictest(()),
        },
    }


def _lines(house: House, seen: Operations, service: Health | None) -> list[tuple[str, str]]:
    waiting = [
        f"{seen.drafts[state]} {state.replace('_', ' ')}"
        for state in sorted(PENDING)
        if seen.drafts.get(state)
    ]
    outbox = ", ".join(f"{count} to {purpose}" for purpose, count in sorted(seen.outbox.items()))
    if seen.outbox_oldest_s:
        outbox += f"; the oldest for {seen.outbox_oldest_s:.0f} s"
    return [
        ("Database", f"answers: PostgreSQL {seen.database}; {', '.join(seen.extensions)}"),
        ("Service", _service(house, service)),
        ("Drafts", ", ".join(waiting) or "none waits"),
        ("Outbox", outbox or "empty"),
        ("Worker", f"{seen.workers} alive" if seen.workers else "none alive; what is confirmed waits"),
        ("Webhooks", _counted(seen.messages) or "every message is delivered"),
        ("Jobs", _counted(seen.jobs) or "none waits"),
        ("Off", ", ".join(seen.off) or "nothing is switched off"),
        ("Audit", _audit(house, seen)),
        ("Egress", _egress(house)),
    ]


def _counted(by_state: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(by_state.items()))


def _service(house: House, service: Health | None) -> str:
    if service is None:
        return f"does not answer at port {house.settings.port}"
    parts = [f"{part.name} {part.state}: {part.why}" for part in service.parts if part.state != "ok"]
    breaker = f", hosted model {service.hosted_model}" if service.hosted_model else ""
    return f"{service.status}{breaker}" + (f" ({'; '.join(parts)})" if parts else "")


def _audit(house: House, seen: Operations) -> str:
    if trouble := seen.checkpoint_trouble or house.deskless:
        return trouble
    if seen.checkpoint is None:
        return f"{seen.audit_position} events, no checkpoint yet"
    at = f"{seen.checkpoint.at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{seen.audit_position} events, checkpoint at {seen.checkpoint.position} of {at}"


def _egress(house: House) -> str:
    if not house.settings.is_hosted:
        return "nothing is sent anywhere"
    treated = egress_of(house.settings.egress).strictest(())
    return ", ".join(f"{of.replace('_', ' ')} {treatment}" for of, treatment in treated.items())
