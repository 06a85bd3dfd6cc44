"""A home's history as a model is trained on it: inputs of every work centre as of many days, and what came.

python -m eval.reference_models.history --home HOME --out rows.csv
"""

from __future__ import annotations

import asyncio
import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from zoneinfo import ZoneInfo

import psycopg
import typer

from erp_adapters.caller import Caller
from erp_adapters.demo import build_demo
from erp_adapters.store import OWNER_ROLE, EmbeddedPostgres, Store, migrate
from erp_adapters.store.session import ReadTransaction
from tools.predicting.inputs import FAILURE_MINUTES, HORIZON, INPUTS, centres_of
from tools.predicting.rules import by_rule
from tools.rows import Queries, rows

EVERY_DAYS = 3
_HEADINGS = ("site", "work_centre", "day", *INPUTS, "quality", "rule", "came")


@dataclass(frozen=True, slots=True)
class _Site:
    site: str
    time_zone: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class _Failure:
    site: str
    work_centre_id: str
    started_at: datetime


_SITES = "select site, time_zone, coalesce(as_of, now()) as as_of from erp.site order by site"
_FAILURES = """
select site, work_centre_id, started_at from erp.downtime
where not is_planned and minutes >= %(minutes)s order by 1, 2, 3
"""


async def history(tx: ReadTransaction, days: int) -> Sequence[Sequence[object]]:
    """Rows for every third day of so many before the last one whose week is over."""
    failures: dict[tuple[str, str], list[datetime]] = {}
    for each in await rows(tx, _Failure, _FAILURES, {"minutes": FAILURE_MINUTES}):
        failures.setdefault((each.site, each.work_centre_id), []).append(each.started_at)
    found: list[Sequence[object]] = []
    for site in await rows(tx, _Site, _SITES):
        last = site.as_of.astimezone(ZoneInfo(site.time_zone)) - HORIZON
        for back in range(0, days, EVERY_DAYS):
            moment = last - timedelta(days=back)
            centres = await centres_of(Queries(tx), [site.site], moment)
            rules = by_rule(centres)
            for centre in centres:
                key = (centre.site, centre.centre)
                came = any(moment <= at < moment + HORIZON for at in failures.get(key, ()))
                day: date = moment.date()
                found.append((*key, day, *centre.values, centre.quality, rules[key].p, int(came)))
    return found


async def _read(dsn: str, sites: frozenset[str], days: int) -> Sequence[Sequence[object]]:
    upkeep = Caller("system", "system", frozenset(), sites, frozenset())
    async with await Store.open(dsn, statement_timeout_ms=60_000) as store, store.reading(upkeep) as tx:
        return await history(tx, days)


@contextmanager
def _demo(home: Path | None) -> Iterator[EmbeddedPostgres]:
    """The database of a home, or the whole demo built for this."""
    if home is not None:
        with EmbeddedPostgres(home / "postgres") as server:
            yield server
        return
    with TemporaryDirectory(prefix="plantwright-models-") as folder:
        # The database's own account must be able to enter it.
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server:
            migrate(server.dsn(OWNER_ROLE))
            asyncio.run(build_demo(server.dsn(OWNER_ROLE)))
            yield server


def main(
    out: Annotated[Path, typer.Option(help="CSV file to write.")],
    home: Annotated[
        Path | None, typer.Option(help="Home of a demo; the whole demo is built for it without one.")
    ] = None,
    days: Annotated[int, typer.Option(help="How far back.", min=30)] = 540,
) -> None:
    """Write the history."""
    with _demo(home) as server:
        with psycopg.connect(server.dsn(OWNER_ROLE)) as connection:
            sites = frozenset(site for (site,) in connection.execute("select site from erp.site").fetchall())
        found = asyncio.run(_read(server.dsn(), sites, days))
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        writer.writerows(["" if cell is None else cell for cell in row] for row in found)
    sys.stdout.write(f"{len(found)} rows in {out}\n")


if __name__ == "__main__":
    typer.run(main)
