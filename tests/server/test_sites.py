"""`plantwright sites`: what a steward sees and decides, each command with its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from erp_adapters.store import OWNER_ROLE, make_demo_home
from erp_adapters.store.consistency import parse_mapping
from erp_adapters.store.loading import load_into
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.rulebook import install_packaged
from erp_adapters.store.site_rules import parse_rules
from server.commands.tree import app
from tests.conftest import Database

MAPPING = """
source: norda
version: 1
as_of: {latest: [{file: units, column: day}], because: the day}
plausible_dates: {first: 2000-01-01, last: 2040-12-31}
max_quarantined_share: 0.9
files: {units: {file: UNITS.csv, table: UNIT, columns: {code: text required, day: date}}}
records:
  - record: unit
    file: units
    key: [code]
    fields: {unit: code, name: {coded: code, rule: unit}}
"""
RULES = "site: W1\ncodes:\n  unit: {because: trade, values: {ST: PC, KG: kg}}\n"
CHANGED = "site: W1\ncodes:\n  unit: {because: trade, values: {ST: PC, TO: t}}\n"

Command = Callable[..., Result]


@pytest.fixture(scope="module")
def command(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """`plantwright` on a demo home with the site W1 and its packaged rules."""
    owner = database.dsn(OWNER_ROLE)
    folder = tmp_path_factory.mktemp("units")
    (folder / "UNITS.csv").write_text("code,day\nST,2025-01-01\nKG,2025-01-01\nTO,2025-01-01\n")
    site = SiteSpec(code="W1", name="Workshop", country="DE", time_zone="Europe/Berlin", currency="EUR")
    with psycopg.connect(owner) as connection:
        install_packaged(connection, RULES, parse_rules(RULES, "x"), "the packager")
        load_into(connection, parse_mapping(MAPPING, "x"), folder, site=site)
    make_demo_home(owner)
    runner = CliRunner(env={"DATABASE_URL": database.dsn(), "COLUMNS": "200"})
    return lambda *arguments: runner.invoke(app, arguments)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "w1.yaml"
    path.write_text(CHANGED, encoding="utf-8")
    return path


def test_sites_are_listed_with_their_rules(command: Command) -> None:
    done = command("sites")
    assert done.exit_code == 0, done.output
    for word in ("W1 Workshop", "Europe/Berlin", "EUR", "metric", "norda", "version 1, the packager"):
        assert word in done.output
    (site,) = json.loads(command("sites", "--json").output)
    assert (site["site"], site["rules"]["version"], site["proposed"]) == ("W1", 1, [])
    assert site["sources"][0]["system"] == "norda"


def test_a_change_is_proposed_tried_compared_and_approved(command: Command, file: Path) -> None:
    """By two people; the proposal says what it would do to the codes of the last load."""
    done = command("sites", "propose", "W1", str(file), "--note", "tonnes", "--as", "steward")
    assert done.exit_code == 0, done.output
    assert "version 2: proposed, proposed by steward" in done.output
    assert "codes.unit.values.KG" in done.output
    said = [line.split() for line in done.output.splitlines()]
    assert ["norda", "unit", "KG", "1", "kg", "–", "set", "aside", "from", "now", "on"] in said
    assert ["norda", "unit", "TO", "1", "–", "t", "read", "from", "now", "on"] in said
    own = command("sites", "approve", "W1", "2", "--as", "steward")
    assert (own.exit_code, "approved by somebody else" in own.stderr) == (5, True)
    unfit = command("sites", "approve", "W1", "2", "--as", "planner")
    assert (unfit.exit_code, "by a steward or admin" in unfit.stderr) == (5, True)
    assert "proposed: 2" in command("sites").output
    assert "version 2: approved" in command("sites", "approve", "W1", "2", "--as", "admin").output
    shown = command("sites", "show", "W1")
    assert "version 2: approved" in shown.output
    assert "TO: t" in shown.output
    assert command("sites", "show", "W1", "--version", "1", "--yaml").output == RULES
    assert "codes.unit.values.TO" in command("sites", "diff", "W1", "1", "2").output
    back = command("sites", "propose", "W1", "--from-version", "1", "--as", "steward")
    assert "version 3: proposed" in back.output
    assert "version 3: rejected" in command("sites", "reject", "W1", "3", "--as", "admin").output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("show", "W9"), 1, "no rules of site 'W9' that 'planner' may see; there are the sites W1"),
        (("show", "W1", "--version", "77"), 1, "no version 77 of the rules of site 'W1'; there are 1"),
        (("propose", "W1"), 2, "give either FILE or --from-version"),
        (("propose", "W9", "FILE"), 2, "the rules say `site: W1`, and they are proposed for 'W9'"),
        (("propose", "W1", "absent.yaml"), 1, "absent.yaml"),
        (("approve", "W1", "77", "--as", "steward"), 1, "No version 77 of the rules of site 'W1'"),
        (("approve", "W1", "1", "--as", "steward"), 1, "only a proposed one can be decided on"),
        (("approve", "W9", "1", "--as", "steward"), 5, "'W9' is not one of the sites of 'steward'"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_remedy(
    command: Command, file: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = command("sites", *(str(file) if part == "FILE" else part for part in arguments))
    assert (done.exit_code, words in done.stderr) == (code, True), done.output + done.stderr
