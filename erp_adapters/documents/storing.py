"""From a folder to the index: what is new is read, what is unchanged is left, what is gone is removed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
from psycopg.rows import dict_row

from erp_adapters.documents.chunking import passages
from erp_adapters.documents.document import SOURCE, OpenedFile, Passage
from erp_adapters.documents.embedding import Embedder, Vectors
from erp_adapters.documents.front_matter import card_of, parted, sidecar_of
from erp_adapters.documents.languages import language_of_text
from erp_adapters.documents.reading import LARGEST, READERS, read
from erp_adapters.errors import ConfigurationError, ImportRunning, SourceUnreadable
from erp_adapters.store.failures import translated
from erp_adapters.store.ids import new_id

_BATCH = 64
_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Indexed:
    """A document of the index."""

    site: str
    document: str
    title: str
    kind: str
    language: str
    file: str
    chunks: int
    roles: tuple[str, ...]
    system: str = ""
    """Of what hangs on an object of a connected system: what that is called; empty of a folder's."""
    about: str = ""
    """Kind of object that it hangs on."""
    object: str = ""
    problem: str = ""
    """Why nothing of it can be quoted."""


@dataclass(slots=True)
class ImportReport:
    """What became of a folder."""

    site: str
    embedder: str
    indexed: list[Indexed] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    """Files that are in the index as they are."""
    removed: list[str] = field(default_factory=list)
    """Documents whose files are gone."""
    refused: list[str] = field(default_factory=list)
    """What cannot be read, each with the remedy; the index keeps what it had of it."""

    @property
    def chunks(self) -> int:
        """Passages that were indexed now."""
        return sum(one.chunks for one in self.indexed)


def import_documents(
    owner_dsn: str,
    folder: Path,
    site: str,
    embedder: Embedder,
    *,
    roles: Sequence[str] = (),
    kept: bool = False,
    progress: Callable[[str], None] | None = None,
) -> ImportReport:
    """Make the index of a site hold what the folder holds; all of it or nothing.

    Args:
        owner_dsn: the role that owns the tables.
        roles: who may read the documents that name nobody themselves; everybody where none is given.
        kept: leave documents in the index whose files are not in this folder.
        progress: told the name of each file that is embedded.

    Raises:
        ConfigurationError: there is no such folder or site.
        ImportRunning: another import into this site has not finished.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"{str(folder)!r} is no folder")
    with translated(), psycopg.connect(owner_dsn) as connection:
        if not connection.execute("select 1 from erp.site where site = %s", (site,)).fetchone():
            known = [
                str(row[0]) for row in connection.execute("select site from erp.site order by 1").fetchall()
            ]
            raise ConfigurationError(f"there is no site {site!r}; there are {', '.join(known) or 'none'}")
        return store(connection, (folder,), site, embedder, roles=roles, kept=kept, progress=progress)


def store(
    connection: _Connection,
    folders: Sequence[Path],
    site: str,
    embedder: Embedder,
    *,
    roles: Sequence[str] = (),
    kept: bool = False,
    progress: Callable[[str], None] | None = None,
) -> ImportReport:
    """The same of several folders, whose files have different names, in the connection's transaction."""
    _lock(connection, site)
    report = ImportReport(site, f"{embedder.name} {embedder.version}")
    there = _manifest(connection, site, embedder)
    seen: set[str] = set()
    for folder, path in [(each, path) for each in folders for path in files_of(each)]:
        name = path.relative_to(folder).as_posix()
        try:
            digest = _digest(path, roles)
            if there.get(name, ("", ""))[1] == digest:
                report.unchanged.append(name)
                seen.add(there[name][0])
                continue
            one = opened(path, name, digest, roles)
            if one.document in seen:
                raise SourceUnreadable(f"{name}: another file of this folder has the id {one.document!r} too")
        except SourceUnreadable as exc:
            report.refused.append(str(exc))
            seen |= {there[name][0]} if name in there else set()
            continue
        if progress:
            progress(name)
        seen.add(one.document)
        report.indexed.append(replaced(connection, site, one, embedder))
    gone = [] if kept else [document for document, _ in there.values() if document not in seen]
    for document in gone:
        removed(connection, site, document, SOURCE)
    report.removed = sorted(gone)
    return report


def embed_again(
    owner_dsn: str, embedder: Embedder, progress: Callable[[int, int], None] | None = None
) -> int:
    """Give every passage a vector of this embedder, where it has one of another; how many there were."""
    with translated(), psycopg.connect(owner_dsn) as connection:
        found = connection.execute(
            "select site, document_id, chunk, heading, text from erp.document_chunk"
            " where (embedder, embedder_version) <> (%s, %s) order by 1, 2, 3",
            (embedder.name, embedder.version),
        ).fetchall()
        for at in range(0, len(found), _BATCH):
            rows = found[at : at + _BATCH]
            texts = [f"{heading}\n{text}" if heading else str(text) for *_, heading, text in rows]
            for row, vector in zip(rows, embedder.passages(texts), strict=True):
                connection.execute(
                    "update erp.document_chunk set embedding = %s::halfvec, embedder = %s,"
                    " embedder_version = %s where site = %s and document_id = %s and chunk = %s",
                    (vector_text(vector), embedder.name, embedder.version, *row[:3]),
                )
            if progress:
                progress(min(at + _BATCH, len(found)), len(found))
        return len(found)


@dataclass(frozen=True, slots=True)
class IndexState:
    """What a site's index holds."""

    site: str
    documents: int
    chunks: int
    embedder: str
    restricted: int
    """Documents that only some roles may read."""


def index_state(owner_dsn: str) -> tuple[IndexState, ...]:
    """The index of every site, a row for each embedder that made vectors of it."""
    with translated(), psycopg.connect(owner_dsn, row_factory=dict_row) as connection:
        rows = connection.execute(
            "select d.site, count(distinct d.document_id) as documents, count(c.chunk) as chunks,"
            " coalesce(c.embedder || ' ' || c.embedder_version, '') as embedder,"
            " count(distinct d.document_id) filter (where d.roles <> '{}') as restricted"
            " from erp.document d left join erp.document_chunk c using (site, document_id)"
            " group by d.site, 4 order by d.site, 4"
        ).fetchall()
    return tuple(IndexState(**row) for row in rows)


def manifest(owner_dsn: str, site: str | None = None) -> tuple[Indexed, ...]:
    """Every document of the index, with the file that it was read from."""
    with translated(), psycopg.connect(owner_dsn) as connection:
        rows = connection.execute(
            "select site, document_id, title, kind, language, file, chunks, roles, system, about, object,"
            " problem from erp.document where %(site)s::text is null or site = %(site)s"
            " order by site, document_id",
            {"site": site},
        ).fetchall()
    return tuple(
        Indexed(site, document, title, kind, language, file, chunks, tuple(roles), *origin)
        for site, document, title, kind, language, file, chunks, roles, *origin in rows
    )


def files_of(folder: Path) -> Iterator[Path]:
    """The documents of a folder and its sub-folders in the order of their names; links lead nowhere."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_symlink() or hidden or not path.is_file():
            continue
        if path.suffix == ".yaml" and path.with_suffix("").is_file():
            continue
        yield path


def vector_text(vector: Vectors) -> str:
    """A vector as the database reads it."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.reshape(-1).tolist()) + "]"


def _lock(connection: _Connection, site: str) -> None:
    digest = hashlib.sha256(f"documents {site}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    row = connection.execute("select pg_try_advisory_xact_lock(%s)", (number,)).fetchone()
    if row is None or not row[0]:
        raise ImportRunning(f"Documents of {site} are being imported already. This attempt changed nothing.")


def _manifest(connection: _Connection, site: str, embedder: Embedder) -> dict[str, tuple[str, str]]:
    """Document and digest by file; the digest is empty where another embedder made its vectors."""
    rows = connection.execute(
        "select d.file, d.document_id, case when exists ("
        " select from erp.document_chunk c where c.site = d.site and c.document_id = d.document_id"
        " and (c.embedder, c.embedder_version) = (%s, %s)) then d.sha256 else '' end"
        " from erp.document d where d.site = %s and d.source_system = %s",
        (embedder.name, embedder.version, site, SOURCE),
    ).fetchall()
    return {str(file): (str(document), str(digest)) for file, document, digest in rows}


def _digest(path: Path, roles: Sequence[str]) -> str:
    if path.stat().st_size > LARGEST:
        raise SourceUnreadable(f"{path.name}: larger than {LARGEST // 1024**2} MB; split it")
    digest = hashlib.sha256(path.read_bytes())
    if sidecar_of(path).is_file():
        digest.update(sidecar_of(path).read_bytes())
    digest.update(",".join(sorted(roles)).encode())
    return digest.hexdigest()


def opened(path: Path, name: str, digest: str, roles: Sequence[str]) -> OpenedFile:
    """A file with its card.

    Raises:
        SourceUnreadable: it cannot be read; says the remedy.
    """
    data = path.read_bytes()
    front = ""
    if path.suffix.lower() in (".md", ".txt"):
        try:
            front, body = parted(data.decode("utf-8-sig"))
            data = body.encode() if front else data
        except UnicodeDecodeError:
            pass
    if path.suffix.lower().lstrip(".") in READERS and sidecar_of(path).is_file():
        front = sidecar_of(path).read_text(encoding="utf-8", errors="replace")
    card = card_of(front, name)
    text = read(data, name)
    title = card.title or (text.headings[0].text if text.headings else path.stem)
    more = {
        "title": title,
        "language": card.language or language_of_text(text.text),
        "roles": card.roles or tuple(sorted(set(roles))),
    }
    return OpenedFile(name, digest, card.id or path.stem, card.model_copy(update=more), text)


def replaced(connection: _Connection, site: str, one: OpenedFile, embedder: Embedder) -> Indexed:
    """The document as it is now in the index, in the place of what was there of it."""
    removed(connection, site, one.document, one.origin.source)
    card, found = one.card, passages(one.text, one.card.title)
    origin = {
        "site": site,
        "source": one.origin.source,
        "load": new_id(),
        "document": one.document,
        "language": card.language,
        "roles": list(card.roles),
    }
    connection.execute(
        "insert into erp.document (site, source_system, source_key, load_id, document_id, kind, title,"
        " material_id, supplier_id, revision, written_on, language, valid_from, valid_to, roles, file,"
        " sha256, pages, characters, chunks, system, about, object, changed_at, problem)"
        " values (%(site)s, %(source)s, %(key)s, %(load)s, %(document)s, %(kind)s, %(title)s,"
        " %(material)s,"
        " %(supplier)s, %(revision)s, %(written_on)s, %(language)s, %(valid_from)s, %(valid_to)s, %(roles)s,"
        " %(file)s, %(sha256)s, %(pages)s, %(characters)s, %(chunks)s, %(system)s, %(about)s, %(object)s,"
        " %(changed_at)s, %(problem)s)",
        {
            **origin,
            "key": one.origin.key or one.file,
            "kind": one.origin.kind or card.kind,
            "title": card.title,
            "material": card.material or None,
            "supplier": card.supplier or None,
            "revision": card.revision or None,
            "written_on": card.written_on,
            "valid_from": card.valid_from,
            "valid_to": card.valid_to,
            "file": one.file,
            "sha256": one.sha256,
            "pages": len(one.text.pages) or None,
            "characters": len(one.text.text),
            "chunks": len(found),
            "system": one.origin.system,
            "about": one.origin.about,
            "object": one.origin.object,
            "changed_at": one.origin.changed_at,
            "problem": one.origin.problem,
        },
    )
    for at in range(0, len(found), _BATCH):
        some = found[at : at + _BATCH]
        vectors = embedder.passages([passage.searched for passage in some])
        rows = [
            {
                **origin,
                "embedder": embedder.name,
                "version": embedder.version,
                **_row(at + k, passage, vector),
            }
            for k, (passage, vector) in enumerate(zip(some, vectors, strict=True))
        ]
        connection.cursor().executemany(
            "insert into erp.document_chunk (site, source_system, source_key, load_id, document_id, chunk,"
            " text, embedder, embedder_version, embedding, roles, language, heading, page, first, after)"
            " values (%(site)s, %(source)s, %(key)s, %(load)s, %(document)s, %(chunk)s, %(text)s,"
            " %(embedder)s, %(version)s, %(vector)s::halfvec, %(roles)s, %(language)s, %(heading)s, %(page)s,"
            " %(first)s, %(after)s)",
            [{**row, "key": f"{one.document}#{row['first']}-{row['after']}"} for row in rows],
        )
    kind = one.origin.kind or card.kind
    return Indexed(site, one.document, card.title, kind, card.language, one.file, len(found), card.roles)


def _row(chunk: int, passage: Passage, vector: Vectors) -> dict[str, object]:
    return {
        "chunk": chunk,
        "text": passage.text,
        "vector": vector_text(vector),
        "heading": passage.heading,
        "page": passage.page,
        "first": passage.first,
        "after": passage.after,
    }


def removed(connection: _Connection, site: str, document: str, source: str) -> None:
    """Take a document of a source out of the index."""
    for table in ("document_chunk", "document"):
        connection.execute(
            f"delete from erp.{table} where site = %s and document_id = %s and source_system = %s".encode(),
            (site, document, source),
        )
