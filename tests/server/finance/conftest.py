"""An office for the tests of jobs and webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.conftest import Database
from tests.server.finance.office import Office, Receiver, office, receiving


@pytest.fixture
async def finance(demo_apart: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder = tmp_path_factory.getbasetemp() / f"home-{demo_apart.name}"
    async with office(demo_apart, folder) as opened:
        yield opened


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened
