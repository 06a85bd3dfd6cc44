"""Births, deaths, aliases and lost messages of edge nodes come to the right samples and to one request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from erp_adapters.errors import ConfigurationError, ErpUnavailable
from erp_adapters.series.batch import BAD, GOOD, UNCERTAIN
from erp_adapters.series.signal import Signal
from erp_adapters.sparkplug.mapping import NodeName, Nodes, Told, place_of
from erp_adapters.sparkplug.payload import REBIRTH, Metric, Payload, decoded, rebirth

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
NODE = NodeName("kassel", "hall")
SIGNALS = (
    Signal(site="KAS", name="t", address="kassel/hall/p2:Temp/Oil", measures="temperature", unit="C"),
    Signal(site="KAS", name="n", address="kassel/hall:Load", measures="load"),
)


def metric(name: str, value: float | None, alias: int | None = None, *, historical: bool = False) -> Metric:
    return Metric(name, alias, NOON, 10, historical, value)


class Hall:
    """The node's messages, taken in one go."""

    def __init__(self) -> None:
        self.nodes = Nodes(SIGNALS)
        self.clock = 0.0

    def says(self, kind: str, seq: int | None, *metrics: Metric, device: str = "") -> Told:
        self.clock += 1
        topic = f"spBv1.0/kassel/{kind}/hall" + (f"/{device}" if device else "")
        return self.nodes.take(topic, Payload(NOON, seq, metrics), NOON, self.clock)

    def born(self, bd_seq: int = 0) -> None:
        self.says("NBIRTH", 0, metric("bdSeq", bd_seq), metric("Load", 1.0, 7))
        self.says("DBIRTH", 1, metric("Temp/Oil", 50.0, 8), device="p2")


def test_aliases_mean_what_the_birth_said() -> None:
    """Data names its metrics by number; the birth of the same session says which they are."""
    hall = Hall()
    hall.born()
    told = hall.says("DDATA", 2, metric("", 51.0, 8), metric("", 9.0, 99), device="p2")
    assert (told.live.which, told.live.values, told.live.qualities) == ([0], [51.0], [GOOD])
    assert told.asks is None


def test_a_lost_message_makes_values_uncertain_until_the_next_birth() -> None:
    """What came between is not known; the node is asked once, not at each message."""
    hall = Hall()
    hall.born()
    told = hall.says("NDATA", 4, metric("", 2.0, 7))
    assert (told.missing, told.asks) == (2, NODE)
    assert told.live.qualities == [UNCERTAIN]
    assert hall.says("NDATA", 6, metric("", 2.0, 7)).asks is None
    hall.born()
    assert hall.says("NDATA", 2, metric("", 2.0, 7)).live.qualities == [GOOD]


def test_the_sequence_goes_on_at_zero_after_255() -> None:
    """A wrapped number is no loss, and the very message again is no message."""
    hall = Hall()
    hall.born()
    for seq in [*range(2, 256), 0, 1]:
        told = hall.says("NDATA", seq, metric("", 2.0, 7))
        assert told.missing == 0
    assert len(hall.says("NDATA", 1, metric("", 2.0, 7)).live) == 0


def test_a_node_whose_birth_was_missed_is_asked_for_it() -> None:
    """Numbers without a birth mean nothing and are not guessed at."""
    hall = Hall()
    told = hall.says("NDATA", 17, metric("", 2.0, 7))
    assert len(told.live) == 0
    assert told.asks == NODE


def test_a_death_ends_what_is_known_and_an_old_one_does_not() -> None:
    """The will of a session that ended long ago may come after the next birth."""
    hall = Hall()
    hall.born(bd_seq=5)
    assert len(hall.says("NDEATH", None, metric("bdSeq", 4)).live) == 0
    assert hall.says("DDEATH", 2, device="p2").live.qualities == [BAD]
    told = hall.says("NDEATH", None, metric("bdSeq", 5))
    assert sorted(told.live.which) == [0, 1]
    assert set(told.live.qualities) == {BAD}


def test_what_a_node_stored_while_it_was_cut_off_is_history() -> None:
    """Late by design is not late."""
    hall = Hall()
    hall.born()
    told = hall.says("DDATA", 2, metric("", 40.0, 8, historical=True), device="p2")
    assert len(told.live) == 0
    assert told.history.values == [40.0]


def test_messages_of_others_are_nothing() -> None:
    """Other nodes, hosts' states and commands share the broker."""
    nodes = Nodes(SIGNALS)
    for topic in ("spBv1.0/kassel/NDATA/other", "spBv1.0/STATE/scada", "spBv1.0/kassel/NCMD/hall", "a/b"):
        told = nodes.take(topic, Payload(NOON, 1, ()), NOON, 1.0)
        assert (len(told.live), told.asks) == (0, None)


@pytest.mark.parametrize("address", ["kassel/hall", "hall:x", "a/b/c/d:x", "a/+:x", "/b:x", "a/b:"])
def test_an_address_that_is_none_is_named(address: str) -> None:
    """A wild card would listen to a whole plant."""
    with pytest.raises(ConfigurationError, match="no address of Sparkplug"):
        place_of(address)


def test_what_is_no_payload_is_said_to_be_none() -> None:
    """Any client of a broker may publish anything."""
    with pytest.raises(ErpUnavailable, match="no payload of Sparkplug B"):
        decoded(b"\xff\xff{}")
    asked = decoded(rebirth(NOON))
    assert [(metric.name, metric.value) for metric in asked.metrics] == [(REBIRTH, True)]
    assert asked.at == NOON
    assert asked.metrics[0].at == NOON - timedelta(0)
