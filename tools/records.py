"""The records of the store by what people call them."""

from __future__ import annotations

from erp_adapters.store.session import ReadTransaction
from tools.errors import ToolError
from tools.languages import said
from tools.matching import meant, ranked
from tools.naming import Thing

_CALLED = {
    "material": ("product", "part", "item"),
    "production_order": ("work order", "production order"),
    "purchase_order": ("purchase order", "po header"),
    "purchase_line": ("purchase order line", "po line"),
    "bom_item": ("bill of materials line", "bom line"),
    "stock": ("inventory", "stock row"),
    "stock_movement": ("transaction", "movement", "goods movement"),
    "supplier": ("vendor",),
    "info_record": ("vendor price", "product vendor"),
    "ledger_line": ("ledger", "posting", "journal line"),
    "fx_rate": ("currency rate", "exchange rate"),
    "standard_cost_version": ("cost history", "standard cost"),
    "list_price_version": ("list price history", "list price"),
    "cost_centre": ("department group",),
    "company": ("organisation", "organization"),
}
"""What people call records, besides the records' own names."""


def called(record: str) -> str:
    """What people call a canonical record: `work order` for `production_order` in their own language."""
    return said(record.replace("_", " "))


async def record_named(tx: ReadTransaction, text: str) -> str:
    """The canonical record that the text names, such as `production_order` for "work orders".

    Raises:
        ToolError: none or several are called that.
    """
    found = await tx.fetch(
        "select table_name from information_schema.columns where table_schema = 'erp'"
        " and column_name = 'ingested_at' and table_name <> 'provenance' order by table_name"
    )
    names = [str(row[0]) for row in found.rows]
    things = [
        Thing("", name, code, name.replace("_", " "))
        for name in names
        for code in ("", *_CALLED.get(name, ()), called(name))
    ]
    meanings = sorted({match.thing.id for match in meant(ranked(text, things))})
    if len(meanings) == 1:
        return meanings[0]
    if meanings:
        raise ToolError(
            said(
                "[[asked]] may mean several records: [[listed]]",
                asked=repr(text),
                listed=", ".join(meanings),
            )
        )
    raise ToolError(
        said(
            "[[asked]] names no record; there are [[listed]] and others",
            asked=repr(text),
            listed=", ".join(sorted(_CALLED)),
        )
    )
