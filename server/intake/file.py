"""The file of collectors: where they come to, by which certificates, and for which sites."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from erp_adapters.errors import ConfigurationError


class KnownCollector(BaseModel):
    """A collector that is let in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sites: Annotated[frozenset[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
    """Whose machines it may tell of."""


class Collectors(BaseModel):
    """Where collectors are listened to, and who they are; files lie beside the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "0.0.0.0"
    port: Annotated[int, Field(ge=0, le=65535)] = 8443
    certificate: Path
    """Of the service."""
    private_key: Path
    authority: Path
    """Certificates that collectors' must be signed by."""
    collectors: Annotated[
        dict[Annotated[str, Field(pattern=r"^[\w -]{1,60}$")], KnownCollector], Field(min_length=1)
    ]
    """By the common name of their certificates; who is struck out is let in no more."""


def read_collectors(file: Path) -> Collectors:
    """The file of collectors.

    Raises:
        ConfigurationError: it cannot be read, or says what cannot be; the message names the place.
    """
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"{str(file)!r}, which PLANTWRIGHT_COLLECTORS names, cannot be read: {error.strerror}"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{str(file)!r} is no TOML: {error}") from error
    try:
        found = Collectors.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{str(file)!r}: {place}: {first['msg']}") from error
    folder = file.absolute().parent
    files = {name: folder / getattr(found, name) for name in ("certificate", "private_key", "authority")}
    return found.model_copy(update=files)
