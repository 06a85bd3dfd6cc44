"""Who may read what hangs on which objects, as a file says it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field

from erp_adapters.ports import AttachedTo
from erp_adapters.store.people import EVERYBODY, ROLES


def _known_roles(roles: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := sorted(set(roles) - {*ROLES, EVERYBODY}):
        there = f"{', '.join(ROLES)}, and {EVERYBODY!r} for all"
        raise ValueError(f"{unknown[0]!r} is no role; there are {there}")
    return tuple(sorted(set(roles)))


Readers: TypeAlias = dict[
    AttachedTo, Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_known_roles)]
]
"""Which files and notes are read, by what they hang on, and the roles that may read them."""
