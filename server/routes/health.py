"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from server.errors import Problem
from server.identity import OpenHouse
from server.readiness import Health, readiness

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> Health:
    """The process lives."""
    return Health(status="ok")


@router.get(
    "/readyz",
    response_model=Health,
    responses={
        503: {
            "description": "It cannot answer; `parts` says why.",
            "content": {"application/problem+json": {}},
        }
    },
)
async def readyz(house: OpenHouse) -> Response:
    """Whether it can answer, part by part; 503 for a `broken` part only, never for a `degraded` one."""
    found = await readiness(house)
    broken = [part for part in found.parts if part.state == "broken"]
    if broken:
        why = "; ".join(f"{part.name}: {part.why}" for part in broken)
        body = {**Problem("Not ready", 503, why).body(), **found.model_dump(exclude={"status"})}
        return JSONResponse(body, status_code=503, media_type="application/problem+json")
    return JSONResponse(found.model_dump())
