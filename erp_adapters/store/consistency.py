"""A mapping read from YAML and held against itself: names resolve, types fit, no column is forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import assert_never

import yaml
from pydantic import ValidationError

from erp_adapters.errors import ConfigurationError
from erp_adapters.store.mapping import RecordSpec, SourceMapping
from erp_adapters.store.terms import (
    AllOf,
    Amount,
    AnyOf,
    Coded,
    ColumnType,
    Compare,
    Concat,
    Condition,
    Constant,
    Duplicate,
    EnumMap,
    Exists,
    Expression,
    Lookup,
    Missing,
    Moment,
    Not,
    OfSite,
    Orphan,
    Period,
    Price,
    Quantity,
    Scaled,
    Setting,
)

_NUMBERS: frozenset[ColumnType] = frozenset({"integer", "decimal"})
_DAYS = frozenset({"date", "timestamp", "moment"})


def read_mapping(path: Path) -> SourceMapping:
    """The mapping in a YAML file.

    Raises:
        ConfigurationError: the file cannot be read, or says something that cannot be; names each place.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"Source mapping {str(path)!r} cannot be read: {exc}") from exc
    return parse_mapping(text, path.name)


def packaged_mapping(adapter: str) -> SourceMapping:
    """The mapping in an adapter's own folder, checked."""
    text = resources.files("erp_adapters").joinpath(adapter, "mapping.yaml").read_text(encoding="utf-8")
    return parse_mapping(text, f"{adapter}/mapping.yaml")


def parse_mapping(text: str, name: str) -> SourceMapping:
    """The mapping in a YAML text; `name` stands in messages.

    Raises:
        ConfigurationError: the text says something that cannot be; names each place.
    """
    try:
        mapping = SourceMapping.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as exc:
        raise ConfigurationError(f"Source mapping {name!r} is not YAML: {exc}") from exc
    except ValidationError as exc:
        places = [
            f"{'.'.join(str(part) for part in error['loc']) or 'mapping'}: {error['msg']}"
            for error in exc.errors()
        ]
        raise ConfigurationError(f"Source mapping {name!r} is wrong:\n  " + "\n  ".join(places)) from exc
    problems = list(dict.fromkeys(_Check(mapping).problems()))
    if problems:
        raise ConfigurationError(f"Source mapping {name!r} is wrong:\n  " + "\n  ".join(problems))
    return mapping


def type_of(expression: Expression, file: str, mapping: SourceMapping) -> ColumnType:
    """The type that an expression gives, known before any row is read."""
    match expression:
        case str():
            kind = mapping.files[file].columns[expression].type
            return "text" if kind == "zero_padded" else kind
        case Constant(constant=bool()):
            return "flag"
        case Constant(constant=int()):
            return "integer"
        case Constant(constant=Decimal()) | Scaled() | Quantity() | Amount() | Price():
            return "decimal"
        case Constant() | EnumMap() | Concat() | OfSite() | Setting():
            return "text"
        case Coded() | Period():
            return expression.type
        case Moment():
            return "moment"
        case Lookup():
            return type_of(expression.value, expression.lookup, mapping)
        case _ as never:
            assert_never(never)


@dataclass
class _Check:
    mapping: SourceMapping
    filled: dict[str, RecordSpec] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)

    def problems(self) -> Iterator[str]:
        for ref in self.mapping.as_of.latest:
            missing = list(self._columns(ref.file, [ref.column], "as_of"))
            yield from missing
            if not missing and type_of(ref.column, ref.file, self.mapping) not in _DAYS:
                yield f"as_of: {ref.file}.{ref.column} is not a date"
        for record in self.mapping.records:
            yield from self._record(record)
        yield from self._unaccounted()

    def _record(self, record: RecordSpec) -> Iterator[str]:
        where = f"record {record.record!r}"
        if record.record in self.filled:
            yield f"{where} is filled twice"
        for name in {"company", "currency"} & record.fields.keys():
            yield f"{where}: {name} stands beside `fields`, not in it"
        yield from self._columns(record.file, record.key, where)
        for name, expression in record.expressions().items():
            yield from self._expression(record.file, expression, f"{where}, field {name!r}")
        if record.only is not None:
            yield from self._condition(record.file, record.only, f"{where}, only")
        for name in record.units.keys() - record.fields.keys():
            yield f"{where}: a unit for {name!r}, which is not a field of it"
        doubled = [name for name, count in Counter(rule.rule for rule in record.quality).items() if count > 1]
        for name in doubled:
            yield f"{where}: two rules are called {name!r}"
        for rule in record.quality:
            yield from self._condition(record.file, rule.when, f"{where}, rule {rule.rule!r}")
        self.filled[record.record] = record

    def _columns(self, file: str, columns: list[str], where: str) -> Iterator[str]:
        spec = self.mapping.files.get(file)
        if spec is None:
            yield f"{where}: no file {file!r}; there are {', '.join(sorted(self.mapping.files))}"
            return
        for column in columns:
            self.used.add((file, column))
            if column not in spec.columns:
                yield f"{where}: {file!r} declares no column {column!r}; it has {', '.join(spec.columns)}"

    def _expression(self, file: str, expression: Expression, where: str) -> Iterator[str]:
        match expression:
            case str():
                yield from self._columns(file, [expression], where)
            case Constant():
                pass
            case EnumMap():
                yield from self._columns(file, [expression.enum], where)
            case Scaled():
                yield from self._of_type(
                    file, expression.scaled, _NUMBERS, "a number and cannot be scaled", where
                )
            case Coded():
                yield from self._expression(file, expression.coded, where)
            case Period():
                yield from self._expression(file, expression.period, where)
            case Quantity():
                yield from self._of_type(file, expression.quantity, _NUMBERS, "a number", where)
                yield from self._expression(file, expression.unit, where)
            case Amount():
                yield from self._of_type(file, expression.amount, _NUMBERS, "a number", where)
                yield from self._expression(file, expression.currency, where)
            case Price():
                for column in (expression.price, *([expression.per] if expression.per else [])):
                    yield from self._of_type(file, column, _NUMBERS, "a number", where)
                yield from self._expression(file, expression.unit, where)
            case Moment():
                yield from self._of_type(file, expression.moment, frozenset({"date"}), "a date", where)
                yield from self._of_type(file, expression.time, frozenset({"time"}), "a time of day", where)
            case OfSite() | Setting():
                pass
            case Concat():
                for part in expression.concat:
                    yield from self._expression(file, part, where)
            case Lookup():
                problems = [
                    *self._expression(file, expression.by, where),
                    *self._columns(expression.lookup, [expression.key], where),
                ]
                yield from problems
                if not problems:
                    yield from self._same_type(file, expression.by, expression.lookup, expression.key, where)
                    yield from self._expression(expression.lookup, expression.value, where)
            case _ as never:
                assert_never(never)

    def _of_type(
        self, file: str, column: str, kinds: frozenset[ColumnType], called: str, where: str
    ) -> Iterator[str]:
        missing = list(self._columns(file, [column], where))
        yield from missing
        if not missing and type_of(column, file, self.mapping) not in kinds:
            yield f"{where}: {column!r} is not {called}"

    def _condition(self, file: str, condition: Condition, where: str) -> Iterator[str]:
        match condition:
            case Missing():
                yield from self._columns(file, condition.missing, where)
            case Duplicate():
                yield from self._columns(file, condition.duplicate, where)
            case Compare():
                problems = [
                    *self._expression(file, condition.compare, where),
                    *self._expression(file, condition.to, where),
                ]
                yield from problems or self._same_type(file, condition.compare, file, condition.to, where)
            case Orphan():
                yield from self._orphan(file, condition, where)
            case Exists():
                problems = [
                    *self._columns(file, [condition.by], where),
                    *self._columns(condition.exists, [condition.key], where),
                ]
                yield from problems or self._same_type(
                    file, condition.by, condition.exists, condition.key, where
                )
            case AllOf(all=parts) | AnyOf(any=parts):
                for part in parts:
                    yield from self._condition(file, part, where)
            case Not():
                yield from self._condition(file, condition.negate, where)
            case _ as never:
                assert_never(never)

    def _orphan(self, file: str, condition: Orphan, where: str) -> Iterator[str]:
        missing = list(self._columns(file, condition.by, where))
        yield from missing
        other = self.filled.get(condition.orphan)
        if other is None:
            yield f"{where}: record {condition.orphan!r} must be filled before it can be referred to"
        elif len(other.key) != len(condition.by):
            yield f"{where}: the key of {condition.orphan!r} is {', '.join(other.key)}"
        elif not missing:
            for one, key in zip(condition.by, other.key, strict=True):
                yield from self._same_type(file, one, other.file, key, where)

    def _same_type(
        self, file: str, one: Expression, other_file: str, other: Expression, where: str
    ) -> Iterator[str]:
        left, right = type_of(one, file, self.mapping), type_of(other, other_file, self.mapping)
        if left != right and not {left, right} <= _NUMBERS:
            yield f"{where}: {left} and {right} are never equal; give both columns one type"

    def _unaccounted(self) -> Iterator[str]:
        left_out = {(item.table, column) for item in self.mapping.left_out for column in item.columns}
        whole = {item.table for item in self.mapping.left_out if not item.columns}
        for file, spec in self.mapping.files.items():
            for column in spec.columns:
                accounted = (
                    (file, column) in self.used
                    or spec.table in whole
                    or (spec.table, column) in left_out
                    or ("*", column) in left_out
                )
                if not accounted:
                    yield f"{file}.{column} is used nowhere; use it, or list it under left_out, with why"
