"""Teams as a home's settings say it is."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Final

from erp_adapters.errors import ConfigurationError
from erp_adapters.http import Secret
from server.channels.teams.clouds import CLOUDS, Cloud, stand_in
from server.channels.teams.connector import Teams
from server.channels.teams.own_tokens import Registration
from server.settings import Settings, secret

_OLDEST: Final = (3, 12)
_LEAVE_OUT: Final = "or leave PLANTWRIGHT_TEAMS_APP_ID out"


def missing(python: tuple[int, int] = (sys.version_info.major, sys.version_info.minor)) -> tuple[str, str]:
    """What Teams lacks here, and the remedy; both empty where it lacks nothing."""
    if python < _OLDEST:
        return (
            f"Microsoft's package for Teams needs Python 3.12 or newer, and this is {python[0]}.{python[1]}",
            f"run the service with a newer one (PYTHON=python3.12), {_LEAVE_OUT}",
        )
    if find_spec("microsoft_teams") is None:
        remedy = f"`pip install -r requirements-teams.txt` into the service's environment, {_LEAVE_OUT}"
        return "Microsoft's package for Teams is not installed", remedy
    return "", ""


def teams_of(settings: Settings, *, is_demo: bool) -> Teams | None:
    """Teams as a channel; None where it is not set up.

    Raises:
        ConfigurationError: the package is not there, or this Python is too old for it; or as the others do.
    """
    registration = registration_of(settings)
    if registration is None:
        return None
    why, remedy = missing()
    if why:
        raise ConfigurationError(f"{why}: {remedy}")
    return Teams(registration, cloud_of(settings, is_demo=is_demo))


def registration_of(settings: Settings) -> Registration | None:
    """As whom the program is registered; None where Teams is not set up.

    Raises:
        ConfigurationError: the secret cannot be read.
    """
    if not settings.teams_app_id:
        return None
    return Registration(settings.teams_app_id, settings.teams_tenant, Secret(secret(settings.teams_secret)))


def cloud_of(settings: Settings, *, is_demo: bool) -> Cloud:
    """Microsoft's cloud, or what stands in for it.

    Raises:
        ConfigurationError: something would stand in for it where people really work.
    """
    if not settings.teams_stand_in:
        return CLOUDS[settings.teams_cloud]
    if not is_demo:
        raise ConfigurationError(
            "PLANTWRIGHT_TEAMS_STAND_IN: only a demo home takes a stand-in for Microsoft"
        )
    return stand_in(settings.teams_stand_in)
