"""A small plant in the stand-in: what `plant.yaml` says, on the day on which it is filled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from tests.systems.sap_rfc.storage import Change

PLANT, OTHER_PLANT = "1000", "2000"
TUBE, GRIP, FRAME, CHIP = "T-100", "000000000000004711", "F-900", "J-500"
"""One number is digits only: SAP keeps it with leading zeros, and people write 4711."""
VENDOR, JAPANESE = "0000010077", "JPSUP"
_DAY = re.compile(r"day(?P<after>[+-]\d+)")


def day(after: int) -> str:
    """A day from today, as SAP writes it."""
    return f"{datetime.now(UTC) + timedelta(days=after):%Y%m%d}"


def fill() -> Iterator[Change]:
    """Every row."""
    text = Path(__file__).with_name("plant.yaml").read_text(encoding="utf-8")
    dated = _DAY.sub(lambda found: f"'{day(int(found['after']))}'", text)
    for table, rows in yaml.safe_load(dated).items():
        for row in rows:
            yield Change(table, row)
