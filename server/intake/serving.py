"""The port of collectors: TLS on both sides, and nothing behind it but what they hand over."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, cast

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from erp_adapters.errors import ConfigurationError, ErpError, StoreUnavailable
from erp_adapters.series.wire import MOST_BYTES
from server.collecting.telling import CollectorState, Declaration
from server.intake.file import Collectors, KnownCollector, read_collectors
from server.intake.keepers import Keepers
from server.serving import bound, quiet

_log = logging.getLogger(__name__)
_MOST_DECLARED: Final = 32 * 1024 * 1024


class _ByCertificate(HttpToolsProtocol):
    """Hands on by which certificate whoever is connected was let in."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        shown = transport.get_extra_info("peercert")
        self.app_state = {**self.app_state, "collector": common_name(shown)}


def common_name(certificate: Mapping[str, Any] | None) -> str:
    """Whose certificate it is; empty where none was shown, or it names nobody or several."""
    names = [
        str(value)
        for part in (certificate or {}).get("subject", ())
        for key, value in part
        if key == "commonName"
    ]
    return names[0] if len(names) == 1 else ""


def intake_app(known: Mapping[str, KnownCollector], keepers: Keepers) -> Starlette:
    """What is behind the port."""

    async def take(request: Request) -> Response:
        name, collector = _let_in(request, known)
        source = request.path_params["source"]
        match request.path_params["kind"]:
            case "batch":
                return await _batch(keepers, name, source, await _body(request, MOST_BYTES))
            case "signals":
                body = await _body(request, _MOST_DECLARED)
                return await _signals(keepers, name, collector, source, body)
            case other:
                raise HTTPException(404, f"nothing is taken as {other!r}")

    async def tell(request: Request) -> Response:
        name, collector = _let_in(request, known)
        try:
            state = CollectorState.model_validate_json(await _body(request, MOST_BYTES))
        except ValidationError as error:
            raise HTTPException(422, _first(error)) from error
        await keepers.tell(name, collector.sites, state)
        return PlainTextResponse("noted")

    async def unavailable(request: Request, error: Exception) -> Response:
        return PlainTextResponse(str(error), 503, {"retry-after": "5"})

    return Starlette(
        routes=[
            Route("/collected", tell, methods=["PUT"]),
            Route("/collected/{source}/{kind}", take, methods=["PUT"]),
        ],
        exception_handlers={StoreUnavailable: unavailable},
    )


@asynccontextmanager
async def taking_in(file: Path, dsn: str) -> AsyncIterator[int]:
    """Listens to collectors until the block is left; gives the port.

    Raises:
        ConfigurationError: the file or a certificate cannot be used, or the port is taken.
    """
    told = read_collectors(file)
    trust = _trust(told)
    keepers = Keepers(dsn)
    with bound(told.host, told.port, may_move=False) as listening:
        port = int(listening.getsockname()[1])
        config = uvicorn.Config(
            intake_app(told.collectors, keepers),
            http=_ByCertificate,
            log_level="warning",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=3,
            limit_concurrency=100 + 2 * len(told.collectors),
        )
        config.load()
        config.ssl = trust
        running = quiet(config)
        serving = asyncio.create_task(running.serve(sockets=[listening]), name="collectors")
        _log.info("collectors are listened to at %s port %s", told.host, port)
        try:
            yield port
        finally:
            running.should_exit = True
            await serving
            await keepers.close()


def _trust(told: Collectors) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_cert_chain(told.certificate, told.private_key)
        context.load_verify_locations(told.authority)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"certificates of the port of collectors cannot be used: {error}; `certificate`, `private_key`"
            " and `authority` name files in PEM"
        ) from error
    return context


def _let_in(request: Request, known: Mapping[str, KnownCollector]) -> tuple[str, KnownCollector]:
    name = cast("str", request.scope.get("state", {}).get("collector", ""))
    if (collector := known.get(name)) is None:
        raise HTTPException(403, f"no collector {name!r} is let in: add it to the file of collectors")
    return name, collector


async def _batch(keepers: Keepers, name: str, source: str, body: bytes) -> Response:
    try:
        taken = await keepers.keep(name, source, body)
    except ConfigurationError as error:
        raise HTTPException(409, str(error)) from error
    except StoreUnavailable:
        raise
    except (ErpError, ValueError) as error:
        raise HTTPException(422, f"no batch of {source!r}: {error}") from error
    return PlainTextResponse(f"{taken.samples} samples kept" if taken.is_new else "taken before")


async def _signals(
    keepers: Keepers, name: str, collector: KnownCollector, source: str, body: bytes
) -> Response:
    try:
        told = Declaration.model_validate_json(body)
    except ValidationError as error:
        raise HTTPException(422, _first(error)) from error
    if foreign := sorted({signal.site for signal in told.signals} - collector.sites):
        raise HTTPException(
            403,
            f"{name!r} may not tell of {foreign[0]!r}; it speaks for {', '.join(sorted(collector.sites))}",
        )
    await keepers.declare(name, source, told)
    return PlainTextResponse("known")


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise HTTPException(413, f"the body is larger than {most} bytes")
    return bytes(body)


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
