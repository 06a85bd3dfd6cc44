"""Machines of the file of systems are named with their rules; nothing is sent in the clear by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from erp_adapters.errors import ConfigurationError
from server.settings import Settings
from server.systems import Systems, systems_of
from server.systems.machines import OpcUaSystem

SIGNALS = """
[rules.oven]
source_unit = "F"
low = -20

[[signals]]
site = "KAS"
name = "oven"
address = "ns=2;s=Oven"
measures = "temperature"
unit = "C"
rule = "oven"
"""
_OVEN = SIGNALS.partition("[[signals]]")[2]


def read(folder: Path, text: str, signals: str = SIGNALS) -> Systems:
    (folder / "signals.toml").write_text(signals, encoding="utf-8")
    (folder / "systems.toml").write_text(text, encoding="utf-8")
    return systems_of(Settings(systems=folder / "systems.toml"))


def test_machines_stand_beside_systems_that_get_documents(tmp_path: Path) -> None:
    """A server of machines is read with its signals and gets nobody's documents."""
    plain = 'url = "opc.tcp://127.0.0.1:4840"\npolicy = "None"\nsignals = "signals.toml"\n'
    found = read(tmp_path, f'[hall]\nadapter = "opc_ua"\n{plain}')
    assert len(found) == 0
    hall = found.machines["hall"]
    assert isinstance(hall, OpcUaSystem)
    [oven] = hall.read_signals()
    assert (oven.rule.source_unit, oven.rule.low) == ("F", -20)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('adapter = "opc_ua"\nurl = "opc.tcp://hall:4840"\npolicy = "None"', "in the clear"),
        ('adapter = "opc_ua"\nurl = "opc.tcp://hall:4840"', "needs `certificate`"),
        ('adapter = "sparkplug"\nhost = "broker.example"', "in the clear"),
    ],
)
def test_what_would_be_sent_in_the_clear_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """A login over an open network is somebody's decision, which the file says."""
    with pytest.raises(ConfigurationError, match=why):
        read(tmp_path, f'[hall]\n{text}\nsignals = "signals.toml"\n')


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('rule = "oven"', 'rule = "stove"', "no rule 'stove'; there are oven"),
        ('source_unit = "F"', 'source_unit = "furlong"', "cannot be made 'C'"),
        ('source_unit = "F"', 'time_zone = "Europe/Nowhere"', "is no time zone"),
        (
            "[[signals]]",
            SIGNALS.partition("[[signals]]")[2].join(["[[signals]]", "[[signals]]"]),
            "two signals",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_named(tmp_path: Path, old: str, new: str, why: str) -> None:
    """Whoever writes rules is told the place."""
    found = read(
        tmp_path,
        '[hall]\nadapter = "sparkplug"\nhost = "localhost"\nsignals = "signals.toml"\n',
        SIGNALS.replace(old, new),
    )
    with pytest.raises(ConfigurationError, match=why):
        found.machines["hall"].read_signals()
