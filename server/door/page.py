"""A page of our own without a script of its own: HTML, styles, and headers under which it loads nothing."""

from __future__ import annotations

import secrets
from functools import cache
from html import escape
from importlib import resources
from typing import Literal, TypeAlias, TypeVar

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

AnyResponse = TypeVar("AnyResponse", bound=Response)
Language: TypeAlias = Literal["en", "de"]


def language_of(request: Request) -> Language:
    """German where the browser prefers it to English, English otherwise."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        wanted = part.partition(";")[0].strip()[:2]
        if wanted == "de":
            return "de"
        if wanted == "en":
            return "en"
    return "en"


def door_page(
    title: str,
    body: str,
    language: Language,
    *,
    status: int = 200,
    script: str = "",
    form_to: str = "'none'",
) -> HTMLResponse:
    """The page.

    Args:
        title: plain text.
        body: HTML; whoever makes it has escaped what is in it.
        script: the one script that runs, known by a nonce.
        form_to: where its form may lead, as the content security policy writes it.
    """
    nonce = secrets.token_urlsafe(16)
    running = f'<script nonce="{nonce}">{script}</script>' if script else ""
    response = HTMLResponse(
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)} – plantwright</title>"
        f'<style nonce="{nonce}">{_style()}</style></head><body><main>'
        f'<p class="brand">{_MARK}<span>plantwright</span></p>{body}</main>{running}</body></html>',
        status_code=status,
    )
    allowed = f"'nonce-{nonce}'"
    running_from = allowed if script else "'none'"
    response.headers["content-security-policy"] = (
        f"default-src 'none'; style-src {allowed}; script-src {running_from};"
        f" base-uri 'none'; form-action {form_to}; frame-ancestors 'none'"
    )
    # A form's origin would be sent as `null` without a referrer policy that lets it through to ourselves.
    response.headers["referrer-policy"] = "same-origin"
    return opener_kept(response)


def opener_kept(response: AnyResponse) -> AnyResponse:
    """The response, leaving a popup joined to the page that opened it: that page waits for its token."""
    response.headers["cross-origin-opener-policy"] = "unsafe-none"
    response.headers["cache-control"] = "no-store"
    return response


@cache
def _style() -> str:
    return (resources.files("server.door") / "door.css").read_text(encoding="utf-8")


_MARK = (
    '<svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true"><rect width="32" height="32" rx="7"/>'
    '<path d="M7 24V13l6 4v-4l6 4V8h6v16z"/></svg>'
)
