"""What was posted to chat platforms: threads that are conversations, and cards that can be decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from erp_adapters.store.ids import new_id
from policies.register import Register, rows
from server.channels.records import Account, Place, Platform

_OVER: LiteralString = "; over"
"""How what was told of a document ends once nothing more is expected."""
_FOLLOWED_FOR: LiteralString = "400 days"
_MOST_FOLLOWED = 50
_CARD: LiteralString = (
    "c.id, c.platform, c.tenant, c.place, c.message, c.subject, c.proposal, c.digest, c.state"
)
_FOLLOWED: LiteralString = f"""
update app.channel_card c set looked_at = clock_timestamp()
where c.id in (select c.id from app.channel_card c join app.proposal p on p.id = c.proposal
               where c.state = 'executed' and c.platform = any(%(platforms)s)
               and p.kind = 'purchase_requisition' and p.state = 'executed'
               and c.followed not like '%%{_OVER}'
               and c.made_at > clock_timestamp() - interval '{_FOLLOWED_FOR}'
               order by c.looked_at nulls first, c.made_at limit %(most)s for update of c skip locked)
returning {_CARD}, c.signed, c.followed
"""
_CHANGED: LiteralString = f"""
select {_CARD}, c.signed, c.followed from app.channel_card c join app.proposal p on p.id = c.proposal
left join lateral (select count(*) as signed from app.signature s where s.proposal = p.id) n on true
where (c.state <> p.state or c.signed <> n.signed) and c.platform = any(%(platforms)s)
order by p.changed_at limit 50
"""


@dataclass(frozen=True, slots=True)
class PostedCard:
    """A card that was posted, with what it showed."""

    id: UUID
    platform: Platform
    tenant: str
    place: Place
    message: str
    subject: str
    proposal: UUID
    digest: str
    state: str
    signed: int = 0
    followed: str = ""

    @property
    def told(self) -> frozenset[str]:
        """Names of what was told of its document."""
        return frozenset(filter(None, self.followed.removesuffix(_OVER).split("; ")))


class Posted:
    """Threads and cards of all channels."""

    def __init__(self, register: Register) -> None:
        self._register = register

    async def conversation(
        self, account: Account, place: Place, subject: str, *, fresh: bool = False
    ) -> UUID:
        """The person's conversation in a thread; a new one where there is none or a fresh one is wanted."""
        async with self._register.at_once() as connection:
            found = await rows(
                connection,
                "insert into app.channel_thread as t"
                " (platform, tenant, channel, thread, subject, conversation)"
                " values (%(platform)s, %(tenant)s, %(channel)s, %(thread)s, %(subject)s, %(new)s)"
                " on conflict (platform, tenant, channel, thread, subject) do update set conversation"
                " = case when %(fresh)s then excluded.conversation else t.conversation end"
                " returning conversation",
                {**_thread(account, place), "subject": subject, "new": new_id(), "fresh": fresh},
            )
        conversation: UUID = found[0]["conversation"]
        return conversation

    async def knows(self, account: Account, place: Place) -> bool:
        """True where the account's person has talked with this program in that thread."""
        async with self._register.at_once() as connection:
            found = await rows(
                connection,
                "select 1 from app.channel_thread t"
                " join app.channel_person p using (platform, tenant, subject)"
                " where platform = %(platform)s and tenant = %(tenant)s and channel = %(channel)s"
                " and thread = %(thread)s and account = %(user)s",
                {**_thread(account, place), "user": account.user},
            )
        return bool(found)

    async def keep_card(self, card: PostedCard) -> None:
        """Keep what was posted."""
        await self._do(
            "insert into app.channel_card"
            " (id, platform, tenant, place, message, subject, proposal, digest, state, signed)"
            " values (%(id)s, %(platform)s, %(tenant)s, %(place)s, %(message)s, %(subject)s,"
            " %(proposal)s, %(digest)s, %(state)s, %(signed)s) on conflict do nothing",
            id=card.id,
            platform=card.platform,
            tenant=card.tenant,
            place=card.place.model_dump_json(),
            message=card.message,
            subject=card.subject,
            proposal=card.proposal,
            digest=card.digest,
            state=card.state,
            signed=card.signed,
        )

    async def card(self, account: Account, id: UUID, message: str) -> PostedCard | None:
        """The card of that id, where it was posted to this tenant in that very message."""
        found = await self._cards(
            f"select {_CARD}, c.signed, c.followed from app.channel_card c where c.id = %(id)s"
            " and c.platform = %(platform)s and c.tenant = %(tenant)s and c.message = %(message)s",
            id=id,
            platform=account.platform,
            tenant=account.tenant,
            message=message,
        )
        return found[0] if found else None

    async def changed(self, platforms: Iterable[Platform]) -> Sequence[PostedCard]:
        """Cards whose drafts stand otherwise than they show."""
        return await self._cards(_CHANGED, platforms=list(platforms))

    async def in_the_erp(self, platforms: Iterable[Platform]) -> Sequence[PostedCard]:
        """Cards of requisitions of which more may become, those that were looked at longest ago first."""
        return await self._cards(_FOLLOWED, platforms=list(platforms), most=_MOST_FOLLOWED)

    async def tells(self, card: PostedCard, told: Iterable[str], *, is_over: bool) -> bool:
        """That was told of its document from now on; False where another process was first."""
        followed = "; ".join(sorted(told)) + (_OVER if is_over else "")
        async with self._register.at_once() as connection:
            done = await connection.execute(
                "update app.channel_card set followed = %(followed)s where id = %(id)s"
                " and followed = %(was)s and followed <> %(followed)s",
                {"followed": followed, "id": card.id, "was": card.followed},
            )
        return done.rowcount == 1

    async def untold(self, card: PostedCard, told: Iterable[str], *, is_over: bool) -> None:
        """It was not told after all."""
        followed = "; ".join(sorted(told)) + (_OVER if is_over else "")
        await self._do(
            "update app.channel_card set followed = %(was)s where id = %(id)s and followed = %(followed)s",
            id=card.id,
            was=card.followed,
            followed=followed,
        )

    async def shows(self, card: PostedCard, state: str, signed: int) -> bool:
        """The card shows another state from now on; False where it did already."""
        async with self._register.at_once() as connection:
            done = await connection.execute(
                "update app.channel_card set state = %(state)s, signed = %(signed)s where id = %(id)s"
                " and (state, signed) = (%(was)s, %(had)s) and (state, signed) <> (%(state)s, %(signed)s)",
                {"state": state, "signed": signed, "id": card.id, "was": card.state, "had": card.signed},
            )
        return done.rowcount == 1

    async def kept(self, card: PostedCard) -> tuple[str, int]:
        """What a card is kept as showing by now: a state, and how many have signed; as given once gone."""
        async with self._register.at_once() as connection:
            found = await rows(
                connection, "select state, signed from app.channel_card where id = %(id)s", {"id": card.id}
            )
        return (str(found[0]["state"]), int(found[0]["signed"])) if found else (card.state, card.signed)

    async def state(self, proposal: UUID) -> str:
        """The state of a draft as its row has it."""
        async with self._register.at_once() as connection:
            found = await rows(
                connection, "select state from app.proposal where id = %(id)s", {"id": proposal}
            )
        return str(found[0]["state"])

    async def _cards(self, sql: LiteralString, **values: object) -> list[PostedCard]:
        async with self._register.at_once() as connection:
            found = await rows(connection, sql, values)
        return [PostedCard(**{**row, "place": Place.model_validate(row["place"])}) for row in found]

    async def _do(self, sql: LiteralString, **values: object) -> None:
        async with self._register.at_once() as connection:
            await connection.execute(sql, values)


def _thread(account: Account, place: Place) -> dict[str, object]:
    return {
        "platform": account.platform,
        "tenant": account.tenant,
        "channel": place.channel,
        "thread": place.thread,
    }
