"""Who asks: in a demo home a person is picked, and a session remembers it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from erp_adapters.store.freshness import Trouble
from server.errors import NotSignedIn
from server.house import NO_DEMO
from server.identity import BY_THE_LINK, Asker, GuardedHouse, page_refusal, present
from server.routes.person import PersonShown, person_shown
from server.routes.session import set_session
from server.sessions import SESSION_COOKIE
from server.tour import openers

router = APIRouter(prefix="/v1/me", tags=["people"])


class TroubleShown(BaseModel):
    """What is wrong with the reading of one part of a source, such as its stock."""

    part: str
    read_at: str | None
    """How it stood then is what the store has."""
    failing_since: str | None
    """None where it was read and what is kept differs from what the source says that it has."""
    problem: str
    remedy: str


class SourceShown(BaseModel):
    """A loaded source and how old it is."""

    system: str
    site: str
    site_name: str
    rows: int
    loaded_at: str
    data_as_of: str | None
    troubles: tuple[TroubleShown, ...] = ()
    """Parts that could not be read again, or of which not all is here."""


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


@router.get("")
async def me(
    caller: Asker,
    house: GuardedHouse,
    language: Annotated[Literal["en", "de"], Query(description="Of the questions to begin with.")] = "en",
) -> Me:
    """Who asks, and what the page's first screen shows."""
    sources = await house.directory.sources(caller)
    troubles = await house.directory.troubles(caller)
    return Me(
        person=person_shown(caller),
        people=tuple(person_shown(person) for person in await house.directory.people()),
        sources=tuple(
            SourceShown(
                system=s.source_system,
                site=s.site,
                site_name=s.site_name,
                rows=s.rows,
                loaded_at=s.loaded_at.isoformat(),
                data_as_of=s.data_as_of.isoformat() if s.data_as_of else None,
                troubles=tuple(
                    _trouble(t) for t in troubles if (t.source_system, t.site) == (s.source_system, s.site)
                ),
            )
            for s in sources
        ),
        model=house.model,
        openers=openers(caller, (s.source_system for s in sources), language),
    )


@router.put("")
async def pick(picked: Picked, request: Request, house: GuardedHouse, response: Response) -> PersonShown:
    """Ask as this person of a demo home from now on."""
    if not house.is_demo:
        raise NotSignedIn(NO_DEMO)
    if reason := page_refusal(request):
        raise NotSignedIn(reason)
    before = request.cookies.get(SESSION_COOKIE, "")
    if house.door.invitation is not None and await present(request, house) is None:
        raise NotSignedIn(BY_THE_LINK)
    caller = await house.person(picked.subject)
    made = await house.door.sessions.begin(caller.subject, before=before)
    set_session(response, house, request, made.secret)
    return person_shown(caller)


def _trouble(of: Trouble) -> TroubleShown:
    return TroubleShown(
        part=of.part,
        read_at=of.read_at.isoformat() if of.read_at else None,
        failing_since=of.failing_since.isoformat() if of.failing_since else None,
        problem=of.problem,
        remedy=of.remedy,
    )
