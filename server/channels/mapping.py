"""Whose account is whose, as an administrator sees and says it."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

from erp_adapters.errors import RecordNotFound
from erp_adapters.store.failures import translated
from server.channels.records import Account


@dataclass(frozen=True, slots=True)
class Mapped:
    """An account and its person."""

    platform: str
    tenant: str
    account: str
    subject: str
    name: str
    active: bool
    made_by: str


def mapped(owner_dsn: str) -> tuple[Mapped, ...]:
    """Every account that is somebody's."""
    with (
        translated(),
        psycopg.connect(owner_dsn) as connection,
        connection.cursor(row_factory=class_row(Mapped)) as cursor,
    ):
        cursor.execute(
            "select c.platform, c.tenant, c.account, c.subject, coalesce(p.name, '') as name,"
            " coalesce(p.active, false) as active, c.made_by"
            " from app.channel_person c left join erp.person p using (subject)"
            " order by c.platform, c.subject"
        )
        return tuple(cursor.fetchall())


def check_person(owner_dsn: str, subject: str) -> None:
    """Return where somebody active has that subject.

    Raises:
        RecordNotFound: nobody has.
    """
    with translated(), psycopg.connect(owner_dsn) as connection:
        known = connection.execute(
            "select 1 from erp.person where subject = %s and active", (subject,)
        ).fetchone()
    if known is None:
        raise RecordNotFound(
            f"nobody active is known as {subject!r}; `plantwright people list` shows who there is"
        )


def map_account(owner_dsn: str, account: Account, subject: str, made_by: str) -> None:
    """The account is this person's from now on, and no other one of that platform is."""
    with translated(), psycopg.connect(owner_dsn) as connection:
        connection.execute(
            "delete from app.channel_person"
            " where platform = %s and (subject = %s or tenant = %s and account = %s)",
            (account.platform, subject, account.tenant, account.user),
        )
        connection.execute(
            "insert into app.channel_person (platform, tenant, account, subject, made_by)"
            " values (%s, %s, %s, %s, %s)",
            (account.platform, account.tenant, account.user, subject, made_by),
        )


def subject_of(owner_dsn: str, account: Account) -> str:
    """Whose account it is.

    Raises:
        RecordNotFound: it is nobody's.
    """
    for each in mapped(owner_dsn):
        if (each.platform, each.tenant, each.account) == (account.platform, account.tenant, account.user):
            return each.subject
    raise RecordNotFound(
        f"the account {account.user!r} of {account.platform} is nobody's; `plantwright channels` shows all"
    )


def unmap_account(owner_dsn: str, account: Account) -> None:
    """The account is nobody's from now on."""
    with translated(), psycopg.connect(owner_dsn) as connection:
        connection.execute(
            "delete from app.channel_person where platform = %s and tenant = %s and account = %s",
            (account.platform, account.tenant, account.user),
        )
