"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from server.identity import OpenHouse

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """A word for a probe."""

    status: str


@router.get("/healthz")
async def healthz() -> Health:
    """The process lives."""
    return Health(status="ok")


@router.get("/readyz")
async def readyz(house: OpenHouse) -> Health:
    """The database answers; 503 with the reason where it does not."""
    await house.directory.ready()
    return Health(status="ready")
