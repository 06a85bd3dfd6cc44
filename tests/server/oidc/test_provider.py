"""A provider on a port that behaves badly: what it can do to us is to be unavailable."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from server.errors import NotSignedIn, ProviderUnavailable, SignInFailed
from server.oidc.fetching import MOST_BYTES, Fetcher
from server.oidc.flow import Flow
from server.oidc.provider import Provider, Registration
from tests.server.oidc.issuers import claims, ec_key, listed, token

Answers = dict[str, tuple[str, bytes]]
ENDED = "client_id=copilot&post_logout_redirect_uri=https%3A%2F%2Fp%2Fended"


@asynccontextmanager
async def answering(
    answers: Answers, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[str, list[str]]]:
    """A server with prepared answers by path; its address, and the head and body of each request."""
    heard: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(x[15:]) for x in head.lower().split("\r\n") if x.startswith("content-length")), 0)
        heard.append(head + (await reader.readexactly(length)).decode())
        status, body = answers.get(head.split(" ")[1], ("404 Not Found", b"{}"))
        writer.write(
            f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
        )
        writer.write(body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard


def ok(document: object) -> tuple[str, bytes]:
    return "200 OK", json.dumps(document).encode()


def discovery(at: str, **more: object) -> Answers:
    found = {
        "issuer": at,
        "authorization_endpoint": f"{at}/authorize",
        "token_endpoint": f"{at}/token",
        "jwks_uri": f"{at}/keys",
        **more,
    }
    return {"/.well-known/openid-configuration": ok(found), "/keys": ok(listed())}


def known(issuer: str, **more: str) -> Provider:
    return Provider(Registration(issuer, "copilot", **more), Fetcher(issuer))


@pytest.mark.parametrize(
    "answer",
    [
        ("302 Found\r\nlocation: http://127.0.0.1:1/", b""),
        ("307 Temporary Redirect\r\nlocation: https://id.example/", b""),
        ("500 Oops", b"{}"),
        ("404 Not Found", b"{}"),
        ("200 OK", b"<html>"),
        ("200 OK", b"[1]"),
        ("200 OK", b"\xff"),
        ("200 OK", b"[" * 100_000),
        ("200 OK", b'{"a": "' + b"x" * MOST_BYTES + b'"}'),
        ("200 OK\r\ncontent-encoding: gzip", b"not gzip"),
    ],
    ids=["redirect", "redirect 307", "500", "404", "HTML", "list", "bytes", "deep", "large", "gzip"],
)
async def test_bad_answers_are_a_provider_that_is_away(answer: tuple[str, bytes]) -> None:
    """No redirect is followed, nothing large is read, nothing that is no object is believed."""
    async with answering({"/x": answer}) as (at, heard):
        with pytest.raises(ProviderUnavailable, match=r"127\.0\.0\.1"):
            await Fetcher(at).json(f"{at}/x")
        assert len(heard) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": "http://id.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
    ],
    ids=lambda more: next(iter(more)),
)
async def test_a_discovery_document_must_be_the_issuer_s(more: dict[str, object]) -> None:
    """Its name is ours to say, and its addresses are https or where the issuer is."""
    answers: Answers = {}
    async with answering(answers) as (at, _):
        answers.update(discovery(at, **more))
        with pytest.raises(ProviderUnavailable):
            await known(at).begin(Flow.begin("/"), "https://copilot.example/v1/session/return")


async def test_endpoints_in_a_network_are_not_called() -> None:
    """A document that names another private host gets no call there, with our client's secret in it."""
    answers: Answers = {}
    async with answering(answers) as (at, heard):
        answers.update(discovery(at, token_endpoint="https://10.255.255.1/token"))
        with pytest.raises(ProviderUnavailable, match=r"10\.255\.255\.1"):
            await known(at, client_secret="s").finished(Flow.begin("/"), "code", "", "https://c.example/r")
        assert len(heard) == 1


@pytest.mark.parametrize(
    ("methods", "is_basic"),
    [(["client_secret_basic", "client_secret_post"], True), (["client_secret_post"], False), (None, True)],
)
async def test_the_secret_is_sent_as_the_provider_takes_it(methods: list[str] | None, is_basic: bool) -> None:
    """In a header where it can be, and never in an address."""
    answers: Answers = {}
    async with answering(answers) as (at, heard):
        answers.update(discovery(at, token_endpoint_auth_methods_supported=methods))
        answers["/token"] = ("400 Bad Request", b'{"error": "invalid_grant"}')
        with pytest.raises(SignInFailed):
            await known(at, client_secret="hush").finished(Flow.begin("/"), "c", "", "https://c.example/r")
        assert ("authorization: basic" in heard[1].lower()) is is_basic
        assert ("client_secret=hush" in heard[1]) is not is_basic
        assert "code_verifier=" in heard[1]
        assert "hush" not in heard[1].split("\r\n")[0]


async def test_an_id_token_is_no_access_token() -> None:
    """Where both have one audience, the nonce tells them apart."""
    answers: Answers = {}
    async with answering(answers) as (at, _):
        answers.update(discovery(at))
        provider = known(at, audience="copilot")
        said = claims(iss=at, aud="copilot")
        assert (await provider.bearer(token(said))).subject == "buyer"
        with pytest.raises(NotSignedIn, match="ID token"):
            await provider.bearer(token({**said, "nonce": "n"}))


def certificate(host: str) -> tuple[bytes, bytes]:
    """A certificate that vouches for itself, and its key."""
    key = ec_key(host)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    held = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.PEM), held


@pytest.mark.parametrize(("host", "is_taken"), [("localhost", True), ("other.example", False)])
async def test_the_certificate_is_held_to_the_name(
    host: str, is_taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the call goes to the address that was looked at; trusted is what the operating system trusts."""
    made, key = certificate(host)
    tmp_path.joinpath("both.pem").write_bytes(made + key)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "both.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "both.pem")
    async with answering({"/x": ok({"a": 1})}, context) as (at, _):
        url = at.replace("http://127.0.0.1", "https://localhost")
        if is_taken:
            assert await Fetcher(url).json(f"{url}/x") == {"a": 1}
        else:
            with pytest.raises(ProviderUnavailable, match="certificate"):
                await Fetcher(url).json(f"{url}/x")


@pytest.mark.parametrize(
    ("more", "address"),
    [
        ({"end_session_endpoint": "AT/bye"}, "AT/bye?" + ENDED),
        ({"end_session_endpoint": "AT/bye?x=1"}, "AT/bye?x=1&" + ENDED),
        ({"end_session_endpoint": "javascript:alert(1)"}, None),
        ({"end_session_endpoint": 7}, None),
        ({}, None),
        (None, None),
    ],
)  # fmt: skip
async def test_who_signs_out_is_led_to_the_provider_where_it_has_a_place_for_that(
    more: dict[str, object] | None, address: str | None
) -> None:
    """With the ID token where it is at hand; a provider without one, or one that is away, is no obstacle."""
    answers: Answers = {}
    async with answering(answers) as (at, _):
        if more is not None:
            answers.update(
                discovery(
                    at, **{n: v.replace("AT", at) if isinstance(v, str) else v for n, v in more.items()}
                )
            )
        provider = known(at)
        found = await provider.end("https://p/ended")
        assert found == (address.replace("AT", at) if address else None)
        if address:
            assert (await provider.end("https://p/ended", "a.b.c") or "").endswith("&id_token_hint=a.b.c")
