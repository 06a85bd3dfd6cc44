"""Rows of a source turned into canonical rows, with what their quality rules found on the way."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import compress
from operator import itemgetter
from typing import Protocol, cast

from erp_adapters.errors import ImportFailed
from erp_adapters.store.balances import Balances
from erp_adapters.store.columns import AMBIGUOUS_NUMBER, AMBIGUOUS_TIME, Doubtful, Value, Values
from erp_adapters.store.copy_text import copy_column, copy_field, escaped
from erp_adapters.store.expressions import Surroundings, Test, Unmapped, compile_condition
from erp_adapters.store.fields import Field, Outcome, Plain, columns_of, compile_field
from erp_adapters.store.fitting import Targets
from erp_adapters.store.mapping import FileSpec, RecordSpec, Rule, Severity
from erp_adapters.store.quality import SAMPLES, RecordOutcome, RuleOutcome, Sample
from erp_adapters.store.reading import BadRow, Batch
from erp_adapters.store.site_needs import codes_of

__all__ = ["RecordStage", "copy_field"]

UNFIT, UNMAPPED, INCOMPLETE, REPEATED = "unfit_value", "unmapped_code", "incomplete", "repeated_key"
BUILT_IN = {
    UNFIT: "a value does not fit its column's type",
    UNMAPPED: "a value has no meaning in the mapping",
    INCOMPLETE: "a value that the record cannot be without is missing",
    REPEATED: "an earlier row has the same key",
    AMBIGUOUS_TIME: "the clocks show this time twice or never; it is read with the earlier offset",
    AMBIGUOUS_NUMBER: "the number may be a fraction or grouped thousands, and nothing in the file shows it",
}
"""Rules that hold for every record without being written down."""
FLAGGING = frozenset({AMBIGUOUS_TIME, AMBIGUOUS_NUMBER})
"""Those that only flag a row; the others set it aside."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One row that was set aside, with all of its source values."""

    line: int
    source_key: str
    rule: str
    reason: str
    row: dict[str, str | None]


_Reason = tuple[str, str]
"""Rule and reason for which a row is set aside."""


@dataclass
class _Staged:
    """Rows of a batch on their way into the record."""

    batch: Batch
    outcomes: list[list[Outcome]]
    keys: list[Values]
    refused: dict[int, _Reason]
    flags: dict[int, list[str]]


class Source(Surroundings, Protocol):
    """Where a record's rows come from, and what else they are held against."""

    def spec(self, file: str) -> FileSpec:
        """What the mapping says of a file."""
        ...

    def batches(self, file: str) -> Iterator[Batch]:
        """Rows of a file, in order."""
        ...

    def loaded(self, record: str) -> dict[Values, int]:
        """Keys loaded into a record so far, with their lines."""
        ...


class RecordStage:
    """One record of the mapping: its rows as lines of COPY text, and what was found."""

    def __init__(self, spec: RecordSpec, targets: Targets, source: Source) -> None:
        self.spec = spec
        self.file = source.spec(spec.file)
        fields = spec.expressions()
        self.columns = list(fields)
        """Canonical columns that the record fills."""
        self.defaults = {
            name: default for name in self.columns if (default := targets[name].default) is not None
        }
        """What the store writes where one of them is empty and must not be."""
        self.read = self.loaded = self.flagged = 0
        self.quarantined: list[Quarantined] = []
        self._forgotten = 0
        self._source = source
        self._fields: list[Field] = [
            compile_field(expression, spec.file, self.file, source) for expression in fields.values()
        ]
        self._codes: list[tuple[str, Field]] = [
            (rule, compile_field(code, spec.file, self.file, source)) for rule, code in codes_of(spec)
        ]
        self.codes: dict[str, Counter[str]] = {rule: Counter() for rule, _ in self._codes}
        """How often each code of the site's rules was met."""
        self._only = None if spec.only is None else compile_condition(spec.only, spec.file, source)
        self._narrow = [(i, name) for i, name in enumerate(self.columns) if targets[name].type == "integer"]
        self._required = [(i, name) for i, name in enumerate(self.columns) if targets[name].required]
        self._tests: list[tuple[Rule, Test]] = [
            (rule, compile_condition(rule.when, spec.file, source)) for rule in spec.quality
        ]
        self._key = [source.position(spec.file, column) for column in spec.key]
        self._used = {
            source.position(spec.file, column) for e in fields.values() for column in columns_of(e)
        } | set(self._key)
        self._identity = _identity(spec, self.columns, targets)
        self._identities: dict[Values, int] = {}
        self._counts: Counter[str] = Counter()
        self._samples: dict[str, list[Sample]] = {}
        self._digest = hashlib.sha256()
        self.balances = Balances() if spec.record == "ledger_line" else None
        """What the file's lines come to, set aside or not."""

    def copy_lines(self, tick: Callable[[int], None]) -> Iterator[str]:
        """Rows that may be loaded as COPY text, some at a time: line, source key, flags, then `columns`."""
        for batch in self._source.batches(self.spec.file):
            text = self.taken(batch)
            tick(self.read)
            if text:
                yield text
        self._identities.clear()

    def taken(self, batch: Batch) -> str:
        """The batch's rows that may be loaded, as lines of COPY text."""
        rows = self._for_this_record(batch)
        self.read += len(rows.lines) + len(rows.bad)
        return self._lines(rows)

    def forget(self) -> None:
        """Hold the next batch's keys against no earlier ones: what is stored is known elsewhere."""
        self._identities.clear()
        self._source.loaded(self.spec.record).clear()
        self._forgotten += len(self.quarantined)
        self.quarantined.clear()

    def _for_this_record(self, batch: Batch) -> Batch:
        if self._only is None:
            return batch
        wanted = list(map(self._only, batch.rows))
        if all(wanted):
            return batch
        moved = {at: new for new, at in enumerate(compress(range(len(wanted)), wanted))}
        return Batch(
            list(compress(batch.lines, wanted)),
            [list(compress(column, wanted)) for column in batch.columns],
            batch.bad,
            [replace(doubt, row=moved[doubt.row]) for doubt in batch.doubts if doubt.row in moved],
        )

    def _lines(self, batch: Batch) -> str:
        """The batch's rows that may be loaded, as one text."""
        for rule, codes in self._codes:
            self._count(rule, codes.outcomes(batch))
        keys: list[Values] = list(zip(*(batch.columns[position] for position in self._key), strict=True))
        staged = _Staged(batch, [f.outcomes(batch) for f in self._fields], keys, {}, {})
        if self.balances is not None:
            self._balance(self.balances, staged)
        self._refuse_untranslated(staged)
        self._refuse_incomplete(staged)
        self._refuse_by_rule(staged)
        self._refuse_repeated(staged)
        self._flag(staged)
        source_keys = self._source_keys(batch)
        self._set_aside(staged, source_keys)
        return self._text(staged, source_keys)

    def _balance(self, balances: Balances, staged: _Staged) -> None:
        # Nothing has been refused yet: a line that is set aside is one that the source has.
        names = ("company", "posted_on", "account_id", "scenario", "currency", "amount")
        balances.count_columns(
            {
                name: [_legible(outcome) for outcome in staged.outcomes[self.columns.index(name)]]
                if name in self.columns
                else [None] * len(staged.keys)
                for name in names
            }
        )
        for _ in staged.batch.bad:
            balances.count(None, None, None, None, None, None)

    def _count(self, rule: str, codes: list[Outcome]) -> None:
        for code, times in Counter(codes).items():
            if code is not None and not isinstance(code, Unmapped | Doubtful):
                self.codes[rule][str(code)] += times

    def _refuse_untranslated(self, staged: _Staged) -> None:
        """Take out what the mapping cannot translate, and note what can be doubted."""
        for doubt in staged.batch.doubts:
            if doubt.column in self._used:
                staged.flags.setdefault(doubt.row, []).append(doubt.flag)
        for field, column in zip(self._fields, staged.outcomes, strict=True):
            if not field.may_differ:
                continue
            for row, outcome in enumerate(column):
                if isinstance(outcome, Unmapped):
                    staged.refused.setdefault(row, (UNMAPPED, str(outcome)))
                    column[row] = None
                elif isinstance(outcome, Doubtful):
                    staged.flags.setdefault(row, []).append(outcome.flag)
                    column[row] = outcome.value

    def _refuse_incomplete(self, staged: _Staged) -> None:
        for position, name in self._required:
            column = staged.outcomes[position]
            if None in column:
                for row, value in enumerate(column):
                    if value is None:
                        staged.refused.setdefault(row, (INCOMPLETE, f"{name} is missing"))
        for position, name in self._narrow:
            for row, value in enumerate(staged.outcomes[position]):
                if isinstance(value, int) and not -_NARROW <= value < _NARROW:
                    staged.refused.setdefault(row, (UNFIT, f"{name} {value} is too large"))

    def _refuse_by_rule(self, staged: _Staged) -> None:
        found: dict[int, _Reason] = {}
        for rule, test in self._tests:
            if rule.severity == "quarantine":
                for row, holds in enumerate(map(test, staged.batch.rows)):
                    if holds:
                        found.setdefault(row, (rule.rule, rule.reason))
        staged.refused.update(found)

    def _refuse_repeated(self, staged: _Staged) -> None:
        """Refuse what comes again: the row that comes first stays."""
        keys, lines = self._source.loaded(self.spec.record), staged.batch.lines
        columns = [cast("list[Value]", staged.outcomes[position]) for position in self._identity]
        same: list[Values] = list(zip(*columns, strict=True))
        if not staged.refused and _are_new(staged.keys, keys) and _are_new(same, self._identities):
            keys.update(zip(staged.keys, lines, strict=True))
            self._identities.update(zip(same, lines, strict=False))
            return
        for row, key in enumerate(staged.keys):
            if key in keys:
                names = ", ".join(self.spec.key)
                staged.refused[row] = (REPEATED, f"line {keys[key]} has the same {names}")
            elif row not in staged.refused:
                first = self._identities.setdefault(same[row], lines[row]) if same else lines[row]
                if first == lines[row]:
                    keys[key] = lines[row]
                    continue
                names = ", ".join(self.columns[position] for position in self._identity)
                staged.refused[row] = (REPEATED, f"line {first} has the same {names}")

    def _flag(self, staged: _Staged) -> None:
        for rule, test in self._tests:
            if rule.severity == "quarantine":
                continue
            for row, holds in enumerate(map(test, staged.batch.rows)):
                if holds and row not in staged.refused:
                    staged.flags.setdefault(row, []).append(rule.rule)

    def _source_keys(self, batch: Batch) -> list[str]:
        first, *others = (
            ["" if value is None else str(value) for value in batch.columns[position]]
            for position in self._key
        )
        first = [f"{self.file.table}/{text}" for text in first]
        return list(map("/".join, zip(first, *others, strict=True))) if others else first

    def _set_aside(self, staged: _Staged, source_keys: list[str]) -> None:
        """Keep what is refused, and count what was found, both in the order of the file's lines."""
        lines = staged.batch.lines
        found: list[tuple[int, Quarantined | None, int]] = [
            (bad.line, self._nameless(bad), 0) for bad in staged.batch.bad
        ]
        for row, (rule, reason) in staged.refused.items():
            raw = self._raw(staged.batch.rows[row])
            found.append((lines[row], Quarantined(lines[row], source_keys[row], rule, reason, raw), row))
        found += [(lines[row], None, row) for row in staged.flags if row not in staged.refused]
        for line, aside, row in sorted(found, key=itemgetter(0)):
            if aside is None:
                self._note_flags(staged.flags, row, line, source_keys[row])
            else:
                self._note(aside.rule, aside.reason, line, aside.source_key)
                self.quarantined.append(aside)

    def _note_flags(self, flags: dict[int, list[str]], row: int, line: int, source_key: str) -> None:
        """Count what was found at a row, and leave the flags that it is to carry."""
        declared = {rule.rule: rule for rule in self.spec.quality}
        names = list(dict.fromkeys(flags[row]))
        for name in names:
            reason = declared[name].reason if name in declared else BUILT_IN[name]
            self._note(name, reason, line, source_key)
        flags[row] = [name for name in names if name not in declared or declared[name].severity == "flag"]
        self.flagged += bool(flags[row])

    def _text(self, staged: _Staged, source_keys: list[str]) -> str:
        flags = ["{}"] * len(staged.keys)
        for row, names in staged.flags.items():
            flags[row] = "{" + ",".join(names) + "}"
        columns = [escaped(source_keys), flags]
        # What was untranslated or doubtful has been replaced: only values are left.
        written = staged.batch.written
        columns += [
            written[field.position]
            if isinstance(field, Plain) and field.position in written
            else copy_column(cast("list[Value]", column))
            for field, column in zip(self._fields, staged.outcomes, strict=True)
        ]
        lines: list[int] = staged.batch.lines
        if staged.refused:
            kept = [row not in staged.refused for row in range(len(lines))]
            columns = [list(compress(column, kept)) for column in columns]
            lines = list(compress(lines, kept))
        texts = list(map("\t".join, zip(*columns, strict=True)))
        if not texts:
            return ""
        self.loaded += len(texts)
        self._digest.update("\n".join(texts).encode() + b"\n")
        return "\n".join(map("\t".join, zip(map(str, lines), texts, strict=True))) + "\n"

    def _nameless(self, bad: BadRow) -> Quarantined:
        return Quarantined(bad.line, f"{self.file.table}/line {bad.line}", UNFIT, bad.reason, bad.raw)

    def _raw(self, row: Values) -> dict[str, str | None]:
        return {
            name: None if value is None else str(value)
            for name, value in zip(self.file.columns, row, strict=True)
        }

    def _note(self, rule: str, reason: str, line: int, source_key: str) -> None:
        self._counts[rule] += 1
        samples = self._samples.setdefault(rule, [])
        if len(samples) < SAMPLES:
            samples.append(Sample(file=self.file.file, line=line, source_key=source_key, reason=reason))

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
        rules = []
        for name, count in sorted(self._counts.items()):
            rule = declared.get(name)
            built_in: Severity = "flag" if name in FLAGGING else "quarantine"
            rules.append(
                RuleOutcome(
                    rule=name,
                    severity=rule.severity if rule else built_in,
                    reason=rule.reason if rule else BUILT_IN[name],
                    rows=count,
                    samples=self._samples[name],
                )
            )
        return RecordOutcome(
            record=self.spec.record,
            file=self.file.file,
            read=self.read,
            loaded=self.loaded,
            quarantined=self._forgotten + len(self.quarantined),
            flagged=self.flagged,
            checksum=self._digest.hexdigest(),
            rules=rules,
            units=self.spec.units,
        )


def _legible(outcome: Outcome) -> object:
    match outcome:
        case Unmapped():
            return None
        case Doubtful():
            return outcome.value
        case _:
            return outcome


def _identity(spec: RecordSpec, columns: list[str], targets: Targets) -> list[int]:
    """Where the canonical table's key stands among the fields; empty where the source's key covers it."""
    fields = spec.expressions()
    names = [name for name in columns if targets[name].in_key]
    covered = {expression for name in names if isinstance(expression := fields[name], str)}
    return [] if covered and covered == set(spec.key) else [columns.index(name) for name in names]


def _are_new(keys: list[Values], known: dict[Values, int]) -> bool:
    return known.keys().isdisjoint(keys) and len(set(keys)) == len(keys)


_NARROW = 2**31
