"""What the database says becomes a remedy, and never quotes a row."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors
from psycopg_pool import PoolTimeout

from erp_adapters.errors import ErpError, StoreUnavailable
from erp_adapters.store.failures import translate


@pytest.mark.parametrize(
    ("error", "expected", "words"),
    [
        (errors.DiskFull("SECRET"), StoreUnavailable, "disk is full; free some space"),
        (errors.AdminShutdown("SECRET"), StoreUnavailable, "asked again"),
        (errors.CannotConnectNow("SECRET"), StoreUnavailable, "wait a moment"),
        (psycopg.OperationalError("SECRET"), StoreUnavailable, "asked again"),
        (PoolTimeout("SECRET"), StoreUnavailable, "overloaded"),
        (errors.QueryCanceled("SECRET"), ErpError, "took too long"),
        (errors.DivisionByZero("SECRET"), ErpError, "division by zero, 22012"),
        (errors.InvalidTextRepresentation("SECRET"), ErpError, "invalid text representation"),
        (errors.UniqueViolation("SECRET"), ErpError, "unique violation"),
        (errors.InsufficientPrivilege("SECRET"), ErpError, "does not allow"),
    ],
)
def test_each_failure_names_a_remedy_and_no_values(
    error: psycopg.Error, expected: type[ErpError], words: str
) -> None:
    told = translate(error)
    assert type(told) is expected
    assert words in str(told)
    assert "SECRET" not in str(told)
