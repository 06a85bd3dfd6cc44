"""How far each part of a source has been read, kept beside its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

import psycopg

from erp_adapters.ports import Cursor
from erp_adapters.store.syncing.plan import Plan

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_MARK = "mark:"
"""How the place begins of a source that tells no changes, which has none to go on from."""
_OPEN = """
insert into erp.sync_feed (source_system, site, part) select %(source)s, %(site)s, unnest(%(parts)s::text[])
on conflict do nothing
"""
_REBASE = """
update erp.sync_feed set basis = %(basis)s, cursor = null, is_reading = false, is_whole = true,
    whole_at = null, is_unsettled = true
where source_system = %(source)s and site = %(site)s and part = any(%(parts)s) and basis <> %(basis)s
returning feed
"""
_FEEDS = """
select feed, part, cursor, pass, is_reading, is_whole, is_adopting, is_unsettled, months, rows, whole_at
from erp.sync_feed where source_system = %s and site = %s
"""


@dataclass(slots=True)
class Feed:
    """One part of a source at one site."""

    id: int
    part: str
    cursor: Cursor | None
    number: int
    """Of the last reading of everything, by which rows are told from those that it did not meet."""
    is_reading: bool
    """A reading was begun and did not end."""
    is_whole: bool
    """That reading, or the next, is one of everything."""
    is_adopting: bool
    """An import stored rows that no reading has met yet."""
    is_unsettled: bool
    """Records that are made as a whole, and sums, do not show yet what changed."""
    months: set[date]
    rows: int
    whole_at: datetime | None
    changed: bool = field(default=False)
    """In this run."""

    @property
    def mark(self) -> str:
        """Of a source that tells no changes: what it said of itself before it was last read to its end."""
        is_one = self.cursor is not None and self.cursor.startswith(_MARK) and not self.is_reading
        return str(self.cursor).removeprefix(_MARK) if is_one else ""


def feeds_of(connection: Connection, plan: Plan, site: str, basis: str) -> dict[str, Feed]:
    """The feeds of a source and site, made where there is none yet.

    Args:
        basis: what the rows are translated by; where it is another than before, every row is looked at again.
    """
    source = plan.mapping.source
    names = {"source": source, "site": site, "parts": list(plan.parts), "basis": basis}
    # Of files that an import read no reading knows the lines.
    is_adopting = connection.execute(
        "with gone as (delete from erp.source_line where source_system = %(source)s and site = %(site)s"
        " returning 1) select exists (select from gone)"
        " or exists (select from erp.load l where source_system = %(source)s and site = %(site)s"
        "            and status = 'loaded' and not exists (select from erp.sync_feed f"
        "            where f.source_system = l.source_system and f.site = l.site))",
        names,
    ).fetchone()
    assert is_adopting is not None
    connection.execute(_OPEN, names)
    if is_adopting[0]:
        connection.execute(
            "update erp.sync_feed set is_adopting = true where source_system = %(source)s"
            " and site = %(site)s",
            names,
        )
    for (feed,) in connection.execute(_REBASE, names).fetchall():
        connection.execute("update erp.sync_row set digest = null where feed = %s", (feed,))
        connection.execute("delete from erp.sync_seen where feed = %s", (feed,))
    found = {}
    for row in connection.execute(_FEEDS, (source, site)):
        feed, part, cursor, number, reading, whole, adopting, unsettled, months, rows, whole_at = row
        found[str(part)] = Feed(
            feed,
            str(part),
            Cursor(cursor) if cursor else None,
            number,
            reading,
            whole,
            adopting,
            unsettled,
            set(months),
            rows,
            whole_at,
        )
    return {part: found[part] for part in plan.parts}


def begin(connection: Connection, feed: Feed, now: datetime, *, is_whole: bool) -> None:
    """Begin a reading, or go on with the one that was cut short."""
    if not feed.is_reading:
        is_whole = is_whole or feed.cursor is None or feed.cursor.startswith(_MARK)
        feed.is_reading, feed.is_whole = True, is_whole
        if feed.is_whole:
            feed.cursor, feed.number = None, feed.number + 1
            connection.execute("delete from erp.sync_seen where feed = %s", (feed.id,))
        connection.execute(
            "update erp.sync_feed set is_reading = true, is_whole = %s, pass = %s, cursor = %s, began_at = %s"
            " where feed = %s",
            (feed.is_whole, feed.number, feed.cursor, now, feed.id),
        )
    connection.execute("update erp.sync_feed set tried_at = %s where feed = %s", (now, feed.id))


def advance(
    connection: Connection, feed: Feed, cursor: Cursor, months: Iterable[date], *, changed: bool
) -> None:
    """Note where the next read goes on, in the transaction that keeps the rows before it."""
    feed.cursor = cursor or None
    feed.months |= set(months)
    feed.is_unsettled |= changed
    feed.changed |= changed
    connection.execute(
        "update erp.sync_feed set cursor = %s, months = %s, is_unsettled = %s where feed = %s",
        (feed.cursor, sorted(feed.months), feed.is_unsettled, feed.id),
    )


def unchanged(connection: Connection, feed: Feed, now: datetime) -> None:
    """Note that the source has what it had when it was read last."""
    connection.execute(
        "update erp.sync_feed set began_at = %(now)s, tried_at = %(now)s, read_at = %(now)s,"
        " failing_since = null, problem = '', remedy = '',"
        " due_since = case when due_since > %(now)s then due_since end where feed = %(feed)s",
        {"now": now, "feed": feed.id},
    )


def finish(connection: Connection, feed: Feed, *, is_incremental: bool, mark: str = "") -> None:
    """Note that a reading has ended: the store has what the source had when it began.

    Args:
        mark: what a source that tells no changes said of all that it has, before it was read.
    """
    feed.is_reading = feed.is_adopting = False
    if not is_incremental:
        feed.cursor = Cursor(f"{_MARK}{mark}") if mark else None
    connection.execute("delete from erp.sync_seen where feed = %s", (feed.id,))
    connection.execute(
        "update erp.sync_feed set is_reading = false, is_adopting = false, cursor = %s, read_at = began_at,"
        " whole_at = case when is_whole then began_at else whole_at end, failing_since = null, problem = '',"
        " remedy = '', due_since = case when due_since > began_at then due_since end where feed = %s",
        (feed.cursor, feed.id),
    )


def fail(connection: Connection, feed: Feed, now: datetime, problem: str, remedy: str) -> None:
    """Note that a reading failed, since when, why, and what can be done."""
    connection.execute(
        "update erp.sync_feed set failing_since = coalesce(failing_since, %s), tried_at = %s, problem = %s,"
        " remedy = %s where feed = %s",
        (now, now, problem[:2000], remedy, feed.id),
    )
