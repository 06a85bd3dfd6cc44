"""Events as addresses outside are told of them: what happened and to what, never a figure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias, get_args

from erp_adapters.store.ids import new_id
from policies.register import Connection

EventName: TypeAlias = Literal["explanation.ready", "explanation.published", "explanation.stale"]
EVENTS: tuple[EventName, ...] = get_args(EventName)


async def announce(
    connection: Connection, what: EventName, sites: Sequence[str], data: Mapping[str, object]
) -> None:
    """Put an event into the outbox of each address that is told of it, in the caller's transaction.

    Whoever receives it fetches the rest, under their own login: an address outside learns ids and sites.
    """
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    payload = json.dumps({"type": what, "timestamp": at, "data": dict(data)}, separators=(",", ":"))
    await connection.execute(
        "select app.announce(%s, %s, %s::text[], %s)", (new_id(), what, list(sites), payload)
    )
