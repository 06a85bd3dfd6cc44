"""A database in one file and back again, with the packaged `pg_dump` and `pg_restore`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from erp_adapters.errors import ConfigurationError, StoreUnavailable
from erp_adapters.store.failures import translated
from erp_adapters.store.programs import packaged_binaries
from erp_adapters.store.provision import DATABASE, provision

_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


def back_up(admin_dsn: str, out: Path, database: str = DATABASE) -> int:
    """Write everything of the database to a new file that only its owner reads; its size in bytes.

    What was committed before it began is in it, and nothing later; whoever works meanwhile is not held up.

    Args:
        admin_dsn: a login that sees every row: a superuser, or one with BYPASSRLS.
        out: the file; under its name only once it is whole.
        database: which one.

    Raises:
        ConfigurationError: the file is there already or cannot be written.
        StoreUnavailable: the database does not answer, or the login may not read all of it.
    """
    if out.exists():
        raise ConfigurationError(f"{str(out)!r} is there already; name another file")
    part = out.with_name(f".{out.name}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _run("pg_dump", admin_dsn, database, "--format=custom", f"--file={part}")
        part.rename(out)
    except OSError as error:
        raise ConfigurationError(f"{str(out)!r} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return out.stat().st_size


def restore(admin_dsn: str, file: Path, database: str = DATABASE) -> None:
    """Put the file into a database that has nothing in it yet, with its roles; all of it or nothing.

    Raises:
        ConfigurationError: there is no such file, it is no backup, or the database is not empty.
        StoreUnavailable: the database does not answer.
    """
    if not file.is_file():
        raise ConfigurationError(f"there is no backup {str(file)!r}")
    provision(admin_dsn, database)
    with translated(), psycopg.connect(make_conninfo(admin_dsn, dbname=database)) as connection:
        if connection.execute("select to_regclass('public.plantwright_migration')").fetchone() != (None,):
            raise ConfigurationError(
                f"the database {database!r} is not empty; nothing is restored over what is there:"
                " name another home, or drop the database"
            )
    _run("pg_restore", admin_dsn, database, "--single-transaction", "--clean", "--if-exists", str(file))


def _run(program: str, admin_dsn: str, database: str, *arguments: str) -> None:
    # In the environment and not on the command line, which everybody on the machine can read.
    given = conninfo_to_dict(admin_dsn)
    reached = {variable: str(given[name]) for name, variable in _VARIABLES.items() if given.get(name)}
    done = subprocess.run(
        [packaged_binaries() / program, "--no-password", f"--dbname={database}", *arguments],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", **reached},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = [line for line in done.stderr.strip().splitlines() if line][:3]
        if any("does not appear to be a valid archive" in line for line in said):
            raise ConfigurationError("the file is no backup of `plantwright store backup`")
        raise StoreUnavailable(f"{program} failed: {'; '.join(said) or done.returncode}")
