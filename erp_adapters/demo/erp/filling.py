"""The demo ERP's schema and master data, made from what the home has loaded; documents stay as they are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from importlib import resources
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from erp_adapters.errors import ConfigurationError, ErpUnavailable
from erp_adapters.store.failures import translated
from erp_adapters.store.provision import DEMO_ERP_ROLE
from erp_adapters.write import DuplicateStrength

SYSTEM = "demo_erp"
"""What evidence and the audit call it."""
_LOCK = 0x64656D6F

# Name of the table, its columns, and the rows as the store has them. Where people use a number and records an
# id, both are taken.
_MASTER: tuple[tuple[str, str, str], ...] = (
    (
        "plant",
        "plant, name, currency, today",
        "select site, name, currency, coalesce((as_of at time zone time_zone)::date, current_date)"
        " from erp.site",
    ),
    (
        "material",
        "plant, material, base_unit",
        "select distinct on (site, number) site, number, base_unit from erp.material order by 1, 2, 3",
    ),
    (
        "unit",
        "plant, material, unit",
        "select distinct m.site, m.number,"
        " case when c.from_unit = m.base_unit then c.to_unit else c.from_unit end"
        " from erp.material m join erp.unit_conversion c on c.site = m.site"
        " and c.material_id in ('', m.material_id) and m.base_unit in (c.from_unit, c.to_unit)",
    ),
    (
        "supplier",
        "plant, supplier",
        "select site, number from erp.supplier where number is not null"
        " union select site, supplier_id from erp.supplier",
    ),
    ("cost_centre", "plant, cost_centre", "select site, cost_centre_id from erp.cost_centre"),
    (
        "gl_account",
        "plant, gl_account",
        "select site, code from erp.account where code is not null"
        " union select site, account_id from erp.account",
    ),
    ("storage_location", "plant, location", "select site, location_id from erp.location"),
    (
        "batch",
        "plant, material, batch",
        "select distinct b.site, m.number, b.batch_id from erp.batch b"
        " join erp.material m using (site, material_id)",
    ),
    (
        "period",
        "plant, period, starts_on, ends_on, is_closed",
        "select site, period, min(starts_on), max(ends_on), bool_and(status = 'closed')"
        " from erp.fiscal_period group by site, period",
    ),
    (
        "production_order",
        "plant, order_no, start_date, due_date",
        "select site, order_id, start_on, due_on from erp.production_order"
        " where ordered > coalesce(stocked, 0) + coalesce(scrapped, 0)",
    ),
    (
        "purchase_line",
        "plant, order_no, line_no, delivery_date",
        "select l.site, l.order_id,"
        " case when l.line_id ^@ (l.order_id || '-') or l.line_id ^@ (l.order_id || '/')"
        " then substr(l.line_id, length(l.order_id) + 2) else l.line_id end, l.due_on"
        " from erp.purchase_line l join erp.purchase_order o using (site, order_id)"
        " where o.status in ('pending', 'approved') and l.due_on is not null"
        " and l.ordered > coalesce(l.received, 0)",
    ),
)
_CONFIGURE = """
update demo_erp.system set
    rejects_duplicates = %(rejects)s, settle_seconds = %(settle)s, call_seconds = %(call)s
"""


def erp_dsn(dsn: str) -> str:
    """The demo ERP's own login at the same database."""
    return make_conninfo(dsn, user=DEMO_ERP_ROLE)


def fill(owner_dsn: str) -> int:
    """Make the demo ERP of a home, or bring its master data up to what is loaded now; rows of master data.

    Args:
        owner_dsn: the role that owns the store's tables; the ERP's own login is at the same address.

    Raises:
        ConfigurationError: the ERP's login is not there, as on a Postgres that was provisioned before.
        ErpUnavailable: the database does not answer.
    """
    rows = 0
    schema = resources.files("erp_adapters.demo.erp").joinpath("schema.sql").read_text(encoding="utf-8")
    with translated(), psycopg.connect(owner_dsn) as store, logged_on(erp_dsn(owner_dsn)) as erp:
        erp.execute("set client_min_messages = warning")
        erp.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        erp.execute(schema.encode())
        for table, columns, query in _MASTER:
            name = sql.Identifier(SYSTEM, table)
            erp.execute(sql.SQL("delete from {}").format(name))
            names = sql.SQL(", ").join(sql.Identifier(column) for column in columns.split(", "))
            with erp.cursor().copy(sql.SQL("copy {} ({}) from stdin").format(name, names)) as copy:
                for row in store.execute(query.encode()):
                    copy.write_row(row)
                    rows += 1
        erp.execute("select demo_erp.reschedule_again()")
    return rows


def fill_where_possible(owner_dsn: str) -> str:
    """The same, where the ERP's login is there; says what came of it.

    A home without it answers every question; only a draft that is to be written needs it.
    """
    try:
        return f"demo ERP with {fill(owner_dsn):,} rows of master data"
    except ConfigurationError:
        return "no demo ERP: its login is not there"


def configure(
    erp_dsn: str,
    *,
    duplicates: DuplicateStrength = "none",
    settle_time: timedelta = timedelta(seconds=45),
    call_time: timedelta = timedelta(seconds=10),
) -> None:
    """Say how the ERP behaves from now on, for whoever opens it next; documents that are there stay."""
    behaviour = {
        "rejects": duplicates == "rejects",
        "settle": settle_time.total_seconds(),
        "call": call_time.total_seconds(),
    }
    with logged_on(erp_dsn) as connection:
        connection.execute(_CONFIGURE, behaviour)


@contextlib.contextmanager
def logged_on(erp_dsn: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection under the ERP's own login, in one transaction."""
    with explained(), psycopg.connect(erp_dsn, connect_timeout=15) as connection:
        yield connection


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """A missing login or schema as a ConfigurationError that says the remedy."""
    try:
        yield
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable) as error:
        raise _absent(error) from error
    except psycopg.errors.InvalidSchemaName as error:
        raise _absent(error) from error
    except psycopg.OperationalError as error:
        if any(sign in str(error) for sign in ("does not exist", "authentication", "permission denied")):
            raise _absent(error) from error
        raise ErpUnavailable("the demo ERP does not answer; nothing was sent to it") from error


def _absent(error: psycopg.Error) -> ConfigurationError:
    reason = str(error).strip().partition("\n")[0]
    return ConfigurationError(
        f"this home has no demo ERP to write to ({reason}): run `plantwright store provision` for the role"
        f" {DEMO_ERP_ROLE}, let it log in, then build or import the demo again"
    )
