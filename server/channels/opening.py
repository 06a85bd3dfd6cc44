"""Which chat platforms the settings name, and under which address people reach the panel from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never
from urllib.parse import urlsplit

from erp_adapters.errors import ConfigurationError
from server.origins import is_loopback_host
from server.settings import Settings, secret

if TYPE_CHECKING:
    from server.channels.port import Channel
    from server.channels.records import Platform


def channels_of(settings: Settings, *, is_demo: bool) -> dict[Platform, Channel]:
    """The platforms that are answered; none by itself.

    Raises:
        ConfigurationError: a secret is not where it should be, or an address is not one that is called.
    """
    found: dict[Platform, Channel] = {}
    if settings.slack_workspace:
        from server.channels.slack.posting import SlackChannel

        found["slack"] = SlackChannel(
            secret(settings.slack_token),
            settings.slack_workspace,
            secret(settings.slack_signing_secret),
            _slack(settings.slack_api, is_demo=is_demo),
        )
    if settings.teams_app_id:
        from server.channels.teams.opening import teams_of

        if (teams := teams_of(settings, is_demo=is_demo)) is not None:
            found["teams"] = teams
    return found


def tenant_of(settings: Settings, platform: Platform) -> str:
    """The workspace or directory that is answered; empty where the platform is not set."""
    match platform:
        case "slack":
            return settings.slack_workspace
        case "teams":
            return settings.teams_tenant
        case _:
            assert_never(platform)


def panel_origin(settings: Settings, *, is_demo: bool) -> str:
    """Under which origin people open the panel; empty where that is not known."""
    if settings.public_url:
        return settings.public_url
    return f"http://127.0.0.1:{settings.port}" if is_demo and settings.port else ""


def _slack(address: str, *, is_demo: bool) -> str:
    parts = urlsplit(address)
    host = parts.hostname or ""
    is_theirs = parts.scheme == "https" and (
        host in _SLACK or host.endswith(tuple(f".{own}" for own in _SLACK))
    )
    if not is_theirs and not (is_demo and is_loopback_host(parts.netloc)):
        raise ConfigurationError(
            f"PLANTWRIGHT_SLACK_API: {address!r} is not an address of Slack; leave it out, or name one such"
            " as https://slack.com/api/"
        )
    return address if address.endswith("/") else address + "/"


_SLACK = ("slack.com", "slack-gov.com")
