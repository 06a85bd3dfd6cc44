"""Whatever is wrong with a copy of AdventureWorks is said by file, line and remedy, and nothing is loaded."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from erp_adapters.adventureworks import import_adventureworks
from erp_adapters.errors import ImportFailed, SourceUnreadable
from erp_adapters.store.loading import LoadProgress
from tests.conftest import ADVENTUREWORKS

SHORTENED = {
    "workorder.csv": 1000,
    "transactionhistory.csv": 500,
    "factfinance.csv": 500,
    "currencyrate.csv": 500,
}
"""The long files' first lines are enough to test what breaks them."""
TABLES = ("site", "material", "stock", "production_order", "ledger_line", "ledger_period", "source_line")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AdventureWorks with its long files cut short."""
    if not ADVENTUREWORKS.is_dir():
        pytest.skip(f"AdventureWorks is not there: put its CSV files into {ADVENTUREWORKS}")
    folder = tmp_path_factory.mktemp("small")
    for path in ADVENTUREWORKS.glob("*.csv"):
        lines = path.read_bytes().splitlines(keepends=True)
        (folder / path.name).write_bytes(b"".join(lines[: SHORTENED.get(path.name)]))
    return folder


@pytest.fixture
def copy(small: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(small, tmp_path / "copy"))


@pytest.fixture
def owner(owner_dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection to a store in which nothing is loaded."""
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        for table in TABLES:
            connection.execute(f"delete from erp.{table}")
        yield connection


def loaded(owner: psycopg.Connection[Any]) -> int:
    counts = " + ".join(f"(select count(*) from erp.{table})" for table in TABLES)
    row = owner.execute(f"select {counts}".encode()).fetchone()
    return int(row[0]) if row else 0


def edit(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        (folder / name).write_bytes(change((folder / name).read_bytes()))

    return apply


def cut_line(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join([*lines[:40], lines[40][:9] + b"\n", *lines[41:]])


BROKEN: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "corrupt row": (edit("workorder.csv", cut_line), ["workorder.csv, line 41", "instead of 10", "was cut"]),
    "missing column": (
        edit("product.csv", lambda d: d.replace(b"StandardCost", b"Cost", 1)),
        ["product.csv, line 1: no column 'StandardCost'", "change the mapping"],
    ),
    "wrong delimiter": (
        edit("vendor.csv", lambda d: d.replace(b",", b";")),
        ["vendor.csv, line 1: separated by a semicolon", "Export it again"],
    ),
    "empty file": (edit("location.csv", lambda d: b""), ["location.csv: empty", "Export it again"]),
    "header only": (
        edit("shift.csv", lambda d: d.splitlines(keepends=True)[0]),
        ["shift.csv: a header and no rows"],
    ),
    "missing file": (
        lambda folder: (folder / "vendor.csv").unlink(),
        ["vendor.csv: not found", "Add what is missing"],
    ),
    "binary file": (
        edit("productmodel.csv", lambda d: bytes(range(256)) * 20),
        ["productmodel.csv: binary data"],
    ),
    "zipped file": (edit("currency.csv", lambda d: b"PK\x03\x04" + d), ["currency.csv: a zip archive"]),
    "wrong encoding": (
        edit("vendor.csv", lambda d: d.replace(b"Allenson Cycles", b"All\xe9nson Cycles")),
        ["vendor.csv, line 3, column 'Name': not utf-8-sig text", "Save it as UTF-8"],
    ),
    "unclosed quote": (
        edit("productsubcategory.csv", lambda d: d.replace(b",Road Bikes", b',"Road Bikes')),
        ["productsubcategory.csv, line 3: not well-formed", "quotation mark"],
    ),
    "too many bad values": (
        edit("purchaseorderheader.csv", lambda d: d.replace(b",202", b",x202")),
        [
            "purchaseorderheader.csv",
            "rows cannot be loaded, more than the 1.00%",
            "First at line 2: OrderDate",
        ],
    ),
    "a file that only names are looked up in": (
        edit("dimscenario.csv", lambda d: d + b"4\n"),
        ["dimscenario.csv, line 5: 1 fields instead of 2"],
    ),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_broken_file_is_named_and_nothing_is_loaded(
    owner: psycopg.Connection[Any], owner_dsn: str, copy: Path, what: str
) -> None:
    """Each way in which a copy can be broken, on a store that stays empty."""
    damage, words = BROKEN[what]
    damage(copy)
    with pytest.raises(ImportFailed) as caught:
        await import_adventureworks(owner_dsn, copy)
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert loaded(owner) == 0


async def test_a_directory_without_files_is_said_to_be_one(owner_dsn: str, tmp_path: Path) -> None:
    """All 28 missing files in one message, with the remedy."""
    with pytest.raises(SourceUnreadable, match=r"workorder\.csv.*give the directory that holds"):
        await import_adventureworks(owner_dsn, tmp_path)


PROGRAM = """
import asyncio, sys, time
from pathlib import Path
from erp_adapters.adventureworks import import_adventureworks

def slow(progress):
    print(progress.step, flush=True)
    time.sleep(0.3 if progress.step == "storing" else 0)

asyncio.run(import_adventureworks(sys.argv[1], Path(sys.argv[2]), slow))
"""


def test_interrupt_leaves_nothing_half_loaded(
    owner: psycopg.Connection[Any], owner_dsn: str, small: Path
) -> None:
    """Ctrl-C while rows are being stored: the program ends, the store is as it was, the next import works."""
    command = [sys.executable, "-c", PROGRAM, owner_dsn, str(small)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    ) as process:
        assert process.stdout is not None
        assert any("storing" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode != 0
    assert loaded(owner) == 0
    steps: list[LoadProgress] = []
    report = asyncio.run(import_adventureworks(owner_dsn, small, steps.append))
    assert report.loaded == report.read
    assert {step.step for step in steps} == {"reading", "storing"}
    assert max(step.position for step in steps) == len(report.records)


async def test_few_bad_values_are_set_aside(
    owner: psycopg.Connection[Any], owner_dsn: str, copy: Path
) -> None:
    """One bad value in a thousand rows does not stop the import; a steward finds the row and the reason."""
    edit("workorder.csv", lambda d: d.replace(b"\n7,", b"\n7,x", 1))(copy)
    report = await import_adventureworks(owner_dsn, copy)
    orders = report.record("production_order")
    assert (orders.quarantined, orders.loaded) == (1, orders.read - 1)
    row = owner.execute("select file, line, reason from erp.quarantine").fetchone()
    assert row is not None
    assert row[:2] == ("workorder.csv", 8)
    assert "ProductID 'x" in row[2]
    assert "is not a whole number" in row[2]
