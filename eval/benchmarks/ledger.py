"""How long metrics over many ledger lines take under row-level security, from the lines and from period sums.

Builds the store's real schema in a scratch Postgres, fills it with synthetic lines, and asks as people do:
queries of the metric catalogue, compiled by its compiler, through the store's own pool and scope. Every
answer from the sums is compared, to the last decimal, with the same answer from the lines. DuckDB over the
same lines, with no security at all, is the yardstick.

    python -m eval.benchmarks.ledger --lines 10000000
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, EmbeddedPostgres, Rows, Store, migrate, new_id
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.compiler import CompiledQuery, Compiler
from tools.metrics.query import DateTest, Grouping, Measure, MetricQuery, ValueTest

COMPANIES = tuple(f"10{number:02d}" for number in range(12))
SITES = tuple(f"P{number}" for number in range(1, 9))
LIMIT_S = 1.0
"""What a bridge over all companies may take from period sums when one person asks."""
_CHUNK = 1_000_000
_BYTES_PER_LINE = 550
_RAW_ROUNDS = 2
_SUM_ROUNDS = 7

# Each company has 20 cost centres with 40 of 200 accounts, over 36 months; eight lines in ten are actuals.
# The multiplier scatters the digits that the columns are taken from, the same on every machine.
_LINES = """
insert into erp.ledger_line (company, site, source_system, source_key, load_id, line_id, posted_on,
                             account_id, cost_centre_id, scenario, amount, currency)
select '10' || lpad(company::text, 2, '0'), 'P' || (company %% 8 + 1), 'synthetic', n::text, %(load)s,
       n::text, date '2023-01-01' + (n * 1096 / (%(lines)s + 1))::int,
       '4' || lpad(((centre * 7 + kind * 5) %% 200)::text, 4, '0'), 'C' || company || '-' || centre,
       case when draw < 8 then 'actual' when draw = 8 then 'plan' else 'forecast' end,
       (scattered %% 2000000 - 1000000) / 100.0, 'EUR'
from (select n, scattered, scattered / 7 %% 12 as company, scattered / 97 %% 20 as centre,
             scattered / 1009 %% 40 as kind, scattered / 50021 %% 10 as draw
      from (select n, n * 2654435761 %% 4294967296 as scattered
            from generate_series(%(first)s::bigint, %(last)s) n) numbered offset 0) drawn
"""
_ACCOUNTS = """
insert into erp.account (site, source_system, source_key, load_id, account_id, name)
select 'P' || site, 'synthetic', n::text, %(load)s, '4' || lpad(n::text, 4, '0'), 'account ' || n
from generate_series(1, 8) site, generate_series(0, 199) n
"""
# The store's own statement is part of an import; this is the same sum.
_SUMS = """
insert into erp.ledger_period (company, site, source_system, source_key, load_id, month, account_id,
                               cost_centre_id, scenario, amount, lines, currency)
select company, site, source_system, 'sum of lines', %(load)s, date_trunc('month', posted_on)::date,
       account_id, coalesce(cost_centre_id, ''), scenario, sum(amount), count(*), currency
from erp.ledger_line group by company, site, source_system, 6, account_id, 8, scenario, currency
"""
_EXPORT = "copy (select posted_on, account_id, scenario, amount from erp.ledger_line) to stdout (format csv)"


@dataclass(frozen=True, slots=True)
class Question:
    """One metric query, and what it takes to put the same to single lines and to the yardstick."""

    label: str
    query: MetricQuery
    plain: str
    """What an analyst would write over the lines in DuckDB."""
    between: tuple[date, date] = (date(2023, 1, 1), date(2026, 1, 1))
    """Days that the query needs, the last one excluded: over lines they are found by index."""

    def over_sums(self) -> CompiledQuery:
        """The statement that the product runs; it reads period sums."""
        return _compiler().compile(self.query)

    def over_lines(self) -> CompiledQuery:
        """The same statement with the sums' table replaced by the lines."""
        compiled = self.over_sums()
        first, last = self.between
        lines = _LINES_AS_SUMS.format(first=first, last=last)
        return replace(compiled, sql=compiled.sql.replace("erp.ledger_period as", f"({lines}) as"))


@lru_cache(maxsize=1)
def _compiler() -> Compiler:
    return Compiler(packaged_catalogue())


def _year(year: int, until: int | None = None) -> DateTest:
    return DateTest(start=date(year, 1, 1), end=date(until or year, 12, 31))


_LINES_AS_SUMS = (
    "select site, company, date_trunc('month', posted_on)::date as month, account_id, scenario, amount,"
    " currency from erp.ledger_line where posted_on >= date '{first}' and posted_on < date '{last}'"
)
_ACTUAL = Measure(name="actual", metric="actual_amount")
_BY_ACCOUNT = (Grouping(entity="account"),)
QUESTIONS = (
    Question(
        "by account and month, 3 years",
        MetricQuery(measures=(_ACTUAL,), by=(*_BY_ACCOUNT, Grouping(grain="month"))),
        "select account_id, date_trunc('month', posted_on), sum(amount) from ledger_line"
        " where scenario = 'actual' group by 1, 2 order by 1, 2",
    ),
    Question(
        "bridge: actual, plan, prior year",
        MetricQuery(
            measures=(
                _ACTUAL.model_copy(update={"where": (_year(2025),)}),
                Measure(name="plan", metric="plan_amount", where=(_year(2025),)),
                Measure(name="prior", metric="actual_amount", where=(_year(2024),)),
                Measure(name="change", derive="difference", of=("actual", "prior")),
            ),
            by=_BY_ACCOUNT,
            where=(_year(2024, 2025),),
        ),
        "select account_id,"
        " sum(amount) filter (where scenario = 'actual' and posted_on >= date '2025-01-01'),"
        " sum(amount) filter (where scenario = 'plan' and posted_on >= date '2025-01-01'),"
        " sum(amount) filter (where scenario = 'actual' and posted_on < date '2025-01-01')"
        " from ledger_line where posted_on >= date '2024-01-01' and posted_on < date '2026-01-01'"
        " group by 1 order by 1",
        (date(2024, 1, 1), date(2026, 1, 1)),
    ),
    Question(
        "one month, by account",
        MetricQuery(
            measures=(_ACTUAL,),
            by=_BY_ACCOUNT,
            where=(DateTest(start=date(2025, 3, 1), end=date(2025, 3, 31)),),
        ),
        "select account_id, sum(amount) from ledger_line where scenario = 'actual'"
        " and posted_on >= date '2025-03-01' and posted_on < date '2025-04-01' group by 1 order by 1",
        (date(2025, 3, 1), date(2025, 4, 1)),
    ),
    Question(
        "one account, by month",
        MetricQuery(
            measures=(_ACTUAL,),
            by=(Grouping(grain="month"),),
            where=(ValueTest(path="account.account_id", values=("40105",)),),
        ),
        "select date_trunc('month', posted_on), sum(amount) from ledger_line"
        " where scenario = 'actual' and account_id = '40105' group by 1 order by 1",
    ),
)
BRIDGE = QUESTIONS[1]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that one question took from each source; None where it was not asked."""

    label: str
    scope: str
    lines: float
    sums: float
    yardstick: float | None


def person(companies: tuple[str, ...]) -> Caller:
    """Somebody who may see the ledgers of those companies at every site."""
    return Caller("benchmark", "Benchmark", frozenset({"controller"}), frozenset(SITES), frozenset(companies))


EVERYBODY, ONE_COMPANY = person(COMPANIES), person(COMPANIES[3:4])


def fill(owner_dsn: str, lines: int, progress: Callable[[str], None]) -> int:
    """Put synthetic ledger lines and their period sums into an empty store; the number of sums."""
    load = new_id()
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute(_ACCOUNTS, {"load": load})
        for first in range(1, lines + 1, _CHUNK):
            last = min(first + _CHUNK - 1, lines)
            connection.execute(_LINES, {"load": load, "lines": lines, "first": first, "last": last})
            progress(f"{last:,} of {lines:,} lines written")
        started = time.perf_counter()
        sums = connection.execute(_SUMS, {"load": load}).rowcount
        progress(f"{sums:,} period sums in {time.perf_counter() - started:.1f} s")
        connection.execute("vacuum (analyze) erp.account, erp.ledger_line, erp.ledger_period")
    return sums


async def measure(store: Store, yardstick: Yardstick | None) -> list[Timing]:
    """Seconds for each question, for all companies and for one.

    Raises:
        SystemExit: an answer from the sums differs from the one from the lines.
    """
    timings = []
    for scope, caller in ((f"{len(COMPANIES)} companies", EVERYBODY), ("1 company", ONE_COMPANY)):
        for question in QUESTIONS:
            raw, exact = await _ask(store, caller, question.over_lines(), _RAW_ROUNDS)
            summed, answer = await _ask(store, caller, question.over_sums(), _SUM_ROUNDS)
            if exact.rows != answer.rows or not answer.rows:
                sys.exit(f"{question.label!r} for {scope}: the sums do not give what the lines give")
            bare = yardstick.seconds(question) if yardstick and caller is EVERYBODY else None
            timings.append(Timing(question.label, scope, raw, summed, bare))
    return timings


async def crowd(store: Store, askers: int, rounds: int = 5) -> list[float]:
    """Seconds of each answer when several people of different companies ask for a bridge at once.

    Raises:
        SystemExit: somebody's answer was not their own company's.
    """
    people = [person((company,)) for company in COMPANIES] + [EVERYBODY]
    expected = {who.companies: (await _ask(store, who, BRIDGE.over_sums(), 1))[1] for who in people}

    async def asker(number: int) -> list[float]:
        taken = []
        for turn in range(rounds):
            # Every other asker sees all companies, so that a lent connection changes scope each time.
            who = EVERYBODY if (number + turn) % 2 else people[(number * rounds + turn) % len(COMPANIES)]
            seconds, answer = await _ask(store, who, BRIDGE.over_sums(), 1)
            if answer.rows != expected[who.companies].rows:
                sys.exit("an asker was given another person's figures")
            taken.append(seconds)
        return taken

    answers = await asyncio.gather(*(asker(number) for number in range(askers)))
    return sorted(seconds for taken in answers for seconds in taken)


async def _ask(store: Store, caller: Caller, compiled: CompiledQuery, rounds: int) -> tuple[float, Rows]:
    """Median seconds, connection and scope included, and the answer."""
    taken, rows = [], Rows((), ())
    for _ in range(rounds):
        started = time.perf_counter()
        async with store.reading(caller) as tx:
            rows = await tx.fetch(compiled.sql, compiled.parameters)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken), rows


class Yardstick:
    """The same lines in DuckDB, in memory: what a column store without row-level security needs."""

    def __init__(self, owner_dsn: str, folder: Path) -> None:
        import duckdb

        file = folder / "lines.csv"
        with (
            psycopg.connect(owner_dsn) as connection,
            connection.cursor().copy(_EXPORT) as copy,
            file.open("wb") as out,
        ):
            for block in copy:
                out.write(block)
        self._connection = duckdb.connect()
        self._connection.execute(
            "create table ledger_line as select * from read_csv($1, header = false, columns = {"
            "'posted_on': 'DATE', 'account_id': 'VARCHAR', 'scenario': 'VARCHAR',"
            " 'amount': 'DECIMAL(20,6)'})",
            [str(file)],
        )
        file.unlink()

    def seconds(self, question: Question) -> float:
        """Median seconds over the lines."""
        taken = []
        for _ in range(_SUM_ROUNDS):
            started = time.perf_counter()
            self._connection.execute(question.plain).fetchall()
            taken.append(time.perf_counter() - started)
        return statistics.median(taken)


def report(timings: list[Timing], crowded: list[float], askers: int, connections: int) -> str:
    """The table to print."""
    width = max(len(timing.label) for timing in timings)
    lines = [f"{'':{width}}  {'scope':12}  {'lines':>9}  {'sums':>8}  {'DuckDB':>8}"]
    for timing in timings:
        bare = "-" if timing.yardstick is None else f"{timing.yardstick * 1000:,.0f} ms"
        lines.append(
            f"{timing.label:{width}}  {timing.scope:12}  {timing.lines * 1000:>6,.0f} ms"
            f"  {timing.sums * 1000:>5,.0f} ms  {bare:>8}"
        )
    p50, p95 = crowded[len(crowded) // 2], crowded[int(len(crowded) * 0.95)]
    lines.append(
        f"\n{askers} people at once on {connections} connections, a bridge each from the sums:"
        f" p50 {p50 * 1000:,.0f} ms, p95 {p95 * 1000:,.0f} ms;\neverybody saw their own companies only"
    )
    return "\n".join(lines)


@contextmanager
def _scratch(lines: int) -> Iterator[Path]:
    """A folder for the database, which another account may have to enter; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="plantwright-ledger-"))
    try:
        needed, free = lines * _BYTES_PER_LINE + 400_000_000, shutil.disk_usage(folder).free
        if free < needed:
            sys.exit(
                f"{str(folder.parent)!r} has {free / 1e9:.1f} GB free and {lines:,} lines need"
                f" {needed / 1e9:.1f} GB: set TMPDIR to a larger disk, or give fewer --lines"
            )
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _yardstick(owner_dsn: str, folder: Path) -> Yardstick | None:
    try:
        return Yardstick(owner_dsn, folder)
    except ModuleNotFoundError:
        _say("no yardstick: DuckDB is not installed (pip install duckdb)")
        return None


async def _ask_all(
    app_dsn: str, yardstick: Yardstick | None, askers: int, connections: int
) -> tuple[list[Timing], list[float]]:
    async with await Store.open(app_dsn, max_size=connections, statement_timeout_ms=600_000) as store:
        return await measure(store, yardstick), await crowd(store, askers)


def main(
    lines: Annotated[int, typer.Option(min=10_000, help="Ledger lines to write.")] = 10_000_000,
    askers: Annotated[int, typer.Option(min=1, help="People who ask at the same time.")] = 8,
    connections: Annotated[int, typer.Option(min=1, help="Connections in the pool.")] = 4,
) -> None:
    """Measure metrics over many ledger lines; exit code 1 where a bridge takes longer than a second."""
    for question in QUESTIONS:
        question.over_sums()  # A catalogue that does not compile is told before minutes of writing.
    with _scratch(lines) as folder, EmbeddedPostgres(folder / "postgres", durable=False) as server:
        owner_dsn = server.dsn(OWNER_ROLE)
        migrate(owner_dsn)
        fill(owner_dsn, lines, _say)
        yardstick = _yardstick(owner_dsn, folder)
        timings, crowded = asyncio.run(_ask_all(server.dsn(), yardstick, askers, connections))
    print(f"{lines:,} ledger lines, medians\n\n{report(timings, crowded, askers, connections)}")
    slowest = max(timing.sums for timing in timings if timing.label == BRIDGE.label)
    print(f"a bridge from the sums: {slowest:.2f} s of {LIMIT_S:g} s allowed")
    raise typer.Exit(0 if slowest <= LIMIT_S else 1)


if __name__ == "__main__":
    typer.run(main)
