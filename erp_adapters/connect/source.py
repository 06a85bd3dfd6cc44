"""The file of a connection: where the data lies, of which sites, and which mapping says what it means."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from erp_adapters.errors import ConfigurationError
from erp_adapters.readers import Readers
from erp_adapters.store.consistency import read_mapping
from erp_adapters.store.mapping import SiteSpec, SourceMapping

Dialect: TypeAlias = Literal["postgres", "sqlite"]
_SCHEMES: dict[str, Dialect] = {"postgresql": "postgres", "postgres": "postgres", "sqlite": "sqlite"}
UNKNOWN = "?"
"""Stands where a person has to say something."""


def dialect_of(url: str) -> Dialect:
    """The kind of database that an address is of.

    Raises:
        ValueError: it is of none that can be read, or holds a password.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _SCHEMES:
        raise ValueError("an address starts with postgresql:// or sqlite:///")
    if ":" in rest.partition("/")[0].rpartition("@")[0]:
        raise ValueError("leave the password out of the address, and say in `password` where it stands")
    return _SCHEMES[scheme]


def _address(url: str) -> str:
    dialect_of(url)
    return url


def _reference(text: str) -> str:
    kind, colon, rest = text.partition(":")
    if kind not in ("env", "file") or not colon or not rest:
        raise ValueError("say where the password stands: env:NAME or file:PATH")
    return text


class ConnectedDocuments(BaseModel):
    """Files that hang on objects of the source, and who may read them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Annotated[str, Field(min_length=1)]
    """With a folder for each kind of object and one for each number in it; from where the connection lies."""
    readers: Annotated[Readers, Field(min_length=1)]


class Connection(BaseModel):
    """A source, and the sites that it is of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str | None = None
    """Of files; from where this file lies, where it is not absolute."""
    url: Annotated[str, AfterValidator(_address)] | None = None
    password: Annotated[str, AfterValidator(_reference)] | None = None
    """Where it stands: `env:NAME` or `file:PATH`."""
    mapping: Annotated[str, Field(min_length=1)] = "mapping.yaml"
    documents: ConnectedDocuments | None = None
    sites: Annotated[tuple[SiteSpec, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _from_one_place(self) -> Self:
        if (self.folder is None) == (self.url is None):
            raise ValueError("name a `folder` of files, or the `url` of a database")
        if self.password is not None and self.url is None:
            raise ValueError("password: a folder has none")
        codes = [site.code for site in self.sites]
        if len(set(codes)) < len(codes):
            raise ValueError("sites: a code stands there twice")
        return self

    def site(self, code: str | None) -> SiteSpec:
        """The site of that code; without one, the only one.

        Raises:
            ConfigurationError: there is no such site, or several and none was named.
        """
        codes = ", ".join(site.code for site in self.sites)
        if code is None:
            if len(self.sites) > 1:
                raise ConfigurationError(
                    f"the connection is of several sites, {codes}: say which with --site"
                )
            return self.sites[0]
        for site in self.sites:
            if site.code == code:
                return site
        raise ConfigurationError(f"the connection has no site {code!r}; it has {codes}")


class Connected(BaseModel):
    """A connection file with its mapping, read and checked."""

    model_config = ConfigDict(frozen=True)

    connection: Connection
    mapping: SourceMapping
    path: Path

    @cached_property
    def folder(self) -> Path | None:
        """The folder of files, wherever the program runs."""
        held = self.connection.folder
        return None if held is None else (self.path.parent / held).resolve()

    @property
    def documents(self) -> Path | None:
        """The folder of files that hang on objects."""
        held = self.connection.documents
        return None if held is None else (self.path.parent / held.folder).resolve()


def read_connection(path: Path) -> Connected:
    """The connection in a YAML file, with the mapping that it names.

    Raises:
        ConfigurationError: one of them cannot be read, or says what cannot be; names each place.
    """
    file = path / "connection.yaml" if path.is_dir() else path
    try:
        held = yaml.safe_load(file.read_text(encoding="utf-8"))
        _refuse_open(held, file)
        connection = Connection.model_validate(held)
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"connection {str(file)!r} cannot be read: {exc}") from exc
    except yaml.YAMLError as exc:
        raise ConfigurationError(f"connection {file.name!r} is not YAML: {exc}") from exc
    except ValidationError as exc:
        places = [
            f"{'.'.join(map(str, error['loc'])) or 'connection'}: "
            f"{error['msg'].removeprefix('Value error, ')}"
            for error in exc.errors()
        ]
        raise ConfigurationError(f"connection {file.name!r} is wrong: {'; '.join(places)}") from exc
    return Connected(connection=connection, mapping=read_mapping(file.parent / connection.mapping), path=file)


def _refuse_open(held: object, file: Path) -> None:
    sites = held.get("sites") if isinstance(held, dict) else None
    for site in sites if isinstance(sites, list) else []:
        missing = [name for name, value in site.items() if value == UNKNOWN] if isinstance(site, dict) else []
        if missing:
            raise ConfigurationError(
                f"connection {file.name!r}: {', '.join(missing)} of site {site.get('code')!r}"
                f" {'is' if len(missing) == 1 else 'are'} still {UNKNOWN!r}; write down what is so"
            )
