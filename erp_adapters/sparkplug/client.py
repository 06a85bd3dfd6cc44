"""A client of a broker that listens, and publishes at most that an edge node be born again."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from erp_adapters.errors import ConfigurationError, ErpRefused, ErpUnavailable
from erp_adapters.http import Secret
from erp_adapters.sparkplug.mapping import NAMESPACE, NodeName
from erp_adapters.sparkplug.payload import rebirth

if TYPE_CHECKING:
    from aiomqtt import Client

_MISSING: Final = "install it: pip install 'plantwright[machines]' (docs/plant_systems.md)"
_KEEPALIVE_S: Final = 15
_QUEUED: Final = 20_000
"""Messages that wait to be read; what is dropped beyond shows as a missing message, and is asked for anew."""


@dataclass(frozen=True, slots=True)
class Broker:
    """How a broker is reached, and as whom."""

    host: str
    port: int
    login: str = ""
    password: Secret | None = None
    authority: Path | None = None
    """Certificates that the broker's must be signed by; None for an unprotected connection."""
    certificate: Path | None = None
    """Of this client, for mutual TLS."""
    private_key: Path | None = None
    may_ask_rebirth: bool = False
    timeout_s: float = 10.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Listener:
    """A connection that can only listen, and ask for a birth where it may."""

    def __init__(self, client: Client, broker: Broker) -> None:
        self._client, self._broker = client, broker

    async def subscribe(self, group: str) -> None:
        """Have every message of a group."""
        await self._client.subscribe(f"{NAMESPACE}/{group}/#", qos=1)

    async def ask_rebirth(self, node: NodeName, now: datetime) -> bool:
        """Ask an edge node to say again what it has; False where this source may not."""
        if not self._broker.may_ask_rebirth:
            return False
        await self._client.publish(f"{NAMESPACE}/{node.group}/NCMD/{node.node}", rebirth(now), qos=0)
        return True

    async def messages(self) -> AsyncIterator[tuple[str, bytes]]:
        """Topics and contents as they come."""
        async for message in self._client.messages:
            if isinstance(message.payload, bytes):
                yield message.topic.value, message.payload


@asynccontextmanager
async def listening(broker: Broker) -> AsyncIterator[Listener]:
    """A connection to a broker.

    Raises:
        ConfigurationError: the library or a certificate is not there.
        ErpRefused: the broker does not let the program in.
        ErpUnavailable: it does not answer, or the link breaks.
    """
    try:
        from aiomqtt import Client, MqttCodeError, MqttError
    except ImportError as error:
        raise ConfigurationError(f"systems of the adapter sparkplug need aiomqtt: {_MISSING}") from error
    client = Client(
        broker.host,
        broker.port,
        username=broker.login or None,
        password=None if broker.password is None else broker.password.reveal(),
        tls_context=_protected(broker),
        keepalive=_KEEPALIVE_S,
        timeout=broker.timeout_s,
        max_queued_incoming_messages=_QUEUED,
    )
    try:
        async with client:
            yield Listener(client, broker)
    except MqttCodeError as error:
        if "uthori" in str(error):
            raise ErpRefused(f"the broker {broker} does not let the program in: {error}") from error
        raise ErpUnavailable(f"the link to the broker {broker} broke: {error}") from error
    except (MqttError, OSError) as error:
        raise ErpUnavailable(f"the broker {broker} does not answer: {error}") from error


def _protected(broker: Broker) -> ssl.SSLContext | None:
    if broker.authority is None:
        return None
    try:
        context = ssl.create_default_context(cafile=str(broker.authority))
        if broker.certificate is not None:
            context.load_cert_chain(
                str(broker.certificate), None if broker.private_key is None else str(broker.private_key)
            )
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"a certificate for the broker {broker} cannot be read: {error}") from error
    return context
