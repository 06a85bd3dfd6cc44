"""The mapping with which a system's files are read back: the dialect, said in the loader's language."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TypeAlias

import yaml
from pydantic import Field

from erp_adapters.demo.book import FLAGS
from erp_adapters.demo.dialects.dialect import DIALECTS, FOLDER, Cell, Dialect, Table, dialect
from erp_adapters.demo.dialects.fields import type_of
from erp_adapters.demo.dialects.yaml_texts import yaml_texts
from erp_adapters.store.terms import Strict

Node: TypeAlias = "str | int | bool | list[Node] | dict[str, Node]"
"""A part of a mapping as it stands in YAML."""

MAPPINGS = FOLDER / "mappings"
_LINE = 110


class FlagRule(Strict):
    """When rows of a record carry a flag, in canonical fields."""

    record: str
    rule: str
    lacks: list[str] = Field(default=[])
    lacks_of_material: str | None = None
    below: dict[str, Decimal] = Field(default={})
    above: dict[str, Decimal] = Field(default={})
    more: tuple[str, str] | None = None


@cache
def flag_rules() -> tuple[FlagRule, ...]:
    """The demo's flags, as far as one row of a record shows them."""
    text = (FOLDER / "quality.yaml").read_text(encoding="utf-8")
    return tuple(FlagRule.model_validate(rule) for rule in yaml_texts(text))


def mapping_text(dialect: Dialect) -> str:
    """The whole mapping as YAML."""
    head = (
        f"# {dialect.dialect}: what the tables of this system mean, whichever plant runs it.\n"
        "# The codes are the site's; what they mean is in the rules of the site.\n"
    )
    return head + yaml.dump(
        _Mapping(dialect).whole(),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=_LINE,
    )


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


class _Mapping:
    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def whole(self) -> dict[str, Node]:
        dialect = self._dialect
        latest: list[Node] = [{"file": _file(table), "column": name} for table, name in dialect.as_of.items()]
        records: list[Node] = [
            self._record(record, name) for name, table in dialect.tables.items() for record in table.holds
        ]
        found: dict[str, Node] = {
            "source": dialect.dialect,
            "version": dialect.version,
            "as_of": {"latest": latest, "because": dialect.because},
            "plausible_dates": {"first": "2000-01-01", "last": "2050-12-31"},
            "files": {_file(name): self._file(name, table) for name, table in dialect.tables.items()},
            "records": records,
            "left_out": self._left_out(),
        }
        absent: list[Node] = [
            {"what": f"{loss.record}: {loss.what}", "because": loss.because} for loss in dialect.losses
        ]
        return found | {"absent": absent} if absent else found

    def _file(self, name: str, table: Table) -> dict[str, Node]:
        dialect = self._dialect
        found: dict[str, Node] = {"file": dialect.file(name), "table": name, "delimiter": dialect.delimiter}
        if dialect.encoding != "utf-8":
            found["encoding"] = dialect.encoding
        found |= {"decimals": dialect.decimals, "dates": dialect.dates, "zone": dialect.zone}
        found["flags"] = list(table.flags or dialect.flags)
        settled: list[Node] = [
            column
            for column, cell in table.columns.items()
            if cell.places == 3 and self._type(name, column, cell) == "decimal"
        ]
        if settled:
            # With three decimals 12,000 could be twelve thousand.
            found["settled"] = settled
        if table.may_be_empty:
            found["may_be_empty"] = True
        found["columns"] = {
            column: self._type(name, column, cell) + _required(table, column)
            for column, cell in table.columns.items()
            if cell.technical is None and not (cell.number and column not in table.key)
        }
        return found

    def _type(self, table: str, column: str, cell: Cell) -> str:
        """The type of a column in the loader's language."""
        kind = self._dialect.types(table, column)
        if cell.constant is not None:
            return "decimal"
        if cell.part is not None:
            return cell.part
        if cell.implied is not None or kind == "integer":
            return "integer"
        if cell.zeros is not None:
            return "zero_padded"
        return "text" if cell.rule is not None or cell.period else kind

    def _record(self, record: str, name: str) -> dict[str, Node]:
        table = self._dialect.tables[name]
        found: dict[str, Node] = {"record": record, "file": _file(name)}
        for column, cell in table.columns.items():
            if record in cell.mark:
                found["only"] = {"compare": column, "op": "=", "to": {"constant": cell.mark[record]}}
        found["key"] = list(table.key)
        company = [column for column, cell in table.columns.items() if cell.plant == "company"]
        found["company"] = company[0] if company else {"setting": "company"}
        fields = self._fields(record)
        if "currency" in fields:
            found["currency"] = fields.pop("currency")
        found["fields"] = fields
        rules = [self._rule(rule, name) for rule in flag_rules() if rule.record == record]
        if rules:
            found["quality"] = list(rules)
        return found

    def _fields(self, record: str) -> dict[str, Node]:
        """Every field with the expression that computes it from the record's own table."""
        parts: dict[str, list[tuple[str, str, Cell]]] = {}
        for table, column, cell, fields in self._dialect.cells(record):
            for field in fields:
                parts.setdefault(field, []).append((table, column, cell))
        found = {}
        for field, where in parts.items():
            own = [part for part in where if record in self._dialect.tables[part[0]].holds]
            found[field] = self._field(record, field, own or where)
        return found

    def _field(self, record: str, field: str, parts: list[tuple[str, str, Cell]]) -> Node:
        table, column, cell = parts[0]
        if cell.part is not None:
            halves = {part.part: name for _, name, part in parts}
            return self._beside(record, table, {"moment": halves["date"] or "", "time": halves["time"] or ""})
        if len(parts) > 1:
            # Only one of them has something in each row.
            return {"concat": [name for _, name, _ in parts]}
        return self._beside(record, table, self._expression(record, field, column, cell))

    def _expression(self, record: str, field: str, column: str, cell: Cell) -> Node:
        """The field's value from its own table."""
        if cell.rule is not None:
            return {"coded": column, "rule": cell.rule}
        if cell.period:
            kind = type_of(record, field)
            return {"period": column, "type": "date"} if kind == "date" else {"period": column}
        if cell.implied is not None:
            return {"scaled": column, "times": f"{Decimal(1).scaleb(-cell.implied):f}"}
        if cell.quantity is not None:
            return {"quantity": column, "unit": cell.quantity, "rule": "unit"}
        if cell.price is not None:
            price: dict[str, Node] = {"price": column, "unit": cell.price, "rule": "unit"}
            return price | {"per": cell.per} if cell.per is not None else price
        if cell.or_empty:
            return {"concat": [column, {"constant": ""}]}
        return column

    def _beside(self, record: str, table: str, expression: Node) -> Node:
        """The expression, looked up where the table stands beside the record's own."""
        part = self._dialect.tables[table]
        if record in part.holds:
            return expression
        key = part.beside[record]
        (shared,) = {
            field
            for name, column, _, fields in self._dialect.cells(record)
            if (name, column) == (table, key)
            for field in fields
        }
        by = self._own_column(record, shared)
        return {"lookup": _file(table), "by": by, "key": key, "value": expression}

    def _own_column(self, record: str, field: str) -> str:
        """The column of the record's own table that shows a field."""
        return next(
            column
            for table, column, _, fields in self._dialect.cells(record)
            if record in self._dialect.tables[table].holds and field in fields
        )

    def _rule(self, rule: FlagRule, name: str) -> dict[str, Node]:
        fields = self._fields(rule.record)
        tests: list[Node] = []
        for field, number in rule.above.items():
            tests.append({"compare": fields[field], "op": ">", "to": {"constant": int(number)}})
        for field, number in rule.below.items():
            tests.append({"compare": fields[field], "op": "<", "to": {"constant": int(number)}})
        if rule.more is not None:
            one, other = (fields[field] for field in rule.more)
            tests.append({"compare": one, "op": ">", "to": other})
        if rule.lacks:
            lacking = [self._lacking(rule.record, field, fields[field]) for field in rule.lacks]
            tests.append(lacking[0] if len(lacking) == 1 else {"any": lacking})
        if rule.lacks_of_material is not None:
            tests.append(_valueless(self._of_material(rule.record, rule.lacks_of_material)))
        when: Node = tests[0] if len(tests) == 1 else {"all": tests}
        return {"rule": rule.rule, "severity": "flag", "when": when, "reason": FLAGS[rule.rule]}

    def _lacking(self, record: str, field: str, expression: Node) -> Node:
        if isinstance(expression, dict) and "lookup" in expression:
            return _valueless(expression)
        return {"missing": [self._own_column(record, field)]}

    def _of_material(self, record: str, field: str) -> Node:
        """A field of the material that a row names."""
        own = self._own_column(record, "material_id")
        for table, column, cell, fields in self._dialect.cells("material"):
            if field in fields:
                part = self._dialect.tables[table]
                key = part.beside.get("material") or part.key[0]
                expression = self._expression("material", field, column, cell)
                return {"lookup": _file(table), "by": own, "key": key, "value": expression}
        raise KeyError(field)

    def _left_out(self) -> list[Node]:
        dialect = self._dialect
        found: list[Node] = []
        for column, technical in dialect.technical.items():
            found.append({"table": "*", "columns": [column], "because": technical.because})
        for name, table in dialect.tables.items():
            for column, cell in table.columns.items():
                if cell.technical is not None and cell.technical != dialect.technical.get(column):
                    found.append({"table": name, "columns": [column], "because": cell.technical.because})
        return found


def _required(table: Table, column: str) -> str:
    """What follows the type of a column without which a row cannot be told from others."""
    return " required" if column in table.key and not table.columns[column].or_empty else ""


def _file(table: str) -> str:
    """Name of a table's file within the mapping."""
    return table.lower().replace(".", "_")


def _valueless(expression: Node) -> Node:
    """True where an expression has no value: nothing equals nothing."""
    return {"not": {"compare": expression, "op": "=", "to": expression}}


def write_mappings() -> None:
    """Write the mapping of every dialect to where it is checked in."""
    for name in DIALECTS:
        (MAPPINGS / f"{name}.yaml").write_text(mapping_text(dialect(name)), encoding="utf-8")


if __name__ == "__main__":
    write_mappings()
