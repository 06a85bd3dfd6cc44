"""What AdventureWorks's tables mean; the mapping itself is `mapping.yaml`."""

from __future__ import annotations

from importlib import resources

from erp_adapters.store.consistency import parse_mapping
from erp_adapters.store.mapping import SourceMapping


def mapping() -> SourceMapping:
    """The packaged mapping, checked."""
    text = resources.files("erp_adapters.adventureworks").joinpath("mapping.yaml").read_text(encoding="utf-8")
    return parse_mapping(text, "adventureworks/mapping.yaml")
