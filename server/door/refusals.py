"""What a browser is shown where it cannot come in: the reason, and how to go on."""

from __future__ import annotations

from html import escape

from fastapi import Request
from fastapi.responses import HTMLResponse

from erp_adapters.errors import CopilotError
from server.door.page import Language, door_page, language_of
from server.errors import SIGN_IN, NotKnown, ProviderUnavailable, kind_of

_TITLES: dict[Language, dict[type[CopilotError], str]] = {
    "en": {
        NotKnown: "You are signed in, and not known here yet",
        ProviderUnavailable: "The identity provider does not answer",
        CopilotError: "Signing in did not work",
    },
    "de": {
        NotKnown: "Sie sind angemeldet, aber hier noch nicht bekannt",
        ProviderUnavailable: "Der Identitätsanbieter antwortet nicht",
        CopilotError: "Die Anmeldung hat nicht geklappt",
    },
}
_AGAIN: dict[Language, str] = {"en": "Sign in again", "de": "Noch einmal anmelden"}


def refused(request: Request, error: CopilotError) -> HTMLResponse:
    """The page of an error, with the status that a program would get."""
    language = language_of(request)
    titles = _TITLES[language]
    title = next(titles[cls] for cls in type(error).__mro__ if cls in titles)
    reason = str(error)[:1].upper() + str(error)[1:]
    body = (
        f'<div class="narrow"><h1>{escape(title)}</h1><p class="detail" lang="en">{escape(reason)}.</p>'
        f'<p><a class="go" href="{SIGN_IN}">{_AGAIN[language]}</a></p></div>'
    )
    return door_page(title, body, language, status=kind_of(error).http)
