"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from agents.models.breaker import State
from server.identity import OpenHouse

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """A word for a probe."""

    status: str
    hosted_model: State | None = None
    """`closed`: asked as usual; `open`: it failed and is left alone, the embedded model answers; `half-open`:
    the next question tries it. None where none is set."""


@router.get("/healthz")
async def healthz() -> Health:
    """The process lives."""
    return Health(status="ok")


@router.get("/readyz")
async def readyz(house: OpenHouse) -> Health:
    """The database answers; 503 with the reason where it does not; a hosted model may be away."""
    await house.directory.ready()
    return Health(status="ready", hosted_model=house.breaker.state if house.breaker else None)
