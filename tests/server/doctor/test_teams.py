"""What keeps Teams from working is named with its remedy before anybody writes there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.doctor.finding import Finding, World
from server.doctor.teams import teams
from server.settings import Settings
from tests.server.channels.teams.microsoft import APP, SECRET, TENANT, microsoft

OLD = World(python=(3, 11))


def settings(tmp_path: Path, **given: Any) -> Settings:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    set_up = {"teams_app_id": APP, "teams_tenant": TENANT, "teams_secret": f"file:{tmp_path / 'secret'}"}
    return Settings(home=tmp_path, **{**set_up, **given})


def found(*arguments: Any) -> dict[str, Finding]:
    return {each.name: each for each in teams(*arguments)}


def test_nothing_is_said_where_teams_is_not_set_up(tmp_path: Path) -> None:
    """A home without Teams is asked about nothing."""
    assert found(Settings(home=tmp_path), OLD) == {}


def test_an_old_python_is_named_with_the_remedy(tmp_path: Path) -> None:
    """Microsoft's package does not run on 3.11; the rest is looked at all the same."""
    with microsoft() as stand_in:
        given = settings(tmp_path, teams_stand_in=stand_in.origin, public_url="https://copilot.example")
        every = found(given, OLD)
    assert every["teams package"].state == "broken"
    assert "needs Python 3.12 or newer, and this is 3.11" in every["teams package"].why
    assert "PYTHON=python3.12" in every["teams package"].mend
    assert every["teams"].state == "ok"
    assert "https://copilot.example/v1/channels/teams" in every["teams"].why


def test_a_wrong_secret_and_a_missing_one_are_told_apart(tmp_path: Path) -> None:
    """By what Microsoft answers, or by where nothing is; neither message shows a secret."""
    with microsoft() as stand_in:
        (tmp_path / "wrong").write_text("another-secret")
        given = settings(tmp_path, teams_stand_in=stand_in.origin, teams_secret=f"file:{tmp_path / 'wrong'}")
        wrong = found(given, OLD)["teams"]
    assert "AADSTS7000215" in wrong.why
    assert "another-secret" not in wrong.why + wrong.mend
    nowhere = found(settings(tmp_path, teams_secret="env:PLANTWRIGHT_NO_SUCH"), OLD)["teams"]
    assert "there is no secret at 'env:PLANTWRIGHT_NO_SUCH'" in nowhere.why


def test_without_an_address_cards_lead_nowhere(tmp_path: Path) -> None:
    """That the public address is not set is a warning, since everything else works."""
    with microsoft() as stand_in:
        only = found(settings(tmp_path, teams_stand_in=stand_in.origin), OLD)["teams"]
    assert only.state == "warning"
    assert "PLANTWRIGHT_PUBLIC_URL" in only.mend


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"teams_tenant": ""}, "go together"),
        ({"teams_app_id": "plantwright"}, "give an id such as"),
        ({"teams_stand_in": "https://evil.example"}, "on this machine"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path: Path, given: dict[str, str], said: str) -> None:
    """Half a registration, a name in place of an id, and a stand-in that is on another machine."""
    with pytest.raises(ValueError, match=said):
        settings(tmp_path, **given)
