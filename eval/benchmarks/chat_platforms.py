"""Chat platforms, as little of them as a benchmark takes: posts are timed, and what people send is signed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import unquote
from uuid import UUID

PlatformName: TypeAlias = Literal["slack", "teams"]
_PATIENCE_S = 600.0


@dataclass
class StandIn:
    """A platform's web API on this machine; it answers at once."""

    question: str
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    posted: dict[str, float] = field(default_factory=dict)
    """When the first message into each conversation came."""
    origin: str = ""
    """Where it listens, once it does."""

    @property
    def path(self) -> str:
        """Where the service takes what the platform sends."""
        raise NotImplementedError

    @property
    def tenant(self) -> str:
        """Workspace or directory of everybody."""
        raise NotImplementedError

    def settings(self) -> dict[str, str]:
        """What the service is started with."""
        raise NotImplementedError

    def account(self, who: str) -> str:
        """What the platform calls a person."""
        raise NotImplementedError

    def sent(self, who: str, conversation: str) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the question, asked there by a person."""
        raise NotImplementedError

    def answered(self, path: str, body: bytes) -> dict[str, Any]:
        """What a call of the service is answered with."""
        raise NotImplementedError

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while True:
                path, body = await _request(reader)
                text = json.dumps(self.answered(path, body)).encode()
                head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(text)}"
                writer.write(f"{head}\r\n\r\n".encode() + text)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def came(self, conversation: str) -> None:
        """A message was posted there."""
        self.posted.setdefault(conversation, time.perf_counter())
        self.heard.set()

    async def wait(self, conversation: str) -> float:
        """When the first message into a conversation came."""
        async with asyncio.timeout(_PATIENCE_S):
            while conversation not in self.posted:
                self.heard.clear()
                await self.heard.wait()
        return self.posted[conversation]


class SlackStandIn(StandIn):
    """Slack's web API, and events as it signs them."""

    path = "/v1/channels/slack"
    tenant = "T0BENCH"

    def settings(self) -> dict[str, str]:
        """See StandIn."""
        return {
            "PLANTWRIGHT_SLACK_WORKSPACE": self.tenant,
            "PLANTWRIGHT_SLACK_TOKEN": "env:BENCH_TOKEN",
            "PLANTWRIGHT_SLACK_SIGNING_SECRET": "env:BENCH_SECRET",
            "PLANTWRIGHT_SLACK_API": f"{self.origin}/api/",
            "BENCH_TOKEN": "xoxb-benchmark",
            "BENCH_SECRET": "benchmark-secret",
        }

    def account(self, who: str) -> str:
        """See StandIn."""
        return "U" + hashlib.sha256(who.encode()).hexdigest()[:10].upper()

    def sent(self, who: str, conversation: str) -> tuple[bytes, dict[str, str]]:
        """See StandIn."""
        event = {
            "type": "message",
            "channel_type": "im",
            "channel": conversation,
            "user": self.account(who),
            "ts": f"{time.time():.6f}",
            "text": self.question,
            "team": self.tenant,
        }
        body = json.dumps({"type": "event_callback", "team_id": self.tenant, "event": event}).encode()
        at = str(int(time.time()))
        made = hmac.new(b"benchmark-secret", b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
        return body, {"x-slack-request-timestamp": at, "x-slack-signature": f"v0={made}"}

    def answered(self, path: str, body: bytes) -> dict[str, Any]:
        """See StandIn."""
        match path.rpartition("/")[2]:
            case "chat.postMessage":
                channel = str(json.loads(body)["channel"])
                self.came(channel)
                return {"ok": True, "channel": channel, "ts": f"{time.time():.6f}"}
            case "auth.test":
                return {"ok": True, "user_id": "U0BOT", "team_id": self.tenant, "user": "b", "team": "t"}
            case "files.getUploadURLExternal":
                # Pictures are not measured: without them an answer is whole.
                return {"ok": False, "error": "benchmark"}
            case _:
                return {"ok": True, "channel": {"id": "D1"}, "members": []}


class TeamsStandIn(StandIn):
    """Microsoft's keys, tokens and connector, and activities as Teams signs them."""

    path = "/v1/channels/teams"
    tenant = "2c8a9d1e-aaaa-4bbb-8ccc-0000000000bb"
    _app = "7d3f3a50-1111-4222-8333-0000000000aa"

    def __init__(self, question: str) -> None:
        # Only where Teams is measured.
        from cryptography.hazmat.primitives.asymmetric import rsa

        super().__init__(question)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def settings(self) -> dict[str, str]:
        """See StandIn."""
        return {
            "PLANTWRIGHT_TEAMS_APP_ID": self._app,
            "PLANTWRIGHT_TEAMS_TENANT": self.tenant,
            "PLANTWRIGHT_TEAMS_SECRET": "env:BENCH_SECRET",
            "PLANTWRIGHT_TEAMS_STAND_IN": self.origin,
            "PLANTWRIGHT_PUBLIC_URL": "https://copilot.example",
            "BENCH_SECRET": "benchmark-secret",
        }

    def account(self, who: str) -> str:
        """See StandIn."""
        return str(UUID(bytes=hashlib.sha256(who.encode()).digest()[:16]))

    def sent(self, who: str, conversation: str) -> tuple[bytes, dict[str, str]]:
        """See StandIn."""
        activity = {
            "type": "message",
            "id": f"f:{time.time_ns()}",
            "channelId": "msteams",
            "serviceUrl": f"{self.origin}/teams/",
            "from": {"id": f"29:{self.account(who)}", "name": "S", "aadObjectId": self.account(who)},
            "recipient": {"id": f"28:{self._app}", "name": "plantwright"},
            "conversation": {"conversationType": "personal", "tenantId": self.tenant, "id": conversation},
            "channelData": {"tenant": {"id": self.tenant}},
            "text": self.question,
            "textFormat": "plain",
        }
        return json.dumps(activity).encode(), {"authorization": f"Bearer {self._token()}"}

    def answered(self, path: str, body: bytes) -> dict[str, Any]:
        """See StandIn."""
        if path == "/keys":
            return {"keys": [self._public()]}
        if path.endswith("/token"):
            return {"access_token": self._token(), "expires_in": 3_600}
        if path.endswith("/activities"):
            self.came(unquote(path.split("/")[-2]))
            return {"id": str(time.time_ns())}
        if "/members/" in path:
            id = unquote(path.rpartition("/")[2])
            return {
                "id": id,
                "aadObjectId": id.partition(":")[2],
                "tenantId": self.tenant,
                "userRole": "user",
            }
        return {"id": "a:benchmark", "members": []}

    def _token(self) -> str:
        import jwt

        now = int(time.time())
        claims = {
            "iss": "https://api.botframework.com",
            "aud": self._app,
            "nbf": now - 60,
            "exp": now + 3_600,
        }
        return jwt.encode({**claims, "serviceurl": f"{self.origin}/teams/"}, self._key, "RS256", {"kid": "k"})

    def _public(self) -> Mapping[str, Any]:
        from jwt.algorithms import RSAAlgorithm

        shown: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {**shown, "kid": "k", "use": "sig", "endorsements": ["msteams"]}


def stand_in_of(platform: PlatformName, question: str) -> StandIn:
    """The stand-in of a platform."""
    return SlackStandIn(question) if platform == "slack" else TeamsStandIn(question)


async def _request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    path = head.split(" ")[1].partition("?")[0]
    length = next(
        (
            int(line.partition(":")[2])
            for line in head.lower().splitlines()
            if line.startswith("content-length")
        ),
        0,
    )
    return path, await reader.readexactly(length)
