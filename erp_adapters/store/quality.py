"""What an import found: rows read, loaded, flagged and set aside, as an object, as JSON and as text."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from erp_adapters.store.mapping import Absent, LeftOut, Severity

SAMPLES = 5
"""Rows that a report quotes for each rule; the store keeps every quarantined row."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sample(_Frozen):
    """One row that a rule caught."""

    file: str
    line: int
    source_key: str
    reason: str


class RuleOutcome(_Frozen):
    """How often one quality rule caught a row."""

    rule: str
    severity: Severity
    reason: str
    rows: int
    samples: list[Sample]


class RecordOutcome(_Frozen):
    """One canonical record of the import."""

    record: str
    file: str
    read: int
    loaded: int
    quarantined: int
    flagged: int
    """Rows loaded with at least one flag."""
    checksum: str
    """SHA-256 of the loaded content without load ids and times: equal content gives an equal checksum."""
    rules: list[RuleOutcome]
    units: dict[str, str] = {}


class FileOutcome(_Frozen):
    """One file of the source, and how it compares with the manifest beside it."""

    file: str
    rows: int
    sha256: str
    expected_rows: int | None = None
    expected_sha256: str | None = None
    undeclared: list[str] = []
    """Columns in the file that the mapping does not know; they were ignored."""

    @property
    def differs(self) -> str | None:
        """In words, how the file differs from its manifest."""
        if self.expected_rows is not None and self.expected_rows != self.rows:
            return f"{self.rows:,} rows, the manifest says {self.expected_rows:,}"
        if self.expected_sha256 is not None and self.expected_sha256 != self.sha256:
            return "same number of rows as the manifest says, other content"
        return None


class RulesUsed(_Frozen):
    """The site rules that an import translated codes by."""

    version: int | None
    """None where they were handed to the import and are not kept."""
    digest: str
    approved_by: str | None = None
    approved_at: datetime | None = None


class LoadReport(_Frozen):
    """What one import did."""

    load_id: UUID
    source: str
    mapping_version: int
    site: str
    as_of: datetime
    as_of_because: str
    seconds: float
    records: list[RecordOutcome]
    files: list[FileOutcome]
    unknown_files: list[str]
    """Delimited files in the directory that the mapping does not know; they were ignored."""
    left_out: list[LeftOut]
    absent: list[Absent]
    has_manifest: bool
    checksum: str
    """Over all records; equal when the same content is imported again."""
    rules: RulesUsed | None = None
    """None where the mapping needs none."""
    codes: dict[str, dict[str, int]] = {}
    """For each of the site's rules the codes that were met, with the rows that have them."""

    @property
    def read(self) -> int:
        return sum(record.read for record in self.records)

    @property
    def loaded(self) -> int:
        return sum(record.loaded for record in self.records)

    @property
    def quarantined(self) -> int:
        return sum(record.quarantined for record in self.records)

    @property
    def flagged(self) -> int:
        return sum(record.flagged for record in self.records)

    def record(self, name: str) -> RecordOutcome:
        """The outcome of one canonical record."""
        return next(record for record in self.records if record.record == name)

    def to_json(self) -> str:
        """The whole report as JSON."""
        return self.model_dump_json(indent=2)

    def to_text(self, width: int = 110) -> str:
        """The report as plain text."""
        console = Console(width=width, color_system=None, force_terminal=False, highlight=False)
        with console.capture() as capture:
            console.print(render(self))
        return capture.get()


def render(report: LoadReport) -> RenderableType:
    """The report as tables for a terminal."""
    parts: list[RenderableType] = [
        Text(
            f"{report.source} into site {report.site}: {report.loaded:,} of {report.read:,} rows loaded, "
            f"{report.flagged:,} flagged, {report.quarantined:,} quarantined, in {report.seconds:.1f} s"
        ),
        Text(f"Business now is {report.as_of:%Y-%m-%d}. {report.as_of_because}"),
        *([Text(_rules(report.rules, report.site))] if report.rules else []),
        _records(report),
    ]
    if any(record.rules for record in report.records):
        parts.append(_findings(report))
    parts.append(_files(report))
    parts.append(_gaps(report))
    return Group(*parts)


def _rules(used: RulesUsed, site: str) -> str:
    if used.version is None:
        return f"Codes by rules of site {site} that were handed over, {used.digest[:12]}."
    approved = f", approved by {used.approved_by} on {used.approved_at:%Y-%m-%d}" if used.approved_at else ""
    return f"Codes by version {used.version} of the rules of site {site}{approved}."


def _gaps(report: LoadReport) -> Table:
    table = Table("not loaded", "because", title="Left out, and not in the source", title_justify="left")
    for item in report.left_out:
        name = "every table" if item.table == "*" else item.table
        columns = f": {', '.join(item.columns)}" if item.columns else ""
        table.add_row(Text(name + columns), Text(item.because))
    for gap in report.absent:
        table.add_row(Text(gap.what), Text(gap.because))
    return table


def _records(report: LoadReport) -> Table:
    table = Table("record", "file", title="Records", title_justify="left")
    for heading in ("read", "loaded", "flagged", "quarantined"):
        table.add_column(heading, justify="right")
    for record in report.records:
        counts = (record.read, record.loaded, record.flagged, record.quarantined)
        table.add_row(record.record, Text(record.file), *(f"{count:,}" for count in counts))
    return table


def _findings(report: LoadReport) -> Table:
    table = Table("record", "rule", "what", title="Findings", title_justify="left")
    table.add_column("rows", justify="right")
    table.add_column("why")
    table.add_column("first at")
    for record in report.records:
        for rule in record.rules:
            first = rule.samples[0] if rule.samples else None
            where = f"{first.file}:{first.line}" if first else ""
            what = {"flag": "flagged", "quarantine": "set aside", "pass": "noted"}[rule.severity]
            table.add_row(record.record, rule.rule, what, f"{rule.rows:,}", Text(rule.reason), Text(where))
    return table


def _files(report: LoadReport) -> RenderableType:
    remarks = [f"{file.file}: {file.differs}" for file in report.files if file.differs]
    remarks += [
        f"{file.file}: columns that the mapping does not know were ignored: {', '.join(file.undeclared)}"
        for file in report.files
        if file.undeclared
    ]
    if report.unknown_files:
        remarks.append(
            f"Files that the mapping does not know were ignored: {', '.join(report.unknown_files)}"
        )
    listed = sum(1 for file in report.files if file.expected_rows is not None)
    if not report.has_manifest:
        remarks.append("No manifest.json beside the files, so their row counts could not be checked.")
    elif not any(file.differs for file in report.files):
        remarks.append(
            f"{listed} of {len(report.files)} files are in the manifest, with its rows and checksums."
        )
    return Text("\n".join(remarks))
