"""A home's history as a model is trained on it: inputs as of many days, and what came.

python -m eval.reference_models.history --home HOME --out rows.csv [--kind supplier_lateness]

Of a quantity `rule` and `came` are multiples of what is usual, and what nobody could tell is left out.
"""

from __future__ import annotations

import asyncio
import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, assert_never
from zoneinfo import ZoneInfo

import psycopg
import typer

from erp_adapters.caller import Caller
from erp_adapters.demo.adapter import build_demo
from erp_adapters.store import OWNER_ROLE, EmbeddedPostgres, Store, migrate
from erp_adapters.store.session import ReadTransaction
from policies.predictors.registered import Kind
from tools.predicting.kinds import KINDS, Foretelling, Measuring
from tools.rows import Queries, rows

EVERY_DAYS = 3


@dataclass(frozen=True, slots=True)
class _Site:
    site: str
    time_zone: str
    as_of: datetime


_SITES = "select site, time_zone, coalesce(as_of, now()) as as_of from erp.site order by site"


async def history(tx: ReadTransaction, days: int, kind: Kind = "failure") -> Sequence[Sequence[object]]:
    """Rows for every third day of so many before the last one whose horizon is over."""
    of = KINDS[kind]
    found: list[Sequence[object]] = []
    for site in await rows(tx, _Site, _SITES):
        last = site.as_of.astimezone(ZoneInfo(site.time_zone)) - of.horizon
        for back in range(0, days, EVERY_DAYS):
            moment = last - timedelta(days=back)
            match of:
                case Foretelling():
                    found += await _foretold(tx, of, site, moment)
                case Measuring():
                    found += await _measured(tx, of, site, moment)
                case other:
                    assert_never(other)
    return found


async def _foretold(
    tx: ReadTransaction, of: Foretelling, site: _Site, moment: datetime
) -> list[Sequence[object]]:
    subjects = await of.subjects(Queries(tx), [site.site], moment)
    rules = of.by_rule(subjects)
    day = moment.date()
    came = set(await of.came(tx, site.site, site.time_zone, day))
    return [
        (*key, day, *each.values, each.quality, rules[key].p, int(each.subject in came))
        for each in subjects
        for key in ((each.site, each.subject),)
    ]


async def _measured(
    tx: ReadTransaction, of: Measuring, site: _Site, moment: datetime
) -> list[Sequence[object]]:
    things = await of.subjects(Queries(tx), [site.site], moment)
    day = moment.date()
    came = await of.came(tx, site.site, site.time_zone, day)
    return [
        (each.site, each.subject, day, *each.values, each.quality, each.rule.value, value / each.usual)
        for each in things
        if (value := came.get(each.subject, of.absent)) is not None
    ]


async def _read(dsn: str, sites: frozenset[str], days: int, kind: Kind) -> Sequence[Sequence[object]]:
    upkeep = Caller("system", "system", frozenset(), sites, frozenset())
    async with await Store.open(dsn, statement_timeout_ms=60_000) as store, store.reading(upkeep) as tx:
        return await history(tx, days, kind)


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
    kind: Annotated[Kind, typer.Option(help="What is foretold.")] = "failure",
) -> None:
    """Write the history."""
    with _demo(home) as server:
        with psycopg.connect(server.dsn(OWNER_ROLE)) as connection:
            sites = frozenset(site for (site,) in connection.execute("select site from erp.site").fetchall())
        found = asyncio.run(_read(server.dsn(), sites, days, kind))
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("site", "subject", "day", *KINDS[kind].inputs, "quality", "rule", "came"))
        writer.writerows(["" if cell is None else cell for cell in row] for row in found)
    sys.stdout.write(f"{len(found)} rows in {out}\n")


if __name__ == "__main__":
    typer.run(main)
