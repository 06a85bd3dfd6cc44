"""What AdventureWorks's tables mean; the mapping itself is `mapping.yaml`."""

from __future__ import annotations

from erp_adapters.store.consistency import packaged_mapping
from erp_adapters.store.mapping import SourceMapping


def mapping() -> SourceMapping:
    """The packaged mapping, checked."""
    return packaged_mapping("adventureworks")
