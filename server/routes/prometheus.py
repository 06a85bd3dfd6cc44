"""What Prometheus reads: on the service's port for this machine only, or on a port of its own."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from erp_adapters.errors import CopilotError
from server.house import House
from server.identity import OpenHouse, place_refusal
from server.telemetry.metrics import CONTENT_TYPE

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request, house: OpenHouse) -> Response:
    """Every figure, for a reader on this very machine; 404 for everybody else."""
    if place_refusal(request):
        raise HTTPException(404, "Not Found")
    return Response(await figures(house), media_type=CONTENT_TYPE)


def metrics_app(house: House) -> FastAPI:
    """The application of a port of its own, which whoever reaches may read."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/metrics")
    async def open_metrics() -> Response:
        return Response(await figures(house), media_type=CONTENT_TYPE)

    return app


async def figures(house: House) -> bytes:
    """What was counted here, and what the database says now."""
    house.metrics.breaker(house.breaker)
    if house.operations is not None:
        try:
            house.metrics.operations(await house.operations.look())
        except CopilotError:
            house.metrics.operations(None)
    return house.metrics.text()
