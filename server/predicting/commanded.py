"""One round of the daily run on a home."""

from __future__ import annotations

from erp_adapters.store.provision import APP_ROLE, WORKER_ROLE
from erp_adapters.store.session import Store
from policies.clock import now_utc
from server.bootstrap import started
from server.predicting.endpoints import UNATTENDED_S, Endpoints
from server.predicting.running import DailyRun, Ran
from server.record import opened_record
from server.settings import Settings


async def ran(settings: Settings, *, weeks_back: int, only: str | None) -> tuple[Ran, ...]:
    """What a round did; see `DailyRun.run`.

    Raises:
        StoreUnavailable, AuditUnavailable: the database does not answer.
    """
    async with (
        started(settings) as home,
        await Store.open(home.dsn(WORKER_ROLE)) as store,
        opened_record(settings, home.dsn(APP_ROLE)) as trail,
        Endpoints(UNATTENDED_S) as endpoints,
    ):
        run = DailyRun(home.dsn(WORKER_ROLE), store, endpoints.ask, trail, now_utc)
        return await run.run(weeks_back=weeks_back, only=only)
