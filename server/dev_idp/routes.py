"""The development provider's endpoints, in demo homes alone."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from erp_adapters.errors import CopilotError
from server.dev_idp.asked import authorization
from server.dev_idp.choosing import choosing_page
from server.dev_idp.issuing import PATH, Granted
from server.door import language_of
from server.door.page import opener_kept
from server.door.refusals import refused
from server.errors import NotSignedIn, SignInFailed
from server.house import House
from server.identity import BY_THE_LINK, house_of, place_refusal, present, refuse_other_pages

router = APIRouter(prefix=PATH, include_in_schema=False)

_FORM: Final = "application/x-www-form-urlencoded"


@router.get("/.well-known/openid-configuration")
async def discovery(request: Request) -> dict[str, object]:
    """Where everything is, under the name that this service was asked by."""
    _near(request)
    issuer = _issuer(request)
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": ["openid", "profile", "email"],
        "claims_supported": ["sub", "name", "iss", "aud", "exp", "iat", "nonce"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": True,
    }


@router.get("/authorize")
async def choose(request: Request) -> Response:
    """Everybody there is, to pick from."""
    try:
        house = await _opened(request)
        asked = authorization(request.query_params, request.headers.get("host", ""))
        people = await house.directory.people()
        widest = max(people, key=lambda person: len(person.sites))
        names = {site.code: site.name for site in await house.directory.sites(widest)}
    except CopilotError as error:
        return refused(request, error)
    return choosing_page(asked, people, names, language_of(request))


@router.post("/authorize")
async def chosen(request: Request) -> Response:
    """Back to the program that asked, with a code for the person who was picked."""
    try:
        house = await _opened(request)
        refuse_other_pages(request, house)
        given = await _form(request)
        asked = authorization(given, request.headers.get("host", ""))
        person = await house.directory.caller(given.get("subject", ""))
    except CopilotError as error:
        return refused(request, error)
    issuer = _issuer(request)
    granted = Granted(
        person.subject, person.name, issuer, asked.redirect_uri, asked.nonce, asked.code_challenge
    )
    answer = urlencode({"code": house.door.issuing.code(granted), "state": asked.state, "iss": issuer})
    return opener_kept(RedirectResponse(f"{asked.redirect_uri}?{answer}", status_code=303))


@router.post("/token")
async def token(request: Request) -> Response:
    """Tokens for a code."""
    _near(request)
    given = await _form(request)
    found = None
    if given.get("grant_type") == "authorization_code":
        found = house_of(request).door.issuing.tokens(
            given.get("code", ""),
            given.get("client_id", ""),
            given.get("redirect_uri", ""),
            given.get("code_verifier", ""),
        )
    headers = {"cache-control": "no-store"}
    if found is None:
        return JSONResponse({"error": "invalid_grant"}, status_code=400, headers=headers)
    return JSONResponse(found, headers=headers)


@router.get("/jwks")
async def jwks(request: Request) -> dict[str, object]:
    """The key that tokens are signed with."""
    _near(request)
    return dict(house_of(request).door.issuing.jwks())


def _issuer(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', '')}{PATH}"


def _near(request: Request) -> None:
    """Let programs of this machine through; the service itself calls without the network.

    Raises:
        NotSignedIn: the request comes from elsewhere.
    """
    door = house_of(request).door
    if door.is_open_to_here and (reason := place_refusal(request)):
        raise NotSignedIn(reason)


async def _opened(request: Request) -> House:
    """The house, where whoever asks may be anybody."""
    _near(request)
    house = house_of(request)
    if house.door.invitation is not None and await present(request, house) is None:
        raise NotSignedIn(BY_THE_LINK)
    return house


async def _form(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise SignInFailed(f"a form is sent as {_FORM}, not as {kind or 'nothing'!r}")
    try:
        given = parse_qs((await request.body()).decode(), max_num_fields=30)
    except (UnicodeDecodeError, ValueError) as exc:
        raise SignInFailed("the form cannot be read") from exc
    return {name: values[0] for name, values in given.items()}
