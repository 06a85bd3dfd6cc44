"""Explanations that people stand for: one drafts, another publishes exactly what was shown; all on record."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, LiteralString, TypeAlias
from uuid import UUID

import rfc8785

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfirmationInvalid, Denied, RecordNotFound
from erp_adapters.store.ids import new_id
from policies.announcing import announce
from policies.asking import Acting, Decided, Question, decided
from policies.audit.event import AuditEvent, AuditTrail, EventKind
from policies.clock import Clock, now_utc
from policies.deciding import Action, Decision, Policy, Recent, Subject
from policies.engine import ROLES
from policies.reasons import reason_of
from policies.recorded import decision_event, decision_payload
from policies.register import Connection, Register, rows
from policies.switches import check_switches
from policies.written_texts import WrittenText, texts_of

PublicationState: TypeAlias = Literal["drafted", "published", "rejected", "superseded", "expired"]
Telling: TypeAlias = Callable[[Connection, Caller, "Publication"], Coroutine[Any, Any, Sequence[AuditEvent]]]
"""Hands its text over to be written to the ERP, within the transaction; what goes on record of that."""
Recheck: TypeAlias = Callable[["Publication"], Coroutine[Any, Any, str]]
"""Looks at the data again before it is published: why it cannot be, or nothing."""

FLOW = "variance_explanation"
"""What a switch calls these."""
WAITS = timedelta(days=14)
"""A draft that nobody published in that time is none any more."""
_DECIDES: tuple[Action, ...] = ("publish", "turn_down")
_VERSIONS: LiteralString = "p.scope = %(scope)s order by version desc"
_SELECT: LiteralString = (
    "select id, scope, version, sites, requester, canonical, digest, state, drafted_at, expires_at,"
    " decided_by, decided_at, reason from app.publication p"
)


@dataclass(frozen=True, slots=True)
class Publication:
    """One version of an explanation."""

    id: UUID
    scope: str
    version: int
    sites: list[str]
    requester: str
    canonical: bytes
    digest: str
    state: PublicationState
    drafted_at: datetime
    expires_at: datetime
    decided_by: str
    """Who published it or turned it down; empty before."""
    decided_at: datetime | None
    reason: str
    """Why it was turned down or replaced."""

    @property
    def content(self) -> Mapping[str, Any]:
        """What was shown, the narrative as it was rendered among it."""
        content: Mapping[str, Any] = json.loads(self.canonical)["content"]
        return content

    def at(self, now: datetime) -> PublicationState:
        """Its state; what nobody published in time has expired."""
        return "expired" if self.state == "drafted" and self.expires_at <= now else self.state


class Publications:
    """Explanations of a home, as persons draft, publish and see them."""

    def __init__(
        self,
        register: Register,
        policy: Policy,
        trail: AuditTrail,
        clock: Clock = now_utc,
        telling: Telling | None = None,
    ) -> None:
        self._telling = telling
        self._register = register
        self._policy = policy
        self._trail = trail
        self.clock = clock

    async def draft(
        self, caller: Caller, scope: str, sites: frozenset[str], content: Mapping[str, Any]
    ) -> tuple[Publication, bool]:
        """A new version that waits, and whether one was made: the same content again is the draft that waits.

        Args:
            caller: who stands for it first.
            scope: what is explained, the same for every version.
            sites: what it is about.
            content: all that is shown and will be published, as JSON.

        Raises:
            Denied: policy does not let the caller; the message is the reason.
            SwitchedOff: the site or explanations are switched off.
            AuditUnavailable: it could not be put on record; nothing was kept.
        """
        now = self.clock()
        said = await self._decided(caller, "explain", sites, caller.subject, "")
        async with self._register.under(caller) as connection:
            await check_switches(connection, sites, "", FLOW)
            await _hold(connection, scope)
            before = await publications_in(connection, _VERSIONS, scope=scope)
            waiting = next((each for each in before if each.state == "drafted"), None)
            if waiting is not None and waiting.content == content and waiting.at(now) == "drafted":
                return waiting, False
            version = before[0].version + 1 if before else 1
            if waiting is not None:
                await _moved(connection, waiting, "superseded", "", None, f"replaced by version {version}")
            made = _drafted(caller, scope, version, sites, content, now, said.decision.policy_hash)
            await connection.execute(
                "insert into app.publication (id, scope, version, sites, requester, canonical, digest, state,"
                " drafted_at, expires_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (made.id, made.scope, made.version, made.sites, made.requester, made.canonical, made.digest,
                 made.state, made.drafted_at, made.expires_at),
            )  # fmt: skip
            await self._trail.append_in(connection, [_event("explanation", made, caller, now, said)])
        return made, True

    async def publish(self, caller: Caller, id: UUID, digest: str, recheck: Recheck) -> Publication:
        """The version as published; the one before it is superseded.

        Args:
            caller: another person than drafted it.
            id: of the version.
            digest: of what the caller was shown.
            recheck: looks at the data again.

        Raises:
            RecordNotFound: there is none within what the caller may see.
            ConfirmationInvalid: it is not what waits, or the data tells it otherwise by now.
            Denied, SwitchedOff, AuditUnavailable: as `draft` does.
        """
        seen = await self.read(caller, id)
        said = await self._decided(caller, "publish", frozenset(seen.sites), seen.requester, str(id))
        if why := await recheck(seen):
            raise ConfirmationInvalid(why)
        now = self.clock()
        async with self._register.under(caller) as connection:
            await check_switches(connection, seen.sites, "", FLOW)
            await _hold(connection, seen.scope)
            waiting = await self._waiting(connection, id, digest)
            await connection.execute(
                "update app.publication set state = 'superseded', reason = %s"
                " where scope = %s and state = 'published'",
                (f"replaced by version {waiting.version}", waiting.scope),
            )
            await _moved(connection, waiting, "published", caller.subject, now, "")
            told = {"publication": str(id), "version": waiting.version, "digest": waiting.digest}
            await announce(
                connection, "explanation.published", waiting.sites, {**told, "sites": waiting.sites}
            )
            done = await _one(connection, id)
            events = await self._telling(connection, caller, done) if self._telling else ()
            await self._trail.append_in(
                connection, [_event("publication", waiting, caller, now, said), *events]
            )
            return done

    async def texts(self, caller: Caller, id: UUID) -> tuple[WrittenText, ...]:
        """What became of its text in the ERP, at each of its sites."""
        async with self._register.under(caller) as connection:
            return await texts_of(connection, id)

    async def reject(self, caller: Caller, id: UUID, digest: str, reason: str) -> Publication:
        """The version as turned down for good; raises as `publish`, and DraftInvalid without a reason."""
        why = reason_of(reason, "turning an explanation down")
        seen = await self.read(caller, id)
        said = await self._decided(caller, "turn_down", frozenset(seen.sites), seen.requester, str(id))
        now = self.clock()
        async with self._register.under(caller) as connection:
            await _hold(connection, seen.scope)
            waiting = await self._waiting(connection, id, digest)
            await _moved(connection, waiting, "rejected", caller.subject, now, why)
            event = _event("explanation_rejected", waiting, caller, now, said, reason=why)
            await self._trail.append_in(connection, [event])
            return await _one(connection, id)

    async def read(self, caller: Caller, id: UUID) -> Publication:
        """One version.

        Raises:
            RecordNotFound: there is none within what the caller may see.
        """
        async with self._register.under(caller) as connection:
            return await _one(connection, id)

    async def list(
        self, caller: Caller, *, state: PublicationState | None = None, limit: int = 50
    ) -> tuple[Publication, ...]:
        """The versions about the caller's sites, newest first; in one state, or in any."""
        async with self._register.under(caller) as connection:
            return await publications_in(
                connection,
                "(%(state)s::text is null or %(state)s ="
                " case when state = 'drafted' and expires_at <= %(now)s then 'expired' else state end)"
                " order by drafted_at desc, id desc limit %(limit)s",
                state=state,
                now=self.clock(),
                limit=limit,
            )

    async def versions(self, caller: Caller, of: Publication) -> tuple[Publication, ...]:
        """Every version of the same explanation, the newest first."""
        async with self._register.under(caller) as connection:
            return await publications_in(connection, _VERSIONS, scope=of.scope)

    def may(self, caller: Caller, of: Publication) -> Mapping[Action, str]:
        """What is done with a version that waits; each with the reason why the caller may not, or nothing."""
        if of.at(self.clock()) != "drafted":
            return {}
        said = {action: self._asked(caller, action, of) for action in _DECIDES}
        return {action: "" if each.allowed else each.reason for action, each in said.items()}

    def publishers(self, of: Publication) -> tuple[str, ...]:
        """Roles whose holders at its sites may publish it."""
        sites = frozenset(of.sites)
        return tuple(
            role
            for role in ROLES
            if self._asked(
                Caller("somebody else", "", frozenset({role}), sites, frozenset()), "publish", of
            ).allowed
        )

    def _asked(self, caller: Caller, action: Action, of: Publication) -> Decision:
        now, sites = self.clock(), frozenset(of.sites)
        subject = Subject("answer", sites, min(sites), of.requester)
        return decided(
            self._policy, Question(action, subject, now, now.date(), Recent()), Acting(caller)
        ).decision

    async def stale(self, caller: Caller) -> Mapping[UUID, Decimal]:
        """Of published versions, what the last load since made of the total, where it is otherwise by now."""
        async with self._register.under(caller) as connection:
            found = await rows(
                connection,
                "select publication, delta from app.publication_look where delta is not null",
                {},
            )
        return {row["publication"]: row["delta"] for row in found}

    async def waiting(self, caller: Caller) -> int:
        """How many wait for somebody to publish them or turn them down."""
        async with self._register.under(caller) as connection:
            found = await rows(
                connection,
                "select count(*) as number from app.publication where state = 'drafted'"
                " and expires_at > %(now)s",
                {"now": self.clock()},
            )
        return int(found[0]["number"])

    async def _decided(
        self, caller: Caller, action: Action, sites: frozenset[str], requester: str, publication: str
    ) -> Decided:
        """What policy says where it allows.

        Raises:
            Denied: it does not; that is on record.
        """
        now = self.clock()
        subject = Subject("answer", sites, min(sites), requester)
        said = decided(self._policy, Question(action, subject, now, now.date(), Recent()), Acting(caller))
        if not said.decision.allowed:
            event = decision_event(said, proposal=publication, site=subject.site, flow=FLOW)
            await self._trail.append([event])
            raise Denied(said.decision.reason)
        return said

    async def _waiting(self, connection: Connection, id: UUID, digest: str) -> Publication:
        found = await _one(connection, id)
        state = found.at(self.clock())
        if state != "drafted":
            raise ConfirmationInvalid(
                f"version {found.version} of this explanation is {state}, and waits for nobody"
            )
        if found.digest != digest:
            raise ConfirmationInvalid(
                "the digest is not that of what waits: look at the explanation again, and give its digest"
            )
        return found


def _drafted(
    caller: Caller,
    scope: str,
    version: int,
    sites: frozenset[str],
    content: Mapping[str, Any],
    now: datetime,
    policy_hash: str,
) -> Publication:
    id, expires = new_id(), now + WAITS
    canonical = rfc8785.dumps(
        {
            "id": str(id),
            "scope": scope,
            "version": version,
            "sites": sorted(sites),
            "requester": caller.subject,
            "policy_hash": policy_hash,
            "nonce": secrets.token_hex(16),
            "drafted_at": now.isoformat(),
            "expires_at": expires.isoformat(),
            "content": dict(content),
        }
    )
    digest = "sha256:" + hashlib.sha256(canonical).hexdigest()
    return Publication(
        id, scope, version, sorted(sites), caller.subject, canonical, digest, "drafted", now, expires, "",
        None, "",
    )  # fmt: skip


async def _hold(connection: Connection, scope: str) -> None:
    """Versions of one scope are decided about one after the other."""
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('publication ' || %s, 0))", (scope,)
    )


async def publications_in(
    connection: Connection, where: LiteralString, **values: object
) -> tuple[Publication, ...]:
    """The versions for which a condition holds, within what the transaction sees."""
    found = await rows(connection, f"{_SELECT} where {where}", values)
    return tuple(Publication(**{**row, "canonical": bytes(row["canonical"])}) for row in found)


async def _one(connection: Connection, id: UUID) -> Publication:
    found = await publications_in(connection, "p.id = %(id)s", id=id)
    if not found:
        raise RecordNotFound(f"there is no explanation {str(id)!r} about your sites")
    return found[0]


async def _moved(
    connection: Connection, of: Publication, to: PublicationState, by: str, at: datetime | None, reason: str
) -> None:
    done = await connection.execute(
        "update app.publication set state = %s, decided_by = %s, decided_at = %s, reason = %s"
        " where id = %s and state = 'drafted'",
        (to, by, at, reason, of.id),
    )
    if done.rowcount != 1:
        raise ConfirmationInvalid(f"version {of.version} of this explanation waits no more")


def _event(
    kind: EventKind, of: Publication, caller: Caller, at: datetime, said: Decided, **more: object
) -> AuditEvent:
    return AuditEvent(
        kind,
        at,
        caller.subject,
        of.requester,
        {
            "scope": of.scope,
            "version": of.version,
            "digest": of.digest,
            "requester": of.requester,
            "canonical": of.canonical.decode(),
            "decision": decision_payload(said.request, said.decision),
            **more,
        },
        proposal=str(of.id),
        site=min(of.sites),
    )
