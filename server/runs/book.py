"""The book of runs: what other replicas know of a run, and what is left of one that has ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, assert_never
from uuid import UUID

from agents.answer import Answer
from erp_adapters.caller import Caller
from erp_adapters.store.session import Store
from server.errors import Problem
from tools.languages import speaking

DEAD_AFTER_S = 20
"""A run whose process has been silent for longer has died with it."""

State = Literal["running", "finished", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A run as it is to be entered."""

    id: str
    conversation: str
    answer: str
    request: str
    """Digest of what is asked: the same id with another is a mistake."""


@dataclass(frozen=True, slots=True)
class Found:
    """A run as the book has it."""

    id: str
    conversation: str
    answer_id: str
    request: str
    state: State
    lives: bool
    """True while a process answers it, on whichever replica."""
    answer: Answer | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """The run is in the book; nobody else has it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The run was not entered."""

    why: Literal["conversation", "person"]
    """The conversation has a run that lives, or the person has as many as they may."""


class RunBook(Protocol):
    """Keeps runs; nobody sees another person's."""

    async def enter(self, caller: Caller, entry: Entry, most: int) -> Entered | Found | Refused:
        """The run entered, or the one that has its id, or why it may not begin.

        Args:
            most: how many runs of one person may live at a time.
        """
        ...

    async def find(self, caller: Caller, run: str) -> Found | None:
        """The run of that id."""
        ...

    async def lives(self, caller: Caller, run: str) -> bool:
        """Say that the run's process lives; True where the run is to stop."""
        ...

    async def stop(self, caller: Caller, run: str) -> None:
        """Ask whichever process has the run to stop it."""
        ...

    async def end(self, caller: Caller, run: str, state: State, outcome: Answer | Problem | None) -> None:
        """Enter an end that does not show by the answer that is kept."""
        ...


Begun: TypeAlias = Entered | Found | Refused

_LIVING = """
select count(*) filter (where r.conversation = %(conversation)s), count(*)
from app.run r
where r.subject = %(subject)s and r.state = 'running' and r.seen > now() - %(dead)s * interval '1 second'
  and not exists (select from app.answer a where a.id = r.answer)
"""
_ENTER = """
insert into app.run (subject, id, conversation, answer, request)
values (%(subject)s, %(id)s, %(conversation)s, %(answer)s, %(request)s) on conflict do nothing
"""
_FIND = """
select r.conversation, r.answer, r.request, r.state, r.seen > now() - %(dead)s * interval '1 second',
       r.outcome, a.answer
from app.run r left join app.answer a on a.id = r.answer
where r.subject = %(subject)s and r.id = %(id)s
"""


class PostgresRuns:
    """The book in schema `app`, under row-level security by subject."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def enter(self, caller: Caller, entry: Entry, most: int) -> Begun:
        params = {
            "subject": caller.subject,
            "id": entry.id,
            "conversation": UUID(entry.conversation),
            "answer": UUID(entry.answer),
            "request": entry.request,
            "dead": DEAD_AFTER_S,
        }
        async with self._store.remembering(caller) as tx:
            # One at a time for each person: two replicas would count the same runs.
            await tx.execute("select pg_advisory_xact_lock(hashtextextended(%(subject)s, 16))", params)
            here, all_of_them = (int(str(n)) for n in (await tx.fetch(_LIVING, params)).rows[0])
            if here == 0 and all_of_them < most and await tx.execute(_ENTER, params):
                return Entered()
            found = (await tx.fetch(_FIND, params)).rows
        if found:
            return _found(entry.id, found[0])
        return Refused("conversation" if here else "person")

    async def find(self, caller: Caller, run: str) -> Found | None:
        params = {"subject": caller.subject, "id": run, "dead": DEAD_AFTER_S}
        async with self._store.reading(caller) as tx:
            found = (await tx.fetch(_FIND, params)).rows
        return _found(run, found[0]) if found else None

    async def lives(self, caller: Caller, run: str) -> bool:
        async with self._store.remembering(caller) as tx:
            found = await tx.fetch(
                "update app.run set seen = now() where subject = %(subject)s and id = %(id)s returning stop",
                {"subject": caller.subject, "id": run},
            )
        return bool(found.rows and found.rows[0][0])

    async def stop(self, caller: Caller, run: str) -> None:
        async with self._store.remembering(caller) as tx:
            await tx.execute(
                "update app.run set stop = true where subject = %(subject)s and id = %(id)s",
                {"subject": caller.subject, "id": run},
            )

    async def end(self, caller: Caller, run: str, state: State, outcome: Answer | Problem | None) -> None:
        match outcome:
            case Answer():
                kept: str | None = outcome.model_dump_json()
            case Problem():
                # Its title is what a program tells it by, once it is read again.
                with speaking("en"):
                    kept = json.dumps(outcome.body())
            case None:
                kept = None
            case _:
                assert_never(outcome)
        async with self._store.remembering(caller) as tx:
            await tx.execute(
                "update app.run set state = %(state)s, outcome = %(outcome)s::jsonb"
                " where subject = %(subject)s and id = %(id)s",
                {"subject": caller.subject, "id": run, "state": state, "outcome": kept},
            )


def _found(run: str, row: tuple[object, ...]) -> Found:
    conversation, answer_id, request, state, is_recent, outcome, answer = row
    states: dict[object, State] = {"finished": "finished", "failed": "failed", "stopped": "stopped"}
    known = states.get(state, "running" if answer is None else "finished")
    kept = outcome if answer is None else answer
    return Found(
        run,
        str(conversation),
        str(answer_id),
        str(request),
        known,
        known == "running" and bool(is_recent),
        Answer.model_validate_json(json.dumps(kept)) if known == "finished" and kept is not None else None,
        Problem.of(outcome) if known == "failed" and isinstance(outcome, dict) else None,
    )
