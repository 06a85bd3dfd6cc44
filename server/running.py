"""Whether this home's service answers at its port, and how it says that it is."""

from __future__ import annotations

import httpx2
from pydantic import ValidationError

from server.outgoing import fetched
from server.readiness import Health
from server.settings import Settings

_PATIENCE_S = 2.0


def running(settings: Settings) -> Health | None:
    """What the service at the home's port says of its readiness; None where none of this program answers."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    place = f"[{host}]" if ":" in host else host
    if settings.port == 0:
        return None
    try:
        # Straight there: a proxy that the environment names does not know this machine.
        answered = fetched(f"http://{place}:{settings.port}/readyz", _PATIENCE_S, directly=True)
        held = answered.json()
        return Health.model_validate({"status": "not ready", **held} if answered.status_code == 503 else held)
    except (httpx2.HTTPError, ValueError, TypeError, ValidationError):
        return None
