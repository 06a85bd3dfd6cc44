"""While a hosted model is waited for, nobody holds a connection that others need."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from agents.looking import LOADS, Looking
from agents.models.chat import Description, Message, Reply, Request
from agents.models.hosted import HostedModel
from agents.models.protocol import Calls, Meter, Turn
from erp_adapters.caller import Caller
from erp_adapters.errors import ErpError
from erp_adapters.store import Store
from tests.agents.toy import Unlinked, registry

ANNA = Caller("anna", "Anna", frozenset({"planner"}), frozenset({"KS"}), frozenset({"1000"}))
_BACKEND = "select pg_backend_pid()"


class _Waited:
    """An endpoint that needs a connection of the same store while it is asked."""

    name = "waited"

    def __init__(self, store: Store) -> None:
        self._store = store

    async def reply(self, messages: Sequence[Message], tools: Sequence[Description], meter: Meter) -> Reply:
        async with self._store.reading(ANNA) as tx:
            await tx.fetch(_BACKEND)
        return Reply("", (Request("1", "scrap", "{}"),))

    async def write(self, messages: Sequence[Message], meter: Meter) -> AsyncIterator[str]:
        yield ""


async def test_a_hosted_model_is_waited_for_without_a_connection(dsn: str) -> None:
    """With one connection in all, its store would time out."""
    async with await Store.open(dsn, max_size=1, acquire_timeout_s=1.0) as store:
        model = HostedModel(_Waited(store), links=Unlinked())
        async with Looking(store, ANNA).held() as tx:
            planned = await model.plan(Turn("What was scrapped?"), ANNA, registry().admitted(ANNA), tx)
    assert isinstance(planned, Calls)


async def test_a_reading_goes_on_after_a_rest_and_fails_as_ever(dsn: str) -> None:
    async with await Store.open(dsn, max_size=1, acquire_timeout_s=1.0) as store:
        async with Looking(store, ANNA).held() as tx:
            first = await tx.fetch(_BACKEND)
            moment = await tx.fetch("select clock_timestamp()")
            await tx.rest()
            assert await tx.fetch(f"{_BACKEND} where true") == first
            # What was seen is seen so throughout, and not asked for again.
            assert await tx.fetch("select clock_timestamp()") == moment
            await tx.rest()
        with pytest.raises(ErpError):
            async with Looking(store, ANNA).held() as tx:
                await tx.fetch("select 1 / 0")
        async with store.reading(ANNA) as held:
            assert await held.fetch(_BACKEND) == first


async def test_what_a_plan_was_linked_in_is_gone_on_with_by_one_tool(dsn: str) -> None:
    """In the same snapshot: what was read there is not asked again, and the connection comes back."""
    async with await Store.open(dsn, max_size=1, acquire_timeout_s=1.0) as store:
        look = Looking(store, ANNA)
        async with look.held() as tx:
            moment = await tx.fetch("select clock_timestamp()")
        going_on = look.handed_on()
        assert going_on is not None
        assert look.handed_on() is None, "two tools would share a transaction"
        async with going_on as tool:
            assert await tool.fetch("select clock_timestamp()") == moment
        async with store.reading(ANNA) as after:
            assert await after.fetch("select clock_timestamp()") != moment


async def test_a_transaction_in_which_something_failed_is_not_gone_on_with(dsn: str) -> None:
    async with await Store.open(dsn, max_size=1, acquire_timeout_s=1.0) as store:
        look = Looking(store, ANNA)
        async with look.held() as tx:
            with pytest.raises(ErpError):
                await tx.fetch("select 1 / 0")
        assert look.handed_on() is None
        await look.rest()
        async with store.reading(ANNA) as after:
            assert (await after.fetch(_BACKEND)).rows


async def test_what_was_asked_along_with_something_else_is_not_asked_again(dsn: str) -> None:
    async with await Store.open(dsn, max_size=1, acquire_timeout_s=1.0) as store:
        known = await store.at_once(ANNA, (LOADS, {}))
        look = Looking(store, ANNA)
        look.know({LOADS: known[0]})
        async with store.reading(ANNA):
            # The only connection is taken.
            assert await look.fetch(LOADS) == known[0]
            await look.ahead(LOADS)
