"""A mapping tried on the real source: everything that a load would do, and then nothing of it kept."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import psycopg
import yaml
from psycopg import sql
from pydantic import BaseModel, ConfigDict

from erp_adapters.connect.canon import canon
from erp_adapters.errors import SourceUnreadable
from erp_adapters.ports import Capability
from erp_adapters.store.fields import columns_of
from erp_adapters.store.loading import Progress, load_into
from erp_adapters.store.mapping import RecordSpec, SiteSpec, SourceMapping
from erp_adapters.store.quality import LoadReport, RecordOutcome
from erp_adapters.store.reading import SourceFile
from erp_adapters.store.site_rules import SiteRules

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
SHOWN: Final = 2
"""Rows of each record that are shown."""


class Question(BaseModel):
    """Something that people ask, and the fields that have to be filled for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """One row, as the source has it and as the store would."""

    where: str
    source: Mapping[str, str]
    canonical: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RecordCheck:
    """What became of one record."""

    outcome: RecordOutcome
    most_set_aside: Decimal
    """Share of its rows that a load may set aside."""
    filled: Mapping[str, int]
    """Rows in which each field that the mapping fills has a value."""
    pairs: tuple[Pair, ...]

    @property
    def is_refused(self) -> bool:
        """A load would keep nothing of the source because of it."""
        return self.outcome.quarantined > self.most_set_aside * self.outcome.read

    @property
    def never_filled(self) -> tuple[str, ...]:
        """Fields of the mapping that stay empty in every row."""
        return tuple(name for name, rows in self.filled.items() if not rows and self.outcome.loaded)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a load would do."""

    report: LoadReport
    records: tuple[RecordCheck, ...]

    @property
    def refused(self) -> tuple[RecordCheck, ...]:
        """Records because of which a load would be refused."""
        return tuple(record for record in self.records if record.is_refused)

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """What there would be data for."""
        loaded = {each.outcome.record for each in self.records if each.outcome.loaded}
        found = {record.capability for record in canon() if record.record in loaded}
        return tuple(each for each in Capability if each in found)

    def lacking(self, question: Question) -> tuple[str, ...]:
        """What a question needs and nothing fills."""
        filled = {
            f"{each.outcome.record}.{name}"
            for each in self.records
            for name, rows in each.filled.items()
            if rows
        }
        return tuple(need for need in question.needs if need not in filled)


@cache
def questions() -> tuple[Question, ...]:
    """What people begin with."""
    text = resources.files("erp_adapters.connect").joinpath("questions.yaml").read_text(encoding="utf-8")
    return tuple(Question.model_validate(each) for each in yaml.safe_load(text))


def check(
    owner_dsn: str,
    mapping: SourceMapping,
    folder: Path,
    site: SiteSpec,
    rules: SiteRules | None = None,
    progress: Progress | None = None,
) -> Checked:
    """What loading the folder would do; the store is as it was before.

    Raises:
        SourceUnreadable: a file is not what the mapping says; every such file is named.
        ConfigurationError: the mapping does not fit the store.
    """
    # A refusal at the first poor record would hide the others.
    lenient = mapping.model_copy(
        update={
            "max_quarantined_share": Decimal(1),
            "records": [spec.model_copy(update={"max_quarantined_share": None}) for spec in mapping.records],
        }
    )
    try:
        with psycopg.connect(owner_dsn, connect_timeout=15) as connection:
            try:
                report = load_into(
                    connection, lenient, folder, site=site, rules=rules, progress=progress or (lambda _: None)
                )
                checks = tuple(
                    _checked(connection, spec, mapping, report, folder) for spec in mapping.records
                )
            finally:
                connection.rollback()
    except SourceUnreadable as exc:
        every = list(_unreadable(mapping, folder, site))
        raise SourceUnreadable("\n".join(every) if str(exc) in every else str(exc)) from exc
    return Checked(report, checks)


def _unreadable(mapping: SourceMapping, folder: Path, site: SiteSpec) -> Iterator[str]:
    """Everything that is wrong with a file as a whole."""
    for spec in mapping.files.values():
        file = SourceFile(folder / spec.file, spec, mapping.plausible_dates, ZoneInfo(site.time_zone))
        try:
            for _ in file.batches():
                pass
        except SourceUnreadable as exc:
            yield str(exc)


def _checked(
    connection: _Connection, spec: RecordSpec, mapping: SourceMapping, report: LoadReport, folder: Path
) -> RecordCheck:
    names = list(spec.expressions())
    table = sql.Identifier("erp", spec.record)
    mine = sql.SQL(" from {} where site = %s and source_system = %s").format(table)
    counts = connection.execute(
        sql.SQL("select {}").format(
            sql.SQL(", ").join(sql.SQL("count({})").format(_filled(n)) for n in names)
        )
        + mine,
        (report.site, report.source),
    ).fetchone()
    assert counts is not None, "an aggregate has a row"
    own = spec.max_quarantined_share
    return RecordCheck(
        report.record(spec.record),
        mapping.max_quarantined_share if own is None else own,
        dict(zip(names, counts, strict=True)),
        tuple(_pairs(connection, spec, mapping, report, folder, names)),
    )


def _filled(name: str) -> sql.Composed:
    # The store has an empty text where a company is not known.
    return sql.SQL("nullif({}::text, '')").format(sql.Identifier(name))


def _pairs(
    connection: _Connection,
    spec: RecordSpec,
    mapping: SourceMapping,
    report: LoadReport,
    folder: Path,
    names: Sequence[str],
) -> Iterator[Pair]:
    rows = connection.execute(
        sql.SQL(
            "select l.line, r.source_key, {} from {} r join erp.source_line l on l.site = r.site and"
            " l.source_system = r.source_system and l.record = %s and l.source_key = r.source_key"
            " where r.site = %s and r.source_system = %s order by 1 limit %s"
        ).format(
            sql.SQL(", ").join(sql.SQL("r.{}::text").format(sql.Identifier(name)) for name in names),
            sql.Identifier("erp", spec.record),
        ),
        (spec.record, report.site, report.source, SHOWN),
    ).fetchall()
    file = mapping.files[spec.file]
    used = {column for expression in spec.expressions().values() for column in columns_of(expression)}
    lines = dict(_lines(folder / file.file, file.encoding, file.delimiter, [r[0] for r in rows]))
    for line, key, *values in rows:
        source = {
            name: text for name, text in lines.get(line, {}).items() if name in used or name in spec.key
        }
        yield Pair(key, source, {n: str(v) for n, v in zip(names, values, strict=True) if v is not None})


def _lines(
    path: Path, encoding: str, delimiter: str, wanted: Sequence[int]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by the line at which they begin."""
    if not wanted:
        return
    with path.open(encoding=encoding, newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        header = [name.strip() for name in next(reader)]
        begins = reader.line_num + 1
        for cells in islice(reader, max(wanted)):
            if begins in wanted:
                yield begins, dict(zip(header, cells, strict=False))
            begins = reader.line_num + 1
