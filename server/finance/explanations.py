"""Explanations that finance asked for: made under the caller's scope, kept as told, compared with today."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from erp_adapters.caller import Caller
from erp_adapters.errors import RecordNotFound
from erp_adapters.store.ids import new_id
from erp_adapters.store.session import OwnTransaction, ReadTransaction, Store
from server.errors import UsageError
from server.finance.report import Report, report_of
from tools.languages import speaking
from tools.languages.locales import language_for
from tools.registry import ToolContext
from tools.results import ToolResult
from tools.variance.tool import ExplainVariance, explain_variance

_KEPT = "select id, asked_at, report, digest from app.variance_explanation where "
_ADD = """
insert into app.variance_explanation (id, subject, key, arguments, report, digest)
values (%(id)s, %(subject)s, %(key)s, %(arguments)s, %(report)s, %(digest)s)
on conflict (subject, key) do nothing
"""
_LOADED = "select coalesce(max(finished_at)::text, '') from erp.load where status = 'loaded'"


@dataclass(frozen=True, slots=True)
class Kept:
    """An explanation as it was told."""

    id: UUID
    asked_at: datetime
    report: Report
    digest: str


class Explanations:
    """Makes, keeps and finds the caller's explanations."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def explain(self, caller: Caller, arguments: ExplainVariance, key: str | None) -> tuple[Kept, bool]:
        """The explanation, and whether it is new: the same request again is the one that was made first.

        Args:
            key: what the client calls the request; without one, the same question of the same load is one.

        Raises:
            UsageError: the key belongs to another question.
            ToolError: it cannot be explained; the message says why.
        """
        asked = arguments.model_dump_json()
        async with self.store.remembering(caller) as tx:
            loaded = (await tx.fetch(_LOADED)).rows[0][0]
            known = key or hashlib.sha256(f"{caller.locale} {loaded} {asked}".encode()).hexdigest()
            found = await _kept(tx, "key = %(key)s", key=known)
            if found is None:
                report = await _told(tx, caller, arguments)
                await tx.execute(
                    _ADD,
                    {
                        "id": new_id(),
                        "subject": caller.subject,
                        "key": known,
                        "arguments": asked,
                        "report": report.model_dump_json(),
                        "digest": report.digest,
                    },
                )
                made = await _kept(tx, "key = %(key)s", key=known)
                assert made is not None
                return made, made.report == report
        if found.report.arguments != arguments:
            raise UsageError(f"the idempotency key {known!r} belongs to another question; send a new one")
        return found, False

    async def find(self, caller: Caller, id: UUID) -> Kept:
        """One of the caller's explanations.

        Raises:
            RecordNotFound: the caller has none of that id.
        """
        async with self.store.reading(caller) as tx:
            found = await _kept(tx, "id = %(id)s", id=id)
        if found is None:
            raise RecordNotFound(f"there is no explanation {str(id)!r} of yours")
        return found

    async def delta(self, caller: Caller, report: Report) -> Decimal | None:
        """Of the total, what came since; None where today tells all of it the same."""
        async with self.store.remembering(caller) as tx:
            today = await _told(tx, caller, report.arguments, report.language)
        return None if today.digest == report.digest else _total(today) - _total(report)


def _total(report: Report) -> Decimal:
    amount = report.bridge.names.index("amount")
    return sum((Decimal(str(row[amount])) for row in report.bridge.rows), Decimal(0))


async def _told(
    tx: OwnTransaction, caller: Caller, arguments: ExplainVariance, language: str | None = None
) -> Report:
    spoken = language_for(language or caller.locale)
    with speaking(spoken):
        result: ToolResult = await explain_variance.run(arguments, ToolContext(caller, tx))
        return report_of(arguments, result, spoken)


async def _kept(tx: ReadTransaction, where: str, **values: object) -> Kept | None:
    found = await tx.fetch(_KEPT + where, values)
    if not found.rows:
        return None
    id, asked_at, report, digest = found.rows[0]
    assert isinstance(asked_at, datetime)
    return Kept(UUID(str(id)), asked_at, Report.model_validate(report), str(digest))
