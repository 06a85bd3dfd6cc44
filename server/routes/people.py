"""Who asks: in a demo home a person is picked, and a cookie remembers it."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from erp_adapters.caller import Caller
from server.identity import PERSON_COOKIE, Asker, GuardedHouse
from server.tour import OPENERS

router = APIRouter(prefix="/v1/me", tags=["people"])


class PersonShown(BaseModel):
    """A person as the page names them."""

    subject: str
    name: str
    roles: tuple[str, ...]
    sites: tuple[str, ...]


class SourceShown(BaseModel):
    """A loaded source and how old it is."""

    system: str
    site: str
    site_name: str
    rows: int
    loaded_at: str
    data_as_of: str | None


class Me(BaseModel):
    """Who asks, who else could, which data there is and which model answers."""

    person: PersonShown
    people: tuple[PersonShown, ...]
    sources: tuple[SourceShown, ...]
    model: str
    openers: tuple[str, ...]
    """Questions to begin with."""


class Picked(BaseModel):
    """The person to ask as."""

    model_config = ConfigDict(extra="forbid")
    subject: str = Field(max_length=200)


def _shown(caller: Caller) -> PersonShown:
    return PersonShown(
        subject=caller.subject,
        name=caller.name,
        roles=tuple(sorted(caller.roles)),
        sites=tuple(sorted(caller.sites)),
    )


@router.get("")
async def me(caller: Asker, house: GuardedHouse) -> Me:
    """Who asks, and what the page's first screen shows."""
    sources = await house.directory.sources(caller)
    return Me(
        person=_shown(caller),
        people=tuple(_shown(person) for person in await house.directory.people()),
        sources=tuple(
            SourceShown(
                system=s.source_system,
                site=s.site,
                site_name=s.site_name,
                rows=s.rows,
                loaded_at=s.loaded_at.isoformat(),
                data_as_of=s.data_as_of.isoformat() if s.data_as_of else None,
            )
            for s in sources
        ),
        model=house.model,
        openers=OPENERS,
    )


@router.put("")
async def pick(picked: Picked, house: GuardedHouse, response: Response) -> PersonShown:
    """Ask as this person from now on."""
    caller = await house.person(picked.subject)
    response.set_cookie(PERSON_COOKIE, caller.subject, httponly=True, samesite="strict", path="/")
    return _shown(caller)
