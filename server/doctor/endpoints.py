"""What is reached over HTTP: the model's endpoint and the identity provider."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx2

from agents.models.known_forms import KnownForms
from erp_adapters.errors import ConfigurationError
from policies.egress import egress_of
from server.doctor.finding import Finding, World, broken, clock, ok, warning
from server.models import model_of, readiness
from server.outgoing import fetched
from server.settings import Settings

_OPENAI = "https://api.openai.com/v1"


def endpoints(settings: Settings, world: World) -> Iterator[Finding]:
    """Every check of what the program speaks to."""
    is_known = True
    try:
        egress_of(settings.egress)
        yield ok("egress", "packaged" if settings.egress is None else str(settings.egress))
    except ConfigurationError as error:
        yield broken("egress", str(error), "correct the file that PLANTWRIGHT_EGRESS names, or unset it")
        is_known = False
    if is_known or not settings.is_hosted:
        yield from _model(settings, world)
    else:
        yield warning("model", "not asked: what may be sent there is not known", "first mend `egress`")
    issuer = getattr(settings, "oidc_issuer", None)
    if issuer:
        yield from _issuer(str(issuer), world)


def _model(settings: Settings, world: World) -> Iterator[Finding]:
    if settings.model == "embedded":
        yield ok("model", "embedded: nothing is sent anywhere")
        return
    if settings.is_local:
        try:
            said = readiness(settings)
        except ConfigurationError as error:
            yield broken("model", str(error), "`plantwright models list` says which there are")
            return
        if said.startswith("cannot be used"):
            yield broken(
                "model", said, "`plantwright models fetch` gets one; until then the embedded model answers"
            )
        elif said == "ready":
            yield ok("model", said)
        else:
            yield warning("model", said, "`plantwright models prepare`")
        return
    try:
        model_of(settings)
    except ConfigurationError as error:
        yield broken("model", str(error), "set what it names, or PLANTWRIGHT_MODEL=embedded")
        return
    if settings.model.startswith("openai:"):
        yield from _openai(settings, world)
    else:
        yield ok("model", f"{settings.model}: its package is here; it is first asked with a question")


def _openai(settings: Settings, world: World) -> Iterator[Finding]:
    place = (settings.openai_base_url or _OPENAI).rstrip("/")
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
    name = settings.model.partition(":")[2]
    until = "until then the embedded model answers, and says so"
    try:
        answered = fetched(f"{place}/models", world.patience_s, {"authorization": f"Bearer {key}"})
    except httpx2.HTTPError as error:
        mend = f"start it, or correct OPENAI_BASE_URL; {until}"
        yield broken("model", f"{place} cannot be reached ({type(error).__name__})", mend)
        return
    known = KnownForms(settings.home / "endpoints.json").get(settings.openai_base_url or "", name)
    form = f"asked for {known.form}" if known else "how it is asked is found out at the first question"
    if answered.status_code in (401, 403):
        yield broken("model", f"{place} refuses the key", f"set OPENAI_API_KEY to one that it takes; {until}")
    elif answered.status_code >= 500:
        yield broken("model", f"{place} fails (status {answered.status_code})", f"see its own log; {until}")
    elif answered.status_code != 200:
        yield warning(
            "model", f"{place} lists no models (status {answered.status_code}); {form}", "ask a question"
        )
    elif name not in _listed(answered):
        yield warning(
            "model", f"{place} does not list {name!r}", "correct PLANTWRIGHT_MODEL, or load it there"
        )
    else:
        yield ok("model", f"{place} has {name!r}; {form}")
    yield from _date(answered, world, "the model's endpoint")


def _listed(answered: httpx2.Response) -> set[str]:
    try:
        return {str(one["id"]) for one in answered.json()["data"]}
    except (ValueError, KeyError, TypeError):
        return set()


def _issuer(issuer: str, world: World) -> Iterator[Finding]:
    place = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    mend = "correct PLANTWRIGHT_OIDC_ISSUER, or let this machine reach it; until then nobody can sign in"
    try:
        answered = fetched(place, world.patience_s)
        held = answered.json() if answered.status_code == 200 else {}
    except (httpx2.HTTPError, ValueError) as error:
        yield broken("sign-in", f"{place} cannot be read ({type(error).__name__})", mend)
        return
    if not isinstance(held, dict) or held.get("issuer") != issuer:
        yield broken("sign-in", f"{place} is not the discovery of {issuer!r}", mend)
    elif missing := [
        one for one in ("authorization_endpoint", "token_endpoint", "jwks_uri") if one not in held
    ]:
        yield broken("sign-in", f"{place} names no {', '.join(missing)}", mend)
    else:
        yield ok("sign-in", issuer)
    yield from _date(answered, world, "the identity provider")


def _date(answered: httpx2.Response, world: World, whose: str) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(answered.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return
    yield clock(f"clock, {whose}", theirs, world.now(), whose)
