"""The file of a collector: which machines it listens to, and the service that it hands over to."""

from __future__ import annotations

import ssl
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from erp_adapters.errors import ConfigurationError
from server.systems.machines import MachineSystem, OpcUaSystem, SparkplugSystem


class CollectorFile(BaseModel):
    """What a collector is told; files lie beside it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: Annotated[str, Field(pattern=r"^https://[^/?#\s]+/?$")]
    """Where the service takes what collectors hand over."""
    certificate: Path
    """By which the service knows this collector; with the key, all that it needs."""
    private_key: Path
    authority: Path
    """Certificates that the service's must be signed by."""
    buffer: Path = Path("collected.db")
    most_mib: Annotated[int, Field(ge=1, le=1_000_000)] = 4096
    """Of the buffer; a day of 1,000 samples a second is about 0.8 GiB."""
    sources: Annotated[
        dict[
            Annotated[str, Field(pattern=r"^[\w -]{1,60}$")],
            Annotated[OpcUaSystem | SparkplugSystem, Field(discriminator="adapter")],
        ],
        Field(min_length=1),
    ]

    def under(self, folder: Path) -> Self:
        """The same, with its files where they are."""
        named: Mapping[str, MachineSystem] = {
            name: system.under(folder) for name, system in self.sources.items()
        }
        files = {
            name: folder / getattr(self, name)
            for name in ("certificate", "private_key", "authority", "buffer")
        }
        return self.model_copy(update={**files, "sources": named})

    def trust(self) -> ssl.SSLContext:
        """Who is believed to be the service, and what shows it who this is.

        Raises:
            ConfigurationError: a certificate or the key cannot be read, or they do not belong together.
        """
        try:
            context = ssl.create_default_context(cafile=str(self.authority))
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(self.certificate, self.private_key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(
                f"certificates of the collector cannot be used: {error}; `certificate`, `private_key` and"
                " `authority` name files in PEM"
            ) from error
        return context


def read_collector(file: Path) -> CollectorFile:
    """The file of a collector.

    Raises:
        ConfigurationError: it cannot be read, or says what cannot be; the message names the place.
    """
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{str(file)!r} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{str(file)!r} is no TOML: {error}") from error
    try:
        return CollectorFile.model_validate(given).under(file.absolute().parent)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{str(file)!r}: {place}: {first['msg']}") from error
