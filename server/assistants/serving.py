"""MCP over streamable HTTP at /mcp: who asks is told by the same token or session as everywhere."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError
from server.assistants.tools import INSTRUCTIONS, called, listed
from server.errors import TooMany, problem
from server.house import House
from server.identity import caller_of
from server.pace import paced

if TYPE_CHECKING:
    import mcp.types as mcp_types
    from mcp.server.context import ServerRequestContext

PATH = "/mcp"
METADATA = "/.well-known/oauth-protected-resource"
_CALLER = "plantwright.caller"


class Assistants:
    """The endpoint of one application.

    Each request stands alone, so that any replica answers it and a person's rights are those of the moment.
    """

    def __init__(self, house: House) -> None:
        # Only where it is switched on: the protocol's package takes memory.
        from mcp.server.lowlevel.server import Server
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        self._house = house
        self._at_once: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(house.settings.runs_at_once)
        )
        """An assistant asks as many things together as its person may."""
        server: Server[Any] = Server(
            "plantwright", instructions=INSTRUCTIONS, on_list_tools=self._list, on_call_tool=self._call
        )
        self._manager = StreamableHTTPSessionManager(
            server, json_response=True, stateless=True, max_request_body_size=house.settings.body_limit
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Takes requests until the block is left."""
        async with self._manager.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, once it is known who sends it."""
        request = Request(scope, receive)
        try:
            caller = await caller_of(request)
            # One bucket for whatever a person sends, by this way or another.
            await paced(request, caller)
        except CopilotError as error:
            await self._refused(request, error)(scope, receive, send)
            return
        async with self._at_once[caller.subject]:
            await self._manager.handle_request({**scope, _CALLER: caller}, receive, send)

    def _refused(self, request: Request, error: CopilotError) -> Response:
        """A client that has no token yet is told where to get one (RFC 9728)."""
        told = problem(error)
        headers = {"retry-after": str(error.retry_after_s)} if isinstance(error, TooMany) else {}
        if told.status == 401 and self._house.settings.oidc_issuer:
            where = self._house.door.origin(request) + METADATA + PATH
            headers["www-authenticate"] = f'Bearer resource_metadata="{where}"'
        return JSONResponse(
            {"title": told.title, "status": told.status, "detail": told.detail},
            told.status,
            headers,
            media_type="application/problem+json",
        )

    async def metadata(self, request: Request) -> Response:
        """Who issues tokens for this endpoint (RFC 9728); 404 in a demo home, which takes none."""
        issuer = self._house.settings.oidc_issuer
        if not issuer:
            return JSONResponse({"title": "No identity provider", "status": 404}, 404)
        return JSONResponse(
            {
                "resource": self._house.door.origin(request) + PATH,
                "authorization_servers": [issuer],
                "bearer_methods_supported": ["header"],
                "resource_name": "plantwright",
            }
        )

    async def _list(
        self, context: ServerRequestContext[Any, Any], params: mcp_types.PaginatedRequestParams | None
    ) -> mcp_types.ListToolsResult:
        import mcp.types as mcp_types

        return mcp_types.ListToolsResult(tools=listed(self._house.copilot, _caller(context)))

    async def _call(
        self, context: ServerRequestContext[Any, Any], params: mcp_types.CallToolRequestParams
    ) -> mcp_types.CallToolResult:
        return await called(self._house.copilot, _caller(context), params.name, params.arguments or {})


def _caller(context: ServerRequestContext[Any, Any]) -> Caller:
    assert isinstance(context.request, Request)  # of HTTP, as all that come here
    caller = context.request.scope[_CALLER]
    assert isinstance(caller, Caller)
    return caller
