"""What the rows that are read of the system mean in the store; the mapping itself is `mapping.yaml`."""

from __future__ import annotations

from pathlib import Path

from erp_adapters.store.consistency import read_mapping
from erp_adapters.store.mapping import SourceMapping


def mapping() -> SourceMapping:
    """The mapping beside this file, checked."""
    return read_mapping(Path(__file__).with_name("mapping.yaml"))
