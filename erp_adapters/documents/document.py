"""A document as it is kept: what it is, and its text with headings and pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

from erp_adapters.store.people import ROLES

SOURCE = "documents"
"""Source system of everything that comes from a folder."""
DocumentKind: TypeAlias = Literal["procedure", "contract", "policy", "agreement"]
KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)


class DocumentCard(BaseModel):
    """What a document says of itself, in front matter or in a sidecar file."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    id: str = Field("", max_length=200)
    """Its number; the file's name without its ending where there is none."""
    title: str = Field("", max_length=300)
    kind: DocumentKind = "procedure"
    language: str = Field("", pattern=r"^([a-z]{2})?$")
    """ISO 639-1; found by the words where it is not said."""
    revision: str = Field("", max_length=60)
    written_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    supplier: str = Field("", max_length=60)
    """Id of the supplier that it is about."""
    material: str = Field("", max_length=60)
    """Id of the material that it is about."""
    roles: tuple[str, ...] = ()
    """Who may read it; everybody of the site where none is named."""

    @field_validator("roles", mode="before")
    @classmethod
    def _listed(cls, roles: object) -> object:
        return tuple(part.strip() for part in roles.split(",")) if isinstance(roles, str) else roles

    @field_validator("roles")
    @classmethod
    def _known(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(roles) - set(ROLES))
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no role; there are {', '.join(ROLES)}")
        return tuple(sorted(set(roles)))

    @field_validator("revision", mode="before")
    @classmethod
    def _as_text(cls, revision: object) -> object:
        return str(revision) if isinstance(revision, int | float) else revision


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading and where it stands."""

    first: int
    after: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class ReadText:
    """The text of a file; spans of passages count its characters."""

    text: str
    headings: tuple[Heading, ...] = ()
    pages: tuple[int, ...] = ()
    """Where each page begins; empty where the format has none."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that can be quoted."""

    text: str
    heading: str
    """Title and headings above it, joined by `›`."""
    page: int | None
    first: int
    after: int

    @property
    def searched(self) -> str:
        """What an embedder sees: the passage under its heading."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document comes from, where that is no folder."""

    source: str = SOURCE
    key: str = ""
    """As the system knows it; the file of a folder."""
    system: str = ""
    """What the system is called."""
    kind: Literal["attachment", "note", ""] = ""
    """What it is there; a card's kind of a folder's document."""
    about: str = ""
    """Kind of object that it hangs on."""
    object: str = ""
    """Number of that object."""
    changed_at: datetime | None = None
    problem: str = ""
    """Why nothing of it can be quoted."""


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A document that was read and not stored yet."""

    file: str
    sha256: str
    document: str
    card: DocumentCard
    text: ReadText
    origin: Origin = Origin()
