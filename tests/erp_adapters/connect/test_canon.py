"""What sources are held against is what the store keeps."""

from __future__ import annotations

import psycopg

from erp_adapters.connect.canon import canon
from erp_adapters.connect.checking import questions
from erp_adapters.store.fitting import PROVIDED

_FITTING = {
    "text": {"text", "number", "date"},
    "number": {"numeric"},
    "integer": {"integer"},
    "date": {"date"},
    "time": {"time without time zone"},
    "flag": {"boolean"},
}


def test_every_field_is_one_of_the_store_with_its_type(owner_dsn: str) -> None:
    """Names, types, what is required, and which records have amounts in a currency."""
    with psycopg.connect(owner_dsn) as connection:
        rows = connection.execute(
            "select table_name, column_name, data_type, is_nullable = 'NO' and column_default is null"
            " from information_schema.columns where table_schema = 'erp'"
        ).fetchall()
    held = {(table, column): (kind, required) for table, column, kind, required in rows}
    for record in canon():
        for name, wanted in record.wanted().items():
            kind, _ = held[record.record, name]
            if name != "company":
                assert kind in _FITTING[wanted.kind] | ({"text"} if wanted.kind == "text" else set()), name
        required = {
            column
            for (table, column), (_, is_required) in held.items()
            if table == record.record and is_required and column not in PROVIDED
        }
        given = {"currency"} if record.in_currency else set()
        assert required - given <= set(record.required), record.record
        assert set(record.required) <= record.wanted().keys()
        assert record.in_currency == ((record.record, "currency") in held and record.currency is None)


def test_references_lead_to_records_that_come_before() -> None:
    """Or to the record itself; the order is the one in which they are loaded."""
    seen: set[str] = set()
    late = set()
    for record in canon():
        seen.add(record.record)
        late |= {
            (record.record, wanted.refers_to)
            for wanted in record.wanted().values()
            if wanted.refers_to and wanted.refers_to not in seen
        }
    assert late == {("work_centre", "cost_centre")}
    fields = {f"{record.record}.{name}" for record in canon() for name in record.wanted()}
    for question in questions():
        assert set(question.needs) <= fields, question.question
