"""Where writes are attacked: a real database, policy and audit, the demo ERP, and a clock to turn."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from erp_adapters.caller import Caller
from erp_adapters.demo.erp import DemoErp, DuplicateStrength, configure
from erp_adapters.demo.erp.faults import Fault
from erp_adapters.store.people import Person, save_people
from erp_adapters.store.provision import APP_ROLE, DEMO_ERP_ROLE, OWNER_ROLE, WORKER_ROLE
from erp_adapters.store.session import Store
from eval.crash.desks import Setting, desk, worker
from eval.crash.drafts import Plants
from policies.audit.keys import AuditKeys
from policies.audit.trail import PostgresTrail
from policies.confirmation import Confirmations
from policies.engine import CedarPolicy
from policies.execution.executor import Executor
from policies.failpoints import Failpoint, Failpoints, NoFailpoints
from policies.proposals import Proposals


@dataclass
class Watch:
    """The wall clock, ahead by what a trace has turned it on."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Now."""
        return datetime.now(UTC) + self.ahead

    def on(self, by: timedelta) -> None:
        """Let so much time pass."""
        self.ahead += by


class Killed(BaseException):
    """A worker died here. No part of the product catches it, as none survives `kill -9`."""


@dataclass
class DiesAt(Failpoints):
    """A worker that dies when it reaches a point for the first time."""

    point: Failpoint
    died: bool = False

    def reach(self, point: Failpoint) -> None:
        """Raise where it is the worker's time."""
        if point is self.point and not self.died:
            self.died = True
            raise Killed(point)


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of one trace, each under a subject of their own."""

    planner: str
    second_planner: str
    buyer: str
    second_buyer: str
    controller: str
    inventory: str
    steward: str
    substitute: str
    """A planner whom the buyer named as substitute."""
    admin: str
    stranger: str
    """A buyer of other sites."""

    @classmethod
    def of(cls, seed: int) -> Cast:
        """The people of a seed."""
        return cls(*(f"t{seed}.{name}" for name in cls.__slots__))

    def persons(self, sites: tuple[str, ...], others: tuple[str, ...]) -> tuple[Person, ...]:
        """Their rows in the people table."""
        roles = {
            self.planner: "planner",
            self.second_planner: "planner",
            self.buyer: "buyer",
            self.second_buyer: "buyer",
            self.controller: "controller",
            self.inventory: "inventory",
            self.steward: "steward",
            self.substitute: "planner",
            self.admin: "admin",
            self.stranger: "buyer",
        }
        return tuple(
            Person(
                subject,
                subject,
                (role,),
                others if subject == self.stranger else sites,
                substitutes=(self.substitute,) if subject == self.buyer else (),
            )
            for subject, role in roles.items()
        )

    def callers(self, sites: tuple[str, ...], others: tuple[str, ...]) -> dict[str, Caller]:
        """Their sessions, which outlast a change of the people table."""
        return {
            one.subject: Caller(
                one.subject, one.name, frozenset(one.roles), frozenset(one.sites), frozenset()
            )
            for one in self.persons(sites, others)
        }

    @property
    def everybody(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(getattr(self, name) for name in self.__slots__)


@dataclass
class Ground:
    """Everything that a trace attacks, and the hands of whoever owns the database."""

    proposals: Proposals
    confirmations: Confirmations
    store: Store
    erp: DemoErp
    plants: Plants
    watch: Watch
    owner_dsn: str
    erp_dsn: str
    sites: tuple[str, ...]
    _worker_dsn: str
    _workers_store: Store
    _setting: Setting

    def employ(self, seeds: Iterable[int], sites_of: Callable[[int], tuple[str, str]]) -> None:
        """Put the people of so many traces into the people table."""
        people: list[Person] = []
        for seed in seeds:
            here = sites_of(seed)
            people += Cast.of(seed).persons(here, self.elsewhere(here))
        save_people(self.owner_dsn, people)

    def elsewhere(self, sites: tuple[str, ...]) -> tuple[str, ...]:
        """All other sites."""
        return tuple(site for site in self.sites if site not in sites)

    @asynccontextmanager
    async def worker(
        self, faults: Iterable[Fault] = (), failpoints: Failpoints | None = None
    ) -> AsyncIterator[Executor]:
        """A worker of its own, whose calls to the ERP meet these faults."""
        setting = replace(self._setting, failpoints=failpoints or NoFailpoints())
        async with worker(
            self._worker_dsn, self._workers_store, self.erp_dsn, self.sites, setting, faults
        ) as executor:
            yield executor


@asynccontextmanager
async def ground(dsn: Callable[[str], str], duplicates: DuplicateStrength = "none") -> AsyncIterator[Ground]:
    """The ground on a demo's database, which is not good for anything else afterwards.

    Args:
        dsn: address for a role.
        duplicates: whether the ERP takes a second document with the same marker.
    """
    owner_dsn, erp_dsn = dsn(OWNER_ROLE), dsn(DEMO_ERP_ROLE)
    configure(erp_dsn, duplicates=duplicates, settle_time=timedelta(seconds=45))
    folder = Path(tempfile.mkdtemp(prefix="plantwright-audit-"))
    watch = Watch()
    try:
        async with (
            await Store.open(dsn(WORKER_ROLE)) as workers_store,
            await PostgresTrail.open(dsn(WORKER_ROLE), AuditKeys.kept_in(folder)) as trail,
            DemoErp.open(erp_dsn) as erp,
            desk(dsn(APP_ROLE), setting := Setting(CedarPolicy.packaged(), trail, watch)) as at,
        ):
            plants = Plants(owner_dsn)
            yield Ground(
                at.proposals,
                at.confirmations,
                at.store,
                erp,
                plants,
                watch,
                owner_dsn,
                erp_dsn,
                tuple(sorted(plants.days)),
                dsn(WORKER_ROLE),
                workers_store,
                setting,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
