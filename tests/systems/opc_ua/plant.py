"""A server of OPC UA with a press, a user, certificates and a history, behind a link that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asyncua import Server, ua
from asyncua.crypto.permission_rules import User, UserRole
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

LOGIN, PASSWORD = "reader", "only-reads"
TEMPERATURE, STATE, WORD = "ns=2;s=Press2.Temperature", "ns=2;s=Press2.State", "ns=2;s=Press2.Word"


class Users:
    """Lets one login in."""

    def get_user(
        self, iserver: Any, username: str | None = None, password: str | None = None, certificate: Any = None
    ) -> User | None:
        if username == LOGIN and password == PASSWORD:
            # What the program is kept from is its own doing, not the server's.
            return User(role=UserRole.Admin, name=username)
        return None


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Link:
    """A cable between the program and the server."""

    to: int
    port: int = field(default_factory=free_port)
    _streams: set[asyncio.StreamWriter] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for stream in list(self._streams):
            stream.transport.abort()
        self._server = None

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.to)
        self._streams |= {writer, back}
        await asyncio.gather(_pump(reader, back), _pump(there, writer), return_exceptions=True)
        self._streams -= {writer, back}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        with contextlib.suppress(OSError):
            writer.close()


@dataclass
class Press:
    """The press's variables."""

    server: Server
    link: Link

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.link.port}/plant"

    async def say(
        self,
        node: str,
        value: float | int | str,
        at: datetime | None = None,
        status: int = ua.StatusCodes.Good,
    ) -> datetime:
        """Have a variable say something, as measured then."""
        moment = at or datetime.now(UTC)
        kind = {float: ua.VariantType.Double, int: ua.VariantType.Int32, str: ua.VariantType.String}[
            type(value)
        ]
        await self.server.write_attribute_value(
            ua.NodeId.from_string(node),
            ua.DataValue(
                ua.Variant(value, kind),
                StatusCode=ua.StatusCode(status),
                SourceTimestamp=moment,
                ServerTimestamp=datetime.now(UTC),
            ),
        )
        return moment


@dataclass(frozen=True)
class Identity:
    """A certificate and its key."""

    certificate: Path
    key: Path


def identity(folder: Path, name: str) -> Identity:
    """A self-signed certificate of an application, as plants hand them out."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.UniformResourceIdentifier(f"urn:plant:{name}"), x509.DNSName(socket.gethostname())]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    files = Identity(folder / f"{name}.der", folder / f"{name}.pem")
    files.certificate.write_bytes(made.public_bytes(serialization.Encoding.DER))
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


@asynccontextmanager
async def press(own: Identity | None = None) -> AsyncIterator[Press]:
    """A running server; one with an identity lets nobody in without encryption."""
    server = Server(user_manager=Users())
    await server.init()
    if own is not None:
        await server.set_application_uri("urn:plant:server")
        await server.load_certificate(str(own.certificate))
        await server.load_private_key(str(own.key))
    port = free_port()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/plant")
    server.set_security_policy(
        [
            ua.SecurityPolicyType.NoSecurity
            if own is None
            else ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt
        ]
    )
    server.set_identity_tokens([ua.UserNameIdentityToken])
    await server.register_namespace("urn:plant")
    hall = await server.nodes.objects.add_object("ns=2;s=Press2", "2:Press 2")
    nodes = [
        await hall.add_variable(TEMPERATURE, "2:Temperature", 50.0),
        await hall.add_variable(STATE, "2:State", 1),
        await hall.add_variable(WORD, "2:Word", "Running"),
    ]
    await nodes[0].set_writable()
    link = Link(port)
    async with server:
        await server.historize_node_data_change(nodes, period=None, count=10_000)
        await link.mend()
        yield Press(server, link)
        if link._server is not None:
            await link.cut()
