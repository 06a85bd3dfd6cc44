"""One page of a source applied in one short transaction: what changed is written, what went is removed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import compress
from typing import Any, Final, TypeAlias
from uuid import UUID

import psycopg
from psycopg import sql

from erp_adapters.ports import Cell, Page, SourceRow
from erp_adapters.store.copy_text import copy_column, escaped
from erp_adapters.store.fitting import Targets
from erp_adapters.store.mapping import FileSpec, SiteSpec
from erp_adapters.store.replacing import values_of
from erp_adapters.store.staging import REPEATED, Quarantined, RecordStage
from erp_adapters.store.syncing.cells import KEY, columns_of, digests
from erp_adapters.store.syncing.kept import KeptRows
from erp_adapters.store.syncing.packing import packed_rows
from erp_adapters.store.syncing.plan import Plan

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

LEDGER: Final = "ledger_line"
# A page is small and what it is held against large: without counts of the temporary tables, and of what a
# first reading has written until then, the planner would read all of the latter. A limit leaves it no choice.
_BY_KEY = "set local enable_hashjoin = off; set local enable_mergejoin = off; set local jit = off"
_PAGE = """
create temp table sync_page (at integer, key text collate "C", digest bigint, figure numeric, cells jsonb)
on commit delete rows
"""
_KNOWN = """
select p.at, r.digest is not distinct from p.digest
from sync_page p
cross join lateral (select digest from erp.sync_row k where k.feed = %s and k.key = p.key limit 1) r
"""
_SEEN = """
insert into erp.sync_seen (feed, key)
select %(feed)s, p.key from sync_page p where p.at = any (%(at)s::int[])
"""
_KEEP = """
insert into erp.sync_row as r (feed, key, digest, pass, figure, cells)
select %(feed)s, key, digest, %(pass)s, figure, cells from sync_page p where p.at <> all (%(same)s::int[])
on conflict (feed, key) do update
set digest = excluded.digest, pass = excluded.pass, figure = excluded.figure, cells = excluded.cells
"""
_KEEP_NEW = """
insert into erp.sync_row (feed, key, digest, pass, figure, cells)
select %(feed)s, key, digest, %(pass)s, figure, cells from sync_page on conflict do nothing
"""
_GONE = "delete from erp.sync_row where feed = %s and key = any (%s) returning key"
_ASIDE = """
insert into erp.quarantine (load_id, site, source_system, record, source_key, rule, reason, row, file, line)
values (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, null)
"""


@dataclass(slots=True)
class Applied:
    """What came of a page, or of several."""

    read: int = 0
    written: int = 0
    """Rows of the source that were new or another."""
    gone: int = 0
    aside: int = 0
    months: set[Any] = field(default_factory=set)
    """Of the ledger, whose sums are to be made anew."""

    @property
    def has_changed(self) -> bool:
        """True where the store is another than before."""
        return bool(self.written or self.gone)

    def add(self, other: Applied) -> None:
        """Count another one in."""
        self.read += other.read
        self.written += other.written
        self.gone += other.gone
        self.aside += other.aside
        self.months |= other.months


@dataclass(frozen=True, slots=True)
class Looked:
    """A page as it is compared and written: everything of it that needs no database."""

    page: Page
    count: int
    """Of its rows, those that are the site's."""
    columns: list[list[Cell]]
    texts: list[list[str]]
    """The columns as COPY has them."""
    lines: str
    """Key, digest, figure and, where they are kept, cells of each row, as COPY has them."""


class PageWriter:
    """Applies the pages of one part of a source."""

    def __init__(
        self,
        connection: Connection,
        plan: Plan,
        part: str,
        feed: int,
        kept: KeptRows,
        targets: Mapping[str, Targets],
        site: SiteSpec,
        system: str,
        load: UUID,
    ) -> None:
        self._connection, self._plan, self._part, self._feed = connection, plan, part, feed
        self._system, self._load, self._site = system, load, site
        self._reader = kept.reader(part)
        self._spec = plan.mapping.files[part]
        self._names = [*self._spec.columns, *plan.besides(part)]
        self._keeps = part in plan.kept()
        self._figure = plan.totals.get(part)
        specs = plan.records(part)
        for spec in specs:
            kept.writes(spec.record)
        self.stages = [RecordStage(spec, targets[spec.record], kept) for spec in specs]
        self._origin = {"site": site.code, "source": plan.mapping.source, "load": load}
        self._is_first = False

    def prepare(self, *, is_first: bool) -> None:
        """Make the temporary tables of the session, and the indexes by which rows are found again.

        Args:
            is_first: nothing of the part is stored yet; indexes are made once it is read, which costs less.
        """
        connection = self._connection
        connection.execute("drop table if exists sync_page")
        connection.execute(_PAGE)
        for stage in self.stages:
            name = temporary(stage)
            connection.execute(sql.SQL("drop table if exists {}").format(name))
            connection.execute(
                sql.SQL(
                    "create temp table {} on commit delete rows as"
                    " select 0 as source_line, {} from {} limit 0"
                ).format(name, columns_(stage), table_of(stage))
            )
        self._is_first = is_first
        if not is_first:
            self.index()

    def index(self) -> None:
        """Make the indexes by which rows are found under their keys, where they are not there."""
        for stage in self.stages:
            index_by_key(self._connection, stage.spec.record, self._plan.mapping.source)

    def looked_at(self, page: Page, rows: Sequence[SourceRow]) -> Looked:
        """What can be said of a page by itself, also while another is being written.

        Args:
            page: as it was read.
            rows: those of it that are the site's.

        Raises:
            SourceUnreadable: a row lacks a cell, or a key comes twice.
        """
        if not rows:
            return Looked(page, 0, [], [], "")
        columns = columns_of(rows, self._names, self._system, self._part)
        texts = [copy_column(column) for column in columns]
        count = len(rows)
        figures = ["\\N"] * count
        if self._figure is not None:
            at = self._at(self._figure)
            is_known = set(map(type, columns[at])) <= {int, Decimal}
            figures = texts[at] if is_known else copy_column([_figure(cell) for cell in columns[at]])
        fields = [
            list(map(str, range(count))),
            texts[self._at(KEY)],
            list(map(str, digests(texts))),
            figures,
            escaped(packed_rows(self._names, columns)) if self._keeps else ["\\N"] * count,
        ]
        lines = "\n".join(map("\t".join, zip(*fields, strict=True))) + "\n"
        return Looked(page, count, columns, texts, lines)

    def apply(
        self,
        looked: Looked,
        *,
        number: int,
        is_whole: bool,
        is_adopting: bool,
    ) -> Applied:
        """Write a page within the caller's transaction.

        Args:
            looked: the page.
            number: of the reading of everything, by which its rows are told from those that it did not meet.
            is_whole: everything is being read: what is met unchanged is noted.
            is_adopting: an import may have stored the same rows.
        """
        page, done = looked.page, Applied(read=looked.count)
        self._connection.execute(_BY_KEY)
        known: set[str] = set()
        if looked.count:
            changed, known = self._keep(looked, number, is_whole)
            if changed:
                columns, texts = looked.columns, looked.texts
                if not all(changed):
                    columns = [list(compress(column, changed)) for column in columns]
                    texts = [list(compress(column, changed)) for column in texts]
                done.written = sum(changed)
                own = len(self._spec.columns)
                batch = self._reader.batch(columns[:own], texts[:own])
                keys = [f"{self._spec.table}/{key}" for key in columns[self._at(KEY)]]
                stale = keys if is_adopting else [f"{self._spec.table}/{key}" for key in known]
                for stage in self.stages:
                    self._write(stage, stage.taken(batch), stale, done)
        if page.deleted:
            found = self._connection.execute(_GONE, (self._feed, list(page.deleted))).fetchall()
            self.remove([str(key) for (key,) in found], done)
        return done

    def _at(self, column: str) -> int:
        return list(self._spec.columns).index(column)

    def _keep(self, looked: Looked, number: int, is_whole: bool) -> tuple[list[bool], set[str]]:
        """Which rows are new or another, and the keys of those that were there as another."""
        connection, count = self._connection, looked.count
        with connection.cursor().copy("copy sync_page from stdin") as copy:
            copy.write(looked.lines)
        if self._is_first and self._are_all_new(count, number):
            return [True] * count, set()
        keys = looked.columns[self._at(KEY)]
        known: dict[int, bool] = dict(connection.execute(_KNOWN, (self._feed,)).fetchall())
        same = [at for at, is_same in known.items() if is_same]
        # Neither is prepared: only where the planner sees the numbers of the rows it looks them up by a hash.
        if same and is_whole:
            connection.execute(_SEEN, {"feed": self._feed, "at": same}, prepare=False)
        if len(same) < count:
            names = {"feed": self._feed, "pass": number, "same": same}
            connection.execute(_KEEP, names, prepare=False)
        changed = [True] * count
        for at in same:
            changed[at] = False
        others = {str(keys[at]) for at, is_same in known.items() if not is_same}
        return (changed if len(same) < count else []), others

    def _are_all_new(self, count: int, number: int) -> bool:
        """Keep the page where nothing of it was there; a first reading meets a row twice only by mishap."""
        with self._connection.transaction() as attempt:
            names = {"feed": self._feed, "pass": number}
            stored = self._connection.execute(_KEEP_NEW, names).rowcount
            if stored < count:
                raise psycopg.Rollback(attempt)
        return stored == count

    def _write(self, stage: RecordStage, text: str, stale: Sequence[str], done: Applied) -> None:
        """Put the rows of a record in the place of what they were."""
        connection, name, record = self._connection, temporary(stage), stage.spec.record
        self._delete(record, stale, done)
        refused = list(stage.quarantined)
        if text:
            with connection.cursor().copy(sql.SQL("copy {} from stdin").format(name)) as copy:
                copy.write(text)
            stored = connection.execute(insertion(stage, name), self._origin).rowcount
            if stored < text.count("\n"):
                refused += self._taken(stage)
            if record == LEDGER:
                months = sql.SQL("select distinct date_trunc('month', posted_on)::date from {}").format(name)
                done.months |= {month for (month,) in connection.execute(months)}
        done.aside += len(refused)
        self._set_aside(stage, refused)
        stage.forget()

    def _delete(self, record: str, keys: Sequence[str], done: Applied) -> None:
        if not keys:
            return
        names = {"table": sql.Identifier("erp", record), "source": sql.Literal(self._plan.mapping.source)}
        where = {"site": self._site.code, "keys": list(keys)}
        month = "date_trunc('month', posted_on)::date" if record == LEDGER else "null::date"
        removed = self._connection.execute(
            sql.SQL(
                "delete from {table} where source_key = any (%(keys)s) and site = %(site)s"
                f" and source_system = {{source}} returning {month}"
            ).format(**names),
            where,
        )
        done.months |= {month for (month,) in removed if month is not None}
        self._connection.execute(
            "delete from erp.quarantine where site = %(site)s and source_system = %(source)s"
            " and record = %(record)s and source_key = any (%(keys)s)",
            {**where, "source": self._plan.mapping.source, "record": record},
        )

    def remove(self, keys: Sequence[str], done: Applied) -> None:
        """Take rows out of every record that the source no longer has."""
        done.gone += len(keys)
        for stage in self.stages:
            self._delete(stage.spec.record, [f"{self._spec.table}/{key}" for key in keys], done)

    def _taken(self, stage: RecordStage) -> list[Quarantined]:
        """Rows whose place another row of the store has; they are looked at again with the next reading."""
        named = {
            "name": temporary(stage),
            "table": table_of(stage),
            "source": sql.Literal(self._plan.mapping.source),
        }
        found = self._connection.execute(
            sql.SQL(
                "select s.source_key from {name} s where not exists (select from {table} t"
                " where t.source_key = s.source_key and t.site = %s and t.source_system = {source})"
            ).format(**named),
            (self._site.code,),
        ).fetchall()
        keys = [str(key).removeprefix(f"{self._spec.table}/") for (key,) in found]
        self._connection.execute(
            "update erp.sync_row set digest = null where feed = %s and key = any (%s)", (self._feed, keys)
        )
        why = f"another row of the store has the place of this {stage.spec.record}"
        return [Quarantined(0, f"{self._spec.table}/{key}", REPEATED, why, {KEY: key}) for key in keys]

    def _set_aside(self, stage: RecordStage, refused: Sequence[Quarantined]) -> None:
        set_aside(self._connection, self._origin, self._spec, stage, refused)


def set_aside(
    connection: Connection,
    origin: Mapping[str, object],
    spec: FileSpec,
    stage: RecordStage,
    refused: Sequence[Quarantined],
) -> None:
    """Keep rows that were refused for a steward."""
    if not refused:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            _ASIDE,
            [
                (
                    origin["load"],
                    origin["site"],
                    origin["source"],
                    stage.spec.record,
                    f"{spec.table}/{row.row[KEY]}",
                    row.rule,
                    row.reason,
                    json.dumps(row.row),
                    spec.file,
                )
                for row in refused
            ],
        )


def index_by_key(connection: Connection, record: str, source: str) -> None:
    """An index by which the rows of this source are found under their keys; others need none."""
    # By a function: whoever loads owns no tables.
    connection.execute("select erp.index_by_key(%s, %s)", (record, source))


def temporary(stage: RecordStage) -> sql.Identifier:
    """The session's table of a record's rows on their way."""
    return sql.Identifier(f"sync_stage_{stage.spec.record}")


def table_of(stage: RecordStage) -> sql.Identifier:
    """The record's table."""
    return sql.Identifier("erp", stage.spec.record)


def columns_(stage: RecordStage) -> sql.Composed:
    """What is filled of a record."""
    return sql.SQL(", ").join(map(sql.Identifier, ["source_key", "flags", *stage.columns]))


def insertion(stage: RecordStage, name: sql.Identifier) -> sql.Composed:
    """The statement that stores what is staged; a row whose place is taken is left out."""
    return sql.SQL(
        "insert into {table} (site, source_system, load_id, {columns})"
        " select %(site)s, %(source)s, %(load)s, {values} from {name} on conflict do nothing"
    ).format(table=table_of(stage), columns=columns_(stage), values=values_of(stage), name=name)


def _figure(cell: Cell) -> Decimal | None:
    return Decimal(cell) if isinstance(cell, int | Decimal) else None
