"""Messages of edge nodes as samples: births give names, deaths end them, and a missing message is noticed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from erp_adapters.errors import ConfigurationError
from erp_adapters.series.batch import BAD, GOOD, UNCERTAIN
from erp_adapters.series.signal import Signal
from erp_adapters.series.source import Columns, number_of
from erp_adapters.sparkplug.payload import Metric, Payload

NAMESPACE: Final = "spBv1.0"
_BD_SEQ: Final = "bdSeq"
_SEQUENCE: Final = 256
_AGAIN_S: Final = 10.0
"""A node is not asked to be born again more often: it may be the one that is overwhelmed."""


@dataclass(frozen=True, slots=True)
class NodeName:
    """An edge node."""

    group: str
    node: str

    def __str__(self) -> str:
        return f"{self.group}/{self.node}"


@dataclass(slots=True)
class _Node:
    """What is known of an edge node."""

    is_born: bool = False
    seq: int | None = None
    bd_seq: int | None = None
    is_sure: bool = True
    """False from a missing message to the next birth."""
    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Device and metric by alias, unique in a node from one birth to the next."""
    asked_at: float = float("-inf")


@dataclass(slots=True)
class Told:
    """What a message comes to."""

    live: Columns
    history: Columns
    asks: NodeName | None = None
    """The node that should be born again."""
    missing: int = 0
    """Messages that must have been lost before this one."""


def place_of(address: str) -> tuple[NodeName, str, str]:
    """Edge node, device (or none) and metric of an address: `group/node:metric`, `group/node/device:metric`.

    Raises:
        ConfigurationError: it is none.
    """
    where, colon, metric = address.partition(":")
    parts = where.split("/")
    if not colon or not metric or len(parts) not in (2, 3) or not all(parts) or set(where) & {"+", "#"}:
        raise ConfigurationError(
            f"{address!r} is no address of Sparkplug; write group/node:metric or group/node/device:metric"
        )
    return NodeName(parts[0], parts[1]), parts[2] if len(parts) == 3 else "", metric


class Nodes:
    """The edge nodes of a source."""

    def __init__(self, signals: Sequence[Signal]) -> None:
        self._signals = signals
        self._places: dict[tuple[NodeName, str, str], int] = {}
        for place, signal in enumerate(signals):
            self._places[place_of(signal.address)] = place
        self.names = tuple(dict.fromkeys(node for node, _, _ in self._places))
        self._nodes = {name: _Node() for name in self.names}

    def take(self, topic: str, payload: Payload, now: datetime, clock: float) -> Told:
        """What a message of a topic comes to; nothing where it is of nobody that is asked for.

        Args:
            now: when it arrived.
            clock: seconds that never go back.
        """
        told = Told(Columns(self._signals), Columns(self._signals))
        match topic.split("/"):
            case [namespace, group, kind, node, *rest] if namespace == NAMESPACE and len(rest) <= 1:
                name, device = NodeName(group, node), rest[0] if rest else ""
            case _:
                return told
        known = self._nodes.get(name)
        if known is None:
            return told
        match kind:
            case "NBIRTH":
                known.is_born, known.is_sure, known.seq, known.names = True, True, payload.seq, {}
                known.bd_seq = _bd_seq(payload)
                self._name(known, "", payload)
                self._add(told, name, known, "", payload, now)
            case "NDEATH":
                # The broker sends the last will of a session that ended long ago, after the next one's birth.
                if known.is_born and known.bd_seq in (None, _bd_seq(payload)):
                    self._end(told, name, None, now)
                    known.is_born = False
            case "DBIRTH" | "NDATA" | "DDATA" | "DDEATH":
                self._in_session(told, name, known, kind, device, payload, now, clock)
            case _:
                pass  # commands and host states are others' business
        return told

    def _in_session(
        self,
        told: Told,
        name: NodeName,
        known: _Node,
        kind: str,
        device: str,
        payload: Payload,
        now: datetime,
        clock: float,
    ) -> None:
        if not known.is_born:
            self._ask(told, name, known, clock)
            return
        if payload.seq is not None and known.seq is not None:
            ahead = (payload.seq - known.seq - 1) % _SEQUENCE
            if ahead == _SEQUENCE - 1:
                return  # the very message again, as MQTT may
            if ahead:
                told.missing, known.is_sure = ahead, False
                self._ask(told, name, known, clock)
        known.seq = payload.seq
        if kind == "DDEATH":
            self._end(told, name, device, now)
            return
        if kind == "DBIRTH":
            self._name(known, device, payload)
        self._add(told, name, known, device, payload, now)

    def _ask(self, told: Told, name: NodeName, known: _Node, clock: float) -> None:
        if clock - known.asked_at >= _AGAIN_S:
            known.asked_at, told.asks = clock, name

    def _name(self, known: _Node, device: str, payload: Payload) -> None:
        for metric in payload.metrics:
            if metric.alias is not None and metric.name:
                known.names[metric.alias] = (device, metric.name)

    def _add(
        self, told: Told, name: NodeName, known: _Node, device: str, payload: Payload, now: datetime
    ) -> None:
        for metric in payload.metrics:
            of, called = device, metric.name
            if not called and metric.alias is not None:
                of, called = known.names.get(metric.alias, ("", ""))
            place = self._places.get((name, of, called))
            if place is None:
                continue
            quality = GOOD if known.is_sure else UNCERTAIN
            value = number_of(metric.value, self._signals[place].rule)
            at = metric.at or payload.at or now
            (told.history if metric.is_historical else told.live).add(
                place, at, value, BAD if metric.value is None else quality
            )

    def _end(self, told: Told, name: NodeName, device: str | None, now: datetime) -> None:
        """From here on nothing is known of a device, or of a whole node: no number, said to be bad."""
        for (node, of, _), place in self._places.items():
            if node == name and device in (None, of):
                told.live.add(place, now, float("nan"), BAD)


def _bd_seq(payload: Payload) -> int | None:
    found: list[Metric] = [metric for metric in payload.metrics if metric.name == _BD_SEQ]
    value = found[0].value if found else None
    return int(value) if isinstance(value, int | float) else None
