"""A session with a server of OPC UA, over a channel that is signed and encrypted where its policy says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from erp_adapters.errors import ConfigurationError, ErpRefused, ErpUnavailable
from erp_adapters.http import Secret

if TYPE_CHECKING:
    from asyncua.client.client import Client

Policy: TypeAlias = Literal["None", "Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss"]
_REFUSED: Final = ("Identity", "UserAccess", "Security", "Certificate", "NotSupported", "UserSignature")
_MISSING: Final = "install it: pip install 'plantwright[machines]' (docs/plant_systems.md)"


@dataclass(frozen=True, slots=True)
class Connection:
    """How a server is reached, and as whom."""

    url: str
    policy: Policy = "None"
    """Signed and encrypted by it; `None` for a server inside a machine's own network only."""
    certificate: Path | None = None
    """Of this client, for the channel; DER or PEM."""
    private_key: Path | None = None
    server_certificate: Path | None = None
    """The one that the server must have; None takes what the server shows at first."""
    login: str = ""
    password: Secret | None = None
    user_certificate: Path | None = None
    """Of the person that the program is at the server, in place of a login."""
    user_private_key: Path | None = None
    timeout_s: float = 10.0


@asynccontextmanager
async def opened(connection: Connection) -> AsyncIterator[Client]:
    """A session of a client that only reads.

    Raises:
        ConfigurationError: the library or a certificate is not there.
        ErpRefused: the server does not let the program in.
        ErpUnavailable: it does not answer.
    """
    client = await _client(connection)
    from asyncua.ua.uaerrors._base import UaError

    try:
        await client.connect()
    except UaError as error:
        raise _translated(connection.url, error) from error
    except (OSError, TimeoutError) as error:
        raise ErpUnavailable(
            f"{connection.url!r} does not answer: {str(error) or type(error).__name__}"
        ) from error
    try:
        yield client
    except UaError as error:
        raise _translated(connection.url, error) from error
    except (ConnectionError, TimeoutError) as error:
        raise ErpUnavailable(
            f"the link to {connection.url!r} broke: {str(error) or type(error).__name__}"
        ) from error
    finally:
        # It may be gone already.
        with suppress(UaError, OSError, TimeoutError):
            await asyncio.wait_for(client.disconnect(), connection.timeout_s)


async def _client(connection: Connection) -> Client:
    try:
        from asyncua.crypto import security_policies

        # Only where such a system is named: the library takes half a second and 30 MiB.
        from erp_adapters.opc_ua.guarded import ReadingClient
    except ImportError as error:
        raise ConfigurationError(f"systems of the adapter opc_ua need asyncua: {_MISSING}") from error
    client = ReadingClient(connection.url, connection.timeout_s)
    client.name = client.description = "plantwright (reads only)"
    client.application_uri = "urn:plantwright:reader"
    if connection.policy != "None":
        if connection.certificate is None or connection.private_key is None:
            raise ConfigurationError(
                f"{connection.url!r}: the policy {connection.policy} needs `certificate` and `private_key`"
            )
        policy = getattr(security_policies, f"SecurityPolicy{connection.policy}")
        try:
            # A server compares what a client calls itself with what its certificate says.
            client.application_uri = _called(connection.certificate) or client.application_uri
            await client.set_security(
                policy,
                str(connection.certificate),
                str(connection.private_key),
                server_certificate=None
                if connection.server_certificate is None
                else str(connection.server_certificate),
            )
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"a certificate for {connection.url!r} cannot be read: {error}"
            ) from error
        except TimeoutError as error:
            raise ErpUnavailable(f"{connection.url!r} does not answer") from error
    if connection.user_certificate is not None and connection.user_private_key is not None:
        await client.load_client_certificate(str(connection.user_certificate))
        await client.load_private_key(connection.user_private_key)
    if connection.login:
        client.set_user(connection.login)
        if connection.password is not None:
            client.set_password(connection.password.reveal())
    return client


def _called(certificate: Path) -> str:
    """The name of an application that its certificate bears; empty where it bears none."""
    from cryptography import x509

    data = certificate.read_bytes()
    is_pem = data.lstrip().startswith(b"-----BEGIN")
    read = x509.load_pem_x509_certificate(data) if is_pem else x509.load_der_x509_certificate(data)
    try:
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    return uris[0] if uris else ""


def _translated(url: str, error: Exception) -> ErpRefused | ErpUnavailable:
    name = type(error).__name__
    if any(word in name for word in _REFUSED):
        return ErpRefused(f"{url!r} does not let the program in: {name}")
    return ErpUnavailable(f"{url!r} cannot be read: {name}: {str(error)[:200]}")
