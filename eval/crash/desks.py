"""A desk and a worker composed for tests that break them: everything as shipped but what a test hands in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from erp_adapters.demo.erp import DemoErp
from erp_adapters.demo.erp.faults import Fault
from erp_adapters.store.session import Store
from policies.audit.event import AuditTrail
from policies.clock import Clock, now_utc
from policies.confirmation import Confirmations
from policies.deciding import Policy
from policies.execution.executor import Executor
from policies.facts import StoreFacts
from policies.failpoints import Failpoints, NoFailpoints
from policies.people import StorePeople
from policies.proposals import Proposals
from policies.publications import Publication, Publications
from policies.telling import Texts, Told


@dataclass(frozen=True, slots=True)
class Setting:
    """What both sides go by."""

    policy: Policy
    trail: AuditTrail
    clock: Clock = now_utc
    failpoints: Failpoints = field(default_factory=NoFailpoints)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where drafts are proposed and confirmed."""

    store: Store
    proposals: Proposals
    confirmations: Confirmations
    publications: Publications


@asynccontextmanager
async def desk(dsn: str, setting: Setting) -> AsyncIterator[Desk]:
    """A desk under the application's login."""
    async with (
        await Store.open(dsn) as store,
        await Proposals.open(
            dsn,
            policy=setting.policy,
            trail=setting.trail,
            clock=setting.clock,
            failpoints=setting.failpoints,
        ) as proposals,
    ):
        confirmations = Confirmations(proposals, StoreFacts(store))
        publications = Publications(
            proposals.register,
            setting.policy,
            setting.trail,
            setting.clock,
            Texts(proposals, confirmations, told_of),
        )
        yield Desk(store, proposals, confirmations, publications)


def told_of(published: Publication) -> Told:
    """The text of an explanation that a test made up: its content's own."""
    return Told(str(published.content["text"]), "2026-03", "")


@asynccontextmanager
async def worker(
    dsn: str, store: Store, erp_dsn: str, sites: Iterable[str], setting: Setting, faults: Iterable[Fault] = ()
) -> AsyncIterator[Executor]:
    """A worker under its own login, whose calls to the demo ERP meet these faults.

    Args:
        store: read under the worker's login.
    """
    async with (
        DemoErp.open(erp_dsn, faults=faults) as erp,
        await Executor.open(
            dsn,
            dict.fromkeys(sites, erp),
            policy=setting.policy,
            trail=setting.trail,
            facts=StoreFacts(store),
            people=StorePeople(store),
            clock=setting.clock,
            failpoints=setting.failpoints,
        ) as executor,
    ):
        yield executor
