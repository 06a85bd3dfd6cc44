"""Whether a service can answer, part by part: what has to be there, and what it does without for a while."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from erp_adapters.breaker import State
from erp_adapters.errors import CopilotError
from server.house import House


class Part(BaseModel):
    """Something that the service rests on."""

    name: Literal["database", "model", "worker", "audit", "service"]
    state: Literal["ok", "degraded", "broken"]
    """`degraded`: it serves all the same; `broken`: it cannot answer."""
    why: str = ""


class Health(BaseModel):
    """A word for a probe, and the parts that it is made of."""

    status: str
    hosted_model: State | None = None
    """`closed`: asked as usual; `open`: it failed and is left alone, the embedded model answers; `half-open`:
    the next question tries it. None where none is set."""
    parts: tuple[Part, ...] = ()


async def readiness(house: House) -> Health:
    """The parts of a service as they are now."""
    parts = [await _database(house), _model(house), _audit(house), await _worker(house)]
    if house.shutdown.begun:
        parts.append(Part(name="service", state="broken", why="the service is shutting down"))
    is_ready = all(part.state != "broken" for part in parts)
    return Health(
        status="ready" if is_ready else "not ready",
        hosted_model=house.breaker.state if house.breaker else None,
        parts=tuple(parts),
    )


async def _database(house: House) -> Part:
    try:
        await house.directory.ready()
    except CopilotError as error:
        return Part(name="database", state="broken", why=str(error))
    return Part(name="database", state="ok")


def _model(house: House) -> Part:
    if house.breaker is not None and house.breaker.state != "closed":
        why = "its endpoint failed and is left alone for a moment; the embedded model answers"
        return Part(name="model", state="degraded", why=why)
    return Part(name="model", state="ok")


def _audit(house: House) -> Part:
    if house.desk is None:
        return Part(name="audit", state="degraded", why=house.deskless or "this service keeps no record")
    trouble = house.desk.trail.trouble
    return Part(name="audit", state="degraded" if trouble else "ok", why=trouble)


async def _worker(house: House) -> Part:
    if house.operations is None:
        return Part(name="worker", state="degraded", why="this service writes to no ERP")
    try:
        seen = await house.operations.look()
    except CopilotError as error:
        return Part(name="worker", state="degraded", why=str(error))
    if seen.workers:
        return Part(name="worker", state="ok")
    why = "no worker has told for a minute that it is there; what is confirmed waits (`plantwright worker`)"
    return Part(name="worker", state="degraded", why=why)
