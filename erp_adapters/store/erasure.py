"""A person taken out of the store: what is theirs is deleted, what others rest on keeps no name."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from erp_adapters.store.failures import translated

KEPT = ("signature", "foretold")
"""Tables whose `subject` is no owner: who signed a decision stays, and a work centre is no person."""
_TABLES = """
select c.relname, array(select k.confrelid::regclass::text from pg_constraint k
                         where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid)
  from pg_class c join pg_attribute a on a.attrelid = c.oid
 where c.relnamespace = 'app'::regnamespace and c.relkind = 'r'
   and a.attname = 'subject' and not a.attisdropped
 order by c.relname
"""


@dataclass(frozen=True, slots=True)
class Erased:
    """What went."""

    was_known: bool
    rows: dict[str, int]
    """Deleted rows by table; tables without any are left out."""
    names: int
    """Signatures and steps that lost the person's name."""


def erase_person(owner_dsn: str, subject: str) -> Erased:
    """Delete what is a person's own and their name wherever else it stands, in one transaction.

    Signatures, steps and changes of rules keep the subject: they say whose decision it was, to whoever can
    still ask the identity provider whom that means.
    """
    with translated(), psycopg.connect(owner_dsn, row_factory=tuple_row) as connection:
        found = connection.execute("select name from erp.person where subject = %s", (subject,)).fetchone()
        names = _nameless(connection, subject, None if found is None else str(found[0]))
        rows = {}
        for table in _in_order(connection):
            done = connection.execute(
                sql.SQL("delete from app.{} where subject = %s").format(sql.Identifier(table)), (subject,)
            )
            if done.rowcount:
                rows[table] = done.rowcount
        connection.execute(
            "update erp.person set substitutes = array_remove(substitutes, %s), changed_at = now()"
            " where %s = any (substitutes)",
            (subject, subject),
        )
        connection.execute("delete from erp.person where subject = %s", (subject,))
    return Erased(found is not None, rows, names)


def _nameless(connection: psycopg.Connection[tuple[object, ...]], subject: str, name: str | None) -> int:
    signed = connection.execute(
        "select distinct name from app.signature where subject = %s and name <> ''", (subject,)
    ).fetchall()
    cleared = connection.execute(
        "update app.signature set name = '' where subject = %s and name <> ''", (subject,)
    ).rowcount
    for each in sorted({str(row[0]) for row in signed} | {name or ""} - {""}, key=len, reverse=True):
        cleared += connection.execute(
            "update app.proposal_step set what = replace(what, %s, actor)"
            " where actor = %s and position(%s in what) > 0",
            (each, subject, each),
        ).rowcount
    return cleared


def _in_order(connection: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    """Tables with rows of persons, those that refer to others before them."""
    refers = {
        str(name): {str(other).removeprefix("app.") for other in others}  # type: ignore[attr-defined]
        for name, others in connection.execute(_TABLES.encode())
        if name not in KEPT
    }
    ordered: list[str] = []
    while refers:
        free = [name for name in refers if not any(name in others for others in refers.values())]
        # A circle, if there ever is one, is for the database to refuse.
        ordered += free or list(refers)
        refers = {name: others for name, others in refers.items() if name not in ordered}
    return ordered
