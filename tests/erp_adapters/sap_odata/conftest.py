"""A stand-in of SAP that each test finds as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.systems.sap_odata.server import Sap, serving


@pytest.fixture(scope="session")
def served() -> Iterator[Sap]:
    with serving() as sap:
        yield sap


@pytest.fixture
def sap(served: Sap) -> Sap:
    served.order("reset")
    return served
