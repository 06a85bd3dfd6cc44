"""A home's history as a model is trained on it: inputs as of many days, and what came.

python -m eval.reference_models.history --home HOME --out rows.csv [--kind supplier_lateness]
python -m eval.reference_models.history --kind ai4i --home HOME --out rows.csv    # of a public data set

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
from typing import Annotated, Literal, TypeAlias, assert_never
from zoneinfo import ZoneInfo

import psycopg
import typer

from erp_adapters.caller import Caller
from erp_adapters.demo.adapter import build_demo
from erp_adapters.store import OWNER_ROLE, EmbeddedPostgres, Store, migrate
from erp_adapters.store.session import ReadTransaction
from eval.reference_models.public_data import PLANTS
from tools.predicting.kinds import KINDS, Foretelling, Measuring
from tools.rows import Queries, rows

EVERY_DAYS = 3
_DAYS = 540
Trained: TypeAlias = Literal[
    "failure", "supplier_lateness", "demand", "yield", "energy", "energy_day", "remaining_life",
    "ai4i", "steel_energy",
]  # fmt: skip
"""What a model is trained on: a kind, or a public data set."""


@dataclass(frozen=True, slots=True)
class _Site:
    site: str
    time_zone: str
    as_of: datetime


_SITES = "select site, time_zone, coalesce(as_of, now()) as as_of from erp.site order by site"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is foretold, from which inputs, and as of which days."""

    of: Foretelling | Measuring
    inputs: tuple[str, ...]
    days: int
    every_days: int


def wanted(trained: Trained, days: int | None = None) -> Wanted:
    """What a history of a kind or of a public data set is made of."""
    match trained:
        case "ai4i" | "steel_energy":
            plant = PLANTS[trained]
            of = KINDS[plant.kind]
            return Wanted(of, plant.inputs or of.inputs, days or plant.days, plant.every_days)
        case kind:
            return Wanted(KINDS[kind], KINDS[kind].inputs, days or _DAYS, EVERY_DAYS)


def header(trained: Trained) -> tuple[str, ...]:
    """The columns of the rows of a history."""
    return "site", "subject", "day", *wanted(trained).inputs, "quality", "rule", "came"


async def history(tx: ReadTransaction, asked: Wanted) -> Sequence[Sequence[object]]:
    """Rows for days at even distances before the last one whose horizon is over."""
    found: list[Sequence[object]] = []
    for site in await rows(tx, _Site, _SITES):
        last = site.as_of.astimezone(ZoneInfo(site.time_zone)) - asked.of.horizon
        for back in range(0, asked.days, asked.every_days):
            moment = last - timedelta(days=back)
            match asked.of:
                case Foretelling() as of:
                    found += await _foretold(tx, of, asked.inputs, site, moment)
                case Measuring() as of:
                    found += await _measured(tx, of, site, moment)
                case other:
                    assert_never(other)
    return found


async def _foretold(
    tx: ReadTransaction, of: Foretelling, named: tuple[str, ...], site: _Site, moment: datetime
) -> list[Sequence[object]]:
    subjects = await of.subjects(Queries(tx), [site.site], moment)
    rules = of.by_rule(subjects)
    if of.as_told is not None:
        subjects = await of.as_told(subjects, named, Queries(tx), moment)
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


async def _read(dsn: str, sites: frozenset[str], asked: Wanted) -> Sequence[Sequence[object]]:
    upkeep = Caller("system", "system", frozenset(), sites, frozenset())
    async with await Store.open(dsn, statement_timeout_ms=60_000) as store, store.reading(upkeep) as tx:
        return await history(tx, asked)


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
    days: Annotated[int | None, typer.Option(help="How far back.", min=30)] = None,
    kind: Annotated[Trained, typer.Option(help="What is foretold, or a public data set.")] = "failure",
) -> None:
    """Write the history."""
    with _demo(home) as server:
        with psycopg.connect(server.dsn(OWNER_ROLE)) as connection:
            sites = frozenset(site for (site,) in connection.execute("select site from erp.site").fetchall())
        found = asyncio.run(_read(server.dsn(), sites, wanted(kind, days)))
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header(kind))
        writer.writerows(["" if cell is None else cell for cell in row] for row in found)
    sys.stdout.write(f"{len(found)} rows in {out}\n")


if __name__ == "__main__":
    typer.run(main)
