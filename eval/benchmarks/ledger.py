"""How long metrics over many ledger lines take under row-level security, from the lines and from period sums.

Builds the store's real schema in a scratch Postgres, fills it with synthetic lines, and asks as people do:
queries of the metric catalogue, compiled by its compiler, through the store's own pool and scope. Every
answer from the sums is compared, to the last decimal, with the same answer from the lines. DuckDB over the
same lines in a parquet file, with no security at all, is the yardstick: what somebody who knows it would
write for the same answer, in turns with the catalogue's own statement, for a ledger that is kept in no sums.
All answers have to be the same. Explanations of all companies against their plans are measured as well.

    python -m eval.benchmarks.ledger --lines 10000000
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
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
from eval.benchmarks.processor import Spent, Stopwatch, peak_mib
from eval.rates import percentile
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.compiler import CompiledQuery, Compiler
from tools.metrics.elsewhere import Written, written_for
from tools.metrics.query import DateTest, Grouping, Measure, MetricQuery, ValueTest
from tools.rows import Queries
from tools.variance.ledger import apart, place_of
from tools.variance.together import Together, explained_together

COMPANIES = tuple(f"10{number:02d}" for number in range(12))
SITES = tuple(f"P{number}" for number in range(1, 9))
LIMIT_S = 1.0
"""What a bridge over all companies may take from period sums when one person asks."""
EXPLAINED_S, PEAK_MIB = 2.0, 600
TIMES = 1.05
"""What the catalogue's statement may compute over lines for each second of the one by hand: noise alone."""
_CHUNK = 1_000_000
_BYTES_PER_LINE = 550
_RAW_ROUNDS = 2
_EXPLAINED = 7
_SUM_ROUNDS = 7
_PAIR_ROUNDS = 11

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
_SITES = """
insert into erp.site (site, company, source_system, source_key, load_id, name, time_zone, currency, as_of)
select 'P' || site, '', 'synthetic', site::text, %(load)s, 'Plant ' || site, 'UTC', 'EUR', '2025-12-31'
from generate_series(1, 8) site
"""
_ACCOUNTS = """
insert into erp.account (site, source_system, source_key, load_id, account_id, name, kind)
select 'P' || site, 'synthetic', n::text, %(load)s, '4' || lpad(n::text, 4, '0'), 'account ' || n,
       'Expenditures'
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
# What each source says that it comes to, which an explanation is held against.
_BALANCES = """
insert into erp.ledger_balance (company, site, source_system, source_key, load_id, month, account_id,
                                scenario, amount, lines, currency)
select company, site, source_system, 'balance', %(load)s, month, account_id, scenario, sum(amount),
       sum(lines), currency
from erp.ledger_period group by company, site, source_system, month, account_id, scenario, currency
"""
_COLUMNS = {
    "site": "VARCHAR",
    "company": "VARCHAR",
    "posted_on": "DATE",
    "account_id": "VARCHAR",
    "scenario": "VARCHAR",
    "amount": "DECIMAL(20,6)",
    "currency": "VARCHAR",
}
_EXPORT = f"copy (select {', '.join(_COLUMNS)} from erp.ledger_line) to stdout (format csv)"
_DAYS = """
select company, site, posted_on, account_id, scenario, amount, 1::bigint as lines, currency from ledger_line
"""
_CHART = """
select site, account_id, code, name, kind, operator, value_type, parent_id, '{}' as flags from erp.account
"""
_YEAR = (
    "select round(sum(amount) filter (where scenario = 'actual'), 2),"
    " round(sum(amount) filter (where scenario = 'plan'), 2) from erp.ledger_period"
    " where month between '2025-01-01' and '2025-12-31'"
)
_PAIRS = "select distinct site, company from erp.ledger_period order by 2"


@dataclass(frozen=True, slots=True)
class Question:
    """One metric query, and what it takes to put the same to single lines and to the yardstick."""

    label: str
    query: MetricQuery
    by_hand: str
    """What somebody who knows DuckDB would write over the lines for the same answer."""

    def over_sums(self) -> CompiledQuery:
        """The statement that the product runs; it reads period sums."""
        return _compiler().compile(self.query)

    def over_lines(self) -> CompiledQuery:
        """The same question, put to the single lines."""
        return _compiler(by_day=True).compile(self.query)


@lru_cache(maxsize=2)
def _compiler(*, by_day: bool = False) -> Compiler:
    return Compiler(packaged_catalogue().by_day if by_day else packaged_catalogue())


def _year(year: int, until: int | None = None) -> DateTest:
    return DateTest(start=date(year, 1, 1), end=date(until or year, 12, 31))


_ACTUAL = Measure(name="actual", metric="actual_amount")
_BY_ACCOUNT = (Grouping(entity="account"),)
# Added up before names are joined, which takes half as long as joining them to each line.
_NAMED = "join account using (site, account_id)"
_CURRENCY = """
case when min(currency) = max(currency) then min(currency) when count(currency) > 0 then 'mixed' end
"""
QUESTIONS = (
    Question(
        "by account and month, 3 years",
        MetricQuery(measures=(_ACTUAL,), by=(*_BY_ACCOUNT, Grouping(grain="month"))),
        f"""
        select account_id, code, name, strftime(month, '%Y-%m'), sum(amount), {_CURRENCY}
        from (select site, account_id, currency, date_trunc('month', posted_on) as month,
                     sum(amount) filter (where scenario = 'actual') as amount
              from ledger_line group by all) {_NAMED} group by 1, 2, 3, 4 order by 3, 4
        """,
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
        f"""
        select account_id, code, name, sum(actual), sum(plan), sum(prior),
               coalesce(sum(actual), 0) - coalesce(sum(prior), 0), {_CURRENCY}
        from (select site, account_id, currency,
                     sum(amount) filter (where scenario = 'actual' and posted_on >= '2025-01-01') as actual,
                     sum(amount) filter (where scenario = 'plan' and posted_on >= '2025-01-01') as plan,
                     sum(amount) filter (where scenario = 'actual' and posted_on < '2025-01-01') as prior
              from ledger_line where posted_on >= date '2024-01-01' and posted_on < date '2026-01-01'
              group by all) {_NAMED} group by 1, 2, 3 order by 3
        """,
    ),
    Question(
        "one month, by account",
        MetricQuery(
            measures=(_ACTUAL,),
            by=_BY_ACCOUNT,
            where=(DateTest(start=date(2025, 3, 1), end=date(2025, 3, 31)),),
        ),
        f"""
        select account_id, code, name, sum(amount), {_CURRENCY}
        from (select site, account_id, currency, sum(amount) filter (where scenario = 'actual') as amount
              from ledger_line where posted_on >= date '2025-03-01' and posted_on < date '2025-04-01'
              group by all) {_NAMED} group by 1, 2, 3 order by 3
        """,
    ),
    Question(
        "one account, by month",
        MetricQuery(
            measures=(_ACTUAL,),
            by=(Grouping(grain="month"),),
            where=(ValueTest(path="account.account_id", values=("40105",)),),
        ),
        f"""
        select strftime(date_trunc('month', posted_on), '%Y-%m'),
               sum(amount) filter (where scenario = 'actual'), {_CURRENCY}
        from ledger_line where account_id = '40105' group by 1 order by 1
        """,
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
    beside: Beside | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What the same answer takes on the yardstick, in turns: medians by the clock and computed."""

    by_hand: Spent
    catalogue: Spent

    @property
    def times(self) -> float:
        """How often as much the catalogue's statement computes."""
        return self.catalogue.computed / self.by_hand.computed


def person(companies: tuple[str, ...]) -> Caller:
    """Somebody who may see the ledgers of those companies at every site."""
    return Caller("benchmark", "Benchmark", frozenset({"controller"}), frozenset(SITES), frozenset(companies))


EVERYBODY, ONE_COMPANY = person(COMPANIES), person(COMPANIES[3:4])


def fill(owner_dsn: str, lines: int, progress: Callable[[str], None]) -> int:
    """Put synthetic ledger lines and their period sums into an empty store; the number of sums."""
    load = new_id()
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute(_SITES, {"load": load})
        connection.execute(_ACCOUNTS, {"load": load})
        for first in range(1, lines + 1, _CHUNK):
            last = min(first + _CHUNK - 1, lines)
            connection.execute(_LINES, {"load": load, "lines": lines, "first": first, "last": last})
            progress(f"{last:,} of {lines:,} lines written")
        started = time.perf_counter()
        sums = connection.execute(_SUMS, {"load": load}).rowcount
        progress(f"{sums:,} period sums in {time.perf_counter() - started:.1f} s")
        connection.execute(_BALANCES, {"load": load})
        connection.execute(
            "vacuum (analyze) erp.account, erp.ledger_line, erp.ledger_period, erp.ledger_balance"
        )
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
            beside = None
            if yardstick and caller is EVERYBODY:
                beside = yardstick.beside(question, exact.rows)
            timings.append(Timing(question.label, scope, raw, summed, beside))
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
    """The same lines in a parquet file, read by DuckDB: a column store without row-level security."""

    def __init__(self, owner_dsn: str, folder: Path) -> None:
        import duckdb

        file, parquet = folder / "lines.csv", folder / "lines.parquet"
        with psycopg.connect(owner_dsn) as connection:
            with connection.cursor().copy(_EXPORT.encode()) as copy, file.open("wb") as out:
                for block in copy:
                    out.write(block)
            chart = connection.execute(_CHART.encode()).fetchall()
        self._connection = duckdb.connect()
        self._connection.execute("set timezone = 'UTC'")
        self._connection.execute(
            f"copy (select * from read_csv('{file}', header = false, columns = {_COLUMNS}))"
            f" to '{parquet}' (format parquet)"
        )
        file.unlink()
        self._connection.execute(
            f"create schema erp; create view ledger_line as select * from '{parquet}';"
            f" create view erp.ledger_day as {_DAYS};"
            " create table erp.account (site varchar, account_id varchar, code varchar, name varchar,"
            " kind varchar, operator varchar, value_type varchar, parent_id varchar, flags varchar)"
        )
        self._connection.executemany(f"insert into erp.account values ({', '.join('?' * 9)})", chart)
        self._connection.execute("create view account as select * from erp.account")

    def beside(self, question: Question, rows: tuple[tuple[object, ...], ...]) -> Beside:
        """What the catalogue's statement takes over the lines, and what one by hand.

        Raises:
            SystemExit: one of them says something else than the store.
        """
        statements = (Written(question.by_hand, {}), written_for("duckdb", question.over_lines()))
        spent: tuple[list[Spent], ...] = ([], [])
        for number in range(2 * _PAIR_ROUNDS):
            watch = Stopwatch()
            answer = self._connection.execute(*statements[number % 2]).fetchall()
            spent[number % 2].append(watch.spent())
            if tuple(answer) != rows:
                sys.exit(f"{question.label!r}: DuckDB says something else than the store")
        return Beside(*map(_median, spent))


def _median(spent: Sequence[Spent]) -> Spent:
    return Spent(
        statistics.median(each.clock for each in spent), statistics.median(each.here for each in spent), 0.0
    )


@dataclass(frozen=True, slots=True)
class Explained:
    """Explanations of all companies of a year against their plans."""

    spent: tuple[Spent, ...]
    peak: float
    """The most memory of this process until then, in MiB."""

    @property
    def p95(self) -> float:
        """Seconds by the clock that one in twenty takes longer than."""
        return percentile([each.clock for each in self.spent], 0.95)


async def explain(store: Store, rounds: int = _EXPLAINED) -> Explained:
    """What it takes to explain a year of every company together, with what lies behind the largest steps.

    As for a question, the ledger is held against what its source comes to before.

    Raises:
        SystemExit: the steps do not add up to what the ledger has.
    """
    spent = []
    months = tuple(f"2025-{month:02}" for month in range(1, 13))
    for _ in range(rounds):
        async with store.reading(EVERYBODY) as tx:
            backend = int(str((await tx.fetch("select pg_backend_pid()")).rows[0][0]))
            pairs = (await tx.fetch(_PAIRS)).rows
            watch, queries = Stopwatch(backend), Queries(tx)
            homes = {str(site): await place_of(queries, str(site)) for site, _ in pairs}
            places = tuple(
                replace(homes[str(site)], company=str(company), name=f"{company}") for site, company in pairs
            )
            for place in places:
                if await apart(queries, place, date(2025, 1, 1), date(2025, 12, 31), of_sums=True) != []:
                    sys.exit("the sums by month are not what the source comes to")
            found = await explained_together(queries, Together("all", places, months, "EUR"), "plan")
            spent.append(watch.spent())
            booked = (await tx.fetch(_YEAR)).rows[0]
        if (found.actual, found.reference) != booked or sum(
            line.amount for line in found.lines
        ) != found.total:
            sys.exit("the explanation does not tie to the ledger's sums")
    return Explained(tuple(spent), peak_mib())


def report(timings: list[Timing], crowded: list[float], askers: int, connections: int) -> str:
    """The table to print."""
    width = max(len(timing.label) for timing in timings)
    lines = [
        f"{'':{width}}  {'scope':12}  {'lines':>9}  {'sums':>8}   DuckDB on parquet, by hand"
        "   the catalogue's (computed)"
    ]
    for timing in timings:
        beside = ""
        if timing.beside:
            by_hand, own = timing.beside.by_hand, timing.beside.catalogue
            beside = (
                f"   {by_hand.clock * 1000:>6,.0f} ms ({by_hand.computed * 1000:>5,.0f} ms)       "
                f"   {own.clock * 1000:>6,.0f} ms ({own.computed * 1000:>5,.0f} ms)"
                f"  {timing.beside.times:.2f} times"
            )
        lines.append(
            f"{timing.label:{width}}  {timing.scope:12}  {timing.lines * 1000:>6,.0f} ms"
            f"  {timing.sums * 1000:>5,.0f} ms{beside}"
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
    server: EmbeddedPostgres, folder: Path, askers: int, connections: int
) -> tuple[list[Timing], list[float], Explained]:
    dsn = server.dsn()
    async with await Store.open(dsn, max_size=connections, statement_timeout_ms=600_000) as store:
        # First, because the yardstick takes memory of this very process.
        explained = await explain(store)
        yardstick = _yardstick(server.dsn(OWNER_ROLE), folder)
        return await measure(store, yardstick), await crowd(store, askers), explained


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
        timings, crowded, explained = asyncio.run(_ask_all(server, folder, askers, connections))
    print(f"{lines:,} ledger lines, medians\n\n{report(timings, crowded, askers, connections)}")
    slowest = max(timing.sums for timing in timings if timing.label == BRIDGE.label)
    print(f"a bridge from the sums: {slowest:.2f} s of {LIMIT_S:g} s allowed")
    computed = percentile([each.computed for each in explained.spent], 0.95)
    print(
        f"a year of {len(COMPANIES)} companies explained against plan, with what lies behind it:"
        f" p95 {explained.p95:.2f} s of {EXPLAINED_S:g} s allowed ({computed:.2f} s of it computed),"
        f" {explained.peak:.0f} MiB of {PEAK_MIB} MiB"
    )
    beside = next((each.beside for each in timings if each.label == BRIDGE.label and each.beside), None)
    if beside:
        print(
            f"a bridge from the lines by the catalogue's statement on DuckDB: {beside.times:.2f} times what"
            f" one by hand computes, {TIMES:g} allowed"
        )
    kept = slowest <= LIMIT_S and explained.p95 <= EXPLAINED_S and explained.peak <= PEAK_MIB
    kept = kept and (beside is None or beside.times <= TIMES)
    raise typer.Exit(0 if kept else 1)


if __name__ == "__main__":
    typer.run(main)
