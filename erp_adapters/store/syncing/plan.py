"""What a mapping asks of a reading: its order, which rows are kept, which records are made as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from erp_adapters.errors import ConfigurationError
from erp_adapters.ports import Capability, SourceRow
from erp_adapters.store.mapping import RecordSpec, SourceMapping
from erp_adapters.store.syncing.cells import KEY


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is made from another: one row for each value of a column, the first of them."""

    of: str
    each: str
    cells: Mapping[str, str] = field(default_factory=dict)
    """Cells of the rows that it is made from, by their names in the file; those of one name stay."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the files of a mapping are filled from a port."""

    mapping: SourceMapping
    parts: tuple[str, ...]
    """Files that are capabilities of the port, those that others look into first."""
    made: Mapping[str, Made] = field(default_factory=dict)
    stated: Mapping[str, Sequence[SourceRow]] = field(default_factory=dict)
    """Rows of files that no port has, such as the site's own."""
    totals: Mapping[str, str] = field(default_factory=dict)
    """Cell of a part whose sum is held against the source's own."""

    def records(self, part: str) -> list[RecordSpec]:
        """Records that are written row by row as the part's rows change."""
        return [r for r in self.mapping.records if r.file == part and self.is_by_row(r)]

    def wholes(self) -> list[RecordSpec]:
        """Records that are made anew from the rows that are kept, wherever one of them changed."""
        return [record for record in self.mapping.records if not self.is_by_row(record)]

    def is_by_row(self, record: RecordSpec) -> bool:
        """True where a row of the source is a row of the record, whatever the others are."""
        return (
            record.file in self.parts
            and record.key == [KEY]
            and not any(_nodes(record.model_dump(by_alias=True), ("duplicate",)))
        )

    def looks_into(self, record: RecordSpec) -> frozenset[str]:
        """Parts that a record's rows are held against, besides its own."""
        dumped = record.model_dump(by_alias=True)
        files = set(_nodes(dumped, ("lookup", "exists")))
        orphans = set(_nodes(dumped, ("orphan",)))
        files |= {each.file for each in self.mapping.records if each.record in orphans}
        return frozenset({self.part_of(file) for file in files} - {self.part_of(record.file), ""})

    def part_of(self, file: str) -> str:
        """The part from which a file is filled; empty where it is stated."""
        file = self.made[file].of if file in self.made else file
        return file if file in self.parts else ""

    def besides(self, part: str) -> tuple[str, ...]:
        """Cells of a part's rows that its own file does not read and one that is made from it does."""
        own = self.mapping.files[part].columns
        wanted = {cell for made in self.made.values() if made.of == part for cell in made.cells.values()}
        return tuple(sorted(wanted - own.keys()))

    def kept(self) -> frozenset[str]:
        """Parts whose rows are kept as they are, since others depend on them or they on others."""
        found: set[str] = set()
        for record in self.mapping.records:
            others = self.looks_into(record)
            found |= others
            if others or not self.is_by_row(record):
                found.add(self.part_of(record.file))
        return frozenset(found - {""})


def plan(
    mapping: SourceMapping,
    capabilities: frozenset[Capability],
    *,
    made: Mapping[str, Made] | None = None,
    stated: Mapping[str, Sequence[SourceRow]] | None = None,
    totals: Mapping[str, str] | None = None,
) -> Plan:
    """How a mapping is filled from a port with these capabilities.

    Raises:
        ConfigurationError: a file of the mapping is no capability of the port, or declares no key.
    """
    made, stated = made or {}, stated or {}
    has = {capability.value for capability in capabilities}
    parts = [file for file in mapping.files if file not in made and file not in stated]
    for file in parts:
        if file not in has:
            raise ConfigurationError(
                f"mapping {mapping.source!r} reads {file!r}, which the system does not have; "
                f"it has {', '.join(sorted(has))}"
            )
    for file, spec in mapping.files.items():
        if KEY not in spec.columns or spec.columns[KEY].type != "text":
            raise ConfigurationError(
                f"mapping {mapping.source!r}: file {file!r} has no column {KEY!r} of type text; "
                f"add `{KEY}: text required`, the row's own key in the source"
            )
    unordered = Plan(mapping, tuple(parts), made, stated, totals or {})
    return Plan(mapping, tuple(_ordered(unordered)), made, stated, totals or {})


def _ordered(plan: Plan) -> Iterator[str]:
    """The parts, each behind those that its records look into; as the mapping has them otherwise."""
    looks: dict[str, set[str]] = {part: set() for part in plan.parts}
    for record in plan.mapping.records:
        if own := plan.part_of(record.file):
            looks[own] |= plan.looks_into(record)
    left = list(plan.parts)
    while left:
        ready = [part for part in left if not looks[part] & set(left) - {part}]
        # Where two look into each other the mapping's order stands; the records are made anew at the end.
        for part in ready or left[:1]:
            left.remove(part)
            yield part


def _nodes(node: object, names: tuple[str, ...]) -> Iterator[str]:
    """What stands under these names anywhere in a record's description."""
    if isinstance(node, dict):
        for name in names:
            if isinstance(value := node.get(name), str):
                yield value
            elif isinstance(value, list):
                yield from map(str, value)
        for part in node.values():
            yield from _nodes(part, names)
    elif isinstance(node, list):
        for part in node:
            yield from _nodes(part, names)
