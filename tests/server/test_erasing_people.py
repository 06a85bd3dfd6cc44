"""`plantwright people erase`: a person is gone from every table; what was decided stands and verifies."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner, Result

from erp_adapters.store import OWNER_ROLE
from server.commands.tree import app
from tests.conftest import Database

pytestmark = pytest.mark.slow

NAME = "Quentine Aldergrove-Zyx"
WHO = "buyer.kassel"
Command = Callable[..., Result]


@pytest.fixture(scope="module")
def command(demo_apart: Database, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """`plantwright` on the demo's plants, whose buyer of Kassel has a name that nothing else has."""
    home = tmp_path_factory.mktemp("home")
    environment = {"DATABASE_URL": demo_apart.dsn(), "PLANTWRIGHT_HOME": str(home), "COLUMNS": "200"}
    runner = CliRunner(env=environment)

    def run(*arguments: str, said: str = "") -> Result:
        return runner.invoke(app, list(arguments), input=said)

    kassel = ["--site", "KAS", "--substitute"]
    run("people", "add", WHO, "--name", NAME, "--role", "buyer", *kassel, "buyer")
    run("people", "add", "planner.kassel", "--name", "P", "--role", "planner", *kassel, WHO)
    return run


def held(database: Database, text: str) -> set[str]:
    """Columns of the program's own tables that hold the text, in words or in bytes."""
    found = set()
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        columns = connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " join pg_tables on schemaname = table_schema and tablename = table_name"
            " where table_schema = 'app' or table_schema = 'erp' and table_name = 'person'"
        ).fetchall()
        for schema, table, column in columns:
            query = sql.SQL("select 1 from {} where {}::text like {} or {}::text like {} limit 1").format(
                sql.Identifier(schema, table),
                sql.Identifier(column),
                sql.Literal(f"%{text}%"),
                sql.Identifier(column),
                sql.Literal(f"%{text.encode().hex()}%"),
            )
            if connection.execute(query).fetchone():
                found.add(f"{schema}.{table}.{column}")
    return found


def drafted_and_signed(command: Command) -> str:
    asked = command(
        "ask",
        "--json",
        "draft a requisition for 500 of BR-6204 for Kassel by 5 May",
        "--as",
        "planner.kassel",
    )
    assert asked.exit_code == 0, asked.output
    draft = str(json.loads(asked.stdout)["draft"]["id"])
    signed = command("drafts", "confirm", draft, "--as", WHO, said="y\n")
    assert signed.exit_code == 0, signed.output
    return draft


def test_an_erased_person_is_in_no_table_and_their_signature_stands(
    command: Command, demo_apart: Database, tmp_path: Path
) -> None:
    draft = drafted_and_signed(command)
    assert command("ask", "Which orders are late in Kassel?", "--as", WHO).exit_code == 0
    assert {"erp.person.name", "app.signature.name"} <= held(demo_apart, NAME)
    assert "app.answer.subject" in held(demo_apart, WHO)

    done = command("people", "erase", WHO, "--why", "a letter of today", "--yes")
    assert done.exit_code == 0, done.output
    assert "the record still verifies" in done.stdout

    assert held(demo_apart, NAME) == set()
    # Whose decision it was stays, by a name that means nothing here any more.
    kept = {"app.signature.subject", "app.proposal_step.actor", "app.proposal_step.what"}
    assert "app.signature.subject" in held(demo_apart, WHO) <= kept
    shown = command("drafts", "show", draft, "--as", "planner.kassel", "--json")
    assert WHO in shown.stdout
    verified = command("audit", "verify")
    assert (verified.exit_code, verified.stdout.splitlines()[-1]) == (0, "The audit is as it was written.")
    file = tmp_path / "contents.jsonl"
    assert command("audit", "contents", "--out", str(file)).exit_code == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert NAME not in file.read_text()
    assert any(line["payload"] for line in lines)
    assert not all(line["payload"] for line in lines)


def test_erasing_again_and_erasing_nobody_say_so(command: Command) -> None:
    """Nothing is left to take, and nobody is made up."""
    again = command("people", "erase", "never.was.here", "--why", "x", "--yes")
    assert again.exit_code == 1
    assert "nothing is kept of 'never.was.here'" in again.stderr
    assert command("people", "erase", WHO, "--why", " ", "--yes").exit_code != 0
