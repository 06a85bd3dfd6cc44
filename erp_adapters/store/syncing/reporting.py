"""What the store has of a source after a reading, as the report that an import of it would leave."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from erp_adapters.store.mapping import RecordSpec, SourceMapping
from erp_adapters.store.quality import (
    SAMPLES,
    FileOutcome,
    LoadReport,
    RecordOutcome,
    RuleOutcome,
    RulesUsed,
    Sample,
)
from erp_adapters.store.staging import BUILT_IN, FLAGGING
from erp_adapters.store.syncing.applying import Connection
from erp_adapters.store.syncing.feeds import Feed

_SET_ASIDE = """
select rule, count(*), (array_agg(source_key order by source_key))[1:%(samples)s],
       (array_agg(reason order by source_key))[1:%(samples)s]
from erp.quarantine where site = %(site)s and source_system = %(source)s and record = %(record)s
group by rule order by rule
"""
_FLAGGED = """
select flag, count(*), (array_agg(source_key order by source_key))[1:%(samples)s]
from erp.{record}, unnest(flags) as f(flag)
where site = %(site)s and source_system = %(source)s and flags <> '{{}}' group by flag order by flag
"""
_CONTENT = "select count(*), coalesce(bit_xor(digest), 0) from erp.sync_row where feed = %s"


def report_of(
    connection: Connection,
    mapping: SourceMapping,
    site: str,
    feeds: Mapping[str, Feed],
    *,
    load: UUID,
    as_of: datetime,
    seconds: float,
    looked_at: Iterable[str],
    before: LoadReport | None,
    rules: RulesUsed | None,
    codes: Mapping[str, Counter[str]],
) -> LoadReport:
    """The report; of records that did not change it says what the one before said.

    Args:
        looked_at: records that may be another than before.
        before: the report of the reading before.
        codes: how often each code of the site's rules was met in the rows that changed.
    """
    known = {} if before is None else {outcome.record: outcome for outcome in before.records}
    looked = set(looked_at)
    names = {"site": site, "source": mapping.source, "samples": SAMPLES}
    records = [
        known[spec.record]
        if spec.record in known and spec.record not in looked
        else _outcome(connection, mapping, spec, names)
        for spec in mapping.records
    ]
    files, content = _files(connection, mapping, feeds, before)
    met = {} if before is None else {rule: Counter(counts) for rule, counts in before.codes.items()}
    for rule, counts in codes.items():
        met.setdefault(rule, Counter()).update(counts)
    return LoadReport(
        load_id=load,
        source=mapping.source,
        mapping_version=mapping.version,
        site=site,
        as_of=as_of,
        as_of_because="The source was read then.",
        seconds=seconds,
        records=records,
        files=files,
        unknown_files=[],
        left_out=list(mapping.left_out),
        absent=list(mapping.absent),
        has_manifest=False,
        checksum=hashlib.sha256(content.encode()).hexdigest(),
        rules=rules,
        codes={rule: dict(counts.most_common(500)) for rule, counts in sorted(met.items())},
    )


def _files(
    connection: Connection, mapping: SourceMapping, feeds: Mapping[str, Feed], before: LoadReport | None
) -> tuple[list[FileOutcome], str]:
    """What is kept of each part, and a text that is another once any row is."""
    known = {} if before is None else {outcome.file: outcome for outcome in before.files}
    files = []
    for part, feed in feeds.items():
        name = mapping.files[part].file
        if feed.changed or name not in known:
            counted = connection.execute(_CONTENT, (feed.id,)).fetchone()
            assert counted is not None
            files.append(FileOutcome(file=name, rows=counted[0], sha256=f"{counted[1] & (1 << 64) - 1:016x}"))
        else:
            files.append(known[name])
    return files, "\n".join(f"{each.file} {each.rows} {each.sha256}" for each in files)


def _outcome(
    connection: Connection, mapping: SourceMapping, spec: RecordSpec, names: Mapping[str, Any]
) -> RecordOutcome:
    names = {**names, "record": spec.record}
    file = mapping.files[spec.file].file
    declared = {rule.rule: rule for rule in spec.quality}
    rules = []
    for rule, rows, keys, reasons in connection.execute(_SET_ASIDE, names).fetchall():
        why = declared[rule].reason if rule in declared else BUILT_IN[rule]
        rules.append(
            RuleOutcome(
                rule=rule, severity="quarantine", reason=why, rows=rows, samples=_samples(file, keys, reasons)
            )
        )
    aside = sum(each.rows for each in rules)
    flagged = connection.execute(
        sql.SQL(_FLAGGED).format(record=sql.Identifier(spec.record)), names
    ).fetchall()
    for flag, rows, keys in flagged:
        why = declared[flag].reason if flag in declared else BUILT_IN[flag]
        assert flag in declared or flag in FLAGGING, "a row bears what a rule found"
        rules.append(
            RuleOutcome(
                rule=flag,
                severity="flag",
                reason=why,
                rows=rows,
                samples=_samples(file, keys, [why] * len(keys)),
            )
        )
    counted = connection.execute(
        sql.SQL(
            "select count(*), count(*) filter (where flags <> '{{}}') from {}"
            " where site = %(site)s and source_system = %(source)s"
        ).format(sql.Identifier("erp", spec.record)),
        names,
    ).fetchone()
    assert counted is not None
    return RecordOutcome(
        record=spec.record,
        file=file,
        read=counted[0] + aside,
        loaded=counted[0],
        quarantined=aside,
        flagged=counted[1],
        checksum="",
        rules=rules,
        units=spec.units,
    )


def _samples(file: str, keys: Sequence[str], reasons: Sequence[str]) -> list[Sample]:
    return [
        Sample(file=file, line=0, source_key=key, reason=reason)
        for key, reason in zip(keys, reasons, strict=True)
    ]
