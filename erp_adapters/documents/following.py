"""What hangs on objects of a connected system, in the index: changed files are read anew, gone ones go."""

from __future__ import annotations

import asyncio
import hashlib
import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeAlias

import psycopg

from erp_adapters.documents.document import DocumentCard, OpenedFile, Origin, ReadText
from erp_adapters.documents.embedding import Embedder
from erp_adapters.documents.languages import language_of_text
from erp_adapters.documents.reading import LARGEST, LONGEST, read
from erp_adapters.documents.storing import removed, replaced
from erp_adapters.errors import (
    CapabilityMissing,
    ErpError,
    ErpRefused,
    ErpUnavailable,
    RecordNotFound,
    SourceUnreadable,
    StoreUnavailable,
)
from erp_adapters.ports import (
    AttachedTo,
    Capability,
    Cursor,
    DocumentPort,
    ReadPort,
    SourceRow,
    text_of,
)
from erp_adapters.store.failures import translated
from erp_adapters.store.people import EVERYBODY
from erp_adapters.store.replacing import let_go, take_lock
from erp_adapters.store.syncing.running import PartRead

PART: Final = Capability.DOCUMENTS.value
_LONGEST_NAME: Final = 200
_IN_A_ROW: Final = 3
"""Files that cannot be fetched one after the other, after which the system is not asked for more."""
_REMEDY: Final = "The next reading tries it again; `plantwright doctor` says whether the system answers."
_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
_OPEN: Final = """
insert into erp.sync_feed as f (source_system, site, part, basis, tried_at, began_at, is_unsettled)
values (%(source)s, %(site)s, 'documents', %(basis)s, now(), now(), false)
on conflict (site, source_system, part) do update
set tried_at = now(), began_at = now(), basis = excluded.basis, is_unsettled = false,
    is_reading = f.is_reading and not %(anew)s,
    cursor = case when f.basis = excluded.basis then f.cursor end,
    is_whole = f.basis <> excluded.basis or (f.is_reading and f.is_whole) or f.cursor is null or %(anew)s
               or f.whole_at is null or f.whole_at < now() - %(whole_after)s
returning feed, cursor, is_reading, is_whole
"""
_END: Final = """
update erp.sync_feed set is_reading = false, cursor = %(cursor)s, read_at = began_at, rows = %(rows)s,
    whole_at = case when is_whole and %(problem)s = '' then began_at when %(problem)s = '' then whole_at end,
    failing_since = case when %(problem)s <> '' then coalesce(failing_since, now()) end,
    problem = %(problem)s, remedy = case when %(problem)s <> '' then %(remedy)s else '' end,
    due_since = case when due_since > began_at then due_since end
where feed = %(feed)s
"""


class Documents(ReadPort, DocumentPort, Protocol):
    """A read port of a system that has documents."""


@dataclass(frozen=True, slots=True)
class Following:
    """What is read of a system for one site, and who may read it."""

    source: str
    """Name of the system in the store."""
    site: str
    readers: Mapping[AttachedTo, tuple[str, ...]]
    """Roles that may read what hangs on each kind of object; what hangs on any other is not read."""
    belongs: Callable[[SourceRow], bool] | None = None
    """Whether a row is the site's; without it all are."""

    def roles(self, row: SourceRow) -> tuple[str, ...] | None:
        """Who may read it; None where nobody may, so that it is not read."""
        if self.belongs is not None and not self.belongs(row):
            return None
        about = row.cells.get("about")
        if not isinstance(about, str) or about not in {each.value for each in AttachedTo}:
            return None
        roles = self.readers.get(AttachedTo(about))
        return roles if roles is None or EVERYBODY not in roles else ()


async def follow_documents(
    owner_dsn: str,
    port: Documents,
    following: Following,
    embedder: Embedder,
    *,
    anew: bool = False,
    whole_after: timedelta = timedelta(days=1),
) -> PartRead:
    """Make the index of a site hold what hangs on a system's objects; each file in a transaction of its own.

    A file that cannot be read is kept with the reason and without passages: what an earlier one said, the
    system says no longer. A reading that is cut short goes on after the last page that was kept.

    Raises:
        ImportRunning: another reading of this source's documents is under way.
        StoreUnavailable: the database does not answer.
    """
    with translated():
        connection: _Connection = await asyncio.to_thread(
            lambda: psycopg.connect(owner_dsn, autocommit=True, connect_timeout=15)
        )
        try:
            job = await asyncio.to_thread(_Job, connection, port, following, embedder, anew, whole_after)
            try:
                await job.read()
            except StoreUnavailable:
                raise
            except (ErpUnavailable, ErpRefused, CapabilityMissing) as error:
                return await asyncio.to_thread(job.failed, error)
            return await asyncio.to_thread(job.ended)
        finally:
            await asyncio.to_thread(let_go, connection)


class _Job:
    def __init__(
        self,
        connection: _Connection,
        port: Documents,
        following: Following,
        embedder: Embedder,
        anew: bool,
        whole_after: timedelta,
    ) -> None:
        self._connection, self._port, self._of, self._embedder = connection, port, following, embedder
        self._is_incremental = Capability.DOCUMENTS in port.traits.incremental
        names = {"source": following.source, "site": following.site}
        take_lock(connection, f"documents of {following.source}", following.site, until="close")
        self._feed, cursor, is_reading, is_whole = self._row(
            _OPEN,
            {**names, "basis": self._basis(), "anew": anew, "whole_after": whole_after},
        )
        goes_on = self._is_incremental and cursor and (is_reading or not is_whole)
        self._cursor: Cursor | None = Cursor(str(cursor)) if goes_on else None
        connection.execute(
            "update erp.sync_feed set is_reading = true, cursor = %s where feed = %s",
            (self._cursor, self._feed),
        )
        # As files of a folder: what another embedder made vectors of is read anew.
        found = connection.execute(
            "select d.source_key, case when d.chunks = 0 or exists ("
            " select from erp.document_chunk c where c.site = d.site and c.document_id = d.document_id"
            " and (c.embedder, c.embedder_version) = (%(embedder)s, %(version)s)) then d.sha256 else '' end"
            " from erp.document d where d.source_system = %(source)s and d.site = %(site)s",
            {**names, "embedder": embedder.name, "version": embedder.version},
        ).fetchall()
        self._known = {str(key): str(digest) for key, digest in found}
        self._met: set[str] = set()
        self._read = self._written = self._gone = self._aside = 0
        self._failed: list[str] = []
        self._in_a_row = 0

    def _row(self, statement: str, names: Mapping[str, object]) -> tuple[Any, ...]:
        row = self._connection.execute(statement.encode(), names).fetchone()
        assert row is not None, "it was just written"
        return row

    def _basis(self) -> str:
        """By what rows became documents: where it is another, every row is looked at again."""
        readers = {about.value: sorted(roles) for about, roles in self._of.readers.items()}
        held = [readers, self._embedder.name, self._embedder.version, self._port.traits.system]
        return _digest(held)

    async def read(self) -> None:
        """Read what changed, and notice what went."""
        is_last = False
        async for page in self._port.pages(Capability.DOCUMENTS, self._cursor):
            for row in page.rows:
                await self._follow(row)
            for key in page.deleted:
                await asyncio.to_thread(self._forget, key)
            self._cursor, is_last = page.cursor or None, page.is_last
            if self._is_incremental:
                await asyncio.to_thread(self._keep_place)
        if not is_last:
            raise ErpUnavailable(f"reading {PART} of {self._port.traits.system} was cut short")
        there = await self._port.document_keys()
        if there is None and not self._is_incremental:
            there = frozenset(self._met)
        for key in sorted(self._known.keys() - there) if there is not None else ():
            await asyncio.to_thread(self._forget, key)

    async def _follow(self, row: SourceRow) -> None:
        self._read += 1
        self._met.add(row.key)
        roles = self._of.roles(row)
        if roles is None:
            if row.key in self._known:
                await asyncio.to_thread(self._forget, row.key)
            return
        digest = _digest([{name: text_of(cell) for name, cell in row.cells.items()}, sorted(roles)])
        is_dated = row.cells.get("is_note") is True or row.cells.get("changed_at") is not None
        if is_dated and self._known.get(row.key) == digest:
            return
        try:
            data = await self._content(row)
            # Where the system does not say when a file changed, only the file itself tells.
            digest = digest if is_dated else _digest([digest, hashlib.sha256(data).hexdigest()])
            if self._known.get(row.key) == digest:
                return
            one = await asyncio.to_thread(_opened, self._blank(row, roles, digest), data)
        except RecordNotFound:
            await asyncio.to_thread(self._forget, row.key)
            return
        except (ErpRefused, SourceUnreadable) as error:
            one = _unread(self._blank(row, roles, digest), str(error))
        except ErpUnavailable as error:
            self._failed.append(f"{_name_of(row)}: {error}")
            self._in_a_row += 1
            if self._in_a_row >= _IN_A_ROW:
                raise
            return
        self._in_a_row = 0
        await asyncio.to_thread(self._store, one)

    async def _content(self, row: SourceRow) -> bytes:
        if row.cells.get("is_note") is True:
            return text_of(row.cells.get("text")).encode()
        size = row.cells.get("bytes")
        if isinstance(size, int) and size > LARGEST:
            raise SourceUnreadable(f"{_name_of(row)}: larger than {LARGEST // 1024**2} MB; split it")
        return await self._port.content(row.key, LARGEST)

    def _blank(self, row: SourceRow, roles: tuple[str, ...], digest: str) -> OpenedFile:
        """The document without its text."""
        changed_at = row.cells.get("changed_at")
        origin = Origin(
            source=self._of.source,
            key=row.key,
            system=self._port.traits.system,
            kind="note" if row.cells.get("is_note") is True else "attachment",
            about=text_of(row.cells.get("about")),
            object=_shown(text_of(row.cells.get("object"))),
            changed_at=changed_at if isinstance(changed_at, datetime) else None,
        )
        card = DocumentCard(title=_name_of(row), roles=roles)
        document = f"{self._of.source}:{row.key}"
        return OpenedFile(
            _shown(text_of(row.cells.get("name"))), digest, document, card, ReadText(""), origin
        )

    def _store(self, one: OpenedFile) -> None:
        with self._connection.transaction():
            replaced(self._connection, self._of.site, one, self._embedder)
        self._known[one.origin.key] = one.sha256
        self._written += not one.origin.problem
        self._aside += bool(one.origin.problem)

    def _forget(self, key: str) -> None:
        if self._known.pop(key, None) is None:
            return
        with self._connection.transaction():
            removed(self._connection, self._of.site, f"{self._of.source}:{key}", self._of.source)
        self._gone += 1

    def _keep_place(self) -> None:
        self._connection.execute(
            "update erp.sync_feed set cursor = %s where feed = %s", (self._cursor, self._feed)
        )

    def ended(self) -> PartRead:
        """Note that everything was read, or which files were not."""
        return self._noted("; ".join(self._failed))

    def failed(self, error: ErpError) -> PartRead:
        """Note why it was not read to its end, since when, and what can be done."""
        self._connection.execute(
            "update erp.sync_feed set failing_since = coalesce(failing_since, now()), problem = %s,"
            " remedy = %s where feed = %s",
            (str(error)[:2000], _REMEDY, self._feed),
        )
        return self._part(str(error))

    def _noted(self, problem: str) -> PartRead:
        names = {
            "cursor": self._cursor if self._is_incremental else None,
            "rows": len(self._known),
            "problem": problem[:2000],
            "remedy": _REMEDY,
            "feed": self._feed,
        }
        self._connection.execute(_END.encode(), names)
        return self._part(problem)

    def _part(self, problem: str) -> PartRead:
        return PartRead(PART, self._read, self._written, self._gone, self._aside, problem)


def _opened(blank: OpenedFile, data: bytes) -> OpenedFile:
    """The document with its text; what it says of itself at its beginning is text like the rest.

    Raises:
        SourceUnreadable: it cannot be read; says the remedy.
    """
    if blank.origin.kind == "note":
        text = ReadText(data.decode().replace("\0", "").replace("\r\n", "\n").replace("\r", "\n"))
        if not text.text.strip():
            raise SourceUnreadable("an empty note")
        if len(text.text) > LONGEST:
            raise SourceUnreadable(f"longer than {LONGEST:,} characters")
    else:
        text = read(data, blank.file)
    card = blank.card.model_copy(update={"language": language_of_text(text.text)})
    return replace(blank, text=text, card=card)


def _unread(blank: OpenedFile, problem: str) -> OpenedFile:
    origin = replace(blank.origin, problem=_shown(problem, 500))
    return replace(blank, origin=origin, card=blank.card.model_copy(update={"language": "en"}))


def _name_of(row: SourceRow) -> str:
    """A file's name; a note's first line."""
    name = _shown(text_of(row.cells.get("name")))
    first = text_of(row.cells.get("text")).strip().partition("\n")[0]
    return name or _shown(first, 80) or row.key


def _shown(text: str, most: int = _LONGEST_NAME) -> str:
    """A name from outside without characters that nobody sees, which could make it read as another."""
    kept = "".join(one for one in text if not unicodedata.category(one).startswith("C"))
    return " ".join(kept.split())[:most]


def _digest(held: object) -> str:
    return hashlib.sha256(json.dumps(held, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
