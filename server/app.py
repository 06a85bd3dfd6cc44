"""The web application: routes, limits, errors and the page."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from erp_adapters.errors import CopilotError
from server.errors import Problem, problem
from server.house import House
from server.limits import HEADERS, BodyLimit, SecurityHeaders
from server.routes import answers, conversations, drafts, finance, health, people


def create_app(house: House) -> FastAPI:
    """The application that serves an opened home."""
    app = FastAPI(title="plantwright", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
    app.state.house = house
    for routes in (conversations, answers, drafts, finance, people, health):
        app.include_router(routes.router)
    app.include_router(drafts.switches)
    app.add_exception_handler(CopilotError, _failed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _failed)
    app.mount("/", StaticFiles(directory=page_folder(), html=True), name="page")
    app.add_middleware(BodyLimit, limit=house.settings.body_limit)
    app.add_middleware(SecurityHeaders)
    return app


def page_folder() -> Path:
    """Where the page's files lie."""
    return Path(str(resources.files("server") / "page"))


def _response(shown: Problem, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(
        shown.body(), status_code=shown.status, media_type="application/problem+json", headers=headers
    )


async def _failed(request: Request, error: Exception) -> Response:
    # An unforeseen error is answered outside of every middleware, so its headers are put on here.
    return _response(problem(error), {name.decode(): value.decode() for name, value in HEADERS})


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    # The values themselves stay out: a body may be large, or not text.
    return _response(
        Problem("Not usable as sent", 422, f"{place}: {first['msg']}" if place else str(first["msg"]))
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    titles = {404: "Not found", 405: "Method not allowed", 413: "Body too large"}
    title = titles.get(error.status_code, "Refused")
    return _response(Problem(title, error.status_code, str(error.detail)), dict(error.headers or {}))
