"""Days of samples that are kept no longer: a partition at a time; trends stay."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final

import psycopg
from psycopg import sql

from erp_adapters.store.failures import translated

_PARTITIONS: Final = """
select c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
where i.inhparent = 'app.samples'::regclass order by 1
"""
_DAY: Final = re.compile(r"samples_(\d{8})\Z")


def forget_samples(owner_dsn: str, before: date) -> tuple[date, ...]:
    """Drop the samples of all days before one; says which days those were.

    What is being read meanwhile stays until the next time: nobody waits for it.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    gone = []
    with translated(), psycopg.connect(owner_dsn, autocommit=True, connect_timeout=15) as connection:
        connection.execute("set lock_timeout = '2s'")
        for (name,) in connection.execute(_PARTITIONS).fetchall():
            if (found := _DAY.match(str(name))) is None:
                continue
            day = datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=UTC).date()
            if day < before:
                try:
                    connection.execute(sql.SQL("drop table series.{}").format(sql.Identifier(str(name))))
                except psycopg.errors.LockNotAvailable:
                    continue
                gone.append(day)
    return tuple(gone)
