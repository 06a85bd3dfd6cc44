"""What tests of channels share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Database
from tests.server.channels.office import Office, opened_office


@pytest.fixture
async def office(demo_apart: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office on a demo of this module's own."""
    home = tmp_path_factory.getbasetemp() / f"home-{demo_apart.name}"
    async with opened_office(demo_apart, home) as opened:
        yield opened
