"""A stand-in of Microsoft's side: keys that activities are signed with, tokens for posting, the connector.

Written from Microsoft's public description of the Bot Framework; it is not Teams. What is posted is kept for
tests to look at.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.server.oidc.issuers import jwk, rsa_key

APP = "7d3f3a50-1111-4222-8333-0000000000aa"
TENANT = "2c8a9d1e-aaaa-4bbb-8ccc-0000000000bb"
SECRET = "only-in-this-test"
ISSUER = "https://api.botframework.com"
BOT = f"28:{APP}"
KEY = "teams-1"
_OWN = "posting"
"""Name of the key that the program's own tokens are signed with."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Somebody in Teams."""

    object_id: str
    tenant: str = TENANT
    role: str = "user"

    @property
    def id(self) -> str:
        """What the bot is told that they are called."""
        return f"29:{self.object_id[-12:]}"


@dataclass
class Posted:
    """A message that the program has posted."""

    conversation: str
    id: str
    activity: Json
    versions: list[Json] = field(default_factory=list)
    """What it was before each update."""

    @property
    def card(self) -> Json:
        """Its Adaptive Card."""
        [attachment] = self.activity["attachments"]
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        card: Json = attachment["content"]
        return card

    @property
    def words(self) -> str:
        """All that its card says, a line each."""
        return "\n".join(texts_of(self.card))

    def buttons(self) -> dict[str, Json]:
        """Data of each button by its title, also of those within a button that unfolds."""
        return {each["title"]: each.get("data", {}) for each in actions_of(self.card)}


@dataclass
class Microsoft:
    """The stand-in, as tests see it."""

    origin: str
    posted: list[Posted] = field(default_factory=list)
    members: dict[str, list[Person]] = field(default_factory=dict)
    secret: str = SECRET
    refusals: list[int] = field(default_factory=list)
    """Statuses that the next calls of the connector are answered with."""
    tokens_given: int = 0
    keys_given: int = 0
    guests: list[Person] = field(default_factory=list)
    """Whoever is not simply of the directory."""
    unlisted: set[str] = field(default_factory=set)
    """Ids of people whom no conversation knows."""
    closed_chats: set[str] = field(default_factory=set)
    """Object ids of people whom the program may not write to first."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _moment: int = 1_700_000_000_000

    @property
    def service(self) -> str:
        """The service address that activities name."""
        return f"{self.origin}/teams"

    def token(self, key: rsa.RSAPrivateKey | None = None, kid: str = KEY, **other: object) -> str:
        """A token as Teams sends it with an activity; a claim of None is left out."""
        now = int(time.time())
        said = {
            "iss": ISSUER,
            "aud": APP,
            "nbf": now - 60,
            "exp": now + 3_600,
            "serviceurl": f"{self.service}/",
        }
        said.update(other)
        claims = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(claims, key or rsa_key(), "RS256", {"kid": kid, "typ": "JWT"})

    def keys(self) -> Json:
        """The list of keys that it publishes."""
        return {"keys": [jwk(rsa_key(), kid=KEY, use="sig", endorsements=["msteams", "webchat"])]}

    def post(self, conversation: str, activity: Json) -> Posted:
        """A message kept."""
        with self._lock:
            self._moment += 1
            kept = Posted(conversation, str(self._moment), activity)
            self.posted.append(kept)
        return kept

    def find(self, conversation: str, id: str) -> Posted | None:
        """The message of that id in a conversation."""
        chat = conversation.partition(";")[0]
        return next((p for p in self.posted if p.id == id and p.conversation.partition(";")[0] == chat), None)

    def own_token(self) -> str:
        """What the program shows when it posts."""
        claims = {"iss": "login", "appid": APP, "exp": int(time.time()) + 3_600}
        return jwt.encode(claims, rsa_key(_OWN), "RS256", {"kid": _OWN})

    def is_own(self, authorization: str) -> bool:
        """True of such a token."""
        try:
            jwt.decode(authorization.removeprefix("Bearer "), rsa_key(_OWN).public_key(), ["RS256"])
        except jwt.InvalidTokenError:
            return False
        return True


def texts_of(element: object) -> Iterator[str]:
    """Every text that a card shows, in its order."""
    if isinstance(element, Mapping):
        for name in ("text", "title", "label", "value"):
            if isinstance(element.get(name), str):
                yield element[name]
        for name, value in element.items():
            # What a button sends is not shown.
            if name != "data":
                yield from texts_of(value)
    elif isinstance(element, list):
        for each in element:
            # A run of text without looks is the text alone.
            if isinstance(each, str):
                yield each
            else:
                yield from texts_of(each)


def actions_of(element: object) -> Iterator[Json]:
    """Every action of a card."""
    if isinstance(element, dict):
        if str(element.get("type", "")).startswith("Action."):
            yield element
        for value in element.values():
            yield from actions_of(value)
    elif isinstance(element, list):
        for each in element:
            yield from actions_of(each)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    microsoft: Microsoft

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/keys":
            self.microsoft.keys_given += 1
            self._say(200, self.microsoft.keys())
        elif path.endswith("/pagedMembers"):
            self._connector(lambda: self._members(path))
        elif path.split("/")[-2:-1] == ["members"]:
            self._connector(lambda: self._member(path))
        else:
            self._say(404, {})

    def do_POST(self) -> None:
        body = self._body()
        path = urlsplit(self.path).path
        if path == f"/login/{TENANT}/oauth2/v2.0/token":
            self._token(body)
        elif path == "/teams/v3/conversations":
            self._connector(lambda: self._conversation(json.loads(body)))
        elif path.endswith("/activities"):
            self._connector(lambda: self._post(path, json.loads(body)))
        else:
            self._say(404, {})

    def do_PUT(self) -> None:
        body = json.loads(self._body())
        self._connector(lambda: self._update(urlsplit(self.path).path, body))

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length", "0")))

    def _say(self, status: int, body: Json) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _connector(self, answer: Any) -> None:
        if self.microsoft.refusals:
            self._say(self.microsoft.refusals.pop(0), {"error": {"code": "Refused"}})
        elif not self.microsoft.is_own(self.headers.get("authorization", "")):
            self._say(401, {"error": {"code": "Unauthorized"}})
        else:
            self._say(*answer())

    def _token(self, body: bytes) -> None:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if (form.get("client_id"), form.get("client_secret")) != (APP, self.microsoft.secret):
            self._say(401, {"error": "invalid_client", "error_description": "AADSTS7000215: wrong secret"})
            return
        self.microsoft.tokens_given += 1
        self._say(200, {"access_token": self.microsoft.own_token(), "expires_in": 3_600})

    def _members(self, path: str) -> tuple[int, Json]:
        conversation = unquote(path.split("/")[-2])
        listed = self.microsoft.members.get(conversation, [])
        return 200, {"members": [_described(each) for each in listed]}

    def _member(self, path: str) -> tuple[int, Json]:
        """Somebody of the conversation: of the directory, where nothing else is said of them."""
        id = unquote(path.split("/")[-1])
        if id in self.microsoft.unlisted:
            return 404, {"error": {"code": "MemberNotFoundInConversation"}}
        named = Person(f"5e0c0000-0000-4000-8000-{id.partition(':')[2]}")
        return 200, _described(next((each for each in self.microsoft.guests if each.id == id), named))

    def _conversation(self, body: Json) -> tuple[int, Json]:
        [member] = body["members"]
        if member["id"] in self.microsoft.closed_chats:
            return 403, {"error": {"code": "BotNotInConversationRoster"}}
        return 201, {"id": f"a:chat-of-{str(member['id']).replace(':', '-')}"}

    def _post(self, path: str, activity: Json) -> tuple[int, Json]:
        conversation = unquote(path.split("/")[-2])
        return 201, {"id": self.microsoft.post(conversation, activity).id}

    def _update(self, path: str, activity: Json) -> tuple[int, Json]:
        conversation, _, id = path.split("/")[-3:]
        found = self.microsoft.find(unquote(conversation), unquote(id))
        if found is None:
            return 404, {"error": {"code": "ActivityNotFound"}}
        found.versions.append(found.activity)
        found.activity = activity
        return 200, {"id": found.id}


def _described(who: Person) -> Json:
    return {
        "id": who.id,
        "name": "Somebody",
        "aadObjectId": who.object_id,
        "userRole": who.role,
        "tenantId": who.tenant,
    }


@contextmanager
def microsoft() -> Iterator[Microsoft]:
    """The stand-in on a port of this machine."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    stand_in = Microsoft(f"http://127.0.0.1:{server.server_address[1]}")
    handler.microsoft = stand_in  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
