"""Rows of a source turned into canonical rows, with what their quality rules found on the way."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from erp_adapters.errors import ImportFailed
from erp_adapters.store.directory import SourceDirectory
from erp_adapters.store.expressions import (
    Evaluate,
    Test,
    Unmapped,
    compile_condition,
    compile_expression,
)
from erp_adapters.store.fitting import Targets
from erp_adapters.store.mapping import RecordSpec, Rule
from erp_adapters.store.quality import SAMPLES, RecordOutcome, RuleOutcome, Sample
from erp_adapters.store.reading import BadRow, Row, Value, Values

UNFIT, UNMAPPED, INCOMPLETE, REPEATED = "unfit_value", "unmapped_code", "incomplete", "repeated_key"
BUILT_IN = {
    UNFIT: "a value does not fit its column's type",
    UNMAPPED: "a value has no meaning in the mapping",
    INCOMPLETE: "a value that the record cannot be without is missing",
    REPEATED: "an earlier row has the same key",
}
"""Rules that hold for every record without being written down; each sets the row aside."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One row that was set aside, with all of its source values."""

    line: int
    source_key: str
    rule: str
    reason: str
    row: dict[str, str | None]


class _Refused(Exception):
    def __init__(self, rule: str, reason: str) -> None:
        self.rule, self.reason = rule, reason


class RecordStage:
    """One record of the mapping: its rows as lines of COPY text, and what was found."""

    def __init__(self, spec: RecordSpec, targets: Targets, source: SourceDirectory) -> None:
        self.spec = spec
        self.file = source.spec(spec.file)
        fields = spec.expressions()
        self.columns = list(fields)
        """Canonical columns that the record fills."""
        self.read = self.loaded = self.flagged = 0
        self.quarantined: list[Quarantined] = []
        self._source = source
        self._evaluate: list[Evaluate] = [
            compile_expression(expression, spec.file, source) for expression in fields.values()
        ]
        self._narrow = [(i, name) for i, name in enumerate(self.columns) if targets[name].type == "integer"]
        self._required = [(i, name) for i, name in enumerate(self.columns) if targets[name].required]
        self._tests: list[tuple[Rule, Test]] = [
            (rule, compile_condition(rule.when, spec.file, source)) for rule in spec.quality
        ]
        self._key = [source.position(spec.file, column) for column in spec.key]
        self._identity = _identity(spec, self.columns, targets)
        self._identities: dict[Values, int] = {}
        self._counts: Counter[str] = Counter()
        self._samples: dict[str, list[Sample]] = {}
        self._digest = hashlib.sha256()

    def copy_lines(self, tick: Callable[[int], None]) -> Iterator[str]:
        """Each row that may be loaded as COPY text: line of the file, source key, flags, then `columns`."""
        keys = self._source.loaded(self.spec.record)
        for row in self._source.rows(self.spec.file):
            self.read += 1
            if not self.read % 2000:
                tick(self.read)
            if isinstance(row, BadRow):
                nameless = f"{self.file.table}/line {row.line}"
                self._set_aside(Quarantined(row.line, nameless, UNFIT, row.reason, row.raw))
                continue
            key = tuple(row.values[position] for position in self._key)
            source_key = f"{self.file.table}/{'/'.join('' if part is None else str(part) for part in key)}"
            try:
                content = self._convert(row, key, keys, source_key)
            except _Refused as refused:
                raw = self._raw(row)
                self._set_aside(Quarantined(row.line, source_key, refused.rule, refused.reason, raw))
                continue
            keys[key] = row.line
            self.loaded += 1
            self._digest.update(content.encode())
            yield f"{row.line}\t{content}"
        self._identities.clear()

    def _convert(self, row: Row, key: Values, keys: dict[Values, int], source_key: str) -> str:
        if key in keys:
            raise _Refused(REPEATED, f"line {keys[key]} has the same {', '.join(self.spec.key)}")
        for rule, test in self._tests:
            if rule.severity == "quarantine" and test(row.values):
                raise _Refused(rule.rule, rule.reason)
        try:
            values = [evaluate(row.values) for evaluate in self._evaluate]
        except Unmapped as exc:
            raise _Refused(UNMAPPED, str(exc)) from None
        self._refuse_unstorable(values, row.line)
        flags: list[str] = []
        for rule, test in self._tests:
            if rule.severity != "quarantine" and test(row.values):
                self._note(rule.rule, rule.reason, row.line, source_key)
                if rule.severity == "flag":
                    flags.append(rule.rule)
        self.flagged += bool(flags)
        fields = [copy_field(source_key), "{" + ",".join(flags) + "}", *map(copy_field, values)]
        return "\t".join(fields) + "\n"

    def _refuse_unstorable(self, values: list[Value], line: int) -> None:
        for position, name in self._required:
            if values[position] is None:
                raise _Refused(INCOMPLETE, f"{name} is missing")
        for position, name in self._narrow:
            value = values[position]
            if isinstance(value, int) and not -_NARROW <= value < _NARROW:
                raise _Refused(UNFIT, f"{name} {value} is too large")
        if self._identity:
            identity = tuple(values[position] for position in self._identity)
            first = self._identities.setdefault(identity, line)
            if first != line:
                names = ", ".join(self.columns[position] for position in self._identity)
                raise _Refused(REPEATED, f"line {first} has the same {names}")

    def _raw(self, row: Row) -> dict[str, str | None]:
        return {
            name: None if value is None else str(value)
            for name, value in zip(self.file.columns, row.values, strict=True)
        }

    def _note(self, rule: str, reason: str, line: int, source_key: str) -> None:
        self._counts[rule] += 1
        samples = self._samples.setdefault(rule, [])
        if len(samples) < SAMPLES:
            samples.append(Sample(file=self.file.file, line=line, source_key=source_key, reason=reason))

    def _set_aside(self, row: Quarantined) -> None:
        self._note(row.rule, row.reason, row.line, row.source_key)
        self.quarantined.append(row)

    def refuse_if_poor(self, largest_share: Decimal) -> None:
        """Refuse the import where too large a share of the rows was set aside."""
        if len(self.quarantined) <= largest_share * self.read:
            return
        first = self.quarantined[0]
        raise ImportFailed(
            f"{self.file.file}: {len(self.quarantined):,} of {self.read:,} rows cannot be loaded, more than "
            f"the {largest_share:.2%} that may be set aside. First at line {first.line}: {first.reason}. "
            "Correct the file and import again."
        )

    def outcome(self) -> RecordOutcome:
        """What was found."""
        declared = {rule.rule: rule for rule in self.spec.quality}
        rules = [
            RuleOutcome(
                rule=name,
                severity=declared[name].severity if name in declared else "quarantine",
                reason=declared[name].reason if name in declared else BUILT_IN[name],
                rows=count,
                samples=self._samples[name],
            )
            for name, count in sorted(self._counts.items())
        ]
        return RecordOutcome(
            record=self.spec.record,
            file=self.file.file,
            read=self.read,
            loaded=self.loaded,
            quarantined=len(self.quarantined),
            flagged=self.flagged,
            checksum=self._digest.hexdigest(),
            rules=rules,
            units=self.spec.units,
        )


def _identity(spec: RecordSpec, columns: list[str], targets: Targets) -> list[int]:
    """Where the canonical table's key stands among the fields; empty where the source's key covers it."""
    fields = spec.expressions()
    names = [name for name in columns if targets[name].in_key]
    covered = {expression for name in names if isinstance(expression := fields[name], str)}
    return [] if covered and covered == set(spec.key) else [columns.index(name) for name in names]


_NARROW = 2**31
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_field(value: Value) -> str:
    """A value as one field of COPY text."""
    match value:
        case None:
            return "\\N"
        case str():
            return value if value.isalnum() else value.translate(_ESCAPES)
        case bool():
            return "t" if value else "f"
        case Decimal():
            return format(value, "f")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)
