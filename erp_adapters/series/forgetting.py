"""Days of samples that are kept no longer: a partition at a time; trends stay."""

from __future__ import annotations

from datetime import date

import psycopg

from erp_adapters.store.failures import translated


def forget_samples(dsn: str, before: date) -> tuple[date, ...]:
    """Drop the samples of all days before one; says which days those were.

    What is being read meanwhile stays until the next time: nobody waits for it.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    with translated(), psycopg.connect(dsn, autocommit=True, connect_timeout=15) as connection:
        return tuple(day for (day,) in connection.execute("select series.drop_samples(%s)", (before,)))
