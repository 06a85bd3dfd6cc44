"""Machines' own servers of the file of systems: they tell of samples, and nothing is ever written to them."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from erp_adapters.http import Secret
from server.settings import secret
from server.systems.connected import Text

if TYPE_CHECKING:
    from erp_adapters.opc_ua import Connection
    from erp_adapters.ports import Health
    from erp_adapters.series.signal import Signal
    from erp_adapters.series.source import LiveSource
    from erp_adapters.sparkplug import Broker


class _Machines(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    signals: Path
    """The file of its signals, from where the file of systems lies."""
    login: str = ""
    password: str = ""
    """Where it stands: `env:NAME` or `file:PATH`."""
    certificate: Path | None = None
    """Of the program; as the files below, from where the file of systems lies."""
    private_key: Path | None = None
    keep_s: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    """How often what came is kept; what came since is asked of the server's history after an end."""
    plain: bool = False
    """True where a network of machines alone may carry logins and samples unencrypted."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Where its secrets stand."""
        return tuple(
            each for each in (self.password, f"file:{self.private_key}" if self.private_key else "") if each
        )

    def read_signals(self) -> tuple[Signal, ...]:
        """Its signals.

        Raises:
            ConfigurationError: their file cannot be read, or says what cannot be.
        """
        from erp_adapters.series.signal import read_signals

        return read_signals(self.signals)

    def under(self, folder: Path) -> Self:
        """The same, with its files where they are."""
        places = {
            name: folder / path
            for name in type(self).model_fields
            if isinstance(path := getattr(self, name), Path)
        }
        return self.model_copy(update=places)

    def _password(self) -> Secret | None:
        return Secret(secret(self.password)) if self.password else None


class OpcUaSystem(_Machines):
    """A server of OPC UA."""

    adapter: Literal["opc_ua"]
    url: Annotated[str, Field(pattern=r"^opc\.tcp://")]
    policy: Literal["None", "Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss"] = "Basic256Sha256"
    server_certificate: Path | None = None
    user_certificate: Path | None = None
    user_private_key: Path | None = None
    publish_ms: Annotated[float, Field(ge=10, le=60_000)] = 1000.0
    read_s: Annotated[float, Field(ge=1, le=3600)] = 60.0
    history_days: Annotated[float, Field(ge=0, le=365)] = 7.0

    @property
    def kind(self) -> str:
        """What it is, in sentences."""
        return "OPC UA"

    @model_validator(mode="after")
    def _is_protected(self) -> Self:
        if self.policy == "None" and not self.plain and not _is_here(urlsplit(self.url).hostname or ""):
            raise ValueError(
                "the policy None sends everything in the clear: name a policy, or say `plain = true`"
            )
        if self.policy != "None" and (self.certificate is None or self.private_key is None):
            raise ValueError(f"the policy {self.policy} needs `certificate` and `private_key`")
        return self

    def source(self) -> LiveSource:
        """What tells of its samples."""
        from erp_adapters.opc_ua import OpcUaSource
        from erp_adapters.opc_ua.adapter import Pace

        pace = Pace(self.publish_ms, self.read_s, self.keep_s, self.history_days)
        return OpcUaSource(self._connection(), self.read_signals(), pace)

    async def health(self) -> Health:
        """Whether it answers and has every signal."""
        from erp_adapters.opc_ua import OpcUaSource

        return await OpcUaSource(self._connection(), self.read_signals()).health()

    def _connection(self) -> Connection:
        from erp_adapters.opc_ua import Connection

        return Connection(
            self.url,
            self.policy,
            self.certificate,
            self.private_key,
            self.server_certificate,
            self.login,
            self._password(),
            self.user_certificate,
            self.user_private_key,
        )


class SparkplugSystem(_Machines):
    """Edge nodes of MQTT Sparkplug B behind a broker."""

    adapter: Literal["sparkplug"]
    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 8883
    authority: Path | None = None
    """Certificates that the broker's must be signed by."""
    may_ask_rebirth: bool = False
    """True where the program may ask a node to say again what it has: all that it ever publishes."""

    @property
    def kind(self) -> str:
        """What it is, in sentences."""
        return "MQTT Sparkplug"

    @model_validator(mode="after")
    def _is_protected(self) -> Self:
        if self.authority is None and not self.plain and not _is_here(self.host):
            raise ValueError(
                "without `authority` everything is sent in the clear: name it, or say `plain = true`"
            )
        return self

    def source(self) -> LiveSource:
        """What tells of its samples."""
        from erp_adapters.sparkplug import SparkplugSource

        return SparkplugSource(self._broker(), self.read_signals(), self.keep_s)

    async def health(self) -> Health:
        """Whether the broker lets the program in."""
        from erp_adapters.sparkplug import SparkplugSource

        return await SparkplugSource(self._broker(), self.read_signals()).health()

    def _broker(self) -> Broker:
        from erp_adapters.sparkplug import Broker

        return Broker(
            self.host,
            self.port,
            self.login,
            self._password(),
            self.authority,
            self.certificate,
            self.private_key,
            self.may_ask_rebirth,
        )


MachineSystem: TypeAlias = OpcUaSystem | SparkplugSystem


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
