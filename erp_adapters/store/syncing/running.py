"""One site of a connected system read again: each part from where it was, page by page."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, ParamSpec, Protocol, TypeAlias, TypeVar, runtime_checkable

import psycopg

from erp_adapters.errors import (
    CapabilityMissing,
    ErpError,
    ErpRefused,
    ErpUnavailable,
    ImportFailed,
    StoreUnavailable,
)
from erp_adapters.ports import Capability, Page, ReadPort, SourceRow
from erp_adapters.store.failures import translate
from erp_adapters.store.fitting import Targets, targets_of
from erp_adapters.store.freshness import difference
from erp_adapters.store.ids import new_id
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.quality import LoadReport, RulesUsed
from erp_adapters.store.replacing import describe_site, let_go, rules_for, take_lock
from erp_adapters.store.site_rules import SiteRules
from erp_adapters.store.syncing.applying import Applied, Connection, Looked, PageWriter
from erp_adapters.store.syncing.feeds import Feed, advance, begin, fail, feeds_of, finish, unchanged
from erp_adapters.store.syncing.kept import KeptRows
from erp_adapters.store.syncing.plan import Plan
from erp_adapters.store.syncing.reporting import report_of
from erp_adapters.store.syncing.settling import Settling, remove_missed, remove_unmet

_P = ParamSpec("_P")
_T = TypeVar("_T")
_AGAIN: Final = "The next reading tries it again; `plantwright doctor` says whether the system answers."
_MEND: Final = "Correct the source or the mapping, then read again; what was read before stays."
_COMPARE: Final = """
update erp.sync_feed f set source_rows = %s, source_total = %s where feed = %s
returning case when is_unsettled then (select count(*) from erp.sync_row r where r.feed = f.feed)
          else rows end,
          case when is_unsettled then (select sum(figure) from erp.sync_row r where r.feed = f.feed)
          else total end
"""
_LEFT: Final = "select exists (select from erp.sync_row where feed = %s and digest is null)"
_NOTE: Final = """
insert into erp.sync_feed (source_system, site, part, tried_at, failing_since, problem, remedy)
select %(source)s, %(site)s, unnest(%(parts)s::text[]), now(), now(), %(problem)s, %(remedy)s
on conflict (site, source_system, part) do update
set tried_at = now(), failing_since = coalesce(sync_feed.failing_since, now()), problem = excluded.problem,
    remedy = excluded.remedy
"""
_MOVE: Final = "update erp.site set as_of = greatest(as_of, %s) where site = %s"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a source says that it has of a part."""

    rows: int
    total: Decimal | None
    """Sum of the figure that is added up, where one is."""


@runtime_checkable
class Counting(Protocol):
    """A read port that can also be asked how much there is."""

    async def standing(self, capability: Capability) -> Standing:
        """Rows that there are, and the sum of their figure."""
        ...


@runtime_checkable
class Marking(Protocol):
    """A read port that can say whether anything is another, without handing over its rows."""

    async def mark(self, capability: Capability) -> str:
        """The same text as long as every row is the same; empty where the source cannot tell."""
        ...


@dataclass(frozen=True, slots=True)
class PartRead:
    """What came of one part."""

    part: str
    read: int
    """Rows that the source was asked for."""
    written: int
    gone: int
    aside: int
    problem: str = ""
    """Why it was not read to its end."""
    difference: str = ""
    """How what is kept differs from what the source says that it has."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What came of one reading of a site."""

    source: str
    site: str
    seconds: float
    parts: tuple[PartRead, ...]
    load: LoadReport | None
    """What the store has now; None where nothing has changed."""

    @property
    def problems(self) -> tuple[PartRead, ...]:
        """Parts that were not read to their end."""
        return tuple(part for part in self.parts if part.problem)


Progress: TypeAlias = Callable[[str, int], None]
"""Told the part and the rows that were read of it so far."""


async def sync_site(
    owner_dsn: str,
    plan: Plan,
    port: ReadPort,
    site: SiteSpec,
    *,
    rules: SiteRules | None = None,
    belongs: Callable[[SourceRow], bool] | None = None,
    parts: frozenset[str] | None = None,
    anew: bool = False,
    whole_after: timedelta = timedelta(days=1),
    removals: bool = False,
    progress: Progress | None = None,
) -> SyncReport:
    """Read what changed since the last time and write it, each page in a transaction of its own.

    May be killed at any moment: the next reading goes on after the last page that was kept. A part that
    cannot be read is left as it was, says why in `erp.sync_feed`, and does not stop the others.

    Args:
        owner_dsn: the role that owns the tables.
        plan: how the mapping's files are filled.
        port: an opened reader.
        site: whose rows they are.
        rules: what the site's codes mean; by themselves the approved ones are taken.
        belongs: whether a row is the site's; without it all are.
        parts: what is read; None for all.
        anew: read everything, and remove what is not met.
        whole_after: how long a part that tells its changes may go without being read as a whole.
        removals: accept that more than half of a part's rows are gone.
        progress: called from another thread.

    Raises:
        ImportRunning: an import or another reading of this source and site is under way; says since when.
        StoreUnavailable: the database does not answer.
        ConfigurationError: the mapping and the store, or the site's rules, do not fit each other.
    """
    began = time.monotonic()
    with _translated():
        connection: Connection = await asyncio.to_thread(
            lambda: psycopg.connect(owner_dsn, connect_timeout=15)
        )
    try:
        with _translated():
            job = await _whole(_Job, connection, plan, port, site, rules, removals)
            await _whole(job.open)
            for part in plan.parts:
                if parts is None or part in parts:
                    await job.read(part, belongs, anew, whole_after, progress or (lambda *_: None))
            report = await _whole(job.close, began)
    finally:
        await asyncio.to_thread(let_go, connection)
    return SyncReport(plan.mapping.source, site.code, time.monotonic() - began, tuple(job.parts), report)


async def note_failure(owner_dsn: str, plan: Plan, site: str, error: ErpError) -> None:
    """Keep that a source could not even be opened, where each of its parts is looked for."""

    def note() -> None:
        with _translated(), psycopg.connect(owner_dsn, connect_timeout=15) as connection:
            names = {
                "source": plan.mapping.source,
                "site": site,
                "parts": list(plan.parts),
                "problem": str(error)[:2000],
                "remedy": _remedy(error),
            }
            connection.execute(_NOTE, names)

    await _whole(note)


class _Job:
    def __init__(
        self,
        connection: Connection,
        plan: Plan,
        port: ReadPort,
        site: SiteSpec,
        given: SiteRules | None,
        removals: bool,
    ) -> None:
        self._connection, self._plan, self._port, self._site = connection, plan, port, site
        self._given, self._removals = given, removals
        self._load = new_id()
        self._started = datetime.now(UTC)
        self._codes: dict[str, Counter[str]] = {}
        self._looked_at: set[str] = set()
        self.parts: list[PartRead] = []
        self._feeds: dict[str, Feed]
        self._targets: dict[str, Targets]
        self._rules: SiteRules | None = None
        self._used: RulesUsed | None = None

    def open(self) -> None:
        """Take the source and site for this session, and see how far it was read."""
        connection, mapping, site = self._connection, self._plan.mapping, self._site.code
        connection.execute("set statement_timeout = 0")
        take_lock(connection, mapping.source, site, until="close")
        self._targets = targets_of(connection, mapping)
        self._rules, self._used = rules_for(connection, mapping, site, self._given)
        basis = f"{mapping.model_dump_json(by_alias=True)}\n{self._used.digest if self._used else ''}"
        self._feeds = feeds_of(connection, self._plan, site, hashlib.sha256(basis.encode()).hexdigest())
        connection.execute(
            "update erp.load set status = 'failed', finished_at = clock_timestamp(), report = %s::jsonb"
            " where source_system = %s and site = %s and status = 'running'",
            ('{"error": "it was interrupted; the next reading went on where it was"}', mapping.source, site),
        )
        connection.commit()

    async def read(
        self,
        part: str,
        belongs: Callable[[SourceRow], bool] | None,
        anew: bool,
        whole_after: timedelta,
        progress: Progress,
    ) -> None:
        """Read one part to its end, or note why not."""
        feed, capability = self._feeds[part], Capability(part)
        is_incremental = capability in self._port.traits.incremental
        is_old = feed.whole_at is None or datetime.now(UTC) - feed.whole_at > whole_after
        done, difference = Applied(), ""
        try:
            mark = await self._mark(capability, feed, is_incremental=is_incremental)
            if mark and mark == feed.mark and not (anew or is_old):
                await _whole(self._unchanged, feed)
                self.parts.append(PartRead(part, 0, 0, 0, 0))
                return
            is_first = feed.number == 0 and not feed.is_adopting
            await _whole(self._begin, feed, anew or not is_incremental or is_old)
            writer = await _whole(self._writer, feed, is_first)
            pages = _looked_at(writer, self._port.pages(capability, feed.cursor), belongs)
            async with contextlib.aclosing(_ahead(pages)) as ahead:  # type: ignore[type-var]
                is_last = False
                async for looked in ahead:
                    done.add(await _whole(self._apply, writer, feed, looked))
                    progress(part, done.read)
                    is_last = looked.page.is_last
            if not is_last:
                raise ErpUnavailable(f"reading {part} of {self._port.traits.system} was cut short")
            await _whole(self._end, writer, feed, done, is_incremental, mark)
            if isinstance(self._port, Counting):
                standing = await self._port.standing(capability)
                difference = await _whole(self._compare, feed, standing)
        except StoreUnavailable:
            raise
        except (ErpUnavailable, ErpRefused, CapabilityMissing, ImportFailed) as error:
            await self._failed(feed, done, str(error), _remedy(error))
        except psycopg.Error as error:
            translated = translate(error)
            if isinstance(translated, StoreUnavailable):
                raise translated from error
            await self._failed(feed, done, str(translated), _MEND)
        else:
            self.parts.append(
                PartRead(part, done.read, done.written, done.gone, done.aside, difference=difference)
            )

    async def _mark(self, capability: Capability, feed: Feed, *, is_incremental: bool) -> str:
        """Of everything that is about to be read, asked for before: what changes meanwhile is read next."""
        if is_incremental or feed.is_reading or not isinstance(self._port, Marking):
            return ""
        return await self._port.mark(capability)

    def _unchanged(self, feed: Feed) -> None:
        unchanged(self._connection, feed, datetime.now(UTC))
        self._connection.commit()

    async def _failed(self, feed: Feed, done: Applied, problem: str, remedy: str) -> None:
        self.parts.append(PartRead(feed.part, done.read, done.written, done.gone, done.aside, problem))

        def note() -> None:
            self._connection.rollback()
            fail(self._connection, feed, datetime.now(UTC), problem, remedy)
            self._connection.commit()

        await _whole(note)

    def _begin(self, feed: Feed, is_whole: bool) -> None:
        begin(self._connection, feed, datetime.now(UTC), is_whole=is_whole)
        self._connection.commit()

    def _writer(self, feed: Feed, is_first: bool) -> PageWriter:
        kept = KeptRows(
            self._connection, self._plan, {p: f.id for p, f in self._feeds.items()}, self._site, self._rules
        )
        writer = PageWriter(
            self._connection,
            self._plan,
            feed.part,
            feed.id,
            kept,
            self._targets,
            self._site,
            self._port.traits.system,
            self._load,
        )
        writer.prepare(is_first=is_first)
        self._connection.commit()
        return writer

    def _apply(self, writer: PageWriter, feed: Feed, looked: Looked) -> Applied:
        done = writer.apply(looked, number=feed.number, is_whole=feed.is_whole, is_adopting=feed.is_adopting)
        if done.has_changed:
            self._started_load()
        advance(self._connection, feed, looked.page.cursor, done.months, changed=done.has_changed)
        self._connection.commit()
        return done

    def _started_load(self) -> None:
        """What rows name as their load is there with the first of them."""
        self._connection.execute(
            "insert into erp.load (load_id, source_system, site, started_at, status)"
            " values (%s, %s, %s, %s, 'running') on conflict do nothing",
            (self._load, self._plan.mapping.source, self._site.code, self._started),
        )

    def _end(self, writer: PageWriter, feed: Feed, done: Applied, is_incremental: bool, mark: str) -> None:
        connection = self._connection
        writer.index()
        if feed.is_whole:
            remove_missed(connection, writer, feed, done, accepts=self._removals)
            if feed.is_adopting:
                remove_unmet(connection, self._plan, self._site.code, feed)
                feed.is_unsettled = feed.changed = True
        # Rows that are to be looked at again are, though the source be the same.
        is_done = not mark or connection.execute(_LEFT, (feed.id,)).fetchone() == (False,)
        finish(connection, feed, is_incremental=is_incremental, mark=mark if is_done else "")
        connection.commit()
        if feed.changed:
            self._looked_at |= {stage.spec.record for stage in writer.stages}
        for stage in writer.stages:
            for rule, codes in stage.codes.items():
                self._codes.setdefault(rule, Counter()).update(codes)

    def _compare(self, feed: Feed, standing: Standing) -> str:
        """How what is kept differs from what the source says; empty where it does not."""
        counted = self._connection.execute(_COMPARE, (standing.rows, standing.total, feed.id)).fetchone()
        assert counted is not None
        found = difference(counted[0], counted[1], standing.rows, standing.total)
        if found and not feed.is_whole:
            # Something went that the source does not tell: reading everything finds it.
            self._connection.execute("update erp.sync_feed set whole_at = null where feed = %s", (feed.id,))
        self._connection.commit()
        return found

    def close(self, began: float) -> LoadReport | None:
        """Bring up to date what depends on several rows; the report, where anything has changed."""
        connection, mapping, site = self._connection, self._plan.mapping, self._site.code
        if not any(feed.is_unsettled for feed in self._feeds.values()):
            connection.execute(
                "update erp.site set as_of = greatest(as_of, %s) where site = %s", (self._started, site)
            )
            connection.commit()
            return None
        self._started_load()
        describe_site(connection, self._site, mapping.source, self._load, self._started)
        settling = Settling(
            connection, self._plan, self._feeds, self._targets, self._site, self._rules, self._load
        )
        self._looked_at.update(settling.settle())
        before = connection.execute(
            "select report from erp.load where source_system = %s and site = %s and status = 'loaded'"
            " and report ? 'checksum' order by finished_at desc limit 1",
            (mapping.source, site),
        ).fetchone()
        report = report_of(
            connection,
            mapping,
            site,
            self._feeds,
            load=self._load,
            as_of=self._started,
            seconds=round(time.monotonic() - began, 3),
            looked_at=self._looked_at,
            before=None if before is None else LoadReport.model_validate(before[0]),
            rules=self._used,
            codes=self._codes,
        )
        connection.execute(
            "update erp.load set status = 'loaded', finished_at = clock_timestamp(), rows = %s, as_of = %s,"
            " report = %s::jsonb where load_id = %s",
            (report.loaded, report.as_of, report.model_dump_json(), self._load),
        )
        connection.commit()
        return report


def _remedy(error: ErpError) -> str:
    match error:
        case ErpRefused():
            return "Mend what it says, there or in its file; the next reading goes on with it."
        case CapabilityMissing():
            return "Take the part out of the mapping, or use a system that has it."
        case ImportFailed():
            return _MEND
        case _:
            return _AGAIN


async def _looked_at(
    writer: PageWriter, pages: AsyncIterator[Page], belongs: Callable[[SourceRow], bool] | None
) -> AsyncIterator[Looked]:
    """The pages with what can be said of them before they are written."""
    try:
        async for page in pages:
            rows = page.rows if belongs is None else tuple(filter(belongs, page.rows))
            yield await asyncio.to_thread(writer.looked_at, page, rows)
    finally:
        close = getattr(pages, "aclose", None)
        if close is not None:
            await close()


async def _ahead(pages: AsyncIterator[Looked]) -> AsyncIterator[Looked]:
    """The same pages, the next of which is read while one is being written."""
    following = asyncio.ensure_future(_next(pages))
    try:
        while (looked := await following) is not None:
            if not looked.page.is_last:
                following = asyncio.ensure_future(_next(pages))
            yield looked
            if looked.page.is_last:
                return
    finally:
        if not following.done():
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError, ErpError):
                await following
        elif not following.cancelled():
            # Nobody asks any more; what went wrong is not to be reported as forgotten.
            following.exception()
        close = getattr(pages, "aclose", None)
        if close is not None:
            await close()


async def _next(pages: AsyncIterator[Looked]) -> Looked | None:
    return await anext(pages, None)


async def _whole(step: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """A step in a thread, which is always let end: its commit could still come otherwise."""
    work = asyncio.ensure_future(asyncio.to_thread(step, *args, **kwargs))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()
        raise


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise translate(error) from error
