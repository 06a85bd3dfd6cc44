"""The file of a SQL source: for each capability its table or SELECT, key, and how changes are known.

::

    url: postgresql://reader@erp.example/prod     # or sqlite:////data/erp.db
    password: env:ERP_PASSWORD                    # or file:PATH; never the password itself
    mapping: mapping.yaml                         # what the cells mean in the store, beside this file
    tables:
      materials:                                  # a capability; the mapping has a file of that name
        table: public.items                       # or `select:` with one statement of one's own
        key: [item_no]
        columns: {material: item_no, name: descr, unit: uom, cost: std_cost}
        changed: {column: changed_at, overlap: 600}
        deleted: {column: state, values: [X]}
        site: plant
        total: std_cost
      documents:                                  # files and notes, by what they hang on
        select: select id, 'purchase_order' as kind, order_no, file_name, bytes, data, changed_at from files
        key: [id]
        columns: {about: kind, object: order_no, name: file_name, bytes: bytes, changed_at: changed_at}
        content: data                             # or a cell `text`, of notes
    made:                                         # files of the mapping with a row for each value of a cell
      orders: {of: purchase_orders, each: order}
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import yaml
from psycopg.conninfo import conninfo_to_dict
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from erp_adapters.errors import ConfigurationError
from erp_adapters.ports import Capability, TechnicalUser

Dialect: TypeAlias = Literal["postgres", "sqlite"]
_SCHEMES: dict[str, Dialect] = {"postgresql": "postgres", "postgres": "postgres", "sqlite": "sqlite"}


def _one_select(text: str) -> str:
    """The statement, where it is one that only reads."""
    # It takes long to import, and only who writes statements of their own needs it.
    import sqlglot
    from sqlglot import errors, exp

    try:
        statements = sqlglot.parse(text, read="postgres")
    except errors.SqlglotError as exc:
        raise ValueError(f"is no SELECT that can be read: {str(exc).splitlines()[0]}") from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise ValueError("must be one SELECT and nothing else")
    if statements[0].find(exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Into, exp.Lock) is not None:
        raise ValueError("must only read: no INSERT, UPDATE, DELETE, INTO or FOR UPDATE in it")
    return text.strip().rstrip(";")


def _known_scheme(url: str) -> str:
    scheme, separator, _ = url.partition("://")
    if not separator or scheme not in _SCHEMES:
        raise ValueError("starts with postgresql:// or sqlite:///")
    return url


def _reference(text: str) -> str:
    kind, colon, rest = text.partition(":")
    if kind not in ("env", "file") or not colon or not rest:
        raise ValueError("says where the password stands: env:NAME or file:PATH")
    return text


def _no_word_of_yaml(name: object) -> object:
    if isinstance(name, bool):
        raise ValueError("put a name that YAML reads as true or false, such as no and on, in quotes")
    return name


_Name: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f]+$"), BeforeValidator(_no_word_of_yaml)
]
_Select: TypeAlias = Annotated[str, AfterValidator(_one_select)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Changed(_Part):
    """The column that grows with each change of a row: a time, or a number that counts up."""

    column: _Name
    overlap: Annotated[int, Field(ge=0)] = 600
    """How far behind the newest one a change may still turn up: seconds of a time, steps of a number."""


class Deleted(_Part):
    """How a row that is gone looks where it stays in the table."""

    column: _Name
    values: Annotated[tuple[str, ...], Field(min_length=1)]
    """What the column says then, as text; a flag is `true`."""


class SqlTable(_Part):
    """What one capability is read from."""

    table: _Name | None = None
    """Its name, with its schema before a dot."""
    select: _Select | None = None
    """One SELECT in its place."""
    key: Annotated[tuple[_Name, ...], Field(min_length=1)]
    """Columns by which the source knows a row for good."""
    columns: Annotated[dict[_Name, _Name], Field(min_length=1)]
    """The source's column for each cell that the mapping reads."""
    changed: Changed | None = None
    """Without it the table is read anew each time, and compared."""
    deleted: Deleted | None = None
    """Without it a row that is gone shows when the table is next read anew."""
    site: _Name | None = None
    """Column that says whose row it is, where the table holds several plants."""
    total: _Name | None = None
    """Column of figures whose sum is held against the source's own."""
    content: _Name | None = None
    """Column of the file itself, of documents."""

    @model_validator(mode="after")
    def _from_one_place(self) -> SqlTable:
        if (self.table is None) == (self.select is None):
            raise ValueError("name a `table`, or give one `select`")
        if self.total is not None and self.total not in self.columns.values():
            raise ValueError(f"total: {self.total!r} is read as no cell; name it in `columns` too")
        if "key" in self.columns:
            raise ValueError("a cell `key` is there by itself; call the column's cell something else")
        return self


class MadeFile(_Part):
    """A file of the mapping that no table has: one row for each value of a cell, such as an order's head."""

    of: Capability
    each: _Name


REASON: Final = "a database knows no person of this house; its login may read and nothing else"


class SqlSource(_Part):
    """A database that is read, and from where in it."""

    url: Annotated[str, AfterValidator(_known_scheme)]
    password: Annotated[str, AfterValidator(_reference)] | None = None
    """Where it stands: `env:NAME` or `file:PATH`."""
    role: _Name | None = None
    """Role of Postgres that every session takes on: what it may read decides, and not what the login may."""
    mapping: Annotated[str, Field(min_length=1)]
    """The mapping's file, from where this one lies."""
    tables: Annotated[dict[Capability, SqlTable], Field(min_length=1)]
    made: dict[_Name, MadeFile] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _without_a_secret(self) -> SqlSource:
        login = self.url.partition("://")[2].partition("/")[0].rpartition("@")[0]
        if ":" in login:
            raise ValueError("url: leave the password out, and say in `password` where it stands")
        if self.dialect == "sqlite" and self.password is not None:
            raise ValueError("password: SQLite has none")
        if self.dialect == "sqlite" and self.role is not None:
            raise ValueError("role: SQLite has none")
        return self

    @model_validator(mode="after")
    def _documents_say_what_they_hang_on(self) -> SqlSource:
        for capability, table in self.tables.items():
            if capability is not Capability.DOCUMENTS and table.content is not None:
                raise ValueError(f"{capability.value}: only documents have a `content`")
        held = self.tables.get(Capability.DOCUMENTS)
        if held is not None:
            if missing := sorted({"about", "object"} - held.columns.keys()):
                raise ValueError(f"documents: name the column of {missing[0]!r} in `columns`")
            if held.content is None and "text" not in held.columns:
                raise ValueError("documents: name the column of the file as `content`, or a note's as `text`")
        return self

    @property
    def read_by(self) -> TechnicalUser:
        """By whose rights it is read."""
        if self.dialect == "sqlite":
            return TechnicalUser("no login", REASON)
        login = str(conninfo_to_dict(self.url).get("user") or "the login of the account that runs this")
        return TechnicalUser(login if self.role is None else f"{login} as {self.role}", REASON)

    @cached_property
    def dialect(self) -> Dialect:
        """Whose SQL it understands."""
        return _SCHEMES[self.url.partition("://")[0]]


def read_source(path: Path) -> SqlSource:
    """The source in a YAML file.

    Raises:
        ConfigurationError: the file cannot be read, or says something that cannot be; names each place.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"SQL source {str(path)!r} cannot be read: {exc}") from exc
    return parse_source(text, path.name)


def parse_source(text: str, name: str) -> SqlSource:
    """The source in a YAML text; `name` stands in messages.

    Raises:
        ConfigurationError: the text says something that cannot be; names each place.
    """
    try:
        return SqlSource.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as exc:
        raise ConfigurationError(f"SQL source {name!r} is not YAML: {exc}") from exc
    except ValidationError as exc:
        places = [
            f"{'.'.join(str(part) for part in error['loc']) or 'source'}: "
            f"{error['msg'].removeprefix('Value error, ')}"
            for error in exc.errors()
        ]
        raise ConfigurationError(f"SQL source {name!r}: {'; '.join(places)}") from exc
