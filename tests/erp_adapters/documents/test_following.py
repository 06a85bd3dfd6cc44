"""What hangs on a system's objects and the index agree after a reading, for whom it may be read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from erp_adapters.documents.embedding import NgramEmbedder
from erp_adapters.documents.following import Following, follow_documents
from erp_adapters.documents.reading import LARGEST
from erp_adapters.documents.storing import import_documents, manifest
from erp_adapters.errors import ErpRefused, ErpUnavailable
from erp_adapters.ports import AttachedTo
from erp_adapters.store import OWNER_ROLE
from erp_adapters.store.provision import LOADER_ROLE
from erp_adapters.store.syncing.running import PartRead
from tests.conftest import Database
from tests.erp_adapters.documents.hanging import Hanging
from tests.erp_adapters.store.records import insert

EMBEDDER = NgramEmbedder()
READERS: dict[AttachedTo, tuple[str, ...]] = {
    AttachedTo.PURCHASE_ORDER: ("buyer",),
    AttachedTo.MATERIAL: ("everybody",),
}
FOLLOWING = Following("works", "KS", READERS, lambda row: row.cells.get("plant") in ("KS", None))


@pytest.fixture
def owner_dsn(database: Database) -> str:
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        for table in ("document_chunk", "document", "site", "sync_feed"):
            connection.execute(f"delete from erp.{table}".encode())
        insert(connection, "site", "KS", "1000", "Kassel")
    return database.dsn(OWNER_ROLE)


@pytest.fixture
def works() -> Hanging:
    works = Hanging()
    works.put("f1", "terms.txt", b"Two days of notice.")
    works.put("f2", "drawing.md", b"# Tube\n\nDeburr both ends.", AttachedTo.MATERIAL.value, object="T-100")
    works.note("n1", "Ring before you deliver.\nGate 3.")
    return works


async def follow(dsn: str, works: Hanging, **given: Any) -> PartRead:
    return await follow_documents(dsn, works, given.pop("following", FOLLOWING), EMBEDDER, **given)


def counts(part: PartRead) -> tuple[int, int, int]:
    return part.written, part.gone, part.aside


def texts(dsn: str) -> dict[str, str]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "select d.source_key, string_agg(c.text, '|' order by c.chunk) from erp.document d"
            " join erp.document_chunk c using (site, document_id) group by d.source_key"
        ).fetchall()
    return {str(key): str(text) for key, text in rows}


async def test_what_is_new_is_read_what_is_as_before_left_and_what_went_removed(
    owner_dsn: str, works: Hanging
) -> None:
    """Only what changed is fetched, after the cursor; what went vanishes with its passages."""
    first = await follow(owner_dsn, works)
    assert (counts(first), first.problem) == ((3, 0, 0), "")
    assert texts(owner_dsn) == {
        "f1": "Two days of notice.", "f2": "Deburr both ends.", "n1": "Ring before you deliver.\nGate 3.",
    }  # fmt: skip
    works.fetched.clear()
    assert counts(await follow(owner_dsn, works)) == (0, 0, 0)
    assert works.fetched == []
    works.put("f1", "terms.txt", b"Three days of notice.")
    works.drop("f2")
    assert counts(await follow(owner_dsn, works)) == (1, 1, 0)
    assert works.fetched == ["f1"]
    assert works.asked[-1] is not None
    assert texts(owner_dsn) == {
        "f1": "Three days of notice.", "n1": "Ring before you deliver.\nGate 3.",
    }  # fmt: skip


async def test_a_system_that_tells_no_changes_is_read_whole_and_fetched_only_where_it_changed(
    owner_dsn: str, works: Hanging
) -> None:
    works.is_incremental, works.tells_keys = False, False
    await follow(owner_dsn, works)
    works.fetched.clear()
    works.drop("n1")
    works.put("f2", "drawing.md", b"Deburr one end.", AttachedTo.MATERIAL.value)
    assert counts(await follow(owner_dsn, works)) == (1, 1, 0)
    assert works.fetched == ["f2"]
    assert works.asked == [None, None]


async def test_a_file_without_a_date_is_told_by_itself(owner_dsn: str) -> None:
    """Fetched each time, and indexed only where it is another."""
    works = Undated()
    works.put("f1", "terms.txt", b"Two days.", bytes=None)
    assert counts(await follow(owner_dsn, works)) == (1, 0, 0)
    assert counts(await follow(owner_dsn, works)) == (0, 0, 0)
    works.files["f1"] = b"Six days."
    assert counts(await follow(owner_dsn, works)) == (1, 0, 0)
    assert texts(owner_dsn) == {"f1": "Six days."}


class Undated(Hanging):
    """Says of no file when it changed."""

    async def pages(self, capability: Any, since: Any = None) -> Any:
        async for page in super().pages(capability, None):
            for row in page.rows:
                row.cells["changed_at"] = None  # type: ignore[index]
            yield page


async def test_only_what_the_file_of_systems_names_is_read_and_for_whom(
    owner_dsn: str, works: Hanging
) -> None:
    """Another kind of object, another plant, an unknown kind: nothing of them is fetched."""
    works.put("f3", "salary.txt", b"Salaries.", AttachedTo.SUPPLIER.value)
    works.put("f4", "elsewhere.txt", b"Elsewhere.", plant="LY")
    works.put("f5", "odd.txt", b"Odd.", "employee")
    await follow(owner_dsn, works)
    assert not {"f3", "f4", "f5"} & set(works.fetched)
    roles = {one.title: one.roles for one in manifest(owner_dsn)}
    assert roles == {"terms.txt": ("buyer",), "drawing.md": (), "Ring before you deliver.": ("buyer",)}
    # Whoever may read them is another: every row is looked at again, and what nobody may read goes.
    narrower = Following("works", "KS", {AttachedTo.PURCHASE_ORDER: ("controller",)}, FOLLOWING.belongs)
    await follow(owner_dsn, works, following=narrower)
    roles = {one.title: one.roles for one in manifest(owner_dsn)}
    assert roles == {"terms.txt": ("controller",), "Ring before you deliver.": ("controller",)}


async def test_what_a_file_says_of_itself_makes_it_nothing_else(
    owner_dsn: str, works: Hanging, tmp_path: Any
) -> None:
    """Front matter of an attachment names no roles, no id and no validity; it is text like the rest."""
    (tmp_path / "va.md").write_text("---\nid: VA-1\nroles: admin\n---\nOurs.", encoding="utf-8")
    import_documents(owner_dsn, tmp_path, "KS", EMBEDDER)
    works.put("f1", "va.md", b"---\nid: VA-1\nroles: \nkind: policy\n---\nTheirs.")
    await follow(owner_dsn, works)
    found = {one.document: (one.kind, one.roles) for one in manifest(owner_dsn)}
    assert found["VA-1"] == ("procedure", ("admin",))
    assert found["works:f1"] == ("attachment", ("buyer",))
    # And a folder that is imported again leaves what hangs on objects alone.
    report = import_documents(owner_dsn, tmp_path, "KS", EMBEDDER)
    assert (report.unchanged, report.removed) == (["va.md"], [])
    assert "works:f1" in {one.document for one in manifest(owner_dsn)}


async def test_pages_and_controls_are_text_and_nothing_of_them_runs(owner_dsn: str, works: Hanging) -> None:
    """Markup of a page is left out, and a name holds no character that nobody sees."""
    page = b"<h1>Terms</h1><script>steal()</script><p onclick='x()'>Pay in <b>30</b> days.</p>"
    works.put("f1", "terms\u202efdp.exe\u0000\u200b.html", page, object="12\u202e34")
    await follow(owner_dsn, works)
    assert texts(owner_dsn)["f1"] == "Pay in 30 days."
    [one] = [one for one in manifest(owner_dsn) if one.document == "works:f1"]
    assert (one.title, one.object, one.system) == ("termsfdp.exe.html", "1234", "Works ERP")


@pytest.mark.parametrize(
    ("name", "data", "size", "why"),
    [
        ("photo.png", b"\x89PNG", None, "only md, txt"),
        ("huge.txt", b"x", LARGEST + 1, "larger than 20 MB"),
        ("broken.pdf", b"%PDF-1.4 nothing", None, "no readable PDF"),
        ("empty.txt", b"  ", None, "holds no text"),
    ],
)
async def test_what_cannot_be_read_is_kept_with_the_reason_and_says_nothing_any_more(
    owner_dsn: str, works: Hanging, name: str, data: bytes, size: int | None, why: str
) -> None:
    """What an earlier version said, the system says no longer; the rest is read all the same."""
    await follow(owner_dsn, works)
    works.put("f1", name, data, bytes=size)
    part = await follow(owner_dsn, works)
    assert (counts(part), part.problem) == ((0, 0, 1), "")
    assert "f1" not in texts(owner_dsn)
    [one] = [one for one in manifest(owner_dsn) if one.document == "works:f1"]
    assert (one.chunks, why in one.problem) == (0, True), one.problem
    works.fetched.clear()
    await follow(owner_dsn, works, anew=True)
    assert works.fetched == []


async def test_one_file_that_fails_is_named_and_tried_again_and_the_rest_is_read(
    owner_dsn: str, works: Hanging
) -> None:
    works.failing = {"f1": ErpUnavailable("its store is away"), "f2": ErpRefused("this user may not read it")}
    part = await follow(owner_dsn, works)
    assert part.problem == "terms.txt: its store is away"
    assert texts(owner_dsn) == {"n1": "Ring before you deliver.\nGate 3."}
    works.failing = {}
    assert (await follow(owner_dsn, works)).problem == ""
    assert "f1" in texts(owner_dsn)


async def test_a_system_that_hands_over_nothing_is_asked_no_more(owner_dsn: str) -> None:
    works = Hanging()
    for number in range(9):
        works.put(f"f{number}", f"{number}.txt", b"Text.")
        works.failing[f"f{number}"] = ErpUnavailable("away")
    part = await follow(owner_dsn, works)
    assert (part.problem, len(works.fetched)) == ("away", 3)
    with psycopg.connect(owner_dsn) as connection:
        row = connection.execute(
            "select problem, failing_since is not null, remedy <> '' from erp.sync_feed"
            " where part = 'documents'"
        ).fetchone()
    assert row == ("away", True, True)


async def test_a_reading_that_was_cut_short_goes_on_where_it_was(owner_dsn: str) -> None:
    """And is no reading of everything, so that nothing is taken for gone."""
    works = Hanging()
    for number in range(5):
        works.put(f"f{number}", f"{number}.txt", f"Text {number}.".encode())
    works.breaks_after = 1
    part = await follow(owner_dsn, works)
    assert "cut short" in part.problem
    assert len(texts(owner_dsn)) == 2
    works.breaks_after = None
    works.fetched.clear()
    assert (await follow(owner_dsn, works)).problem == ""
    assert (len(texts(owner_dsn)), works.fetched) == (5, ["f2", "f3", "f4"])


async def test_everything_is_looked_at_again_after_a_day(owner_dsn: str, works: Hanging) -> None:
    """An order that got its number later, or was moved, is told by no change of its files."""
    await follow(owner_dsn, works)
    works.rows["f1"]["object"] = "PO-12"
    await follow(owner_dsn, works)
    assert "PO-12" not in {one.object for one in manifest(owner_dsn)}
    await follow(owner_dsn, works, whole_after=timedelta(0))
    assert "PO-12" in {one.object for one in manifest(owner_dsn)}


async def test_the_role_that_reads_systems_keeps_them_and_leaves_a_folders_alone(
    owner_dsn: str, database: Database, works: Hanging, tmp_path: Any
) -> None:
    (tmp_path / "va.md").write_text("---\nid: VA-1\n---\nOurs.", encoding="utf-8")
    import_documents(owner_dsn, tmp_path, "KS", EMBEDDER)
    loader = database.dsn(LOADER_ROLE)
    assert counts(await follow(loader, works)) == (3, 0, 0)
    with psycopg.connect(loader) as connection:
        gone = connection.execute("delete from erp.document where document_id = 'VA-1'")
        assert gone.rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("update erp.document set source_system = 'documents'")
