"""Where chat platforms send what happens there, and where a person gets the code that says who they are."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from erp_adapters.errors import CopilotError
from server.channels.accounts import code_hash, expires, fresh_code
from server.channels.floor import LINK_PATH, Floor
from server.channels.port import Channel
from server.channels.records import Platform
from server.door import door_page, language_of
from server.door.refusals import refused
from server.errors import SIGN_IN, NotSignedIn
from server.identity import caller_of, house_of

_PAGE = {
    "en": (
        "Your code",
        "Send this to plantwright in a direct message; it is good once, for ten minutes, and is for {name}:",
        "Never send a code that somebody else gave you.",
    ),
    "de": (
        "Ihr Code",
        "Schicken Sie das plantwright als Direktnachricht; es gilt einmal, zehn Minuten lang, für {name}:",
        "Schicken Sie nie einen Code, den Ihnen jemand anders gegeben hat.",
    ),
}


def offer(app: FastAPI, floor: Floor, channels: Mapping[Platform, Channel]) -> None:
    """Take what the platforms send."""
    for channel in channels.values():
        channel.offer(app, floor)
    app.add_route(LINK_PATH, link, methods=["GET"], include_in_schema=False)


async def link(request: Request) -> Response:
    """A fresh code for whoever has signed in; whoever has not does so first."""
    try:
        caller = await caller_of(request)
        house = house_of(request)
        code = fresh_code()
        async with house.drafts.store.remembering(caller) as tx:
            await tx.execute(
                "insert into app.channel_code (hash, subject, expires_at)"
                " values (%(hash)s, %(subject)s, %(until)s)",
                {
                    "hash": code_hash(code),
                    "subject": caller.subject,
                    "until": expires(house.drafts.proposals.clock()),
                },
            )
    except NotSignedIn:
        return RedirectResponse(f"{SIGN_IN}?next={quote(LINK_PATH, safe='')}", status_code=303)
    except CopilotError as error:
        return refused(request, error)
    language = language_of(request)
    title, what, never = _PAGE[language]
    body = (
        f'<div class="narrow"><h1>{title}</h1><p>{escape(what.format(name=caller.name))}</p>'
        f"<p><strong>link {code}</strong></p><p>{never}</p></div>"
    )
    return door_page(title, body, language)
