"""A person as the page names them."""

from __future__ import annotations

from pydantic import BaseModel

from erp_adapters.caller import Caller


class PersonShown(BaseModel):
    """A person as the page names them."""

    subject: str
    name: str
    roles: tuple[str, ...]
    sites: tuple[str, ...]


def person_shown(caller: Caller) -> PersonShown:
    """The person without what only the program needs."""
    return PersonShown(
        subject=caller.subject,
        name=caller.name,
        roles=tuple(sorted(caller.roles)),
        sites=tuple(sorted(caller.sites)),
    )
