"""Edge nodes behind a broker as a source of series: births, data and deaths as they come."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from erp_adapters.errors import ConfigurationError, ErpRefused, ErpUnavailable
from erp_adapters.ports import Health
from erp_adapters.series.signal import Signal
from erp_adapters.series.source import Columns, Sink
from erp_adapters.sparkplug.client import Broker, Listener, listening
from erp_adapters.sparkplug.mapping import Nodes, Told
from erp_adapters.sparkplug.payload import decoded

_log = logging.getLogger(__name__)
_KEEP_S: Final = 5.0
_ALIVE_S: Final = 60.0


class SparkplugSource:
    """One broker and the metrics that are listened to."""

    def __init__(self, broker: Broker, signals: Sequence[Signal], keep_s: float = _KEEP_S) -> None:
        self._broker, self._signals, self._keep_s = broker, tuple(signals), keep_s
        self._nodes = Nodes(self._signals)

    @property
    def kind(self) -> str:
        """What it is, in sentences."""
        return "MQTT Sparkplug"

    @property
    def signals(self) -> Sequence[Signal]:
        """What is listened to."""
        return self._signals

    async def health(self) -> Health:
        """Whether the broker lets the program in; never raises for what goes wrong."""
        try:
            async with listening(self._broker):
                pass
        except (ErpUnavailable, ErpRefused, ConfigurationError) as error:
            return Health(False, str(error))
        return Health(True, f"the broker answers; {len(self._signals)} metrics are listened to")

    async def follow(self, sink: Sink) -> None:
        """Listen, and hand over what comes; see `LiveSource`."""
        live, history = Columns(self._signals), Columns(self._signals)
        # What was known of births is of a session that may be over.
        self._nodes = Nodes(self._signals)
        try:
            async with listening(self._broker) as listener:
                for group in dict.fromkeys(name.group for name in self._nodes.names):
                    await listener.subscribe(group)
                for name in self._nodes.names:
                    await listener.ask_rebirth(name, datetime.now(UTC))
                await sink.alive()
                tasks = [
                    asyncio.ensure_future(self._listen(listener, live, history)),
                    asyncio.ensure_future(self._hand_over(sink, live, history)),
                ]
                try:
                    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                    for each in done:
                        each.result()
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            await sink.take(history.taken(), is_history=True)
            await sink.take(live.taken())

    async def _listen(self, listener: Listener, live: Columns, history: Columns) -> None:
        async for topic, data in listener.messages():
            try:
                payload = decoded(data)
            except ErpUnavailable as error:
                _log.warning("%s of the broker %s: %s", topic, self._broker, error)
                continue
            now = datetime.now(UTC)
            told = self._nodes.take(topic, payload, now, time.monotonic())
            if told.missing:
                _log.warning("%d messages before %s were lost", told.missing, topic)
            live.extend(told.live)
            history.extend(told.history)
            await self._ask(listener, told, now)

    async def _ask(self, listener: Listener, told: Told, now: datetime) -> None:
        if told.asks is not None and not await listener.ask_rebirth(told.asks, now):
            _log.warning("%s should be born again, which this source may not ask for", told.asks)

    async def _hand_over(self, sink: Sink, live: Columns, history: Columns) -> None:
        heard = time.monotonic()
        while True:
            await asyncio.sleep(self._keep_s)
            if len(live) or len(history):
                await sink.take(history.taken(), is_history=True)
                await sink.take(live.taken())
                heard = time.monotonic()
            elif time.monotonic() - heard > _ALIVE_S:
                # Edge nodes say only what changes: silence behind a link that stands is no failure.
                await sink.alive()
                heard = time.monotonic()
