"""A database behind a network that goes silent: it is told from one that takes long, and named."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from erp_adapters.errors import ErpUnavailable
from erp_adapters.ports import Capability
from erp_adapters.sql import SqlReader, SqlSource
from erp_adapters.store import OWNER_ROLE
from tests.conformance import sql_sources
from tests.conformance.silent_line import SilentLine, line_to
from tests.conftest import Database

_SILENCE_S = 1.0


@pytest.fixture
async def line(database: Database) -> AsyncIterator[tuple[SilentLine, SqlSource]]:
    """A line to a shop's database, and the source as it is read through it."""
    async with sql_sources.postgres(database):
        pass
    with closing(psycopg.connect(database.dsn(OWNER_ROLE))) as owner:
        host, port = owner.info.host, owner.info.port
    # A socket's path may have 100 characters.
    with TemporaryDirectory() as folder:
        url = f"postgresql:///{database.name}?host={folder}&port={port}&user={OWNER_ROLE}"
        async with line_to(Path(host), port, Path(folder)) as line:
            yield line, sql_sources.source(url, "shop.")


@pytest.mark.parametrize(
    ("falls_silent", "why"), [("all", "another connection gets none either"), ("one", "waits for this side")]
)
async def test_a_connection_that_brings_nothing_any_more_is_ended_and_named(
    line: tuple[SilentLine, SqlSource], falls_silent: str, why: str
) -> None:
    """In the middle of a reading, with every connection silent, or with this one while others are well."""
    through, source = line
    async with SqlReader.open(source, page=2, timeout_s=_SILENCE_S) as reader:
        pages = reader.pages(Capability.STOCK)
        assert len((await anext(pages)).rows) == 2
        if falls_silent == "all":
            through.is_silent = True
        else:
            through.forget()
        began = time.monotonic()
        with pytest.raises(ErpUnavailable, match=f"fallen silent: no answer for 1 s, and .*{why}"):
            await anext(pages)
        assert time.monotonic() - began < 20
        # What was ended stays so: whoever reads again opens it anew.
        with pytest.raises(ErpUnavailable):
            await reader.standing(Capability.STOCK)
    through.is_silent = False
    async with SqlReader.open(source, timeout_s=_SILENCE_S) as reader:
        assert (await reader.standing(Capability.STOCK)).rows == 3


async def test_a_query_that_takes_long_is_waited_for(line: tuple[SilentLine, SqlSource]) -> None:
    """As long as the server says that it is at work on it."""
    _, source = line
    table = source.tables[Capability.STOCK]
    slow = table.model_copy(
        update={"table": None, "select": "select s.* from shop.stock s, pg_sleep(3)", "changed": None}
    )
    source = source.model_copy(update={"tables": {Capability.STOCK: slow}})
    async with SqlReader.open(source, timeout_s=_SILENCE_S) as reader:
        [page] = [page async for page in reader.pages(Capability.STOCK)]
    assert len(page.rows) == 3
