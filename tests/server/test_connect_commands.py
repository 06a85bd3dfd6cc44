"""`plantwright connect` as a newcomer types it: proposed, decided, tried, loaded, asked."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.commands.tree import app
from tests.erp_adapters.connect.workshops import GERMAN, database
from tests.server.test_commands import Shell

SITE = (
    "--site",
    "WERK",
    "--name",
    "Werk",
    "--country",
    "DE",
    "--time-zone",
    "Europe/Berlin",
    "--currency",
    "EUR",
)


@pytest.fixture
def shell() -> Iterator[Shell]:
    """`plantwright` in a home of its own, where nothing is loaded."""
    # The database's own account must be able to enter it.
    folder = Path(tempfile.mkdtemp(prefix="plantwright-connect-"))
    folder.chmod(0o755)
    yield Shell(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_database_that_nobody_described_is_asked(tmp_path: Path, shell: Shell) -> None:
    """Exit codes tell a script where a person is needed; what was loaded answers a question."""
    url = database(
        tmp_path / "werk.db", GERMAN + "update Bestellung set Status = 'x' where Status = 'offen';"
    )
    folder = str(tmp_path / "werk")
    assert shell("connect", "to", url, "--into", folder, *SITE).returncode == 0
    again = shell("connect", "to", url, "--into", folder, *SITE)
    assert (again.returncode, "would be written over" in again.stderr) == (2, True)
    refused = shell("connect", "check", folder)
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert "Not ready: 1 of 2 rows of purchase_order" in " ".join(refused.stdout.split())
    mapping = tmp_path / "werk" / "mapping.yaml"
    text = mapping.read_text(encoding="utf-8")
    assert '# "x": ?' in text
    mapping.write_text(text.replace('# "x": ?', '"x": pending'), encoding="utf-8")
    checked = shell("connect", "check", folder, "--json")
    assert checked.returncode == 0, checked.stderr
    said = json.loads(checked.stdout)
    assert said["would_load"] is True
    assert {"stock", "purchase_orders"} <= set(said["capabilities"])
    loaded = shell("connect", "load", folder)
    assert loaded.returncode == 0, loaded.stderr
    assert json.loads(shell("sync", folder, "--json").stdout)["changed"] is False
    answered = shell("ask", "Inventory value by location at standard cost")
    assert answered.returncode == 0, answered.stdout + answered.stderr
    assert "Rohlager" in answered.stdout
    assert "Fertiglager" in answered.stdout
    assert "498" in answered.stdout


def test_what_is_open_is_asked_for_and_may_stay_open(tmp_path: Path) -> None:
    """Answers go into the files; an empty one leaves a `?`, and the exit code says so."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "vendor.csv").write_text(
        "VendorId,Name,AccountNumber\n1,North,N01\n2,South,S01\n", encoding="utf-8"
    )
    typed = "\n".join(["W1", "Works", "", "Europe/Berlin", "EUR", "1", ""])
    done = CliRunner().invoke(
        app, ["connect", "to", str(data), "--into", str(tmp_path / "out"), "--ask"], input=typed + "\n"
    )
    assert done.exit_code == 3, done.output
    connection = (tmp_path / "out" / "connection.yaml").read_text(encoding="utf-8")
    assert 'code: "W1"' in connection
    assert 'country: "?"' in connection
    mapping = (tmp_path / "out" / "mapping.yaml").read_text(encoding="utf-8")
    assert "number: AccountNumber" in mapping


def test_addresses_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    """Another scheme, a password in the address, a folder without tables: each with what would be right."""
    for source, why in (
        ("oracle://host/db", "postgresql:// or sqlite:///"),
        ("postgresql://me:secret@host/db", "leave the password out"),
        (str(tmp_path), "no file that could be a table"),
    ):
        done = CliRunner().invoke(app, ["connect", "to", source, "--into", str(tmp_path / "out")])
        assert done.exit_code in (1, 2)
        assert why in done.stderr
        assert "secret" not in done.stderr
