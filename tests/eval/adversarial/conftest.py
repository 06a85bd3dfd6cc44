"""The poisoned plants, open for a module's traces."""

from __future__ import annotations

import pytest

from erp_adapters.store import Store
from eval.adversarial.traces import Setting
from tests.eval.adversarial.stage import build
from tests.eval.adversarial.stage import setting as set_up


@pytest.fixture(scope="module")
def plants(owner_dsn: str) -> None:
    """Both plants with their canaries and poisoned names."""
    build(owner_dsn)


@pytest.fixture
async def setting(plants: None, store: Store) -> Setting:
    """Where the characters are let loose."""
    return await set_up(store)
