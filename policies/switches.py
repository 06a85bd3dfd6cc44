"""Kill switches: a site, a tool, a kind of draft or everything is off once the row is committed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from erp_adapters.caller import Caller
from erp_adapters.errors import Denied, DraftInvalid, SwitchedOff
from policies.asking import Acting, Question, decided
from policies.audit.event import AuditEvent, AuditTrail
from policies.clock import Clock
from policies.deciding import Policy, Recent, Subject
from policies.reasons import reason_of
from policies.recorded import decision_event, decision_payload
from policies.register import Connection, Register, rows
from policies.wording import Worded

Target: TypeAlias = Literal["all", "site", "tool", "flow"]


@dataclass(frozen=True, slots=True)
class SwitchTarget:
    """What is switched."""

    kind: Target
    name: str = ""
    """Code of the site, name of the tool, or kind of draft (the flow); empty for `all`."""

    def __str__(self) -> str:
        return str(self.worded)

    @property
    def worded(self) -> Worded:
        """What it is called in a sentence."""
        match self.kind:
            case "all":
                return Worded.of("every draft")
            case "site":
                return Worded.of("the site [[name]]", name=repr(self.name))
            case "tool":
                return Worded.of("the tool [[name]]", name=repr(self.name))
            case "flow":
                return Worded.of("the flow [[name]]", name=repr(self.name))


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch as it stands."""

    target: SwitchTarget
    is_off: bool
    changed_by: str
    reason: str
    changed_at: datetime


async def check_switches(connection: Connection, sites: Iterable[str], tool: str, flow: str) -> None:
    """Return where nothing that the draft needs is off. Nothing is remembered between two looks.

    Raises:
        SwitchedOff: says what is off, by whom and why.
    """
    off = await rows(
        connection,
        "select target, name, changed_by, reason from app.switch where is_off and (target = 'all'"
        " or (target = 'site' and name = any(%(sites)s)) or (target = 'tool' and name = %(tool)s)"
        " or (target = 'flow' and name = %(flow)s)) order by target, name limit 1",
        {"sites": list(sites), "tool": tool, "flow": flow},
    )
    for row in off:
        target = SwitchTarget(row["target"], row["name"])
        raise SwitchedOff(
            Worded.of(
                "[[target]] is switched off by [[who]]: [[why]]; it can be used once somebody who may has"
                " switched it on again",
                target=target.worded,
                who=repr(row["changed_by"]),
                why=row["reason"],
            )
        )


class Switches:
    """The switches of a home."""

    def __init__(self, register: Register, policy: Policy, trail: AuditTrail, clock: Clock) -> None:
        self._register = register
        self._policy = policy
        self._trail = trail
        self._clock = clock

    async def off(self, caller: Caller, target: SwitchTarget, reason: str) -> None:
        """Stop it, in every process, before anything that has not been sent yet.

        Raises:
            Denied: the caller may not.
            DraftInvalid: there is no reason.
            AuditUnavailable: it could not be put on record; nothing changed.
        """
        await self._turn(caller, target, reason, is_off=True)

    async def on(self, caller: Caller, target: SwitchTarget, reason: str) -> None:
        """Let it go on; raises as `off` does."""
        await self._turn(caller, target, reason, is_off=False)

    async def list(self) -> tuple[Switch, ...]:
        """Every switch that was ever used, what is off first."""
        async with self._register.working() as connection:
            found = await rows(
                connection,
                "select target, name, is_off, changed_by, reason, changed_at from app.switch"
                " order by is_off desc, target, name",
                {},
            )
        return tuple(
            Switch(
                SwitchTarget(row["target"], row["name"]),
                row["is_off"],
                row["changed_by"],
                row["reason"],
                row["changed_at"],
            )
            for row in found
        )

    async def check(self, sites: Iterable[str], tool: str, flow: str) -> None:
        """Return where nothing of these is off; SwitchedOff otherwise."""
        async with self._register.working() as connection:
            await check_switches(connection, sites, tool, flow)

    async def _turn(self, caller: Caller, target: SwitchTarget, reason: str, *, is_off: bool) -> None:
        reason = reason_of(reason, f"switching {target}")
        if (target.kind == "all") != (target.name == ""):
            raise DraftInvalid(f"name the {target.kind} to be switched; `all` has no name")
        now = self._clock()
        sites = frozenset({target.name}) if target.kind == "site" else frozenset()
        subject = Subject("answer", sites, target.name if sites else "")
        said = decided(self._policy, Question("switch", subject, now, now.date(), Recent()), Acting(caller))
        decision = said.decision
        if not decision.allowed:
            event = decision_event(said, site=subject.site, target=target.kind, name=target.name, off=is_off)
            await self._trail.append([event])
        if not sites <= caller.sites:
            raise Denied(f"the site {target.name!r} is not among yours: {', '.join(sorted(caller.sites))}")
        if not decision.allowed:
            raise Denied(decision.reason)
        async with self._register.under(caller) as connection:
            await connection.execute(
                "insert into app.switch (target, name, is_off, changed_by, reason, changed_at)"
                " values (%s, %s, %s, %s, %s, %s) on conflict (target, name) do update set"
                " is_off = excluded.is_off, changed_by = excluded.changed_by, reason = excluded.reason,"
                " changed_at = excluded.changed_at",
                (target.kind, target.name, is_off, caller.subject, reason, now),
            )
            await self._trail.append_in(
                connection,
                [
                    AuditEvent(
                        "switch",
                        now,
                        caller.subject,
                        caller.subject,
                        {
                            "target": target.kind,
                            "name": target.name,
                            "off": is_off,
                            "reason": reason,
                            "policies": list(decision.policies),
                            "policy_hash": decision.policy_hash,
                            "decision": decision_payload(said.request, decision),
                        },
                        site=target.name if sites else "",
                    )
                ],
            )
