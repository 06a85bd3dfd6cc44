"""A stand-in of Slack, labelled as one: its web API on this machine, and requests signed as it signs them.

It refuses blocks that Block Kit would refuse for their size or type, so that a test sees what it would say.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TOKEN = "xoxb-stand-in"
WORKSPACE = "T0HOME"
BOT = "U0BOT"


@dataclass
class SlackStandIn:
    """What was called, in order, and how the next calls are to be answered."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    broken: str = ""
    pause_s: float = 0.0
    address: str = ""
    token: str = TOKEN
    workspace: str = WORKSPACE
    secret: str = SECRET
    _numbers: Any = field(default_factory=lambda: count(1))

    def of(self, method: str) -> list[dict[str, Any]]:
        """What a method was called with."""
        return [given for called, given in self.calls if called == method]

    def app(self) -> Starlette:
        """The web API, and where files are uploaded."""
        return Starlette(
            routes=[
                Route("/api/{method}", self._method, methods=["POST", "GET"]),
                Route("/upload/{file}", self._upload, methods=["POST"]),
            ]
        )

    async def _method(self, request: Request) -> Response:
        method = request.path_params["method"]
        if self.pause_s:
            await asyncio.sleep(self.pause_s)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        if "json" in request.headers.get("content-type", ""):
            given = await request.json()
        else:
            given = dict(parse_qsl((await request.body()).decode())) | dict(request.query_params)
        for name in ("blocks", "view", "files"):
            if isinstance(given.get(name), str):
                given[name] = json.loads(given[name])
        self.calls.append((method, given))
        if self.broken:
            return JSONResponse({"ok": False, "error": self.broken})
        if trouble := troubles(given.get("blocks") or (given.get("view") or {}).get("blocks") or []):
            return JSONResponse({"ok": False, "error": "invalid_blocks", "detail": trouble})
        return JSONResponse({"ok": True, **self._answer(method, given)})

    def _answer(self, method: str, given: Mapping[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        match method:
            case "chat.postMessage":
                return {"channel": given["channel"], "ts": f"1700000000.{number:06}"}
            case "chat.postEphemeral":
                return {"message_ts": f"1700000000.{number:06}"}
            case "conversations.open":
                return {"channel": {"id": "D" + str(given["users"])[1:]}}
            case "conversations.members":
                return {"members": [*self.members, BOT], "response_metadata": {"next_cursor": ""}}
            case "auth.test":
                return {"user_id": BOT, "user": "plantwright", "team_id": self.workspace, "team": "Home"}
            case "files.getUploadURLExternal":
                return {"file_id": f"F{number}", "upload_url": f"{self.address}/upload/F{number}"}
            case "files.completeUploadExternal":
                return {"files": [{"id": each["id"]} for each in given["files"]]}
            case _:
                return {}

    async def _upload(self, request: Request) -> Response:
        self.files.append(await request.body())
        return PlainTextResponse("OK")


def troubles(blocks: list[dict[str, Any]]) -> str:
    """What Block Kit would refuse; empty where nothing."""
    if len(blocks) > 50:
        return f"{len(blocks)} blocks"
    for block in blocks:
        kind = block["type"]
        if kind == "actions" and not 0 < len(block["elements"]) <= 25:
            return "actions"
        if kind == "section" and len(block.get("fields", ())) > 10:
            return "fields"
        for text in _texts(block):
            most = 150 if kind == "header" else 2_000 if text.get("of") == "fields" else 3_000
            if not 0 < len(text["text"]) <= most:
                return f"{kind}: {len(text['text'])} characters"
        for element in block.get("elements", ()):
            if element.get("type") == "button":
                if len(element["text"]["text"]) > 75 or len(element.get("value", "")) > 2_000:
                    return "button"
                if len(element.get("url", "")) > 3_000 or not element["action_id"]:
                    return "button"
    return ""


def _texts(block: Any) -> list[dict[str, Any]]:
    if isinstance(block, dict):
        own = [block] if block.get("type") in ("plain_text", "mrkdwn") else []
        return own + [found for value in block.values() for found in _texts(value)]
    if isinstance(block, list):
        return [found for value in block for found in _texts(value)]
    return []


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[str]:
    """The address of an application that is served on this machine while the block lasts."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on", access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            while not server.started:  # noqa: ASYNC110  # uvicorn has nothing to wait for
                await asyncio.sleep(0.01)
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@dataclass
class Sender:
    """Slack as it sends: every request signed."""

    http: httpx.AsyncClient
    numbers: Any = field(default_factory=lambda: count(1))
    workspace: str = WORKSPACE
    secret: str = SECRET

    async def event(self, event: Mapping[str, Any], **body: Any) -> httpx.Response:
        """An event of the Events API."""
        number = next(self.numbers)
        whole = {
            "token": "verification",
            "team_id": self.workspace,
            "api_app_id": "A0APP",
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{number:08}",
            "event_time": int(time.time()),
            "authorizations": [
                {"enterprise_id": None, "team_id": self.workspace, "user_id": BOT, "is_bot": True}
            ],
            "is_ext_shared_channel": False,
            **body,
        }
        return await self.signed(json.dumps(whole), "application/json")

    async def said(
        self, user: str, text: str, channel: str = "", thread: str = "", ts: str = "", **event: Any
    ) -> httpx.Response:
        """A mention in a channel; without a channel a direct message."""
        at = ts or f"1690000000.{next(self.numbers):06}"
        what: dict[str, Any] = {"user": user, "ts": at, "team": self.workspace, "event_ts": at}
        if channel:
            what |= {"type": "app_mention", "channel": channel, "text": f"<@{BOT}> {text}"}
        else:
            direct = {"channel": "D" + user[1:], "channel_type": "im"}
            what |= {"type": "message", "text": text, **direct}
        body = {"team_id": event.pop("team_id", self.workspace)}
        if "is_ext_shared_channel" in event:
            body["is_ext_shared_channel"] = event.pop("is_ext_shared_channel")
        return await self.event({**what, **({"thread_ts": thread} if thread else {}), **event}, **body)

    async def pressed(
        self, user: str, button: Mapping[str, Any], message: Mapping[str, Any], **more: Any
    ) -> httpx.Response:
        """A button of a posted message."""
        channel = str(message["channel"])
        body = {
            "type": "block_actions",
            "user": {"id": user, "username": user.lower(), "team_id": self.workspace},
            "api_app_id": "A0APP",
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel,
                "is_ephemeral": False,
            },
            "trigger_id": f"{next(self.numbers)}.{time.time_ns()}",
            "team": {"id": self.workspace, "domain": "home"},
            "enterprise": None,
            "channel": {"id": channel, "name": "directmessage" if channel.startswith("D") else "planning"},
            "message": {
                "ts": message["ts"],
                **({"thread_ts": message["thread_ts"]} if message.get("thread_ts") else {}),
            },
            "actions": [{**button, "block_id": "b", "action_ts": f"{time.time():.6f}"}],
            **more,
        }
        return await self.form({"payload": json.dumps(body)})

    async def submitted(self, user: str, view: Mapping[str, Any], reason: str) -> httpx.Response:
        """The form of a rejection, filled in."""
        body = {
            "type": "view_submission",
            "team": {"id": self.workspace, "domain": "home"},
            "user": {"id": user, "team_id": self.workspace},
            "view": {
                **view,
                "id": f"V{next(self.numbers)}",
                "state": {"values": {"reason": {"reason": {"type": "plain_text_input", "value": reason}}}},
            },
        }
        return await self.form({"payload": json.dumps(body)})

    async def command(self, user: str, text: str) -> httpx.Response:
        """The slash command, typed in some channel."""
        return await self.form(
            {
                "command": "/plantwright",
                "text": text,
                "user_id": user,
                "team_id": self.workspace,
                "channel_id": "C1",
                "channel_name": "planning",
                "trigger_id": f"{next(self.numbers)}.{time.time_ns()}",
                "response_url": "https://hooks.slack.com/commands/nothing",
            }
        )

    async def form(self, fields: Mapping[str, str]) -> httpx.Response:
        """Fields as a form has them."""
        return await self.signed(urlencode(fields), "application/x-www-form-urlencoded")

    async def signed(
        self, body: str, kind: str, *, secret: str = "", age_s: int = 0, **headers: str
    ) -> httpx.Response:
        """A body under Slack's signature, or under one that it would not make."""
        return await self.http.post(
            "/v1/channels/slack",
            content=body,
            headers={**signature(body, secret or self.secret, age_s), "content-type": kind, **headers},
        )


def signature(body: str, secret: str = SECRET, age_s: int = 0) -> dict[str, str]:
    """The headers that Slack sends with a body."""
    at = str(int(time.time()) - age_s)
    made = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": at, "x-slack-signature": f"v0={made}"}


def buttons_of(message: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The buttons of a message by what they do."""
    return {
        element["action_id"]: element
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    }
