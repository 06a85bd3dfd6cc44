"""Errors that tools raise for the model and the person; the whole tree is drawn in `erp_adapters.errors`."""

from erp_adapters.errors import NotRecorded, QueryInvalid, ToolError

__all__ = ["NotRecorded", "QueryInvalid", "ToolError"]
