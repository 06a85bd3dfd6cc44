"""The composition root: what a home is made of, brought up in order and let go in the reverse."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from agents.checkpoints import checkpointer
from agents.conversations import PostgresConversations
from agents.copilot import Copilot
from agents.flows.waiting import Waiting
from agents.keeping import KeptTogether
from erp_adapters.breaker import Breaker
from erp_adapters.errors import ConfigurationError, PolicyError
from erp_adapters.store.migrate import migrate
from erp_adapters.store.provision import APP_ROLE, GRAPH_ROLE, OWNER_ROLE
from erp_adapters.store.session import Store
from policies.engine import CedarPolicy
from policies.reading import PolicyReads
from server.channels.book import ChannelBook
from server.channels.opening import channels_of
from server.database import Database, database
from server.desk import opened_desk
from server.directory import StoreDirectory
from server.embedding import embedder_of
from server.entrance import entrance_of
from server.finance.explanations import Explanations
from server.finance.handing_in import HandingIn
from server.finance.publishing import Publishing
from server.house import House
from server.idempotency import PostgresKeys
from server.models import fallback_of, let_go, local, model_of, read_beside
from server.operations import OperationsDesk
from server.predicting.endpoints import Endpoints
from server.runs.book import PostgresRuns
from server.settings import Settings, switch_tracing_off
from server.shutdown import Shutdown
from server.telemetry.metrics import Metrics
from server.threads import DraftRows, keep_waiting
from tools.all_tools import registry

log = logging.getLogger("plantwright")

NOTHING_LOADED = (
    "nothing is loaded in this home yet: run `plantwright demo` for a small data set,"
    " or `plantwright import adventureworks DIR`"
)


@asynccontextmanager
async def started(settings: Settings) -> AsyncIterator[Database]:
    """The home's database, up and with the schema of this version.

    Raises:
        ConfigurationError: the home cannot be used as it is; the message names the remedy.
        StoreUnavailable: the database does not answer.
    """
    switch_tracing_off()
    home = database(settings)
    home.start()
    try:
        if settings.migrates:
            migrate(home.dsn(OWNER_ROLE))
        yield home
    finally:
        home.stop()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    """A home that answers questions.

    Raises:
        ConfigurationError: nothing is loaded yet, or a setting is wrong; the message names the remedy.
        StoreUnavailable: the database does not answer.
    """
    async with started(settings) as home, opened_on(settings, home) as house:
        yield house


@asynccontextmanager
async def opened_on(settings: Settings, home: Database) -> AsyncIterator[House]:
    """The same, on a database that is already up."""
    breaker, metrics = Breaker(), Metrics()
    picking = local(settings) if settings.is_local else None
    model, second = picking or model_of(settings, breaker), fallback_of(settings)
    hosted = settings.is_hosted
    async with (
        await Store.open(home.dsn(APP_ROLE)) as store,
        checkpointer(home.dsn(GRAPH_ROLE)) as checkpoints,
        AsyncExitStack() as stack,
    ):
        if hosted:
            stack.push_async_callback(let_go, model)
        directory = StoreDirectory(store)
        is_demo = await directory.is_demo()
        if not is_demo and not settings.is_given:
            raise ConfigurationError(NOTHING_LOADED)
        entrance = entrance_of(settings, store, is_demo=is_demo)
        desk, waiting, upkeep, trouble = None, None, None, ""
        try:
            desk = await stack.enter_async_context(opened_desk(settings, home, store, metrics=metrics))
            drafts = await stack.enter_async_context(DraftRows.of(home))
            waiting = Waiting(drafts, checkpoints)
            upkeep = partial(keep_waiting, waiting, drafts)
        except (ConfigurationError, PolicyError) as error:
            # Questions are answered all the same; whoever drafts or confirms is told why it cannot be.
            trouble = str(error)
            log.warning("no drafts: %s", trouble)
        explanations = Explanations(store)
        endpoints = await stack.enter_async_context(Endpoints())
        conversations = PostgresConversations(store)
        copilot = Copilot(
            store,
            registry(embedder_of(settings), endpoints.ask),
            read_beside(model, second, store) if second and hosted and settings.second_reader else model,
            fallback=second,
            conversations=conversations,
            prices=settings.model_prices,
            desk=desk,
            publisher=HandingIn(Publishing(explanations, desk.publications)) if desk else None,
            flows=waiting,
            trail=desk.trail if desk else None,
            keeping=KeptTogether(conversations, desk.trail) if desk else None,
            # The packaged policies where those in force cannot be had: reading is never left to nobody.
            reads=desk.reads if desk else PolicyReads(CedarPolicy.packaged()),
            watch=metrics,
        )
        metrics.pool_of = store.connections
        channels = channels_of(settings, is_demo=is_demo)
        book = await stack.enter_async_context(ChannelBook.of(home)) if channels else None
        try:
            yield House(
                settings,
                directory,
                copilot,
                model.name,
                is_demo,
                breaker if hosted else None,
                picking.picker if picking else None,
                desk,
                upkeep,
                trouble,
                entrance=entrance,
                runs=PostgresRuns(store),
                keys=PostgresKeys(store),
                operations=OperationsDesk(settings, home),
                metrics=metrics,
                shutdown=Shutdown(lambda: metrics.turns),
                explanations=explanations,
                channels=channels,
                channel_book=book,
            )
        finally:
            if picking:
                picking.close()
