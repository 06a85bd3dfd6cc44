"""What a plant's systems write is read back by their mappings and the plant's rules as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

import pytest
import yaml

from erp_adapters.demo.book import Book
from erp_adapters.demo.dialects import SYSTEMS, dialect, export, site_codes
from erp_adapters.demo.dialects.fields import type_of
from erp_adapters.demo.dialects.reading_back import MAPPINGS
from erp_adapters.demo.dialects.site_codes import SITES
from erp_adapters.demo.dialects.writing import within
from tests.erp_adapters.demo.dialects.reader import Plainly

NOT_READ = {"posted_late"}
"""Flags that the systems' mappings list as absent."""


Read: TypeAlias = "dict[str, list[tuple[dict[str, Any], list[str]]]]"


@pytest.fixture(scope="module")
def read_back(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Book, str], Read]:
    """Each record of a system that a book has, as it is read from the system's files; once for each."""
    known: dict[tuple[str, str], Read] = {}

    def read(book: Book, system: str) -> Read:
        site = book.plant.code
        if (site, system) not in known:
            folder = tmp_path_factory.mktemp(f"{site}-{system}")
            export(book, dialect(system), site_codes(site), folder)
            mapping = yaml.safe_load((MAPPINGS / f"{system}.yaml").read_text(encoding="utf-8"))
            rules = yaml.load((SITES / f"{site}.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
            reader = Plainly(mapping, rules, book.plant.zone, folder)
            records = [record for record in dialect(system).records() if record in book.sheets]
            known[site, system] = {record: reader.records(record) for record in records}
        return known[site, system]

    return read


def _kept(value: Any) -> Any:
    """Moments are the same where they are the same instant, also when the clocks are put back."""
    return value.timestamp() if isinstance(value, datetime) else value


def _stored(record: str, row: dict[str, Any], encoding: str) -> dict[str, Any]:
    """A row as the store holds it: some numbers of the book are texts, some letters cannot be kept."""
    found = {name: _kept(value) for name, value in row.items()}
    for name, value in row.items():
        if isinstance(value, str):
            is_number = type_of(record, name) == "decimal"
            found[name] = Decimal(value) if is_number else within(value, encoding)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, 1], ids=["erp", "mes"])
def test_every_field_survives(book: Book, which: int, read_back: Callable[[Book, str], Read]) -> None:
    """Every value of every row, and the company of it."""
    system = SYSTEMS[book.plant.code][which]
    for record, read in read_back(book, system).items():
        written = list(book.rows(record))
        assert len(read) == len(written), record
        for (values, _), row in zip(read, written, strict=True):
            found = {name: _kept(values[name]) for name in row}
            assert found == _stored(record, row, dialect(system).encoding), record
            assert values["company"] == book.plant.company


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, 1], ids=["erp", "mes"])
def test_flags_are_found_again(book: Book, which: int, read_back: Callable[[Book, str], Read]) -> None:
    """What the demo flags, the mapping flags in the same rows, but for what it lists as absent."""
    for record, read in read_back(book, SYSTEMS[book.plant.code][which]).items():
        expected = [sorted(set(flags) - NOT_READ) for flags in book.sheets[record].flags]
        assert [sorted(flags) for _, flags in read] == expected, record


def test_nothing_of_a_book_is_without_a_column(book: Book) -> None:
    """Each field of each record is in the ERP or in the MES of the plant."""
    systems = [dialect(name) for name in SYSTEMS[book.plant.code]]
    for sheet in book.sheets.values():
        carried = frozenset[str]().union(*(system.fields(sheet.record) for system in systems))
        assert set(sheet.columns) <= carried, sheet.record


def test_flags_that_are_lost_are_said_to_be() -> None:
    """What the round trip leaves out stands in the mapping, where people look for it."""
    for system in ("takt", "linea"):
        mapping = yaml.safe_load((MAPPINGS / f"{system}.yaml").read_text(encoding="utf-8"))
        told = " ".join(absent["what"] for absent in mapping["absent"])
        assert all(flag in told for flag in NOT_READ)
