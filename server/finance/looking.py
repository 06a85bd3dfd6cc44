"""Looks at published explanations after each load of their sites, and tells where the data says otherwise."""

from __future__ import annotations

import logging

from erp_adapters.errors import CopilotError, StoreUnavailable
from erp_adapters.store.session import Store
from policies.announcing import announce
from policies.people import People
from policies.publications import Publication, publications_in
from policies.register import Register
from server.finance.explanations import Explanations
from server.finance.publishing import report_in

_DUE = """
p.id in (
    select q.id from app.publication q
    join lateral (
        select max(s.loaded_at)::text as loaded from app.source_ages() s where s.site = any (q.sites)
    ) l on true
    left join app.publication_look k on k.publication = q.id
    where q.state = 'published' and l.loaded is not null and k.loaded is distinct from l.loaded
    order by q.decided_at desc limit 5
)
"""
_KEEP = """
insert into app.publication_look as k (publication, loaded, delta)
select %(id)s, coalesce(max(s.loaded_at)::text, ''), %(delta)s from app.source_ages() s
where s.site = any (%(sites)s)
on conflict (publication) do update
set loaded = excluded.loaded, delta = excluded.delta, looked_at = clock_timestamp()
returning (select delta from app.publication_look where publication = %(id)s)
"""

log = logging.getLogger(__name__)


class Looks:
    """Looks once a load; any number may run."""

    def __init__(self, register: Register, store: Store, people: People) -> None:
        self._register = register
        self._store = store
        self._people = people

    async def sweep(self) -> None:
        """Look at what was loaded anew since the last look."""
        async with self._register.working() as connection:
            due = await publications_in(connection, _DUE)
        for each in due:
            await self._look(each)

    async def _look(self, each: Publication) -> None:
        # By whoever stands for it; the figures are those of their scope.
        person = await self._people.person(each.decided_by) or await self._people.person(each.requester)
        delta = None
        try:
            if person is not None:
                delta = await Explanations(self._store).delta(person, report_in(each))
        except StoreUnavailable:
            raise
        except CopilotError as error:
            log.warning("explanation %s cannot be computed any more: %s", each.id, error)
        async with self._register.working() as connection:
            kept = await connection.execute(_KEEP, {"id": each.id, "sites": each.sites, "delta": delta})
            (before,) = await kept.fetchone() or (None,)
            if delta is not None and before != delta:
                told = {"publication": str(each.id), "version": each.version, "digest": each.digest}
                await announce(connection, "explanation.stale", each.sites, {**told, "sites": each.sites})
