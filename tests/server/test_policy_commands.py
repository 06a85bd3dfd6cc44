"""`plantwright policy`: what a person sees and decides, each command with its exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from erp_adapters.store import OWNER_ROLE, make_demo_home
from policies.audit.event import AuditEvent
from policies.engine import CedarPolicy
from policies.limits import parse_change
from policies.recorded import decision_of, decision_payload
from server.commands.tree import app
from tests.conftest import Database
from tests.policies.asked import asked, caller

Command = Callable[..., Result]
CHANGE = """
[[limit]]
site = "KAS"
kind = "purchase_requisition"
currency = "EUR"
confirm = {buyer = 4_000, controller = 1_000_000}
second = {controller = 1_000_000}
second_from = 3_000
"""


@pytest.fixture
def alone(tmp_path: Path) -> Command:
    """`plantwright` where there is no home."""
    runner = CliRunner(env={"PLANTWRIGHT_HOME": str(tmp_path / "none"), "COLUMNS": "200"})
    return lambda *arguments: runner.invoke(app, ["policy", *arguments])


@pytest.fixture(scope="module")
def home(database: Database, tmp_path_factory: pytest.TempPathFactory) -> CliRunner:
    """A demo home with the site KAS and an approved change of its limits."""
    owner = database.dsn(OWNER_ROLE)
    change = parse_change(CHANGE, "x")
    with psycopg.connect(owner) as connection:
        connection.execute(
            "insert into erp.site (site, source_system, source_key, load_id, name, time_zone, currency)"
            " values ('KAS', 'x', 'KAS', gen_random_uuid(), 'Kassel', 'Europe/Berlin', 'EUR')"
        )
        connection.execute(
            "insert into app.limits_change (version, content, digest, sites, effective_from, note, status,"
            " proposed_by, proposed_roles, proposed_at, decided_by, decided_at) values (1, %s, %s, '{KAS}',"
            " %s, 'a smaller budget', 'approved', 'controller', '{controller}', now(), 'admin', now())",
            (CHANGE, change.digest, datetime.now(UTC) - timedelta(days=1)),
        )
    make_demo_home(owner)
    folder = tmp_path_factory.mktemp("home")
    return CliRunner(env={"DATABASE_URL": database.dsn(), "PLANTWRIGHT_HOME": str(folder), "COLUMNS": "200"})


@pytest.fixture(scope="module")
def command(home: CliRunner) -> Command:
    """`plantwright policy` on that home."""
    return lambda *arguments, **options: home.invoke(app, ["policy", *arguments], **options)


@pytest.fixture(scope="module")
def audit(home: CliRunner) -> Command:
    """`plantwright audit` on that home."""
    return lambda *arguments: home.invoke(app, ["audit", *arguments])


def test_explain_says_who_may_and_why(alone: Command) -> None:
    """The answer, its reason, who confirms, the policies and the hash; 0 where allowed, 5 where denied."""
    done = alone("explain", "confirm", "--role", "buyer", "--site", "KAS", "--amount", "12000", "--packaged")
    assert done.exit_code == 0, done.output
    for part in (
        "allowed",
        "A buyer may sign 12,000.00 EUR at KAS.",
        "Two signatures at KAS",
        "requisition.confirm_first",
    ):
        assert part in done.output
    assert CedarPolicy.packaged().digest in done.output
    denied = alone(
        "explain",
        "confirm",
        "--role",
        "planner",
        "--site",
        "KAS",
        "--amount",
        "12000",
        "--packaged",
        "--json",
    )
    assert denied.exit_code == 5
    shown = json.loads(denied.stdout)
    assert (shown["allowed"], shown["policies"], shown["signatures"]["count"]) == (False, ["default"], 2)


@pytest.mark.parametrize(
    ("arguments", "because"),
    [
        (["comfirm"], "'comfirm' is no action; there are read, propose"),
        (["confirm", "order"], "'order' is no kind of draft"),
        (["confirm"], "give the site"),
        (["confirm", "--site", "KAS"], "give --role"),
        (["confirm", "--site", "KAS", "--role", "boss"], "'boss' is no role; there are planner"),
        (["confirm", "--site", "KAS", "--role", "buyer", "--amount", "1e400x"], "'1e400x' is no amount"),
        (["confirm", "--site", "KAS", "--role", "buyer", "--amount", "nan"], "'nan' is no amount"),
        (["confirm", "--site", "KAS", "--role", "buyer", "--day", "tomorrow"], "'tomorrow' is no day"),
        (["confirm", "stock_transfer", "--site", "KAS", "--role", "buyer"], "--from-site"),
    ],
)
def test_what_cannot_be_explained_is_named(alone: Command, arguments: list[str], because: str) -> None:
    """A wrong word is named with what would be right; exit code 2."""
    done = alone("explain", *arguments, "--packaged")
    assert done.exit_code == 2
    assert because in done.stderr


@pytest.mark.slow
def test_test_runs_cases_and_fails_where_one_does(alone: Command, tmp_path: Path) -> None:
    """0 where all pass, 1 where one does not, with what was wanted and what came."""
    assert alone("test").exit_code == 0
    file = tmp_path / "cases.yaml"
    file.write_text(
        "- {name: wishful, who: planner.two, action: confirm, allow: [requisition.confirm_first]}\n"
    )
    done = alone("test", str(file))
    assert done.exit_code == 1
    assert "FAILED wishful" in done.output
    assert "deny [default]" in done.output
    file.write_text("- {name: wishful, who: planner, action: confirm, allowed: yes}\n")
    assert alone("test", str(file)).exit_code == 1
    assert "allowed" in alone("test", str(file)).stderr


@pytest.mark.slow
def test_diff_says_what_a_change_decides_differently(alone: Command, tmp_path: Path) -> None:
    """Requests near the figures, as they were decided and as they would be."""
    file = tmp_path / "change.toml"
    file.write_text(CHANGE)
    done = alone("diff", "packaged", str(file), "--json")
    assert done.exit_code == 0, done.output
    changed = json.loads(done.stdout)["changed"]
    assert {one["request"]["subject"]["site"] for one in changed} == {"KAS"}
    amounts = {one["request"]["subject"]["amount_minor"] for one in changed if not one["signatures"]}
    assert 400_001 in amounts
    assert 299_999 not in amounts
    assert "No difference" in alone("diff", "packaged", "packaged").output
    assert alone("diff", "packaged", "nowhere").exit_code == 2


@pytest.mark.slow
def test_diff_compares_policies_in_folders(alone: Command, tmp_path: Path) -> None:
    """A policy that is added to a copy of the packaged ones shows what it denies."""
    texts = CedarPolicy.packaged().texts
    (tmp_path / "schema.cedarschema").write_text(texts.schema)
    for name, text in texts.files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "mine.cedar").write_text(
        '@id("mine.no") @reason("too much") forbid (principal, action == Action::"confirm", resource)'
        " when { context.amount > 50000000 };"
    )
    done = alone("diff", "packaged", str(tmp_path), "--json")
    assert done.exit_code == 0, done.stderr
    changed = json.loads(done.stdout)["changed"]
    assert {one["request"]["subject"]["kind"] for one in changed} == {
        "purchase_requisition",
        "stock_transfer",
    }
    assert {one["request"]["action"] for one in changed if not one["signatures"]} == {"confirm"}
    (tmp_path / "mine.cedar").write_text(
        '@id("x") @reason("no") forbid (principal, action == Action::"confirm", resource is QualityHold);'
    )
    done = alone("diff", "packaged", str(tmp_path))
    assert done.exit_code == 1
    assert "no policy lets a steward sign a quality hold" in done.stderr


def test_replay_makes_recorded_decisions_again(alone: Command, tmp_path: Path) -> None:
    """A decision on record is made again under a change, and named where it comes out differently."""
    policy, file = CedarPolicy.packaged(), tmp_path / "change.toml"
    file.write_text(CHANGE)
    requests = [asked(caller("buyer"), "confirm", amount=amount) for amount in (100_000, 350_000, 500_000)]
    events = [
        AuditEvent(
            "policy_decision", r.at, "buyer", "buyer", decision_payload(r, policy.decide(r)), "p1", "KAS"
        )
        for r in requests
    ]
    record = tmp_path / "record"
    record.mkdir()
    lines = [json.dumps({**asdict(event), "at": event.at.isoformat()}) for event in events]
    (record / "a.jsonl").write_text("\n".join([json.dumps({"kind": "answer", "payload": {}}), *lines]) + "\n")
    assert decision_of(json.loads(lines[0])["payload"]).request == replace(
        requests[0], caller=replace(requests[0].caller, name="")
    )
    done = alone("replay", str(file), "--record", str(record), "--json")
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    assert shown["compared"] == 3
    assert [one["request"]["subject"]["amount_minor"] for one in shown["changed"]] == [500_000]
    (record / "b.jsonl").write_text('{"kind": "policy_decision", "payload": {"request": {"caller": 5}}}\n')
    broken = alone("replay", str(file), "--record", str(record))
    assert broken.exit_code == 1
    assert "Line 1 of 'b.jsonl'" in broken.stderr


def test_a_home_is_explained_by_its_limits_in_force(command: Command) -> None:
    """An approved change counts, by who the person is in the people table."""
    done = command("explain", "confirm", "--as", "buyer", "--site", "KAS", "--amount", "4000.01")
    assert done.exit_code == 5, done.output
    assert "a buyer (up to 4,000.00 EUR)" in done.output
    assert command("explain", "confirm", "--as", "buyer", "--site", "KAS", "--amount", "4000").exit_code == 0
    assert command("explain", "propose", "--as", "planner", "--site", "KAS", "--amount", "1").exit_code == 0
    assert command("explain", "confirm", "--as", "nobody", "--site", "KAS").exit_code == 2
    changed = json.loads(command("diff", "packaged", "now", "--json").stdout)["changed"]
    assert changed


def test_limits_are_shown_with_their_changes(command: Command) -> None:
    """Rows of the site and the default, what changed them, and the hash."""
    done = command("limits", "show", "--site", "KAS")
    assert done.exit_code == 0, done.output
    for part in ("buyer 4,000.00", "a smaller budget", "in force", "controller", "hash sha256:"):
        assert part in done.output
    assert "HAM" not in done.output
    assert command("limits", "show", "--change", "1").stdout == CHANGE
    assert command("limits", "show", "--change", "7").exit_code == 2
    assert json.loads(command("limits", "show", "--json").stdout)["limits"]["limit"]


def test_limits_change_by_two_people_from_their_day(command: Command, audit: Command, tmp_path: Path) -> None:
    """A controller proposes, an administrator approves what they saw, and it holds from the day given."""
    file = tmp_path / "change.toml"
    file.write_text(CHANGE.replace("4_000", "2_000"))
    day = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    propose = ("limits", "propose", str(file), "--from", day, "--note", "next year", "--as")
    refused = command(*propose, "planner")
    assert (refused.exit_code, "next year" in command("limits", "show").output) == (5, False)
    done = command(*propose, "controller")
    assert done.exit_code == 0, done.stderr
    named = re.search(r"limits approve (\d+) --digest (sha256:\w{64})", done.output)
    assert named is not None, done.output
    approve = ("limits", "approve", named[1], "--digest", named[2], "--as")
    for nobody_else in ("controller", "planner"):
        assert command(*approve, nobody_else).exit_code == 5
    assert "two people" in command(*approve, "controller").stderr
    wrong = command("limits", "approve", named[1], "--digest", "sha256:" + "0" * 64, "--as", "admin")
    assert wrong.exit_code != 0
    before = json.loads(command("limits", "show", "--json").stdout)["hash"]
    approved = command(*approve, "admin")
    assert approved.exit_code == 0, approved.stderr
    shown = command("limits", "show")
    assert re.search(
        rf"{named[1]} +KAS +{day} 00:00 UTC +approved +controller +admin +next year", shown.output
    )
    assert f"hash {before}" in shown.output
    assert command("explain", "confirm", "--as", "buyer", "--site", "KAS", "--amount", "4000").exit_code == 0


def test_changes_of_limits_are_on_record(command: Command, audit: Command, tmp_path: Path) -> None:
    """A proposal and its rejection are two sealed events of a record that verifies; a refusal is none."""
    file = tmp_path / "change.toml"
    file.write_text(CHANGE.replace("4_000", "1_000"))

    def changes() -> int:
        exported = audit("export").stdout.splitlines()
        return sum(json.loads(line).get("kind") == "limits_change" for line in exported)

    before = changes()
    assert command("limits", "propose", str(file), "--as", "planner").exit_code == 5
    assert changes() == before
    proposed = command("limits", "propose", str(file), "--as", "controller")
    number = re.search(r"limits approve (\d+)", proposed.output)
    assert number is not None, proposed.output
    assert command("limits", "reject", number[1], "--as", "controller").exit_code == 0
    assert changes() == before + 2
    verified = audit("verify")
    assert verified.exit_code == 0, verified.output


def test_without_a_record_limits_do_not_change(command: Command, tmp_path: Path) -> None:
    """Where the record's second place cannot be written, a change is not proposed."""
    file = tmp_path / "change.toml"
    file.write_text(CHANGE.replace("4_000", "5_000"))
    (tmp_path / "taken").touch()
    lost = {"PLANTWRIGHT_AUDIT_CHECKPOINTS": str(tmp_path / "taken" / "checkpoints.jsonl")}
    done = command("limits", "propose", str(file), "--as", "controller", "--note", "why", env=lost)
    assert done.exit_code == 1, done.output
    assert "why" not in command("limits", "show").output
