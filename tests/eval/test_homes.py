"""Homes that questions are measured in are those of the version that measures."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from erp_adapters.store import OWNER_ROLE, EmbeddedPostgres, migrate
from erp_adapters.store.migrate import packaged_migrations
from eval.homes import folder_of, opened


@pytest.mark.slow
async def test_a_home_of_an_earlier_version_is_brought_up_to_date() -> None:
    """Otherwise every question fails for want of a table, and nothing says why."""
    with folder_of(None) as folder:
        home = folder / "demo"
        home.mkdir(mode=0o755)
        with EmbeddedPostgres(home / "postgres") as server:
            migrate(server.dsn(OWNER_ROLE), packaged_migrations()[:-1])
        (home / "filled").touch()
        async with opened(folder, "demo", Path(tempfile.gettempdir())) as place:
            assert migrate(place.owner) == ()
