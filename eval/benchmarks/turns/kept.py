"""What a turn leaves in the database: stored bytes, log bytes, and whether every answer is there once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg import sql

from eval.benchmarks.turns.load import Asked

OURS = (("app", "conversation"), ("app", "answer"), ("audit", "event"), ("langgraph", "checkpoints"))
BARE = (("bare", "checkpoints"), ("bare", "checkpoint_blobs"), ("bare", "checkpoint_writes"))
_COLUMNS = """
select attname from pg_attribute
where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum
"""
_MATERIALS = """
select m.number from erp.material m where m.site = %s
and exists (select from erp.info_record i where i.site = m.site and i.material_id = m.material_id)
and exists (select from erp.stock s where s.site = m.site and s.material_id = m.material_id)
and m.number ~ '^[A-Z0-9.-]+$' order by m.number
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    stored: int
    """Bytes of all rows as they are stored, without indexes."""
    logged: int
    """Position in the write-ahead log."""

    def since(self, before: Size, turns: int) -> Size:
        """What each of some turns added."""
        return Size((self.stored - before.stored) // turns, (self.logged - before.logged) // turns)


def size(connection: psycopg.Connection[tuple[object, ...]], tables: Iterable[tuple[str, str]]) -> Size:
    """Of these tables."""
    stored = 0
    for table in tables:
        # Either side makes its own tables when it first starts.
        if connection.execute("select to_regclass(%s)", (".".join(table),)).fetchone() == (None,):
            continue
        name = sql.Identifier(*table)
        found = connection.execute(_COLUMNS, (".".join(table),)).fetchall()
        parts = [
            sql.SQL("coalesce(pg_column_size({}), 0)").format(sql.Identifier(str(row[0]))) for row in found
        ]
        total = sql.SQL("select coalesce(sum({}), 0)::bigint from {}").format(
            sql.SQL(" + ").join(parts), name
        )
        row = connection.execute(total).fetchone()
        assert row is not None
        stored += int(str(row[0]))
    row = connection.execute("select pg_current_wal_lsn() - '0/0'::pg_lsn").fetchone()
    assert row is not None
    return Size(stored, int(str(row[0])))


def materials(connection: psycopg.Connection[tuple[object, ...]], site: str) -> tuple[str, ...]:
    """Numbers of the materials that have both stock and suppliers at a site."""
    return tuple(str(row[0]) for row in connection.execute(_MATERIALS, (site,)).fetchall())


@dataclass(frozen=True, slots=True)
class Kept:
    """Turns that clients saw against what is there."""

    asked: int
    lost: int
    doubled: int
    disordered: int
    """Conversations whose answers lie in another order than they were asked in."""

    @property
    def is_whole(self) -> bool:
        """True where each turn is kept once and in its place."""
        return not (self.lost or self.doubled or self.disordered)


def kept(connection: psycopg.Connection[tuple[object, ...]], asked: Iterable[Asked]) -> Kept:
    """How the turns are kept."""
    by_conversation: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        by_conversation[one.conversation].append(one)
    lost = doubled = disordered = 0
    for conversation, turns in by_conversation.items():
        rows = connection.execute(
            "select id::text, question from app.answer where conversation = %s order by asked_at, id",
            (conversation,),
        ).fetchall()
        there = Counter(str(row[1]) for row in rows)
        wanted = Counter(one.question for one in turns)
        lost += sum((wanted - there).values()) + len(
            {one.id for one in turns} - {str(row[0]) for row in rows}
        )
        doubled += sum((there - wanted).values())
        disordered += [str(row[0]) for row in rows] != [one.id for one in turns]
    return Kept(sum(map(len, by_conversation.values())), lost, doubled, disordered)
