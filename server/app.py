"""The web application: routes, limits, errors and pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, compile_path

from erp_adapters.errors import CopilotError
from server.channels.opening import panel_origin
from server.dev_idp import routes as dev_idp
from server.errors import Problem, TooMany, problem
from server.house import House
from server.identity import spoken_to
from server.invitation import Doorstep
from server.limits import CHANNELS, MOST_OF_CHANNELS, PANEL, BodyLimit, SecurityHeaders, headers_of
from server.openapi import describe
from server.pace import Pace, PaceOfAddresses, paced
from server.panel_files import PanelFiles
from server.routes import (
    admin_egress,
    answers,
    audit,
    conversations,
    drafts,
    finance,
    health,
    metrics,
    people,
    prometheus,
    runs,
    session,
    sources,
    webhooks,
)
from server.runs.running import Runs
from server.telemetry.requests import Requests
from tools.languages import speaking

if TYPE_CHECKING:
    from server.channels.book import ChannelBook

PATIENCE_S = 2.0
"""How long the end of the service waits for answers that are being made."""


def create_app(house: House, *, panel: Path | None = None) -> FastAPI:
    """The application that serves an opened home.

    Args:
        house: the home.
        panel: folder of the built panel; by default the one that is shipped, where it was built.
    """
    app = FastAPI(
        title="plantwright",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        lifespan=_open,
    )
    app.state.house = house
    app.state.runs = Runs(house, house.runs, house.settings.runs_at_once) if house.runs else None
    app.state.pace = Pace(house.settings.requests_a_minute)
    for routes in (conversations, answers, runs, drafts, finance, metrics, audit, admin_egress):
        app.include_router(routes.router, dependencies=[Depends(paced)])
    app.include_router(drafts.switches, dependencies=[Depends(paced)])
    for router in (finance.publications, finance.jobs, webhooks.router):
        app.include_router(router, dependencies=[Depends(paced)])
    # Events of machines are signed: nobody asks, and only addresses are counted.
    for routes in (people, session, health, sources):
        app.include_router(routes.router)
    if house.is_demo:
        app.include_router(dev_idp.router)
    if house.settings.metrics_port is None:
        app.include_router(prometheus.router)
    describe(app)
    app.add_exception_handler(CopilotError, _failed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _failed)
    if house.channel_book is not None:
        _offer_in_channels(app, house, house.channel_book)
    app.add_route("/v1/{path:path}", _nothing_there, methods=_METHODS, include_in_schema=False)
    if house.settings.mcp:
        _offer_to_assistants(app, house)
    _mount_pages(app, panel or panel_folder())
    app.add_middleware(BodyLimit, limit=house.settings.body_limit, larger={CHANNELS: MOST_OF_CHANNELS})
    if house.entrance is not None and house.entrance.invitation is not None:
        app.add_middleware(Doorstep, house=house, invitation=house.entrance.invitation)
    app.add_middleware(PaceOfAddresses, a_minute=house.settings.requests_a_minute_of_address)
    if house.settings.embed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=house.settings.embed_origins,
            # A page of another origin brings a token; cookies are for this one's own pages.
            allow_credentials=False,
            allow_methods=["GET", "POST", "PUT"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"],
            expose_headers=["Retry-After", "Idempotency-Replayed"],
            max_age=600,
        )
    app.add_middleware(SecurityHeaders, embed_origins=house.settings.embed_origins)
    app.add_middleware(Requests, metrics=house.metrics, shutdown=house.shutdown)
    return app


_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_TITLES = {404: "Not found", 405: "Method not allowed", 413: "Body too large"}


def page_folder() -> Path:
    """Where the plain page's files lie."""
    return Path(str(resources.files("server") / "page"))


def panel_folder() -> Path:
    """Where the panel's files lie, once it is built."""
    return Path(str(resources.files("server") / "panel" / "dist"))


def _offer_to_assistants(app: FastAPI, house: House) -> None:
    """MCP at /mcp, and where its clients get tokens."""
    from server.assistants.serving import METADATA, PATH, Assistants

    assistants = app.state.assistants = Assistants(house)
    for path in (METADATA, METADATA + PATH):
        app.add_route(path, assistants.metadata, methods=["GET"], include_in_schema=False)
    # Without a slash at its end the address is this one's too, not a page's.
    app.router.routes.append(Route(PATH, assistants, include_in_schema=False))
    app.mount(PATH, assistants, name="mcp")


def _offer_in_channels(app: FastAPI, house: House, book: ChannelBook) -> None:
    """What chat platforms send, each at an address of its own."""
    from server.channels.endpoints import offer
    from server.channels.floor import Floor

    origin = panel_origin(house.settings, is_demo=house.is_demo)
    floor = app.state.floor = Floor(house, book, house.channels, origin)
    offer(app, floor, house.channels)


@asynccontextmanager
async def _open(app: FastAPI) -> AsyncIterator[None]:
    assistants = getattr(app.state, "assistants", None)
    floor = getattr(app.state, "floor", None)
    try:
        async with (
            assistants.running() if assistants is not None else nullcontext(),
            floor.running() if floor is not None else nullcontext(),
        ):
            yield
    finally:
        if app.state.runs is not None:
            await app.state.runs.close(PATIENCE_S)


def _mount_pages(app: FastAPI, panel: Path) -> None:
    """The panel at /panel/ where it is built; the plain page at /plain/, and at / where there is no panel."""
    if (panel / "index.html").is_file():
        app.mount(PANEL.rstrip("/"), PanelFiles(panel), name="panel")
        app.add_route("/", _to_the_panel, methods=["GET", "HEAD"], include_in_schema=False)
    else:
        app.add_route(PANEL + "{path:path}", _not_built, methods=["GET", "HEAD"], include_in_schema=False)
    app.mount("/plain", StaticFiles(directory=page_folder(), html=True), name="plain")
    app.mount("/", StaticFiles(directory=page_folder(), html=True), name="page")


async def _nothing_there(request: Request) -> Response:
    """405 where another method would do, 404 elsewhere; the pages at / would answer for both otherwise."""
    for path, pattern, allowed in _known(request.app):
        if pattern.match(request.url.path):
            raise HTTPException(405, f"{path} takes {allowed}", {"allow": allowed})
    raise HTTPException(404, f"there is nothing at {request.url.path[:200]!r}; see /v1/openapi.json")


def _known(app: FastAPI) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Each path with its pattern and methods; they are put together at the first address that is none."""
    if not hasattr(app.state, "known"):
        app.state.known = tuple(
            (path, compile_path(path)[0], ", ".join(sorted(method.upper() for method in operations)))
            for path, operations in app.openapi()["paths"].items()
        )
    known: tuple[tuple[str, re.Pattern[str], str], ...] = app.state.known
    return known


async def _to_the_panel(request: Request) -> Response:
    return RedirectResponse(PANEL, status_code=307)


async def _not_built(request: Request) -> Response:
    raise HTTPException(
        404,
        "the panel is not built here: run `npm ci && npm run build` in server/panel and start again;"
        " the plain page is at /plain/",
    )


def _response(request: Request, shown: Problem, headers: dict[str, str] | None = None) -> Response:
    spoken = spoken_to(request)
    with speaking(spoken):
        body = shown.body()
    return JSONResponse(
        body,
        status_code=shown.status,
        media_type="application/problem+json",
        headers={"content-language": spoken, **(headers or {})},
    )


async def _failed(request: Request, error: Exception) -> Response:
    # An unforeseen error is answered outside of every middleware, so its headers are put on here.
    headers = {name.decode(): value.decode() for name, value in headers_of(request.url.path)}
    if isinstance(error, TooMany):
        headers["retry-after"] = str(error.retry_after_s)
    return _response(request, problem(error), headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    # The values themselves stay out: a body may be large, or not text.
    said_of_it = f"{place}: {first['msg']}" if place else str(first["msg"])
    return _response(request, Problem("Not usable as sent", 422, said_of_it))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:
        # What FastAPI calls a body that is no text at all; a body that is no JSON is 422 already.
        return _response(request, Problem("Not usable as sent", 422, "the body is no JSON in UTF-8"))
    title = _TITLES.get(error.status_code, "Not usable as sent")
    return _response(request, Problem(title, error.status_code, str(error.detail)), dict(error.headers or {}))
