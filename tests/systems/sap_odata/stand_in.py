"""A stand-in for SAP S/4HANA's OData services: SAP's published shapes and refusals, and none of its business.

It is no SAP. It serves what mock-sap does not have, and says no where SAP does: unknown properties, types,
lengths, unknown plants and materials, locks, authorisation, CSRF, versions. All of a change is made or none.

python -m tests.systems.sap_odata.stand_in PORT
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import sys
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.systems.sap_odata import attachments, plant
from tests.systems.sap_odata.erp import USERS, Erp, etag
from tests.systems.sap_odata.plant import Refusal, Row
from tests.systems.sap_odata.queries import BadQuery, aggregated, expansions, filtered, known, ordered
from tests.systems.sap_odata.shapes import LINKS_4, Service, Shape, metadata
from tests.systems.sap_odata.trust import CLIENT, CLIENT_SECRET, believed, vouched_for

NAME = "plantwright stand-in, no SAP"
_KEY = re.compile(r"(?P<set>\w+)\((?P<key>.*)\)")


class Answer:
    def __init__(self, status: int, body: Any = None, **heads: str) -> None:
        self.status, self.body = status, body
        self.heads = {name.replace("_", "-"): value for name, value in heads.items()}

    def packed(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


def refused(error: Refusal, version: int = 2) -> Answer:
    """SAP's error envelope, of its version."""
    details = [{"code": c, "message": t, "severity": "error"} for c, t in error.details]
    if version == 4:
        return Answer(
            error.status, {"error": {"code": error.code, "message": str(error), "details": details}}
        )
    inner = {"transactionid": secrets.token_hex(16).upper(), "errordetails": details}
    message = {"lang": "en", "value": str(error)}
    return Answer(error.status, {"error": {"code": error.code, "message": message, "innererror": inner}})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    erp: Erp

    def log_message(self, *_: Any) -> None:
        """Silence."""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("content-length") or 0)))

    def _answer(self, body: bytes) -> None:
        with self.erp.lock:
            before = plant.copied(self.erp.data)
            try:
                answer = self._routed(body)
            except Refusal as error:
                answer = refused(error, 4 if "/odata4/" in self.path else 2)
            except BadQuery as error:
                answer = refused(
                    Refusal("/IWBEP/CM_MGW_RT/020", str(error)), 4 if "/odata4/" in self.path else 2
                )
            if answer.status >= 400:
                self.erp.data = before
        data = answer.packed()
        self.send_response(answer.status)
        kind = "application/json"
        if isinstance(answer.body, str):
            kind = "text/html" if answer.body.startswith("<html") else "application/xml"
        for name, value in {"content-type": kind, **answer.heads, "content-length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def version_string(self) -> str:
        return NAME

    def _routed(self, body: bytes) -> Answer:
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        if path.startswith("/_stand_in/"):
            return self._ordered(path.removeprefix("/_stand_in/"), json.loads(body or b"{}"))
        if path == "/sap/bc/sec/oauth2/token":
            return self._token({name: values[0] for name, values in parse_qs(body.decode()).items()})
        user, session = self._signed_in()
        if user is None:
            return Answer(
                401,
                "<html><head><title>Logon Error Message</title></head></html>",
                www_authenticate='Basic realm="SAP NetWeaver Application Server"',
            )
        if self.erp.spoil("html"):
            return Answer(200, "<html><head><title>Sign in</title></head><body>please</body></html>")
        for service in self.erp.services.values():
            if path.rstrip("/") == service.path or path.startswith(service.path + "/"):
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                return self._served(service, path[len(service.path) :].strip("/"), query, body, user, session)
        return Answer(404, "<html><head><title>404 Resource not found</title></head></html>")

    def _signed_in(self) -> tuple[str | None, str]:
        given = self.headers.get("authorization", "")
        kind, _, value = given.partition(" ")
        user: str | None = None
        if kind == "Basic":
            name, _, password = base64.b64decode(value).decode().partition(":")
            user = name if USERS.get(name, {}).get("password") == password else None
        elif kind == "Bearer":
            user, ends = self.erp.tokens.get(value, (None, datetime.now(UTC)))
            user = user if ends > datetime.now(UTC) else None
        cookie = re.search(r"SAP_SESSIONID_S4H_100=(\w+)", self.headers.get("cookie", ""))
        return user, cookie[1] if cookie else ""

    def _served(
        self, service: Service, rest: str, query: dict[str, str], body: bytes, user: str, session: str
    ) -> Answer:
        if service.name in USERS[user].get("without", ()):
            raise Refusal(
                "/IWFND/CM_BEC/026", f"No authorization to access service group '{service.name}'", 403
            )
        heads: dict[str, str] = {}
        if self.command == "POST":
            token = self.headers.get("x-csrf-token", "")
            if self.erp.sessions.get(session) != (user, token) or self.erp.spoil("csrf"):
                return Answer(403, "CSRF token validation failed", x_csrf_token="Required")
        elif self.headers.get("x-csrf-token", "").lower() == "fetch":
            session = session or secrets.token_hex(8)
            self.erp.sessions[session] = (user, secrets.token_urlsafe(18))
            heads = {"x-csrf-token": self.erp.sessions[session][1]}
            heads["set-cookie"] = f"SAP_SESSIONID_S4H_100={session}; path=/; HttpOnly"
        if rest == "$batch":
            answer = self._batched(service, body, user)
        elif self.command == "POST":
            answer = self._created(service, rest, body, user)
        elif rest == "$metadata":
            renamed = self.erp.spoil("rename")
            answer = Answer(200, metadata(service, without=renamed["property"] if renamed else ""))
        elif service.name == attachments.SERVICE and rest:
            status, held, kind = attachments.answered(self.erp.data, service, rest, query)
            answer = Answer(status, held, content_type=kind)
        elif not rest:
            answer = Answer(200, {"d": {"EntitySets": list(service.sets)}})
        else:
            answer = self._found(service, rest, query)
        answer.heads |= heads
        return answer

    def _created(self, service: Service, rest: str, body: bytes, user: str) -> Answer:
        if service.version != 2 or rest not in service.sets:
            raise Refusal("/IWBEP/CM_MGW_RT/020", f"Resource not found for segment '{rest}'", 404)
        request = self.headers.get("requestid", "")
        if request and request in self.erp.answered:
            status, held = self.erp.answered[request]
            return Answer(status, held, RepeatabilityResult="accepted")
        try:
            given = json.loads(body)
        except ValueError as error:
            raise Refusal("/IWCOR/CX_DS_EP_PARSE_ERROR", "The request body is no JSON") from error
        shape = service.sets[rest]
        row = self.erp.create(service, shape, given, user)
        held = {"d": self._written(service, shape, row, {}, None)}
        if request:
            self.erp.answered[request] = (201, held)
        return Answer(201, held)

    def _found(self, service: Service, rest: str, query: dict[str, str]) -> Answer:
        v4 = service.version == 4
        keyed = _KEY.fullmatch(rest)
        name = keyed["set"] if keyed else rest
        if name not in service.sets:
            raise Refusal("/IWBEP/CM_MGW_RT/020", f"Resource not found for segment '{name}'", 404)
        shape = service.sets[name]
        back = {theirs: ours for ours, theirs in LINKS_4.items()} if v4 else {}
        asked = ",".join(back.get(each, each) for each in query.get("$expand", "").split(",") if each)
        expand = expansions(asked, self.erp.shapes, shape)
        select = [each for each in query.get("$select", "").split(",") if each] or None
        renamed = self.erp.spoil("rename")
        for each in select or ():
            if renamed and renamed["property"] == each:
                raise BadQuery(f"Property '{each}' not found in type '{service.name}.{name}Type'")
            if each.split("/")[0] not in expand:
                known(shape, each, "selected")
        if keyed:
            row = self.erp.find(shape, keyed["key"])
            return Answer(200, {"d": self._written(service, shape, row, expand, select)})
        rows = list(self.erp.data[shape.name])
        if query.get("$filter"):
            rows = filtered(rows, query["$filter"], shape)
        if shape.aggregates and select:
            rows = aggregated(rows, select, shape)
        rows = (
            ordered(rows, query.get("$orderby") or ",".join(k for k in shape.keys if k != "ID"), shape)
            if query.get("$orderby") or "ID" not in shape.keys
            else rows
        )
        if self.erp.spoil("double", set=shape.name):
            rows = [row for row in rows for _ in range(2)]
        at = int(query.get("$skiptoken") or query.get("$skip") or 0)
        most = int(query["$top"]) if "$top" in query else len(rows)
        wanted = rows[: at + most] if "$skiptoken" not in query else rows[: int(query.get("$top", len(rows)))]
        page = wanted[at : at + self.erp.page]
        following = None
        if at + len(page) < len(wanted) and not self.erp.spoil("short", set=shape.name):
            kept = "&".join(f"{k}={v}" for k, v in query.items() if k not in ("$skiptoken", "$skip"))
            # As it knows itself, which is not how it was called.
            following = f"https://s4h.internal:44300{service.path}/{rest}?{kept}&$skiptoken={at + len(page)}"
        results = [self._written(service, shape, row, expand, select) for row in page]
        if v4:
            return Answer(200, {"value": results, **({"@odata.nextLink": following} if following else {})})
        return Answer(200, {"d": {"results": results, **({"__next": following} if following else {})}})

    def _written(
        self, service: Service, shape: Shape, row: Row, expand: dict[str, Any], select: list[str] | None
    ) -> Row:
        v4 = service.version == 4
        held: Row = {}
        if not v4:
            held["__metadata"] = {"type": f"{service.name}.{shape.name}Type"}
            if tag := etag(shape, row):
                held["__metadata"]["etag"] = tag
        spoiled = self.erp.spoil("value", set=shape.name)
        for name, one in shape.properties.items():
            if select is None or name in select:
                held[name] = one.written(row.get(name), service.version)
                if spoiled and spoiled["property"] == name:
                    held[name] = spoiled["value"]
        for link, target in shape.links.items():
            if link in expand:
                join, below = shape.joins[link], self.erp.shapes[target]
                found = [
                    self._written(service, below, other, expand[link], None)
                    for other in self.erp.data[target]
                    if all(other[theirs] == row[ours] for ours, theirs in join.items())
                ]
                held[LINKS_4[link] if v4 else link] = found if v4 else {"results": found}
            elif not v4 and select is None:
                held[link] = {"__deferred": {"uri": link}}
        return held

    def _batched(self, service: Service, body: bytes, user: str) -> Answer:
        """A change set: every change is made or none."""
        text = body.decode()
        before, answers = plant.copied(self.erp.data), []
        requests = re.findall(
            r"(PATCH|MERGE|POST) (\S+) HTTP/1.1\r\n(.*?)\r\n\r\n(.*?)\r\n--", text, re.DOTALL
        )
        try:
            for method, path, heads, given in requests:
                if method == "POST" and path in service.sets:
                    self.erp.create(service, service.sets[path], json.loads(given), user)
                    answers.append("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
                    continue
                keyed = _KEY.fullmatch(unquote(path))
                if keyed is None or keyed["set"] not in service.sets:
                    raise Refusal("/IWBEP/CM_MGW_RT/020", f"Resource not found for segment '{path}'", 404)
                shape = service.sets[keyed["set"]]
                match = re.search(r"If-Match: (.*)", heads)
                self.erp.change(
                    shape,
                    self.erp.find(shape, keyed["key"]),
                    json.loads(given),
                    match[1].strip() if match else "",
                    user,
                )
                answers.append("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
        except Refusal as error:
            self.erp.data = before
            refusal = refused(error)
            status = f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}"
            part = f"{status}\r\nContent-Type: application/json\r\n\r\n{refusal.packed().decode()}"
            return _mixed(f"Content-Type: application/http\r\n\r\n{part}\r\n")
        inner = "".join(f"--inner\r\nContent-Type: application/http\r\n\r\n{each}\r\n" for each in answers)
        return _mixed(f"Content-Type: multipart/mixed; boundary=inner\r\n\r\n{inner}--inner--\r\n")

    def _token(self, form: dict[str, str]) -> Answer:
        name, _, password = (
            base64.b64decode(self.headers.get("authorization", " ").partition(" ")[2]).decode().partition(":")
        )
        if (name, password) != (CLIENT, CLIENT_SECRET):
            return Answer(
                401,
                {
                    "error": "invalid_client",
                    "error_description": f"client {name} is unknown, or {password} wrong",
                },
            )
        user: str | None = "COPILOT"
        if form.get("grant_type", "").endswith("saml2-bearer"):
            user, why = believed(
                form.get("assertion", ""), self.erp.trusted, f"http://{self.headers['host']}{self.path}"
            )
            if user not in USERS:
                return Answer(
                    400, {"error": "invalid_grant", "error_description": why or f"user {user} is unknown"}
                )
        issued = {}
        if form.get("grant_type", "").endswith("token-exchange"):
            user, why = vouched_for(form, self.erp.trusted, f"http://{self.headers['host']}{self.path}")
            if user not in USERS:
                return Answer(
                    400, {"error": "invalid_request", "error_description": why or f"user {user} is unknown"}
                )
            issued = {"issued_token_type": self.erp.issues}
        token = secrets.token_urlsafe(24)
        self.erp.tokens[token] = (str(user), datetime.now(UTC) + timedelta(seconds=self.erp.token_seconds))
        lasts = {"token_type": "Bearer", "expires_in": self.erp.token_seconds}
        return Answer(200, {"access_token": token, **lasts, **issued})

    def _ordered(self, what: str, given: Any) -> Answer:
        """What a test does at the system's own side."""
        erp = self.erp
        match what:
            case "reset":
                erp.reset()
            case "spoil":
                erp.spoils.append(given)
            case "heal":
                erp.spoils.clear()
            case "set":
                for name, value in given.items():
                    setattr(erp, name, value)
            case "hang":
                attachments.hang(erp.data, **given)
            case "unhang":
                attachments.unhang(erp.data, given["logical"])
            case "bought":
                plant.bought(erp.data, **given)
            case "revoke":
                erp.tokens.clear()
                erp.sessions.clear()
            case "add":
                shape = erp.shapes[given["set"]]
                [like, *_] = [r for r in erp.data[given["set"]] if given["like"].items() <= r.items()]
                read = {name: shape.properties[name].read(value) for name, value in given["values"].items()}
                erp.data[given["set"]].append({**like, **read})
            case "change":
                for row in erp.data[given["set"]]:
                    if all(row[name] == value for name, value in given["where"].items()):
                        row.update(given["values"])
                        if "LastChangeDateTime" in erp.shapes[given["set"]].properties:
                            row["LastChangeDateTime"] = datetime.now(UTC)
        return Answer(
            200, {"creations": erp.creations, "tokens": len(erp.tokens), "sessions": len(erp.sessions)}
        )


def _mixed(part: str) -> Answer:
    answer = Answer(202, f"--outer\r\n{part}\r\n--outer--\r\n")
    answer.heads["content-type"] = "multipart/mixed; boundary=outer"
    return answer


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    handler = type("Bound", (Handler,), {"erp": Erp()})
    server = Server(("127.0.0.1", int(sys.argv[1])), handler)
    print(f"{NAME} on port {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
