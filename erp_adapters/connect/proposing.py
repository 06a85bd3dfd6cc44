"""Which table fills which record, which column which field: with scores, reasons and what is left open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from erp_adapters.connect.canon import CanonRecord, Wanted, canon
from erp_adapters.connect.fitting import Fit, fit
from erp_adapters.connect.lookups import POSSIBLE, Candidate, looked_up
from erp_adapters.connect.relations import Relations
from erp_adapters.connect.seen import SeenColumn, SeenTable, is_client, is_unique_together
from erp_adapters.connect.vocabulary import Meaning, best_likeness, likeness, meanings

SURE: Final = 0.72
"""Score from which on a column is proposed."""
_MARGIN: Final = 0.06
"""By how much the proposed column is better than the next."""
_TABLE_SURE: Final = 0.62
_TABLE_POSSIBLE: Final = 0.45
_SHOWN: Final = 4
_WIDE: Final = 80
"""Columns of a table from which on its name must say something."""


@dataclass
class FieldProposal:
    """What may fill one field."""

    name: str
    wanted: Wanted
    chosen: Candidate | None = None
    open: tuple[Candidate, ...] = ()
    """Where nothing is chosen: what it could be."""


@dataclass
class RecordProposal:
    """What may fill one record."""

    record: CanonRecord
    table: SeenTable
    score: float
    why: str
    fields: dict[str, FieldProposal]
    key: tuple[str, ...] = ()
    key_why: str = ""
    site: str = ""
    """Column that says whose row it is."""
    rivals: tuple[tuple[str, float], ...] = ()

    @property
    def lacking(self) -> tuple[str, ...]:
        """Required fields that nothing fills."""
        return tuple(name for name in self.record.required if self.fields[name].chosen is None)

    def column(self, name: str) -> str | None:
        """The own column that fills a field."""
        found = self.fields.get(name)
        return found.chosen.column if found and found.chosen and not found.chosen.path else None


@dataclass
class Proposal:
    """What a source may mean."""

    tables: Sequence[SeenTable]
    records: list[RecordProposal]
    possible: list[tuple[str, list[tuple[str, float]]]]
    """Records that no table fills for certain, with the tables that might."""
    relations: Relations

    def of(self, record: str) -> RecordProposal | None:
        """What fills a record."""
        return next((each for each in self.records if each.record.record == record), None)

    @cached_property
    def unused(self) -> list[SeenTable]:
        """Tables that fill nothing and in which nothing is looked up."""
        used = {record.table.name for record in self.records} | {
            link.table
            for record in self.records
            for each in record.fields.values()
            if each.chosen
            for link in each.chosen.path
        }
        return [table for table in self.tables if table.name not in used]


def propose(tables: Sequence[SeenTable]) -> Proposal:
    """What each canonical record may be filled from."""
    return _Proposing([table for table in tables if table.columns and table.rows]).run(tables)


class _Proposing:
    def __init__(self, tables: Sequence[SeenTable]) -> None:
        self._tables = tables
        self._relations = Relations(tables)
        self._keys: dict[str, tuple[SeenTable, SeenColumn]] = {}
        """Of each record that was given a table: where its key stands."""
        self._fits: dict[tuple[str, str, str, str], Fit] = {}

    def run(self, everything: Sequence[SeenTable]) -> Proposal:
        chosen = self._assigned()
        for name, table in chosen.items():
            self._remember_key(name, table)
        # Once more, now that it is known what columns may refer to.
        self._fits.clear()
        chosen = self._assigned()
        self._keys.clear()
        for name, table in chosen.items():
            self._remember_key(name, table)
        self._fits.clear()
        scores = self._scores
        records = []
        possible = []
        for record in canon():
            ranked = sorted(scores[record.record].items(), key=lambda item: -item[1])
            rivals = [(name, score) for name, score in ranked if score >= _TABLE_POSSIBLE]
            if record.record in chosen:
                table = chosen[record.record]
                score = scores[record.record][table.name]
                others = tuple(item for item in rivals if item[0] != table.name and item[1] >= _TABLE_SURE)
                records.append(self._record(record, table, score, others[:_SHOWN]))
            elif rivals:
                possible.append((record.record, rivals[:_SHOWN]))
        return Proposal(everything, records, possible, self._relations)

    def _assigned(self) -> dict[str, SeenTable]:
        """The table of each record, the best pairs first; a table fills one record."""
        self._scores = {record.record: dict(self._ranked(record)) for record in canon()}
        pairs = sorted(
            (-score, record, table)
            for record, found in self._scores.items()
            for table, score in found.items()
            if score >= _TABLE_SURE
        )
        taken: set[str] = set()
        chosen: dict[str, SeenTable] = {}
        for _, record, table in pairs:
            if record not in chosen and table not in taken:
                chosen[record] = self._relations.by_name[table]
                taken.add(table)
        return chosen

    def _ranked(self, record: CanonRecord) -> Iterator[tuple[str, float]]:
        for table in self._tables:
            named = max(
                likeness(one, other, frozenset()) - 0.01 * number
                for number, phrase in enumerate(record.tables)
                for one in meanings(table.name)
                for other in meanings(phrase)
            )
            if named < 0.3 and len(table.columns) > _WIDE:
                continue
            covered = self._coverage(record, table, is_named=named > 0.6)
            # Of two that are as good the one that says whose rows they are, then the plainer name.
            better = (0.02 if site_column(table) else 0.0) - 0.001 * len(table.name)
            yield table.name, 0.45 * max(0.0, named) + 0.55 * covered + better

    def _coverage(self, record: CanonRecord, table: SeenTable, *, is_named: bool) -> float:
        """How much of what makes up the record the table has; less where something required is not there."""
        chosen = self._matched(record, table)
        whole = got = 0.0
        missing = 0
        for name, wanted in record.wanted().items():
            is_needed = name in record.required
            score = chosen[name].score if name in chosen else 0.0
            if is_needed and not score and is_named:
                found = looked_up(wanted, table, self._relations)
                score = 0.95 * found[0].score if _stands_out(found) else 0.0
            if is_needed and not score and wanted.words:
                continue
            if is_needed or wanted.role in ("key", "part") or wanted.refers_to:
                whole += 3 if is_needed else 1
                got += score * (3 if is_needed else 1)
                missing += is_needed and score < POSSIBLE
            elif score >= POSSIBLE:
                whole += 0.5
                got += score * 0.5
        return (got / whole if whole else 0.0) * 0.7**missing

    def _matched(self, record: CanonRecord, table: SeenTable) -> dict[str, Candidate]:
        """The best column for each field; a column fills one field, the key's also its label."""
        pairs = []
        for name, wanted in record.wanted().items():
            for column in table.columns:
                found = self._fit(record, name, wanted, table, column)
                if found.score >= POSSIBLE:
                    pairs.append((-found.score, name not in record.required, name, column.name, found.why))
        pairs.sort()
        chosen: dict[str, Candidate] = {}
        taken: set[str] = set()
        for negated, _, name, own, why in pairs:
            if name not in chosen and own not in taken:
                chosen[name] = Candidate(own, -negated, why)
                taken.add(own)
        _give_way(record, chosen, pairs)
        key = next((name for name, w in record.wanted().items() if w.role == "key"), None)
        for name, wanted in record.wanted().items():
            if wanted.also_key and name not in chosen and key in chosen:
                chosen[name] = Candidate(
                    chosen[key].column,
                    chosen[key].score,
                    "the key is what people call it, as nothing else is",
                )
        return chosen

    def _fit(
        self, record: CanonRecord, name: str, wanted: Wanted, table: SeenTable, column: SeenColumn
    ) -> Fit:
        at = (record.record, name, table.name, column.name)
        if at not in self._fits:
            target = self._keys.get(wanted.refers_to) if wanted.refers_to else None
            self._fits[at] = fit(wanted, table, column, self._relations, target)
        return self._fits[at]

    def _remember_key(self, record: str, table: SeenTable) -> None:
        found = next(each for each in canon() if each.record == record)
        chosen = self._matched(found, table)
        for name, wanted in found.wanted().items():
            if wanted.role == "key" and name in chosen:
                self._keys[record] = (table, table.column(chosen[name].column))

    def _record(
        self, record: CanonRecord, table: SeenTable, score: float, rivals: tuple[tuple[str, float], ...]
    ) -> RecordProposal:
        chosen = self._matched(record, table)
        taken = {candidate.column for candidate in chosen.values() if candidate.score >= SURE}
        fields = {}
        for name, wanted in record.wanted().items():
            found = FieldProposal(name, wanted)
            fields[name] = found
            best = chosen.get(name)
            candidates = sorted(
                (
                    Candidate(column.name, each.score, each.why)
                    for column in table.columns
                    if (each := self._fit(record, name, wanted, table, column)).score >= POSSIBLE
                    and (column.name not in taken or (best is not None and column.name == best.column))
                ),
                key=lambda candidate: -candidate.score,
            )
            if best is not None and best.score >= SURE and not _contested(best, candidates):
                found.chosen = best
                continue
            elsewhere = looked_up(wanted, table, self._relations)
            if _stands_out(elsewhere) and not (best is not None and best.score >= SURE):
                found.chosen = elsewhere[0]
                continue
            both = sorted([*candidates, *elsewhere], key=lambda candidate: -candidate.score)
            found.open = tuple(both[:_SHOWN])
        key, key_why = self._key(record, table, fields)
        return RecordProposal(
            record,
            table,
            min(1.0, score),
            f"{table.name}: {score:.2f}",
            fields,
            key,
            key_why,
            site_column(table),
            rivals,
        )

    def _key(
        self, record: CanonRecord, table: SeenTable, fields: dict[str, FieldProposal]
    ) -> tuple[tuple[str, ...], str]:
        """Columns that identify a row, and how that is known."""
        if table.key:
            return tuple(name for name in table.key if not is_client(name)), "the table's own key"
        names = [
            found.chosen.column
            for found in fields.values()
            if found.chosen
            and not found.chosen.path
            and (found.wanted.role in ("key", "part") or found.wanted.refers_to)
        ]
        single = next(
            (
                found.chosen.column
                for found in fields.values()
                if found.chosen and not found.chosen.path and found.wanted.role == "key"
            ),
            None,
        )
        if single and table.column(single).is_unique:
            return (single,), "a value of its own in every row"
        site = site_column(table)
        tried = [
            *([(site, single)] if site and single else []),
            tuple(names),
            *([(site, *names)] if site else []),
            *([tuple(dict.fromkeys((single, *names)))] if single else []),
        ]
        for combination in tried:
            if combination and is_unique_together([table.column(name) for name in combination]):
                return tuple(dict.fromkeys(combination)), "unique together in the rows that were looked at"
        alone = next((column.name for column in table.columns if column.is_unique), None)
        if alone:
            return (alone,), "the only column with a value of its own in every row"
        return tuple(dict.fromkeys(names)) or (table.columns[0].name,), ""


def _give_way(
    record: CanonRecord, chosen: dict[str, Candidate], pairs: list[tuple[float, bool, str, str, str]]
) -> None:
    """Let a field take its second best where a required one would go without."""
    for name in record.required:
        if name in chosen:
            continue
        for negated, _, field, column, why in pairs:
            holder = next((n for n, each in chosen.items() if each.column == column), None)
            if field != name or holder is None:
                continue
            taken = {each.column for each in chosen.values()}
            second = next((each for each in pairs if each[2] == holder and each[3] not in taken), None)
            if second is not None:
                chosen[holder] = Candidate(second[3], -second[0], second[4])
                chosen[name] = Candidate(column, -negated, why)
                break


def _stands_out(candidates: list[Candidate]) -> bool:
    """The first is sure, and better than the next."""
    if not candidates or candidates[0].score < SURE:
        return False
    return len(candidates) == 1 or candidates[0].score - candidates[1].score >= _MARGIN / 2


def _contested(best: Candidate, candidates: list[Candidate]) -> bool:
    others = [each for each in candidates if each.column != best.column]
    return bool(others) and best.score - others[0].score < _MARGIN and best.score < 0.97


def site_column(table: SeenTable) -> str:
    """The column that says whose row it is; empty where there is none."""
    wanted: tuple[Meaning, ...] = tuple(
        frozenset({"site", *more}) for more in ((), ("id",), ("code",), ("number",))
    )
    if any("site" in meaning for meaning in meanings(table.name)) and len(table.columns) < 8:
        return ""
    for column in table.columns:
        if meanings(column.name)[0] in wanted and column.distinct and not column.empty:
            return column.name
    return ""


def name_likeness(name: str, wanted: Wanted, table: SeenTable) -> float:
    """How much a column's name says a field's."""
    return best_likeness(name, wanted.names, meanings(table.name)[0])
