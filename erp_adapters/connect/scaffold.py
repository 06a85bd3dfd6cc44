"""A proposal written down as a mapping that loads: what is sure in plain lines, what is not as comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from erp_adapters.connect.canon import Wanted
from erp_adapters.connect.codes import codes_of
from erp_adapters.connect.currencies import beside_amounts, currencies
from erp_adapters.connect.gathering import READ_ON, READING
from erp_adapters.connect.lookups import Candidate
from erp_adapters.connect.proposing import FieldProposal, Proposal, RecordProposal
from erp_adapters.connect.relations import Link
from erp_adapters.connect.rules import orphans, plain_rules
from erp_adapters.connect.seen import SeenColumn, SeenTable, ambiguous_days, unsettled
from erp_adapters.connect.yaml_texts import comment, quoted, scalar, such_as
from erp_adapters.store.number_formats import NumberFormat
from erp_adapters.store.terms import ColumnType

_EVENTS: Final = (
    *(("stock_movement", "moved_on"), ("production_order", "end_on"), ("purchase_order", "ordered_on")),
    *(("ledger_line", "posted_on"), ("stock", "counted_on"), ("sales_order", "ordered_on")),
    *(("info_record", "last_receipt_on"), ("purchase_order", "shipped_on"), ("requisition", "requested_on")),
)
"""Fields whose days are on record as done."""


@dataclass
class Scaffold:
    """The text of a mapping, and what it leaves to a person."""

    proposal: Proposal
    name: str
    where: str
    """What was looked at, for the first line."""
    _types: dict[tuple[str, str], ColumnType] = field(default_factory=dict)
    _maybe: dict[tuple[str, str], ColumnType] = field(default_factory=dict)
    _required: set[tuple[str, str]] = field(default_factory=set)
    _is_dated: bool = True

    @property
    def ready(self) -> list[RecordProposal]:
        """Records that can be loaded as they are."""
        return [record for record in self.proposal.records if not record.lacking]

    @property
    def waiting(self) -> list[RecordProposal]:
        """Records that lack something that the store does not keep them without."""
        return [record for record in self.proposal.records if record.lacking]

    def text(self) -> str:
        """The mapping as YAML."""
        records = [line for record in self.ready for line in self._record(record)]
        for record in self.waiting:
            lacking = ", ".join(record.lacking)
            records += ["", f"  # NOT YET: {record.record.record} of {record.table.name} lacks {lacking}."]
            records += [f"  # {line[2:]}" for line in self._record(record, waiting=True) if line.strip()]
        events = list(self._events())
        files = list(self._files())
        return "\n".join(
            [
                f"# Proposed from {self.where}. Nothing was loaded.",
                "# Behind # stand scores from 0 to 1, with what they rest on and values of the source.",
                "# Commented lines are open: take what is right, and declare its column under `files`.",
                f"source: {self.name}",
                "version: 1",
                *events,
                "# Dates outside are typing errors; their rows are set aside.",
                "plausible_dates: {first: 1990-01-01, last: 2060-12-31}",
                "files:",
                *files,
                "records:" if self.ready else "records: []",
                *records,
                *self._rest(),
                "",
            ]
        )

    def _record(self, record: RecordProposal, *, waiting: bool = False) -> Iterator[str]:
        table = record.table
        yield ""
        yield f"  # {record.record.record} from {table.name}: {record.score:.2f}"
        for other, score in record.rivals:
            yield f"  # or from {other}: {score:.2f}"
        yield f"  - record: {record.record.record}"
        yield f"    file: {quoted(table.name)}"
        doubt = (
            ""
            if record.key_why
            else "  # NOT UNIQUE in the rows that were looked at: name what identifies a row"
        )
        yield f"    key: [{', '.join(map(quoted, record.key))}]{doubt or '  # ' + record.key_why}"
        for column in record.key:
            self._use(table, column, "text", required=True, waiting=waiting)
        if record.site:
            self._use(table, record.site, "text", waiting=waiting)
            several = len(table.column(record.site).distinct)
            yield (
                f'    only: {{compare: {quoted(record.site)}, op: "=", to: {{site: code}}}}'
                f"  # {several} {'site' if several == 1 else 'sites'} in it"
            )
        for name in ("company", "currency"):
            if (found := record.fields.get(name)) is not None:
                yield from self._field(record, found, 4, waiting=waiting)
        if record.record.in_currency and "currency" not in record.fields:
            yield from self._currency(record, waiting=waiting)
        yield from self._units(record)
        yield "    fields:"
        for name, found in record.fields.items():
            if name not in ("company", "currency"):
                yield from self._field(record, found, 6, waiting=waiting)
        if not waiting:
            yield from self._quality(record)

    def _units(self, record: RecordProposal) -> Iterator[str]:
        days = [n for n, each in record.fields.items() if each.wanted.role == "days" and each.chosen]
        if days:
            yield f"    units: {{{', '.join(f'{name}: d' for name in days)}}}"

    def _field(
        self, record: RecordProposal, found: FieldProposal, indent: int, *, waiting: bool
    ) -> Iterator[str]:
        margin = " " * indent
        chosen = found.chosen
        if chosen is None:
            for candidate in found.open:
                said = self._expression(record, found.wanted, candidate, waiting=True)
                yield f"{margin}# {found.name}: {said}  # {self._because(record, candidate)}"
            if not found.open and found.name in record.record.required:
                hint = f"one of {', '.join(found.wanted.words)}" if found.wanted.words else "required"
                yield f"{margin}# {found.name}: {{constant: ...}}  # {hint}; no column says it"
            return
        if found.wanted.words:
            yield from self._translated(record, found, chosen, indent, waiting=waiting)
            return
        said = self._expression(record, found.wanted, chosen, waiting=waiting)
        yield f"{margin}{found.name}: {said}  # {self._because(record, chosen)}"

    def _because(self, record: RecordProposal, candidate: Candidate) -> str:
        table = self.proposal.relations.by_name[candidate.table] if candidate.path else record.table
        return comment(f"{candidate.score:.2f} {candidate.why}{such_as(table.column(candidate.column))}")

    def _expression(
        self, record: RecordProposal, wanted: Wanted, candidate: Candidate, *, waiting: bool
    ) -> str:
        kind = _type_for(wanted)
        if not candidate.path:
            self._use(record.table, candidate.column, kind, waiting=waiting)
            if wanted.role == "key" and (more := _distinguishing(record, candidate.column)):
                for column in more:
                    self._use(record.table, column, "text", waiting=waiting)
                return f'{{concat: [{", ".join(map(quoted, more))}], separator: "-"}}'
            if wanted.role == "percent" and _are_shares(record.table, record.table.column(candidate.column)):
                return f"{{scaled: {quoted(candidate.column)}, times: 100}}"
            return quoted(candidate.column)
        return self._lookup(record.table, candidate.path, candidate.column, kind, waiting=waiting)

    def _lookup(
        self, table: SeenTable, path: tuple[Link, ...], column: str, kind: ColumnType, *, waiting: bool
    ) -> str:
        link, *further = path
        other = self.proposal.relations.by_name[link.table]
        self._use(table, link.column, "text", waiting=waiting)
        self._use(other, link.key, "text", waiting=waiting)
        if further:
            value = self._lookup(other, tuple(further), column, kind, waiting=waiting)
        else:
            self._use(other, column, kind, waiting=waiting)
            value = quoted(column)
        found = f"lookup: {quoted(other.name)}, key: {quoted(link.key)}, by: {quoted(link.column)}"
        return f"{{{found}, value: {value}}}"

    def _translated(
        self, record: RecordProposal, found: FieldProposal, chosen: Candidate, indent: int, *, waiting: bool
    ) -> Iterator[str]:
        """Codes as words: those that something in the source explains, and the others to be filled in."""
        margin = " " * indent
        table = record.table
        if chosen.path:
            yield f"{margin}# {found.name}: codes in {chosen.table}.{chosen.column}; translate them by hand"
            return
        self._use(table, chosen.column, "text", waiting=waiting)
        place = f"{record.record.record}.{found.name}"
        codes = codes_of(place, table, table.column(chosen.column), self.proposal.relations)
        yield f"{margin}# {self._because(record, chosen)}"
        yield f"{margin}# Each code is one of {', '.join(found.wanted.words)}; rows of others are set aside."
        yield f"{margin}{found.name}:"
        yield f"{margin}  enum: {quoted(chosen.column)}"
        known = [code for code in codes if code.word]
        yield f"{margin}  values:{'' if known else ' {}'}"
        for code in codes:
            called = f", called {code.label!r}" if code.label else ""
            said = f"{scalar(code.value)}: {code.word or '?'}  # {comment(f'{code.rows} rows{called}')}"
            yield f"{margin}    {'' if code.word else '# '}{said}"

    def _currency(self, record: RecordProposal, *, waiting: bool) -> Iterator[str]:
        """The currency of the record's amounts: a column, that of what it belongs to, or the site's."""
        relations = self.proposal.relations
        for path, column in (*beside_amounts(record, relations), *currencies(record.table, relations)):
            if path:
                said = self._lookup(record.table, path, column.name, "text", waiting=waiting)
            else:
                self._use(record.table, column.name, "text", waiting=waiting)
                said = quoted(column.name)
            yield f"    currency: {said}  # {comment('codes of currencies' + such_as(column))}"
            return
        yield "    currency: {site: currency}  # no column says it: every amount is taken to be in the site's"

    def _quality(self, record: RecordProposal) -> Iterator[str]:
        rules = [*orphans(record, self.ready), *plain_rules(record)]
        if rules:
            yield "    quality:"
            for name, when, reason in rules:
                yield f"      - {{rule: {name}, severity: flag, when: {when}, reason: {reason}}}"

    def _use(
        self,
        table: SeenTable,
        column: str,
        kind: ColumnType,
        *,
        required: bool = False,
        waiting: bool = False,
    ) -> None:
        at = (table.name, column)
        if kind == "text" and table.column(column).is_padded:
            kind = "zero_padded"
        held = self._maybe if waiting else self._types
        # A column that is a key somewhere and a text elsewhere is read as text.
        if held.get(at) in (None, "text"):
            held[at] = kind
        if required and not waiting:
            self._required.add(at)

    def _agree(self) -> None:
        """Give both ends of a reference one type, where one of them has zeros in front."""
        for table in self.proposal.relations.tables:
            for link in self.proposal.relations.links(table.name):
                ends = [(table.name, link.column), (link.table, link.key)]
                kinds = {self._types.get(end) for end in ends}
                if kinds == {"text", "zero_padded"}:
                    for end in ends:
                        self._types[end] = "zero_padded"

    def _files(self) -> Iterator[str]:
        self._agree()
        if not self._is_dated:
            yield f"  {READING}:  # made at each reading"
            yield f"    file: {READING}.csv"
            yield f"    table: {READING}"
            yield f"    columns: {{{READ_ON}: date required}}"
        for table in self.proposal.tables:
            used = [column for column in table.columns if (table.name, column.name) in self._types]
            if not used:
                continue
            for doubt in table.doubts:
                yield f"  # DOUBTFUL: {comment(doubt)}"
            yield f"  {quoted(table.name)}:"
            yield f"    file: {quoted(table.file)}"
            yield f"    table: {quoted(table.name)}"
            if table.delimiter != ",":
                yield f"    delimiter: {scalar(table.delimiter)}"
            if table.encoding != "utf-8-sig":
                yield f"    encoding: {table.encoding}"
            yield from self._formats(table, used)
            yield "    columns:"
            for column in used:
                kind = self._types[table.name, column.name]
                needed = " required" if (table.name, column.name) in self._required else ""
                yield f"      {quoted(column.name)}: {kind}{needed}"
            for column in table.columns:
                if (maybe := self._maybe.get((table.name, column.name))) and column not in used:
                    yield f"      # {quoted(column.name)}: {maybe}"
            rest = [
                c.name for c in table.columns if not {(table.name, c.name)} & {*self._types, *self._maybe}
            ]
            if rest:
                shown = ", ".join(rest[:12]) + (f" and {len(rest) - 12} more" if len(rest) > 12 else "")
                yield f"      # not used: {comment(shown)}"

    def _formats(self, table: SeenTable, used: list[SeenColumn]) -> Iterator[str]:
        if table.decimals != "point":
            yield f"    decimals: {table.decimals}"
        figures = [c for c in used if self._types[table.name, c.name] == "decimal" and unsettled(c)]
        for column in figures:
            yield f"    # OPEN: {quoted(column.name)} could be thousands or fractions{such_as(column)}"
        if table.dates != "iso":
            yield f"    dates: {table.dates}"
        for column in used:
            if self._types[table.name, column.name] == "date" and ambiguous_days(column):
                yield f"    # OPEN: `dates` dmy or mdy in {quoted(column.name)}?{such_as(column)}"
                break
        if any(self._types[table.name, column.name] == "flag" for column in used):
            yes, no = table.flags
            if (yes, no) != ("1", "0"):
                yield f"    flags: [{scalar(yes)}, {scalar(no)}]"
        if not table.rows:
            yield "    may_be_empty: true"

    def _events(self) -> Iterator[str]:
        """Business now: days on which something was done, else the day of reading."""
        found = []
        for name, field_name in _EVENTS:
            record = next((each for each in self.ready if each.record.record == name), None)
            if record is not None and (column := record.column(field_name)):
                found.append((record.table, column))
        yield "as_of:"
        yield "  latest:"
        for name, column in dict.fromkeys((table.name, column) for table, column in found):
            yield f"    - {{file: {quoted(name)}, column: {quoted(column)}}}"
        if found:
            yield "  because: the latest day on which something is on record as done"
            return
        self._is_dated = False
        yield f"    - {{file: {READING}, column: {READ_ON}}}"
        yield "  because: no column says when something was done, so it is the day of reading"

    def _rest(self) -> Iterator[str]:
        if self.proposal.possible:
            yield ""
            yield "# Perhaps also, where somebody knows better:"
            for record, tables in self.proposal.possible:
                yield f"#   {record}: {comment(', '.join(f'{name} {score:.2f}' for name, score in tables))}"
        unused = [table for table in self.proposal.unused if table.columns]
        if unused:
            yield "# Not used:"
            for table in unused:
                names = ", ".join(column.name for column in table.columns[:8])
                yield f"#   {comment(f'{table.name} ({table.rows:,} rows): {names}')}"
        for table in self.proposal.tables:
            if table.unusable:
                yield f"# NOT READABLE: {comment(f'{table.file}: {table.unusable}')}"


def site_lines(proposal: Proposal, given: Mapping[str, str]) -> Iterator[str]:
    """The sites of a connection: those of the site column, or one, with what is not known as `?`."""
    codes: set[str] = set()
    for record in proposal.records:
        if record.site:
            codes |= record.table.column(record.site).distinct
    for code in sorted(codes) or [given.get("code", "?")]:
        told = {"code": code, **{n: given.get(n, "?") for n in ("name", "country", "time_zone", "currency")}}
        shown = ", ".join(f"{name}: {scalar(value)}" for name, value in told.items())
        yield f"  - {{{shown}}}"


def _type_for(wanted: Wanted) -> ColumnType:
    match wanted.kind:
        case "number":
            return "decimal"
        case "integer" | "date" | "time" | "flag" | "text":
            return wanted.kind


def _distinguishing(record: RecordProposal, column: str) -> tuple[str, ...]:
    """Columns that only together tell the record's rows apart; empty where the one column does."""
    if record.table.stands_alone(record.table.column(column)):
        return ()
    every = tuple(name for name in record.key if name != record.site)
    return every if column in every and len(every) > 1 else ()


def _are_shares(table: SeenTable, column: SeenColumn) -> bool:
    """Figures from 0 to 1, where hundredths are wanted."""
    numbers = NumberFormat(table.decimals)
    return bool(column.samples) and all(0 <= numbers.decimal(text) <= 1 for text in column.samples)
