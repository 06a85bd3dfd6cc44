"""The audit of a lane: kept by every process that dies, and held afterwards against the ERP's documents."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import psycopg

from erp_adapters.demo.erp import DemoErp
from erp_adapters.records import PostedDocument
from policies.audit.checkpoints import CheckpointLog
from policies.audit.contents import check_contents
from policies.audit.event import AuditTrail
from policies.audit.keys import AuditKeys
from policies.audit.matching import match, written
from policies.audit.reading import entries_of, subject_keys, tables
from policies.audit.sealing import contents_of
from policies.audit.trail import PostgresTrail
from policies.audit.verify import verify, witnesses
from policies.execution.marker import marker_of


@asynccontextmanager
async def trail(dsn: str, keys: Path) -> AsyncIterator[AuditTrail]:
    """Where a process puts events: as a home's does, with checkpoints beside the keys."""
    own = AuditKeys.kept_in(keys)
    async with await PostgresTrail.open(dsn, own, log=CheckpointLog(_checkpoints(keys), own.signing)) as kept:
        yield kept


def audit(owner_dsn: str, erp_dsn: str, keys: Path) -> tuple[str, ...]:
    """What is wrong with the chain, and where the ERP differs from it without a person being asked."""
    own = AuditKeys.kept_in(keys)
    seen = witnesses(_checkpoints(keys), own.public)
    with tables(owner_dsn) as (source, connection):
        report = verify(source, seen, own.public)
        check_contents(connection, own.wrapping, report)
        opened = subject_keys(connection, own.wrapping)
        record = written(
            entries_of(connection),
            lambda entry: contents_of(entry, opened),
            lambda proposal, digest, part: marker_of(UUID(proposal), digest, part),
        )
    with psycopg.connect(owner_dsn) as owner:
        asked = owner.execute("select id::text from app.proposal where state = 'needs_reconciliation'")
        persons = {str(proposal) for (proposal,) in asked}
    matching = match(asyncio.run(_documents(erp_dsn)), record)
    return (
        *(f"audit: {finding.what}" for finding in report.findings),
        *(f"audit: {each.what}" for each in matching.mismatches if each.proposal not in persons),
    )


async def _documents(erp_dsn: str) -> tuple[PostedDocument, ...]:
    async with DemoErp.open(erp_dsn) as erp:
        return await erp.documents()


def _checkpoints(keys: Path) -> Path:
    return keys / "second-place" / "checkpoints.jsonl"
