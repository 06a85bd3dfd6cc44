"""What the data itself can show to be wrong, across rows and records. Checks propose; they change nothing."""

from erp_adapters.store.checks.finding import Finding, Found, Key
from erp_adapters.store.checks.running import CHECKS, Looked, find, look_through

__all__ = ["CHECKS", "Finding", "Found", "Key", "Looked", "find", "look_through"]
