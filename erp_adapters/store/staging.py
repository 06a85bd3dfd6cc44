"""Rows of a source turned into canonical rows and copied beside the tables, before any of them is touched."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from erp_adapters.errors import ImportFailed, SourceUnreadable
from erp_adapters.store.expressions import (
    Evaluate,
    Test,
    Unmapped,
    compile_condition,
    compile_expression,
    folded,
)
from erp_adapters.store.mapping import AsOf, FileSpec, RecordSpec, Rule, SourceMapping
from erp_adapters.store.quality import SAMPLES, FileOutcome, RecordOutcome, RuleOutcome, Sample
from erp_adapters.store.reading import BadRow, Row, SourceFile, Value, Values

UNFIT, UNMAPPED, INCOMPLETE, REPEATED = "unfit_value", "unmapped_code", "incomplete", "repeated_key"
"""Rules that hold for every record without being written down."""

_BUILT_IN = {
    UNFIT: "a value does not fit its column's type",
    UNMAPPED: "a code has no meaning in the mapping",
    INCOMPLETE: "a value that the record cannot be without is missing",
    REPEATED: "an earlier row has the same key",
}


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One row that was set aside, with all of its source values."""

    file: str
    line: int
    source_key: str
    rule: str
    reason: str
    row: dict[str, str | None]


@dataclass
class SourceDirectory:
    """The files of a source, each read at most once into what expressions and conditions ask of it."""

    directory: Path
    mapping: SourceMapping
    files: dict[str, SourceFile] = field(default_factory=dict)
    _rows: dict[str, list[Row | BadRow]] = field(default_factory=dict)
    _indexes: dict[tuple[str, str], Mapping[Value, Values]] = field(default_factory=dict)
    _loaded: dict[str, dict[Values, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.directory.is_dir():
            raise SourceUnreadable(
                f"{str(self.directory)!r} is not a directory. Give the one that holds the source's files."
            )
        missing = [
            spec.file for spec in self.mapping.files.values() if not (self.directory / spec.file).is_file()
        ]
        if missing:
            raise SourceUnreadable(
                f"{', '.join(missing)}: not found in {str(self.directory)!r}. Add "
                f"{'it' if len(missing) == 1 else 'them'}, or give the directory that holds the source's files."
            )

    @cached_property
    def _revisited(self) -> frozenset[str]:
        """Files that are looked at more than once and so stay in memory while the import runs."""
        return frozenset(_looked_up(self.mapping))

    def rows(self, file: str) -> Iterator[Row | BadRow]:
        """Rows of a file: streamed where it is needed once, kept where others look things up in it."""
        if file in self._revisited:
            if file not in self._rows:
                self._rows[file] = list(self._open(file).rows())
            yield from self._rows[file]
        else:
            yield from self._open(file).rows()

    def _open(self, file: str) -> SourceFile:
        spec = self.mapping.files[file]
        self.files[file] = SourceFile(self.directory / spec.file, spec)
        return self.files[file]

    def spec(self, file: str) -> FileSpec:
        return self.mapping.files[file]

    def position(self, file: str, column: str) -> int:
        return list(self.spec(file).columns).index(column)

    def index(self, file: str, key: str) -> Mapping[Value, Values]:
        if (file, key) not in self._indexes:
            position = self.position(file, key)
            found: dict[Value, Values] = {}
            for row in self.rows(file):
                if isinstance(row, Row):
                    found.setdefault(row.values[position], row.values)
            self._indexes[file, key] = found
        return self._indexes[file, key]

    def loaded(self, record: str) -> dict[Values, int]:
        """Keys loaded into a record so far, with their lines."""
        return self._loaded.setdefault(record, {})

    def repeated(self, file: str, columns: tuple[str, ...]) -> frozenset[Values]:
        positions = [self.position(file, column) for column in columns]
        counts = Counter(
            folded(tuple(row.values[position] for position in positions))
            for row in self.rows(file)
            if isinstance(row, Row)
        )
        return frozenset(values for values, count in counts.items() if count > 1 and None not in values)

    def latest(self, as_of: AsOf) -> date:
        """The latest date in any of the named columns."""
        found: list[date] = []
        for ref in as_of.latest:
            position = self.position(ref.file, ref.column)
            for row in self.rows(ref.file):
                value = row.values[position] if isinstance(row, Row) else None
                if isinstance(value, date):
                    found.append(value.date() if isinstance(value, datetime) else value)
        if not found:
            raise SourceUnreadable("None of the columns that say what business now is holds a date.")
        return max(found)

    def outcomes(self, manifest: Mapping[str, tuple[int, str]]) -> list[FileOutcome]:
        """Every file with its rows, compared with the manifest."""
        for file in self.mapping.files:
            if file not in self.files:
                # Nothing needs its rows, yet a broken file is refused all the same.
                for _ in self.rows(file):
                    pass
        return [
            FileOutcome(
                file=source.spec.file,
                rows=source.rows_read,
                sha256=source.sha256,
                expected_rows=manifest.get(source.spec.file, (None, None))[0],
                expected_sha256=manifest.get(source.spec.file, (None, None))[1],
                undeclared=list(source.undeclared),
            )
            for source in self.files.values()
        ]


def _looked_up(mapping: SourceMapping) -> Iterator[str]:
    def walk(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            for name in ("lookup", "exists"):
                if isinstance(node.get(name), str):
                    yield node[name]
            for part in node.values():
                yield from walk(part)
        elif isinstance(node, list):
            for part in node:
                yield from walk(part)

    for record in mapping.records:
        document = record.model_dump(by_alias=True)
        yield from walk(document)
        if '"duplicate"' in record.model_dump_json():
            yield record.file
    yield from (ref.file for ref in mapping.as_of.latest)


@dataclass(frozen=True, slots=True)
class Target:
    """A column of a canonical table."""

    name: str
    type: str
    required: bool
    in_key: bool


class RecordStage:
    """One record of the mapping: its rows as lines of Postgres COPY, and what was found on the way."""

    def __init__(self, spec: RecordSpec, targets: Mapping[str, Target], source: SourceDirectory) -> None:
        self.spec = spec
        self.source = source
        self.file = source.spec(spec.file)
        self.columns = list(spec.expressions())
        self._evaluate: list[Evaluate] = [
            compile_expression(expression, spec.file, source) for expression in spec.expressions().values()
        ]
        self._required = [
            (position, name) for position, name in enumerate(self.columns) if targets[name].required
        ]
        self._tests: list[tuple[Rule, Test]] = [
            (rule, compile_condition(rule.when, spec.file, source)) for rule in spec.quality
        ]
        self._identity = _identity(spec, self.columns, targets)
        self._identities: dict[Values, int] = {}
        self._key = [source.position(spec.file, column) for column in spec.key]
        self._names = list(self.file.columns)
        self.read = self.loaded = self.flagged = 0
        self.quarantined: list[Quarantined] = []
        self.lines: list[tuple[str, int]] = []
        self._counts: Counter[str] = Counter()
        self._samples: dict[str, list[Sample]] = {}
        self._digest = hashlib.sha256()

    def copy_lines(self, tick: Callable[[int], None]) -> Iterator[str]:
        """Each row that may be loaded, as one line of COPY text: source_key, flags, then `columns`."""
        keys = self.source.loaded(self.spec.record)
        for row in self.source.rows(self.spec.file):
            self.read += 1
            if not self.read % 2000:
                tick(self.read)
            if isinstance(row, BadRow):
                raw = dict(zip(self._names, row.raw, strict=False))
                self._set_aside(UNFIT, row.reason, row.line, f"{self.file.table}/line {row.line}", raw)
                continue
            line = self._convert(row, keys)
            if line is not None:
                self._digest.update(line.encode())
                self.loaded += 1
                yield line

    def _convert(self, row: Row, keys: dict[Values, int]) -> str | None:
        key = tuple(row.values[position] for position in self._key)
        source_key = f"{self.file.table}/{'/'.join('' if part is None else str(part) for part in key)}"
        refused = self._refusal(row, key, keys)
        if refused is not None:
            self._set_aside(*refused, row.line, source_key, self._raw(row))
            return None
        try:
            values = [evaluate(row.values) for evaluate in self._evaluate]
        except Unmapped as exc:
            self._set_aside(UNMAPPED, str(exc), row.line, source_key, self._raw(row))
            return None
        for position, name in self._required:
            if values[position] is None:
                self._set_aside(INCOMPLETE, f"{name} is missing", row.line, source_key, self._raw(row))
                return None
        if self._identity:
            identity = tuple(values[position] for position in self._identity)
            first = self._identities.setdefault(identity, row.line)
            if first != row.line:
                names = ", ".join(self.columns[position] for position in self._identity)
                self._set_aside(
                    REPEATED, f"line {first} has the same {names}", row.line, source_key, self._raw(row)
                )
                return None
        flags: list[str] = []
        for rule, test in self._tests:
            if rule.severity != "quarantine" and test(row.values):
                self._note(rule.rule, rule.reason, row.line, source_key)
                if rule.severity == "flag":
                    flags.append(rule.rule)
        self.flagged += bool(flags)
        keys[key] = row.line
        self.lines.append((source_key, row.line))
        fields = [copy_field(source_key), "{" + ",".join(flags) + "}", *map(copy_field, values)]
        return "\t".join(fields) + "\n"

    def _refusal(self, row: Row, key: Values, keys: dict[Values, int]) -> tuple[str, str] | None:
        if key in keys:
            return REPEATED, f"line {keys[key]} has the same {', '.join(self.spec.key)}"
        for rule, test in self._tests:
            if rule.severity == "quarantine" and test(row.values):
                return rule.rule, rule.reason
        return None

    def _raw(self, row: Row) -> dict[str, str | None]:
        return {name: None if v is None else str(v) for name, v in zip(self._names, row.values, strict=True)}

    def _note(self, rule: str, reason: str, line: int, source_key: str) -> None:
        self._counts[rule] += 1
        samples = self._samples.setdefault(rule, [])
        if len(samples) < SAMPLES:
            samples.append(Sample(file=self.file.file, line=line, source_key=source_key, reason=reason))

    def _set_aside(
        self, rule: str, reason: str, line: int, source_key: str, row: dict[str, str | None]
    ) -> None:
        self._note(rule, reason, line, source_key)
        self.quarantined.append(Quarantined(self.file.file, line, source_key, rule, reason, row))

    def refuse_if_poor(self, largest_share: Decimal) -> None:
        """Refuse the import where too large a share of the rows was set aside."""
        if len(self.quarantined) <= largest_share * self.read:
            return
        first = self.quarantined[0]
        raise ImportFailed(
            f"{self.file.file}: {len(self.quarantined):,} of {self.read:,} rows cannot be loaded, more than the "
            f"{largest_share:.2%} that may be set aside. First at line {first.line}: {first.reason}. "
            "Nothing was loaded: correct the file and import again."
        )

    def outcome(self) -> RecordOutcome:
        """What was found."""
        declared = {rule.rule: rule for rule in self.spec.quality}
        rules = [
            RuleOutcome(
                rule=name,
                severity=declared[name].severity if name in declared else "quarantine",
                reason=declared[name].reason if name in declared else _BUILT_IN[name],
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


def _identity(spec: RecordSpec, columns: list[str], targets: Mapping[str, Target]) -> list[int]:
    """Where the key of the canonical table stands among the fields; empty where the source's own key covers it."""
    names = [name for name in columns if targets[name].in_key]
    covered = {spec.expressions()[name] for name in names if isinstance(spec.expressions()[name], str)}
    return [] if covered and covered == set(spec.key) else [columns.index(name) for name in names]


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_field(value: Value) -> str:
    """A value as one field of COPY text."""
    match value:
        case None:
            return "\\N"
        case str():
            return value.translate(_ESCAPES) if not value.isalnum() else value
        case bool():
            return "t" if value else "f"
        case Decimal():
            return format(value, "f")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)
