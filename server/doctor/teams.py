"""Teams, where it is set up: the package, the secret, the token, and the way in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from erp_adapters.errors import ConfigurationError
from server.channels.teams.opening import cloud_of, missing, registration_of
from server.channels.teams.own_tokens import OwnTokens
from server.doctor.finding import Finding, World, broken, ok, warning
from server.errors import ChannelUnavailable
from server.settings import Settings


def teams(settings: Settings, world: World, *, is_demo: bool = True) -> Iterator[Finding]:
    """Every check of Teams; none where it is not set up."""
    if not settings.teams_app_id:
        return
    why, remedy = missing(world.python)
    if why:
        yield broken("teams package", why, remedy)
    try:
        registration = registration_of(settings)
        cloud = cloud_of(settings, is_demo=is_demo)
    except ConfigurationError as error:
        yield broken("teams", str(error), "set PLANTWRIGHT_TEAMS_SECRET to `env:NAME` or `file:PATH`")
        return
    assert registration is not None, "the settings name an app"
    try:
        asyncio.run(OwnTokens(registration, cloud).token())
    except ChannelUnavailable as error:
        yield broken("teams", str(error), "correct what it names; until then nothing is posted")
        return
    if not settings.public_url:
        mend = "set PLANTWRIGHT_PUBLIC_URL: without it cards have no way into the panel"
        yield warning("teams", f"app {registration.app} gets its token", mend)
        return
    where = f"{settings.public_url}/v1/channels/teams"
    yield ok("teams", f"app {registration.app} gets its token; Teams is told to write to {where}")
