"""Orders as people write them: `PO 43`, `work order 43`, `SO 43` or the number alone."""

from __future__ import annotations

from typing import Literal

OrderKind = Literal["work_order", "purchase_order", "sales_order"]
"""Kinds of orders that have numbers."""

_PREFIXES: dict[str, OrderKind] = {
    "wo": "work_order",
    "work order": "work_order",
    "production order": "work_order",
    "po": "purchase_order",
    "purchase order": "purchase_order",
    "so": "sales_order",
    "sales order": "sales_order",
}


def numbered(text: str, kind: OrderKind | None = None) -> tuple[str, OrderKind | None]:
    """The number in a text, and the kind that it says; otherwise the kind that was given."""
    text = text.removeprefix("#").strip()
    for prefix, told in _PREFIXES.items():
        rest = text[len(prefix) :]
        if text.lower().startswith(prefix) and not rest[:1].isalpha():
            return rest.strip(" -#:.") or text, kind or told
    return text, kind
