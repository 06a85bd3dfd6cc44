"""What follows from changed rows: records that are made as a whole, rows that are gone, and sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

from psycopg import sql

from erp_adapters.errors import SourceUnreadable
from erp_adapters.store.fitting import Targets
from erp_adapters.store.mapping import RecordSpec, SiteSpec
from erp_adapters.store.site_rules import SiteRules
from erp_adapters.store.staging import RecordStage
from erp_adapters.store.syncing.applying import (
    LEDGER,
    Applied,
    Connection,
    PageWriter,
    columns_,
    index_by_key,
    insertion,
    set_aside,
    table_of,
    temporary,
)
from erp_adapters.store.syncing.feeds import Feed
from erp_adapters.store.syncing.kept import KeptRows
from erp_adapters.store.syncing.plan import Plan

_AT_ONCE: Final = 5000
_FEW: Final = 20
"""So many rows may be gone at once without anybody being asked."""
_MISSED = """
select r.key from erp.sync_row r
where r.feed = %(feed)s and r.pass < %(pass)s
  and not exists (select from erp.sync_seen s where s.feed = r.feed and s.key = r.key)
"""
_SUMS = """
insert into erp.ledger_period (company, site, source_system, source_key, load_id, month, account_id,
                               cost_centre_id, scenario, amount, lines, currency)
select company, site, source_system, 'sum of ledger lines', %(load)s, date_trunc('month', posted_on)::date,
       account_id, coalesce(cost_centre_id, ''), scenario, sum(amount), count(*), currency
from erp.ledger_line l, unnest(%(months)s::date[]) as m(month)
where site = %(site)s and source_system = %(source)s
  and posted_on >= m.month and posted_on < m.month + interval '1 month'
group by company, site, source_system, 6, account_id, 8, scenario, currency
"""
_MONTHS = """
select month from erp.ledger_period where site = %(site)s and source_system = %(source)s
union
select date_trunc('month', posted_on)::date from erp.ledger_line
where site = %(site)s and source_system = %(source)s
"""


def missed(connection: Connection, feed: Feed, *, accepts: bool) -> Iterator[list[str]]:
    """Keys that a reading of everything did not meet, some thousands at a time.

    Raises:
        SourceUnreadable: more than half would go, and nobody has said that they may.
    """
    names = {"feed": feed.id, "pass": feed.number}
    counted = connection.execute(
        f"select count(*), (select count(*) from erp.sync_row where feed = %(feed)s) from ({_MISSED}) gone",
        names,
    ).fetchone()
    assert counted is not None
    gone, all_ = counted
    if gone > _FEW and 2 * gone > all_ and not accepts:
        raise SourceUnreadable(
            f"{gone:,} of {all_:,} rows of {feed.part} were no longer there, more than half, so none was "
            "removed. If they are gone indeed, say so: `plantwright sync NAME --once --anew --removals`"
        )
    while found := connection.execute(f"{_MISSED} limit {_AT_ONCE}", names).fetchall():
        yield [str(key) for (key,) in found]


def remove_missed(
    connection: Connection, writer: PageWriter, feed: Feed, done: Applied, *, accepts: bool
) -> None:
    """Take out what the source no longer has, each some thousand rows in a transaction of their own."""
    for keys in missed(connection, feed, accepts=accepts):
        part = Applied()
        connection.execute("delete from erp.sync_row where feed = %s and key = any (%s)", (feed.id, keys))
        writer.remove(keys, part)
        feed.months |= part.months
        feed.is_unsettled = feed.changed = True
        connection.execute(
            "update erp.sync_feed set is_unsettled = true, months = %s where feed = %s",
            (sorted(feed.months), feed.id),
        )
        connection.commit()
        done.add(part)


def remove_unmet(connection: Connection, plan: Plan, site: str, feed: Feed) -> None:
    """Take out rows of an earlier import that the reading did not meet."""
    for spec in plan.records(feed.part):
        table = plan.mapping.files[spec.file].table
        connection.execute(
            sql.SQL(
                "delete from {} t where t.site = %s and t.source_system = %s and not exists (select from"
                " erp.sync_row r where r.feed = %s and %s || r.key = t.source_key)"
            ).format(sql.Identifier("erp", spec.record)),
            (site, plan.mapping.source, feed.id, f"{table}/"),
        )


class Settling:
    """Brings up to date what depends on more than one row, in one transaction."""

    def __init__(
        self,
        connection: Connection,
        plan: Plan,
        feeds: Mapping[str, Feed],
        targets: Mapping[str, Targets],
        site: SiteSpec,
        rules: SiteRules | None,
        load: UUID,
    ) -> None:
        self._connection, self._plan, self._feeds, self._targets = connection, plan, feeds, targets
        self._site, self._rules = site, rules
        self._origin = {"site": site.code, "source": plan.mapping.source, "load": load}

    def dependent(self) -> list[RecordSpec]:
        """Records that have to be made anew since something that they depend on has changed."""
        unsettled = {part for part, feed in self._feeds.items() if feed.is_unsettled}
        found = []
        for record in self._plan.mapping.records:
            own = self._plan.part_of(record.file)
            looks = self._plan.looks_into(record) & unsettled
            if looks or (own in unsettled and not self._plan.is_by_row(record)) or (not own and unsettled):
                found.append(record)
        return found

    def settle(self) -> list[str]:
        """Make them anew, and the sums; names of the records that were looked at."""
        made = [self._remake(record) for record in self.dependent()]
        months = sorted({month for feed in self._feeds.values() for month in feed.months})
        if LEDGER in made:
            months = [month for (month,) in self._connection.execute(_MONTHS, self._origin)]
        if months:
            names = {**self._origin, "months": months}
            self._connection.execute(
                "delete from erp.ledger_period where site = %(site)s and source_system = %(source)s"
                " and month = any (%(months)s)",
                names,
            )
            self._connection.execute(_SUMS, names)
        for feed in self._feeds.values():
            if feed.is_unsettled:
                self._count(feed)
            feed.months.clear()
            feed.is_unsettled = False
        return made

    def _remake(self, record: RecordSpec) -> str:
        """The record as it follows from the rows that are kept; only what is another is written."""
        connection = self._connection
        kept = KeptRows(
            connection, self._plan, {p: f.id for p, f in self._feeds.items()}, self._site, self._rules
        )
        kept.writes(record.record)
        stage = RecordStage(record, self._targets[record.record], kept)
        name = temporary(stage)
        connection.execute(sql.SQL("drop table if exists {}").format(name))
        connection.execute(
            sql.SQL(
                "create temp table {} on commit drop as select 0 as source_line, {} from {} limit 0"
            ).format(name, columns_(stage), table_of(stage))
        )
        for text in stage.copy_lines(lambda _: None):
            with connection.cursor().copy(sql.SQL("copy {} from stdin").format(name)) as copy:
                copy.write(text)
        index_by_key(connection, record.record, self._plan.mapping.source)
        connection.execute(sql.SQL("analyze {}").format(name))
        names = {
            "table": table_of(stage),
            "name": name,
            "stored": sql.SQL(", ").join(
                sql.SQL("t.{}").format(sql.Identifier(column)) for column in ["flags", *stage.columns]
            ),
            "staged": sql.SQL("{}").format(_prefixed(stage)),
        }
        connection.execute(
            sql.SQL(
                "delete from {table} t where t.site = %(site)s and t.source_system = %(source)s"
                " and not exists (select from {name} s where s.source_key = t.source_key"
                "  and ({staged}) is not distinct from ({stored}))"
            ).format(**names),
            self._origin,
        )
        connection.execute(
            sql.SQL(
                "delete from {name} s using {table} t where t.source_key = s.source_key and t.site = %(site)s"
                " and t.source_system = %(source)s"
            ).format(**names),
            self._origin,
        )
        connection.execute(insertion(stage, name), self._origin)
        connection.execute(
            "delete from erp.quarantine where site = %(site)s and source_system = %(source)s"
            " and record = %(record)s",
            {**self._origin, "record": record.record},
        )
        set_aside(connection, self._origin, kept.spec(record.file), stage, stage.quarantined)
        connection.execute(sql.SQL("drop table {}").format(name))
        return record.record

    def _count(self, feed: Feed) -> None:
        counted = self._connection.execute(
            "update erp.sync_feed f set rows = c.rows, total = c.total, is_unsettled = false, months = '{}'"
            " from (select count(*) as rows, sum(figure) as total from erp.sync_row where feed = %(feed)s) c"
            " where f.feed = %(feed)s returning f.rows",
            {"feed": feed.id},
        ).fetchone()
        assert counted is not None
        feed.rows = int(counted[0])


def _prefixed(stage: RecordStage) -> sql.Composed:
    """What is staged of a record, with what the store writes where a field must not be empty and is."""
    fields = []
    for name in stage.columns:
        default = stage.defaults.get(name)
        column = sql.SQL("s.{}").format(sql.Identifier(name))
        fields.append(column if default is None else sql.SQL("coalesce({}, " + default + ")").format(column))
    return sql.SQL(", ").join([sql.SQL("s.flags"), *fields])
