"""What each adapter does by its own scorecard, with the test that proves it, and the matrix of all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from erp_adapters.ports import Capability
from erp_adapters.records import DocumentKind

FOLDERS = ("adventureworks", "demo/erp", "fsmes", "sap_odata", "sap_rfc", "sql", "tryton")
"""Every adapter, in the order in which they are shown."""
_AGAINST = {"real": "the system itself", "stand-in": "a stand-in", "files": "files of it"}
_Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Claim(_Part):
    """Something that an adapter does."""

    claim: _Text
    proved_by: _Text
    """`file::test`."""


class Skip(_Part):
    """A spec of the conformance kit that does not hold for an adapter, by declaration."""

    spec: _Text
    """`file::test`."""
    why: _Text


class Rights(_Part):
    """By whose rights an adapter reads, or writes."""

    by: Literal["requester", "technical user", "nobody"]
    because: _Text
    """How the requester's own rights get there, or why they do not."""
    otherwise: str = ""
    """What holds where the requester's own are not set up."""
    proved_by: str = ""
    """`file::test`."""

    @model_validator(mode="after")
    def _proven(self) -> Self:
        if self.by == "requester" and not (self.proved_by and self.otherwise):
            raise ValueError("a requester's own rights need a test, and what holds where they are not set up")
        return self

    def said(self) -> str:
        """A few words for a sentence."""
        match self.by:
            case "requester":
                return f"the requester's own, by {self.because}; elsewhere {self.otherwise}"
            case "technical user":
                return f"a technical user's, since {self.because}"
            case "nobody":
                return f"nobody's, since {self.because}"


class Scorecard(_Part):
    """One adapter."""

    adapter: _Text
    system: _Text
    name: _Text
    """What it is called in a column."""
    direction: Literal["read", "write", "both"]
    origin: Literal["real", "stand-in", "files"]
    """What tests run against: the system itself, something made by this project, or files of it."""
    status: Literal["stable", "experimental"]
    why: str = ""
    """Why it is a stand-in, or experimental."""
    read_by: Rights | None = None
    written_by: Rights | None = None
    reads: dict[Capability, str] = Field(default_factory=dict)
    """The test that proves it, for each."""
    writes: dict[DocumentKind, str] = Field(default_factory=dict)
    cancels: dict[DocumentKind, str] = Field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    skips: tuple[Skip, ...] = ()
    gaps: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.why and (self.origin == "stand-in" or self.status == "experimental"):
            raise ValueError("what is a stand-in or experimental says why")
        if not self.cancels.keys() <= self.writes.keys():
            raise ValueError("only what is written can be cancelled")
        if (self.read_by is None) == (self.direction != "write"):
            raise ValueError("read_by: say by whose rights it reads, where it does")
        if (self.written_by is None) == (self.direction != "read"):
            raise ValueError("written_by: say by whose rights it writes, where it does")
        return self

    @property
    def proofs(self) -> tuple[str, ...]:
        """Every test that it names, those that it skips among them."""
        named = (*self.reads.values(), *self.writes.values(), *self.cancels.values())
        rights = [each.proved_by for each in (self.read_by, self.written_by) if each and each.proved_by]
        claimed = [each.proved_by for each in self.claims]
        return (*named, *rights, *claimed, *(each.spec for each in self.skips))


@cache
def scorecards() -> tuple[Scorecard, ...]:
    """The packaged scorecards."""
    return tuple(scorecard(folder) for folder in FOLDERS)


def scorecard(folder: str) -> Scorecard:
    """The scorecard of one adapter's folder."""
    text = resources.files("erp_adapters").joinpath(f"{folder}/scorecard.yaml").read_text(encoding="utf-8")
    return Scorecard.model_validate(yaml.safe_load(text))


def matrix(cards: Sequence[Scorecard]) -> tuple[tuple[str, ...], ...]:
    """What each adapter does: a row of heads, then one for each capability and kind of document."""
    rows = [("", *(card.name for card in cards))]
    for capability in Capability:
        cells = ["read" if capability in card.reads else "" for card in cards]
        rows.append((capability.value.replace("_", " "), *cells))
    kinds = sorted({kind for card in cards for kind in card.writes})
    for kind in kinds:
        cells = [_written(card, kind) for card in cards]
        rows.append((f"new {kind.replace('_', ' ')}", *cells))
    rows.append(("read by the rights of", *(_by(card.read_by) for card in cards)))
    rows.append(("written by the rights of", *(_by(card.written_by) for card in cards)))
    return tuple(rows)


def _by(rights: Rights | None) -> str:
    if rights is None:
        return ""
    return "requester, or a technical user" if rights.by == "requester" else rights.by


def _written(card: Scorecard, kind: DocumentKind) -> str:
    if kind not in card.writes:
        return ""
    return "written, cancelled" if kind in card.cancels else "written"


def described(card: Scorecard) -> str:
    """What an adapter is, in a sentence or two."""
    against = _AGAINST[card.origin]
    why = f", {card.status}: {card.why}" if card.why else f", {card.status}"
    named = {"Read by": card.read_by, "Written by": card.written_by}
    rights = [f"{done} whose rights: {found.said()}." for done, found in named.items() if found]
    return " ".join([f"{card.system}. Tested against {against}{why}.", *rights])


def markdown(cards: Sequence[Scorecard]) -> str:
    """The matrix and the descriptions for a page."""
    head, *rows = matrix(cards)
    lines = [_line(head), _line(["---"] * len(head)), *(_line(row) for row in rows), ""]
    return "\n".join([*lines, *(f"- **{card.name}**: {described(card)}" for card in cards)]) + "\n"


def overview(cards: Sequence[Scorecard]) -> str:
    """A line for each system: how much of it is read, what is written, and against what it is tested."""
    lines = [_line(("system", "read", "written", "tested against")), _line(["---"] * 4)]
    for card in cards:
        read = f"{len(card.reads)} of {len(Capability)} parts" if card.reads else ""
        kinds = ", ".join(kind.replace("_", " ") for kind in sorted(card.writes))
        against = _AGAINST[card.origin] + (", experimental" if card.status == "experimental" else "")
        lines.append(_line((card.name, read, kinds, against)))
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
