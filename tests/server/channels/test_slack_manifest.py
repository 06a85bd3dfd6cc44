"""The app's manifest has what Slack takes, sends all to one address, and asks for no scope without a use."""

from __future__ import annotations

from pathlib import Path

import yaml

from server.channels.slack.posting import PATH

MANIFEST = yaml.safe_load(
    (Path(__file__).parents[3] / "deploy" / "slack" / "manifest.yaml").read_text(encoding="utf-8")
)
USES = {
    "app_mentions:read": "app_mention",
    "channels:history": "message.channels",
    "groups:history": "message.groups",
    "im:history": "message.im",
    "channels:read": "conversations.members",
    "groups:read": "conversations.members",
    "chat:write": "chat.postMessage",
    "commands": "/plantwright",
    "files:write": "files.upload",
    "im:write": "conversations.open",
}
"""Each scope, and what needs it: an event, a method, or the command."""


def test_it_is_within_slacks_published_limits() -> None:
    """By the schema of manifests, version 1: lengths, the pattern of colours and commands, no other part."""
    shown = MANIFEST["display_information"]
    assert set(MANIFEST) == {"display_information", "features", "oauth_config", "settings"}
    assert 0 < len(shown["name"]) <= 35
    assert 0 < len(shown["description"]) <= 140
    assert len(shown["background_color"]) == 7
    assert set(MANIFEST["features"]) == {"app_home", "bot_user", "slash_commands"}
    assert 0 < len(MANIFEST["features"]["bot_user"]["display_name"]) <= 80
    [command] = MANIFEST["features"]["slash_commands"]
    assert set(command) == {"command", "url", "description", "usage_hint", "should_escape"}
    assert command["command"].startswith("/")
    assert 2 <= len(command["command"]) <= 32


def test_everything_goes_to_one_address_and_every_scope_has_its_use() -> None:
    """Events, buttons and the command; a scope more would be a right that nobody needs."""
    settings = MANIFEST["settings"]
    [command] = MANIFEST["features"]["slash_commands"]
    events = settings["event_subscriptions"]
    addresses = {command["url"], events["request_url"], settings["interactivity"]["request_url"]}
    assert addresses == {f"https://copilot.example{PATH}"}
    scopes = MANIFEST["oauth_config"]["scopes"]
    assert set(scopes) == {"bot"}
    assert sorted(scopes["bot"]) == sorted(USES)
    assert set(events["bot_events"]) == {use for use in USES.values() if use.startswith(("app_", "message."))}
    assert settings["interactivity"]["is_enabled"] is True
    assert settings["socket_mode_enabled"] is False
