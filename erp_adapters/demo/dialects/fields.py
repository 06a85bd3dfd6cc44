"""The types of canonical fields, by name: with two exceptions a name means the same in every record."""

from __future__ import annotations

from typing import Literal, TypeAlias

FieldType: TypeAlias = Literal["text", "integer", "decimal", "date", "time", "moment", "flag", "series"]

_OTHER: dict[FieldType, str] = {
    "integer": "operation phase level revision credit_rating priority step_minutes",
    "decimal": """
        actual actual_minutes actual_rate amount availability average_rate base_charge batch_quantity
        closing_rate confidence cost cost_rate daily_minutes days_to_make delivered delivery_days factor
        freight from_quantity good hourly_rate hours inspected last_price lead_time_days line_total
        list_price maximum_lot maximum_order minimum_lot minimum_order minutes on_order ordered
        ownership_pct percent plan_rate planned_minutes quantity quantity_per rate ratio receipt_days
        received rejected reorder_point reworked rounding_value run_minutes safety_stock scrap_pct
        scrapped setup_minutes share_pct standard_cost standard_price stocked subtotal surcharge
        target_quantity tax total unit_cost unit_price value weekly_minutes weight withdrawn yield_pct
    """,
    "date": "day for_day month valid_from valid_to",
    "time": "starts_at",
    "series": "readings",
}
_TYPES = {name: kind for kind, names in _OTHER.items() for name in names.split()}
_EXCEPTIONS: dict[tuple[str, str], FieldType] = {
    ("shift", "ends_at"): "time",
    ("document", "revision"): "text",
}


def type_of(record: str, field: str) -> FieldType:
    """What kind of value a field holds."""
    known = _EXCEPTIONS.get((record, field)) or _TYPES.get(field)
    if known is not None:
        return known
    if field.startswith(("is_", "needs_")):
        return "flag"
    if field.endswith("_on"):
        return "date"
    if field.endswith("_at"):
        return "moment"
    return "text"
