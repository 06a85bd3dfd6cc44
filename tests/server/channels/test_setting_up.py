"""Set-up: accounts are mapped on record, the doctor asks the platform, and what may not leave stays."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from erp_adapters.errors import ConfigurationError
from erp_adapters.store import OWNER_ROLE
from policies.egress import egress_of, packaged_egress
from server.channels.opening import channels_of
from server.channels.teams.opening import missing
from server.commands.tree import app
from server.doctor.channels import channels
from server.doctor.finding import World
from server.settings import Settings, load_settings
from tests.conftest import Database


@contextmanager
def platform(team: str) -> Iterator[str]:
    """A stand-in that only says who we are."""

    class Says(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps({"ok": True, "team_id": team, "user": "plantwright", "team": "Home"}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Says) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api/"
        finally:
            server.shutdown()


def _settings(api: str, monkeypatch: pytest.MonkeyPatch, **more: str) -> Settings:
    monkeypatch.setenv("OUR_TOKEN", "xoxb-1")
    monkeypatch.setenv("OUR_SECRET", "s")
    return Settings(
        slack_workspace="T1",
        slack_token="env:OUR_TOKEN",
        slack_signing_secret="env:OUR_SECRET",
        slack_api=api,
        **more,  # type: ignore[arg-type]
    )


def test_the_doctor_asks_the_platform_as_whom_we_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The right workspace is well, another one and a missing secret are named with what mends them."""
    with platform("T1") as api:
        settings = _settings(api, monkeypatch, public_url="https://copilot.example")
        (found,) = channels(settings, World())
        assert (found.name, found.state, found.why) == ("slack", "ok", "plantwright in Home (T1)")
    with platform("T2") as api:
        found, links = channels(_settings(api, monkeypatch), World())
        assert found.state == "broken"
        assert "'T2'" in found.why
        assert links.state == "warning"
    (found,) = channels(
        _settings("http://127.0.0.1:9/api/", monkeypatch, public_url="https://a.example"), World()
    )
    assert found.state == "broken"
    monkeypatch.delenv("OUR_TOKEN")
    (found,) = channels(
        Settings(slack_workspace="T1", slack_token="env:OUR_TOKEN", slack_signing_secret="env:OUR_SECRET"),
        World(),
    )
    assert "env:OUR_TOKEN" in found.why
    assert list(channels(Settings(), World())) == []


def test_the_doctor_names_what_teams_lacks_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older Python or a missing package is a finding with its remedy, and no service that is not there."""
    monkeypatch.setenv("TEAMS_SECRET", "s")
    settings = Settings(
        teams_app_id="7d3f3a50-1111-4222-8333-0000000000aa",
        teams_tenant="2c8a9d1e-aaaa-4bbb-8ccc-0000000000bb",
        teams_secret="env:TEAMS_SECRET",
        public_url="https://copilot.example",
    )
    why, remedy = missing()
    assert why, "Microsoft's package is no part of this environment"
    (found,) = channels(settings, World())
    assert (found.name, found.state) == ("chat", "broken")
    assert why in found.why
    assert remedy in found.why
    assert missing((3, 11))[0].endswith("this is 3.11")


def test_only_slack_itself_is_called_outside_of_a_demo_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in gets the token in a demo home alone, and a half set-up is refused with its remedy."""
    for address in (
        "http://127.0.0.1:9/api/",
        "https://slack.com.evil.example/api/",
        "http://slack.com/api/",
    ):
        with pytest.raises(ConfigurationError, match="PLANTWRIGHT_SLACK_API"):
            channels_of(_settings(address, monkeypatch), is_demo=False)
    assert "slack" in channels_of(_settings("https://slack-gov.com/api", monkeypatch), is_demo=False)
    assert "slack" in channels_of(_settings("http://127.0.0.1:9/api/", monkeypatch), is_demo=True)
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_SLACK_TOKEN"):
        load_settings(slack_workspace="T1")


def test_what_may_not_leave_for_a_platform_is_said_by_site(tmp_path: Path) -> None:
    """Of somebody who may see several sites the strictest holds; only send and keep are words."""
    assert packaged_egress().posts("slack", {"KAS", "BRE"})
    file = tmp_path / "egress.toml"
    file.write_text('[site.KAS]\nslack = "keep"\namounts = "keep"\n', encoding="utf-8")
    policy = egress_of(file)
    assert not policy.posts("slack", {"KAS", "BRE"})
    assert policy.posts("slack", {"BRE"})
    assert policy.posts("teams", {"KAS"})
    assert policy.at("KAS")["amounts"] == "keep"
    file.write_text('[default]\nslack = "mask"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="send, keep"):
        egress_of(file)


@pytest.mark.slow
def test_an_administrator_says_whose_account_it_is(
    demo_apart: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listed, taken over by the next person, forgotten, each time on record; nobody unknown."""
    environment = {"DATABASE_URL": demo_apart.dsn(), "PLANTWRIGHT_HOME": str(tmp_path), "COLUMNS": "200"}
    runner = CliRunner(env=environment)

    def command(*arguments: str) -> str:
        return runner.invoke(app, ["channels", *arguments]).output

    assert "Nobody yet" in command()
    assert "--tenant" in command("map", "slack", "U1", "planner.kassel")
    assert "nobody active" in command("map", "slack", "U1", "nobody", "--tenant", "T1")
    assert "there is no platform" in command("map", "irc", "U1", "planner.kassel", "--tenant", "T1")
    assert (
        command("map", "slack", "U1", "planner.kassel", "--tenant", "T1") == "U1 of slack is planner.kassel\n"
    )
    command("map", "slack", "U1", "buyer.kassel", "--tenant", "T1")
    command("map", "slack", "U2", "buyer.kassel", "--tenant", "T1")
    listed = command("people").splitlines()
    assert len(listed) == 1
    assert listed[0].startswith("slack  T1  U2  buyer.kassel")
    assert command("unmap", "slack", "U2", "--tenant", "T1") == "U2 of slack is nobody's now\n"
    assert "object id" in command("map", "teams", "buyer@home.example", "buyer.kassel", "--tenant", "T1")
    assert "is nobody's" in command("unmap", "slack", "U2", "--tenant", "T1")
    assert "is not set up" in command("test", "slack")
    with psycopg.connect(demo_apart.dsn(OWNER_ROLE)) as owner:
        row = owner.execute("select count(*) from audit.event where kind = 'channel'").fetchone()
    assert row == (4,)
