"""Who there is, what is loaded and what was answered, read from the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from agents.answer import Answer
from erp_adapters.caller import Caller
from erp_adapters.errors import RecordNotFound, StoreUnavailable
from erp_adapters.series.standing import CollectorStanding, SeriesSource, collectors, sources
from erp_adapters.store.freshness import Freshness, Trouble, freshness, troubles
from erp_adapters.store.migrate import missing_steps
from erp_adapters.store.outages import Outage, outages
from erp_adapters.store.rule_trials import Effect, effects
from erp_adapters.store.rulebook import RulesVersion, rules_versions
from erp_adapters.store.session import Store
from erp_adapters.store.site_rules import SiteRules
from erp_adapters.store.sites import Site, sites
from server.house import Talk
from server.lateness import reconciled

_SHOWN_FOR = timedelta(days=7)
_TALKS = """
select c.id, c.title, a.last, a.answers
from app.conversation c
cross join lateral (
    select max(asked_at) as last, count(*) as answers from app.answer where conversation = c.id
) a
where a.answers > 0 and (%(at)s::timestamptz is null or (a.last, c.id) < (%(at)s, %(id)s::uuid))
order by a.last desc, c.id desc limit %(limit)s
"""
NOBODY = Caller("", "", frozenset(), frozenset(), frozenset())


class StoreDirectory:
    """The house's directory behind the store's row-level security."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def is_demo(self) -> bool:
        """True where the database says that this home is for trying out."""
        async with self._store.reading(NOBODY) as tx:
            found = await tx.fetch("select is_demo from app.home")
        return bool(found.rows and found.rows[0][0])

    async def caller(self, subject: str) -> Caller:
        """The person with their scope; RecordNotFound where there is none."""
        return await self._store.caller(subject)

    async def people(self) -> Sequence[Caller]:
        """Everybody in a demo home, nobody elsewhere."""
        async with self._store.reading(NOBODY) as tx:
            found = await tx.fetch("select app.demo_people()")
        return [await self._store.caller(str(row[0])) for row in found.rows]

    async def sources(self, caller: Caller) -> Sequence[Freshness]:
        """The latest complete load of each source that the caller may see."""
        async with self._store.reading(caller) as tx:
            return await freshness(tx)

    async def troubles(self, caller: Caller) -> Sequence[Trouble]:
        """What is wrong with readings of systems, of the sites that the caller may see."""
        async with self._store.reading(caller) as tx:
            return await troubles(tx)

    async def machines(self, caller: Caller) -> Sequence[SeriesSource]:
        """How each source of machines' values stands, of the sites that the caller may see."""
        async with self._store.reading(caller) as tx:
            return await sources(tx)

    async def collectors(self, caller: Caller) -> Sequence[CollectorStanding]:
        """How each collector at the sites that the caller may see stands."""
        async with self._store.reading(caller) as tx:
            return await collectors(tx)

    async def outages(self, caller: Caller) -> Sequence[Outage]:
        """Sources at the sites that the caller may see that were away in the last days, or are."""
        now = datetime.now(UTC)
        async with self._store.reading(caller) as tx:
            return await outages(tx, now - _SHOWN_FOR, now)

    async def sites(self, caller: Caller) -> Sequence[Site]:
        """The sites that the caller may see, with their rules in force."""
        async with self._store.reading(caller) as tx:
            return await sites(tx)

    async def rules(self, caller: Caller, site: str) -> Sequence[RulesVersion]:
        """Every version of a site's rules, newest first; none where the caller may not see the site."""
        async with self._store.reading(caller) as tx:
            return await rules_versions(tx, site)

    async def effects(self, caller: Caller, before: SiteRules | None, after: SiteRules) -> Sequence[Effect]:
        """What a change of rules does to the codes that were met last."""
        async with self._store.reading(caller) as tx:
            return await effects(tx, before, after)

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        """An earlier answer of this person, as it was given.

        Raises:
            RecordNotFound: this person has no such answer.
        """
        try:
            key = UUID(answer_id)
        except ValueError:
            raise RecordNotFound(f"{answer_id!r} is not the id of an answer") from None
        async with self._store.reading(caller) as tx:
            found = await tx.fetch("select answer, asked_at from app.answer where id = %(id)s", {"id": key})
            if not found.rows:
                raise RecordNotFound(f"{caller.subject!r} has no answer {answer_id!r}")
            [answer] = await reconciled(tx, caller, _given(found.rows))
        return answer

    async def conversation(self, caller: Caller, conversation: str) -> Sequence[Answer]:
        """The answers of one of this person's conversations, oldest first; none where it is not theirs."""
        try:
            key = UUID(conversation)
        except ValueError:
            raise RecordNotFound(f"{conversation!r} is not the id of a conversation") from None
        async with self._store.reading(caller) as tx:
            found = await tx.fetch(
                "select answer, asked_at from app.answer where conversation = %(id)s"
                " order by asked_at, id limit 200",
                {"id": key},
            )
            return await reconciled(tx, caller, _given(found.rows))

    async def conversations(
        self, caller: Caller, limit: int, after: tuple[datetime, UUID] | None
    ) -> Sequence[Talk]:
        """This person's conversations, the one that was asked in last first."""
        async with self._store.reading(caller) as tx:
            found = await tx.fetch(
                _TALKS, {"limit": limit, "at": after and after[0], "id": after and after[1]}
            )
        return [
            Talk(UUID(str(key)), str(title), at, int(str(count)))
            for key, title, at, count in found.rows
            if isinstance(at, datetime)
        ]

    async def ready(self) -> None:
        """Return where the database answers and has the schema of this version.

        Raises:
            StoreUnavailable: it does not.
        """
        async with self._store.reading(NOBODY) as tx:
            there = (await tx.fetch("select to_regproc('app.schema_steps')")).rows[0][0]
            ran = (await tx.fetch("select app.schema_steps()")).rows if there else ()
        if missing := missing_steps({str(row[0]) for row in ran}):
            raise StoreUnavailable(
                f"the database has an older schema, without {missing[-1]!r}; run `plantwright store migrate`"
            )


def _given(rows: Sequence[Sequence[object]]) -> list[tuple[Answer, datetime]]:
    return [
        (Answer.model_validate_json(json.dumps(row[0])), row[1])
        for row in rows
        if isinstance(row[1], datetime)
    ]
