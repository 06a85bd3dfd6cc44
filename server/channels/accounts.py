"""Whose account on a chat platform is whose, and what that person wants to be told unasked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import LiteralString

from policies.register import Register, rows
from server.channels.records import Account, Platform

CODE_LIVES = timedelta(minutes=10)
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that are read for each other."""
_PERSON: LiteralString = (
    "platform, tenant, account, subject, reference, waiting, digest_at, quiet_from, quiet_till, digest_on"
)


@dataclass(frozen=True, slots=True)
class Linked:
    """An account that is one of our people's, with what they want to be told."""

    account: Account
    subject: str
    reference: str
    waiting: bool
    digest_at: time | None
    quiet_from: time
    quiet_till: time
    digest_on: date | None


class Accounts:
    """Accounts as they are linked, looked up and let go."""

    def __init__(self, register: Register) -> None:
        self._register = register

    async def linked(self, account: Account) -> Linked | None:
        """Whose account it is; None where it is nobody's."""
        found = await self._linked(
            "platform = %(platform)s and tenant = %(tenant)s and account = %(user)s",
            platform=account.platform,
            tenant=account.tenant,
            user=account.user,
        )
        return found[0] if found else None

    async def everybody(self, platforms: Iterable[Platform]) -> Sequence[Linked]:
        """Every account of these platforms that is somebody's."""
        return await self._linked("platform = any(%(platforms)s)", platforms=list(platforms))

    async def among(self, platform: Platform, tenant: str, users: Iterable[str]) -> dict[str, str]:
        """Whose these accounts are; those that are nobody's are left out."""
        found = await self._linked(
            "platform = %(platform)s and tenant = %(tenant)s and account = any(%(users)s)",
            platform=platform,
            tenant=tenant,
            users=list(users),
        )
        return {each.account.user: each.subject for each in found}

    async def redeem(self, code: str, account: Account) -> str | None:
        """Whose code it was, now also whose account it is; None where it is none, or no longer one."""
        async with self._register.working() as connection:
            used = await rows(
                connection,
                "delete from app.channel_code where hash = %(hash)s and expires_at > clock_timestamp()"
                " returning subject",
                {"hash": code_hash(code)},
            )
            if not used:
                return None
            subject = str(used[0]["subject"])
            await connection.execute(
                "delete from app.channel_code where expires_at <= clock_timestamp()",
            )
            await connection.execute(
                "delete from app.channel_person"
                " where platform = %s and (subject = %s or tenant = %s and account = %s)",
                (account.platform, subject, account.tenant, account.user),
            )
            await connection.execute(
                "insert into app.channel_person (platform, tenant, account, subject, made_by)"
                " values (%s, %s, %s, %s, %s)",
                (account.platform, account.tenant, account.user, subject, subject),
            )
        return subject

    async def unlink(self, account: Account) -> None:
        """The account is nobody's any more."""
        await self._do(
            "delete from app.channel_person where platform = %(platform)s and tenant = %(tenant)s"
            " and account = %(user)s",
            platform=account.platform,
            tenant=account.tenant,
            user=account.user,
        )

    async def keep_reference(self, account: Account, reference: str) -> None:
        """Keep where the person is written to, where it is other than before."""
        await self._do(
            "update app.channel_person set reference = %(reference)s where platform = %(platform)s"
            " and tenant = %(tenant)s and account = %(user)s and reference <> %(reference)s",
            reference=reference,
            platform=account.platform,
            tenant=account.tenant,
            user=account.user,
        )

    async def tell_waiting(self, account: Account, *, wanted: bool) -> None:
        """Tell what waits for them, or do not."""
        await self._set(account, "waiting = %(first)s", wanted)

    async def digest_at(self, account: Account, at: time | None) -> None:
        """Give a digest at that time of day, or none."""
        await self._set(account, "digest_at = %(first)s", at)

    async def quiet(self, account: Account, since: time, till: time) -> None:
        """Tell nothing unasked between these times of day."""
        await self._set(account, "quiet_from = %(first)s, quiet_till = %(second)s", since, till)

    async def give_digest(self, account: Account, day: date) -> bool:
        """True for whoever is to give the digest of that day: one process, once."""
        async with self._register.at_once() as connection:
            done = await connection.execute(
                "update app.channel_person set digest_on = %(day)s where platform = %(platform)s"
                " and tenant = %(tenant)s and account = %(user)s and digest_on is distinct from %(day)s",
                {
                    "day": day,
                    "platform": account.platform,
                    "tenant": account.tenant,
                    "user": account.user,
                },
            )
        return done.rowcount == 1

    async def told(self, platform: Platform, subject: str, what: Sequence[str]) -> frozenset[str]:
        """Which of these the person was told already; from now on all of them."""
        async with self._register.at_once() as connection:
            fresh = await rows(
                connection,
                "insert into app.channel_told (platform, subject, what)"
                " select %(platform)s, %(subject)s, w from unnest(%(what)s::text[]) w"
                " on conflict do nothing returning what",
                {"platform": platform, "subject": subject, "what": list(what)},
            )
        return frozenset(what) - {str(row["what"]) for row in fresh}

    async def untold(self, platform: Platform, subject: str, what: Sequence[str]) -> None:
        """They were not told after all."""
        await self._do(
            "delete from app.channel_told where platform = %(platform)s and subject = %(subject)s"
            " and what = any(%(what)s)",
            platform=platform,
            subject=subject,
            what=list(what),
        )

    async def _linked(self, where: LiteralString, **values: object) -> list[Linked]:
        async with self._register.at_once() as connection:
            found = await rows(
                connection, f"select {_PERSON} from app.channel_person where {where} order by subject", values
            )
        return [
            Linked(Account(row.pop("platform"), row.pop("tenant"), row.pop("account")), **row)
            for row in found
        ]

    async def _set(
        self, account: Account, what: LiteralString, first: object, second: object | None = None
    ) -> None:
        await self._do(
            f"update app.channel_person set {what} where platform = %(platform)s and tenant = %(tenant)s"
            " and account = %(user)s",
            first=first,
            second=second,
            platform=account.platform,
            tenant=account.tenant,
            user=account.user,
        )

    async def _do(self, sql: LiteralString, **values: object) -> None:
        async with self._register.at_once() as connection:
            await connection.execute(sql, values)


def fresh_code() -> str:
    """A code that a person can type: ten letters and digits, in two groups."""
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def code_hash(code: str) -> bytes:
    """Under what a code is kept, however it was typed."""
    return hashlib.sha256("".join(filter(str.isalnum, code.upper())).encode()).digest()


def expires(now: datetime) -> datetime:
    """When a code that is made now is good no more."""
    return now + CODE_LIVES
