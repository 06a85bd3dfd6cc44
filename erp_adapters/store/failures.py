"""The database's errors in this program's words: what failed and what to do, never what a row held."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg
from psycopg import errors
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from erp_adapters.errors import CopilotError, ErpError, StoreUnavailable

_AGAIN = "the question can be asked again once it is back"


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Errors of the driver leave the block as `ErpError` or `StoreUnavailable`."""
    try:
        yield
    except (psycopg.Error, PoolTimeout) as error:
        raise translate(error) from error


def translate(error: psycopg.Error) -> CopilotError:
    """The same failure as one of the program's own errors.

    Texts of data errors ("invalid input syntax for type integer: ...") quote values, so only their kind is
    passed on; texts about the statement itself (class 42) name columns and types, and are.
    """
    match error:
        case PoolTimeout() | TooManyRequests():
            return StoreUnavailable(f"the database does not answer or is overloaded; {_AGAIN}")
        case PoolClosed():
            return StoreUnavailable("the store has been closed; the program is ending")
        case errors.DiskFull():
            return StoreUnavailable("the database's disk is full; free some space on it, then ask again")
        case errors.OutOfMemory() | errors.TooManyConnections() | errors.CannotConnectNow():
            return StoreUnavailable(
                f"the database is out of room ({_kind(error)}); wait a moment and ask again"
            )
        case errors.QueryCanceled():
            return ErpError("the query took too long and was stopped; ask for a shorter period or fewer rows")
        case errors.SerializationFailure() | errors.DeadlockDetected() | errors.LockNotAvailable():
            return StoreUnavailable("another change was in the way; ask again")
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return StoreUnavailable(f"the connection to the database was lost; {_AGAIN}")
        case errors.InsufficientPrivilege() | errors.ReadOnlySqlTransaction():
            return ErpError("the store does not allow that statement")
    if error.sqlstate is not None and error.sqlstate.startswith("42"):
        return ErpError(f"the store did not understand a statement: {error.diag.message_primary}")
    return ErpError(f"the store could not compute that: {_kind(error)}")


def _kind(error: psycopg.Error) -> str:
    words = "".join(
        f" {letter.lower()}" if letter.isupper() else letter for letter in type(error).__name__
    ).strip()
    return f"{words}, {error.sqlstate}" if error.sqlstate else words
