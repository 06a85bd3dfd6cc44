"""Whether the audit is as it was written: the chain against itself and against a second place's checkpoints.

Nothing that the database says is believed. An edit, a deletion or another order breaks the chain; a chain
that was computed anew, cut off, or set back with its database is whole and contradicts a checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from erp_adapters.errors import ConfigurationError
from policies.audit.chain import Entry, genesis
from policies.audit.checkpoints import Checkpoint, parsed, succession_of
from policies.audit.keys import fingerprint
from policies.audit.reading import Ending, Source, Unreadable

FindingKind: TypeAlias = Literal[
    "changed",
    "missing",
    "out_of_order",
    "rewritten",
    "cut_off",
    "head",
    "unreadable",
    "checkpoint",
    "unwitnessed",
    "contents",
]
Keys: TypeAlias = Sequence[tuple[Ed25519PublicKey, int | None]]
"""Keys that are trusted, each up to the position where it ceased to sign."""
_MOST = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written."""

    kind: FindingKind
    position: int
    """Where in the chain, or the line of the file; 0 where it is nowhere in particular."""
    what: str


@dataclass(slots=True)
class Report:
    """What a verification found."""

    chain: UUID
    events: int = 0
    last: int = 0
    witnessed: int = 0
    """Position of the latest checkpoint that agrees; what comes later has only the chain as its witness."""
    witnessed_at: datetime | None = None
    findings: list[Finding] = field(default_factory=list)
    """The first of them: after one break others often follow."""
    notes: list[str] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        """True where nothing was found."""
        return not self.findings

    def found(self, kind: FindingKind, position: int, what: str) -> None:
        """Note a finding; beyond the first fifty nothing is added."""
        if len(self.findings) < _MOST:
            self.findings.append(Finding(kind, position, what))


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The checkpoints of a second place, as far as they can be believed."""

    checkpoints: tuple[Checkpoint, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    retired: tuple[tuple[Ed25519PublicKey, int], ...] = ()
    """Keys that signed before the one that does now, each with its last position."""


def witnesses(file: Path, key: Ed25519PublicKey) -> Witnesses:
    """The checkpoints of the file: signed, and none taken out of their middle.

    Args:
        file: the second place.
        key: one that is trusted; those that it succeeded and that succeeded it are too, each for its time.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return Witnesses(())
    except OSError as error:
        raise ConfigurationError(f"the checkpoints {str(file)!r} cannot be read: {error.strerror}") from error
    lines = text.split(b"\n")
    # A process that was killed while it wrote leaves part of a line, which nothing relies on.
    torn = lines.pop()
    notes: tuple[str, ...] = (
        ("the last checkpoint was only half written; it counts for nothing",) if torn else ()
    )
    taken: list[Checkpoint] = []
    findings: list[Finding] = []
    before = ""
    held = [_parsed(line) for line in lines]
    keys = succession_of(filter(None, held), key)
    serving = 0
    for number, checkpoint in enumerate(held, start=1):
        if checkpoint is None:
            findings.append(Finding("checkpoint", number, f"line {number} of the checkpoints is none"))
            before = "?"
            continue
        if what := _doubt(checkpoint, keys[serving][0], before, taken[-1] if taken else None):
            findings.append(Finding("checkpoint", number, f"the checkpoint in line {number} {what}"))
        else:
            taken.append(checkpoint)
            # None of the key before counts from here on, whoever has it by now.
            serving = min(serving + (checkpoint.succession is not None), len(keys) - 1)
        before = checkpoint.digest
    retired = tuple((each, until) for each, until in keys if until is not None)
    if retired:
        notes = (*notes, f"the signing key was changed {len(retired)} time{'s' * (len(retired) > 1)}")
    return Witnesses(tuple(taken), tuple(findings[:_MOST]), notes, retired)


def _parsed(line: bytes) -> Checkpoint | None:
    try:
        return parsed(line)
    except ValueError:
        return None


def _doubt(checkpoint: Checkpoint, key: Ed25519PublicKey, before: str, last: Checkpoint | None) -> str:
    if not checkpoint.is_signed_by(key):
        return (
            "was changed: its signature is not right"
            if checkpoint.key == fingerprint(key)
            else "was signed with another key"
        )
    if checkpoint.succession is not None and not checkpoint.is_succession:
        return "names another key that did not accept it"
    if checkpoint.previous != before:
        return "does not follow the line before it: one was taken away or put in"
    if last is not None and checkpoint.chain == last.chain and checkpoint.position < last.position:
        return f"goes back from event {last.position} to {checkpoint.position}"
    return ""


def verify(source: Source, seen: Witnesses, key: Ed25519PublicKey, ending: Ending | None = None) -> Report:
    """Everything that is not as it was written.

    Args:
        source: the chain; its entries are read once.
        seen: the checkpoints.
        key: of the checkpoints, for the one that an export ends with.
        ending: what the last line of an export says.
    """
    report = Report(source.chain, findings=list(seen.findings), notes=list(seen.notes))
    foreign = [each for each in seen.checkpoints if each.chain != source.chain]
    if foreign:
        report.found(
            "rewritten",
            foreign[0].position,
            f"{len(foreign)} checkpoints are of another database: {foreign[0].chain}",
        )
    own = {each.position: each for each in seen.checkpoints if each.chain == source.chain}
    _contradictions(seen.checkpoints, report)
    last = _walk(source, own, report)
    if source.first > 1:
        report.notes.append(f"it begins with event {source.first}; what came before is not looked at")
    _end(source, own, last, ((key, None), *seen.retired), ending, report)
    return report


def _contradictions(checkpoints: Sequence[Checkpoint], report: Report) -> None:
    known: dict[tuple[UUID, int], bytes] = {}
    for each in checkpoints:
        if known.setdefault((each.chain, each.position), each.hash) != each.hash:
            report.found("rewritten", each.position, f"two checkpoints disagree about event {each.position}")


def _walk(source: Source, own: dict[int, Checkpoint], report: Report) -> tuple[int, bytes]:
    """Position and hash of the last entry, after every one was looked at."""
    place = source.first - 1
    hash = genesis(source.chain) if source.first == 1 else None
    for entry in source.entries:
        if isinstance(entry, Unreadable):
            report.found("unreadable", entry.line, f"line {entry.line} {entry.why}")
            continue
        report.events += 1
        _look(entry, place, hash, report)
        if (checkpoint := own.get(entry.position)) is not None:
            if checkpoint.hash == entry.hash:
                report.witnessed, report.witnessed_at = entry.position, checkpoint.at
            else:
                report.found(
                    "rewritten",
                    entry.position,
                    f"event {entry.position} is another than the checkpoint of {_second(checkpoint.at)} saw",
                )
        place, hash = entry.position, entry.hash
    report.last = place
    return place, hash or b""


def _look(entry: Entry, place: int, hash: bytes | None, report: Report) -> None:
    wanted = place + 1
    if entry.position > wanted:
        gap = (
            f"event {wanted} is"
            if entry.position == wanted + 1
            else f"events {wanted} to {entry.position - 1} are"
        )
        report.found("missing", wanted, f"{gap} missing")
    elif entry.position < wanted:
        report.found("out_of_order", entry.position, f"event {entry.position} stands behind event {place}")
    elif hash is not None and entry.previous != hash:
        report.found("changed", entry.position, f"event {entry.position} does not follow the event before it")
    if entry.link != entry.hash:
        report.found("changed", entry.position, f"event {entry.position} was changed: its hash is not right")


def _end(
    source: Source,
    own: dict[int, Checkpoint],
    last: tuple[int, bytes],
    keys: Keys,
    ending: Ending | None,
    report: Report,
) -> None:
    place, hash = last
    beyond = sorted(position for position in own if position > place)
    if source.end is not None and source.end != (place, hash or genesis(source.chain)):
        report.found(
            "head", source.end[0], f"the head of the chain is not event {place}, the last one there is"
        )
    if ending is not None and not ending.is_there:
        report.found("cut_off", place, f"the export ends with event {place} and without its last line")
    if beyond and not _is_older(source, place, hash, keys, ending):
        at = own[beyond[-1]].at
        report.found(
            "cut_off",
            place,
            f"it ends with event {place}; a checkpoint of {_second(at)} saw event {beyond[-1]}:"
            " later events were cut off, or the database was set back",
        )
    elif beyond:
        report.notes.append(f"{len(beyond)} checkpoints are later than this export")
    if report.events and not own and not _is_older(source, place, hash, keys, ending):
        report.found(
            "unwitnessed", 0, "there is no checkpoint of it, so it may have been computed anew as a whole"
        )
    elif place > report.witnessed and report.witnessed:
        report.notes.append(f"{place - report.witnessed} events are later than the latest checkpoint")


def _is_older(source: Source, place: int, hash: bytes, keys: Keys, ending: Ending | None) -> bool:
    """True for an export that a checkpoint shows to be whole as of an earlier day."""
    end = None if ending is None else ending.checkpoint
    return (
        end is not None
        and any(end.is_signed_by(key) for key, until in keys if until is None or place <= until)
        and (end.chain, end.position, end.hash) == (source.chain, place, hash)
    )


def _second(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


AS_WRITTEN = "The audit is as it was written."


def summary(report: Report) -> Iterable[str]:
    """What a person reads."""
    yield f"{report.events} events of chain {report.chain}" + (
        f", up to event {report.last}" if report.last else ""
    )
    if report.witnessed_at is not None:
        yield f"event {report.witnessed} is as the checkpoint of {_second(report.witnessed_at)} saw it"
    yield from report.notes
    for each in report.findings:
        yield f"TAMPERED: {each.what}"
    if report.is_intact:
        yield AS_WRITTEN
