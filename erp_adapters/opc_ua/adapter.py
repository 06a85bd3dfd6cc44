"""A server of OPC UA as a source of series: followed by subscription, and caught up with from its history."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from erp_adapters.errors import ConfigurationError, ErpRefused, ErpUnavailable
from erp_adapters.opc_ua.client import Connection, opened
from erp_adapters.opc_ua.mapping import Node, quality_of, sample_of
from erp_adapters.ports import Health
from erp_adapters.series.signal import Signal
from erp_adapters.series.source import Columns, Sink, as_sent, number_of

if TYPE_CHECKING:
    from asyncua.client.client import Client
    from asyncua.common.node import Node as UaNode

_log = logging.getLogger(__name__)
_HISTORY_WINDOW: Final = timedelta(hours=1)
"""Read at a time: an hour of a fast signal is what memory bears."""
_OVERLAP: Final = timedelta(seconds=10)
"""Read again of what is kept: what was under way when the link broke."""
_READ_AT_ONCE: Final = 500
_MOST_BROWSED: Final = 5000
_DEEPEST: Final = 8


@dataclass(frozen=True, slots=True)
class Pace:
    """How often what is done."""

    publish_ms: float = 1000.0
    """The server hands over what changed."""
    read_s: float = 60.0
    """Everything is read, whether it changed or not: silence and sameness are told apart by it."""
    keep_s: float = 5.0
    """What came is handed to the store."""
    history_days: float = 7.0
    """How far back a gap is filled at most."""


class OpcUaSource:
    """One server and the signals that it is asked for."""

    def __init__(self, connection: Connection, signals: Sequence[Signal], pace: Pace | None = None) -> None:
        self._connection, self._signals, self._pace = connection, tuple(signals), pace or Pace()

    @property
    def kind(self) -> str:
        """What it is, in sentences."""
        return "OPC UA"

    @property
    def signals(self) -> Sequence[Signal]:
        """What it is asked for."""
        return self._signals

    async def health(self) -> Health:
        """Whether it answers, lets the program in and has every signal; never raises for what goes wrong."""
        try:
            async with opened(self._connection) as client:
                missing = await self._missing(client)
        except (ErpUnavailable, ErpRefused, ConfigurationError) as error:
            return Health(False, str(error))
        if missing:
            return Health(False, f"it has no node {missing[0]!r}; correct the file of its signals")
        return Health(True, f"it answers and has all {len(self._signals)} signals")

    async def browse(self, under: str = "") -> AsyncIterator[Node]:
        """Variables below a node, or below the server's objects; at most 5,000.

        Raises:
            ErpUnavailable, ErpRefused, ConfigurationError: as `opened`.
        """
        async with opened(self._connection) as client:
            top = client.get_node(under) if under else client.get_objects_node()
            number = 0
            async for node in _variables(top, (), _DEEPEST):
                yield node
                number += 1
                if number >= _MOST_BROWSED:
                    return

    async def follow(self, sink: Sink) -> None:
        """Connect, catch up, and hand over what comes; see `LiveSource`."""
        async with opened(self._connection) as client:
            if missing := await self._missing(client):
                raise ErpRefused(f"it has no node {missing[0]!r}; correct the file of its signals")
            broke: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

            async def lost(error: Exception) -> None:
                if not broke.done():
                    broke.set_result(error)

            client.connection_lost_callback = lost
            last = await sink.last()
            live = _Live(self._signals, client, broke)
            await live.subscribe(self._pace.publish_ms)
            tasks = [
                asyncio.ensure_future(self._hand_over(live, sink)),
                asyncio.ensure_future(self._read(live, client)),
                asyncio.ensure_future(self._catch_up(client, sink, last)),
            ]
            try:
                await self._until_broken(broke, tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                # What came before the link broke is kept; what the store refuses is in the history.
                await sink.take(live.columns.taken())

    async def _until_broken(self, broke: asyncio.Future[Exception], tasks: list[asyncio.Task[None]]) -> None:
        waiting: set[asyncio.Future[Any]] = {broke, *tasks}
        while True:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                if each is broke:
                    error = broke.result()
                    raise ErpUnavailable(
                        f"the link to {self._connection.url!r} broke: {str(error) or type(error).__name__}"
                    ) from error
                each.result()

    async def _hand_over(self, live: _Live, sink: Sink) -> None:
        while True:
            await asyncio.sleep(self._pace.keep_s)
            await sink.take(live.first.taken(), is_history=True)
            await sink.take(live.columns.taken())

    async def _read(self, live: _Live, client: Client) -> None:
        while True:
            await asyncio.sleep(self._pace.read_s)
            await live.read(client)

    async def _catch_up(self, client: Client, sink: Sink, last: Mapping[str, datetime]) -> None:
        """Read what was missed of the server's own history, where it keeps one."""
        from asyncua.ua.uaerrors._base import UaStatusCodeError

        now = datetime.now(UTC)
        for place, signal in enumerate(self._signals):
            known = last.get(signal.name)
            if known is None:
                continue
            begins = max(known - _OVERLAP, now - timedelta(days=self._pace.history_days))
            node = client.get_node(signal.address)
            while begins < now:
                ends = min(begins + _HISTORY_WINDOW, now)
                try:
                    found = await node.read_raw_history(
                        as_sent(begins, signal.rule), as_sent(ends, signal.rule), return_bounds=False
                    )
                except UaStatusCodeError as error:
                    # It keeps none of this signal, mostly: the gap stays, and is noted.
                    _log.info("no history of %s: %s", signal.address, type(error).__name__)
                    break
                columns = Columns(self._signals)
                for data in found:
                    columns.add(place, *sample_of(data, signal.rule, now))
                await sink.take(columns, is_history=True)
                begins = ends
        await sink.alive()

    async def _missing(self, client: Client) -> list[str]:
        from asyncua.ua.attribute_ids import AttributeIds
        from asyncua.ua.uaerrors._base import UaError

        missing = []
        for begin in range(0, len(self._signals), _READ_AT_ONCE):
            part = self._signals[begin : begin + _READ_AT_ONCE]
            try:
                nodes = [client.get_node(signal.address) for signal in part]
            except (UaError, ValueError) as error:
                raise ConfigurationError(f"an address is none of OPC UA: {error}") from error
            found = await client.uaclient.session.read_attributes(
                [node.nodeid for node in nodes], AttributeIds.NodeClass
            )
            missing += [
                signal.address
                for signal, data in zip(part, found, strict=True)
                if quality_of(data.StatusCode) > 1
            ]
        return missing


class _Live:
    """What a subscription tells, and what is read besides."""

    def __init__(self, signals: Sequence[Signal], client: Client, broke: asyncio.Future[Exception]) -> None:
        self._signals, self._client, self._broke = signals, client, broke
        self.columns, self.first = Columns(signals), Columns(signals)
        """What changed; and the values that a subscription begins with, which may be old and known."""
        self._nodes = [client.get_node(signal.address) for signal in signals]
        self._places = {node.nodeid: place for place, node in enumerate(self._nodes)}
        self._begun: set[int] = set()

    async def subscribe(self, publish_ms: float) -> None:
        """Have the server tell every change.

        Raises:
            ErpRefused: it does not let a signal be followed.
        """
        from asyncua.ua.uatypes import Double

        subscription = await self._client.create_subscription(publish_ms, self)
        for begin in range(0, len(self._nodes), _READ_AT_ONCE):
            part = self._nodes[begin : begin + _READ_AT_ONCE]
            handles = await subscription.subscribe_data_change(
                part, queuesize=100, sampling_interval=Double(0.0)
            )
            for node, handle in zip(part, handles, strict=True):
                if not isinstance(handle, int):
                    raise ErpRefused(f"it does not let {node.nodeid.to_string()!r} be followed: {handle}")

    def datachange_notification(self, node: UaNode, value: object, data: Any) -> None:
        """Called by the library for each change."""
        place = self._places[node.nodeid]
        sample = sample_of(data.monitored_item.Value, self._signals[place].rule, datetime.now(UTC))
        with contextlib.suppress(asyncio.InvalidStateError):
            try:
                if place in self._begun:
                    self.columns.add(place, *sample)
                else:
                    self._begun.add(place)
                    self.first.add(place, *sample)
            except ErpUnavailable as error:
                self._broke.set_result(error)

    async def read(self, client: Client) -> None:
        """Read every signal now, so that what does not change is known not to have changed."""
        from asyncua.ua.attribute_ids import AttributeIds

        for begin in range(0, len(self._nodes), _READ_AT_ONCE):
            part = self._nodes[begin : begin + _READ_AT_ONCE]
            found = await client.uaclient.session.read_attributes(
                [node.nodeid for node in part], AttributeIds.Value
            )
            now = datetime.now(UTC)
            for place, data in enumerate(found, start=begin):
                rule = self._signals[place].rule
                value = None if data.Value is None else data.Value.Value
                self.columns.add(
                    place, as_sent(now, rule), number_of(value, rule), quality_of(data.StatusCode)
                )


async def _variables(node: UaNode, path: tuple[str, ...], depth: int) -> AsyncIterator[Node]:
    from asyncua.ua.object_ids import ObjectIds
    from asyncua.ua.uaerrors._base import UaError
    from asyncua.ua.uaprotocol_auto import NodeClass

    for child in await node.get_children_descriptions():
        name = child.DisplayName.Text or child.BrowseName.Name or ""
        # The server's own state is no plant's.
        if child.NodeId.NamespaceIndex == 0 and child.NodeId.Identifier == ObjectIds.Server:
            continue
        below = node.__class__(node.session, child.NodeId)
        if child.NodeClass == NodeClass.Variable:
            try:
                value = str(await below.read_value())[:60]
            except UaError as error:
                value = type(error).__name__
            yield Node(child.NodeId.to_string(), "/".join((*path, name)), value)
        elif depth and child.NodeClass == NodeClass.Object:
            async for each in _variables(below, (*path, name), depth - 1):
                yield each
