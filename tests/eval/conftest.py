"""Expected values of the suites, from the files and from the stores of this test run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from erp_adapters.store import OWNER_ROLE
from eval.cases import Case, Suite
from eval.golden import Data, Golden, opened
from tests.conftest import ADVENTUREWORKS, Database

Expected = Callable[[Suite], Data]


@pytest.fixture(scope="session")
def of_adventureworks(adventureworks: Database) -> Iterator[Data]:
    """Files and store of AdventureWorks."""
    with opened(ADVENTUREWORKS, adventureworks.dsn(OWNER_ROLE)) as data:
        yield data


@pytest.fixture(scope="session")
def of_demo(demo: Database) -> Iterator[Data]:
    """The demo's store."""
    with opened(None, demo.dsn(OWNER_ROLE)) as data:
        yield data


@pytest.fixture(scope="session")
def expected(of_adventureworks: Data, of_demo: Data) -> Expected:
    """The data that a suite is about."""
    return lambda suite: of_adventureworks if suite.data == "adventureworks" else of_demo


def remembered(data: Data) -> Callable[[Case], Golden | None]:
    """Expected rows of a case, computed once."""
    known: dict[str, Golden | None] = {}

    def of(case: Case) -> Golden | None:
        if case.id not in known:
            known[case.id] = data.golden(case)
        return known[case.id]

    return of
