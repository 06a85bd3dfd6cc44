"""Answers and drafts that did not know what came later: each says so once the source is back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agents.answer import Answer
from erp_adapters.caller import Caller
from erp_adapters.store.outages import Outage, outages
from erp_adapters.store.session import ReadTransaction
from tools.languages import said, speaking
from tools.languages.forms import day_text
from tools.languages.locales import language_for


async def reconciled(
    tx: ReadTransaction, caller: Caller, answers: Sequence[tuple[Answer, datetime]]
) -> list[Answer]:
    """Answers as they were given, each with a caveat where data came since that it did not know."""
    if not answers:
        return []
    times = [at for _, at in answers]
    known = await outages(tx, min(times), max(times))
    with speaking(language_for(caller.locale)):
        return [_with_caveats(answer, at, known) for answer, at in answers]


async def of_draft(tx: ReadTransaction, site: str, at: datetime) -> tuple[str, ...]:
    """What came to a site after something was drafted there while a source of it was away, in sentences."""
    return tuple(
        said(
            "It was drafted while [[source]] at [[site]] was away ([[day]] [[time]] to [[until]] [[end]]"
            " UTC). What that told later is here now: look whether it changes the draft.",
            source=of.source,
            site=of.site,
            day=day_text(of.began_at.date()),
            time=f"{of.began_at:%H:%M}",
            until=day_text(of.ended_at.date()),
            end=f"{of.ended_at:%H:%M}",
        )
        for of in await outages(tx, at, at)
        if of.site == site and of.ended_at is not None
    )


def outage_said(of: Outage) -> str:
    """An outage in a line."""
    if of.ended_at is None:
        return f"{of.source} at {of.site} is away since {of.began_at:%Y-%m-%d %H:%M} UTC"
    return (
        f"{of.source} at {of.site} was away ({of.began_at:%Y-%m-%d %H:%M} to {of.ended_at:%Y-%m-%d %H:%M}"
        " UTC); what it told later is here, and answers and drafts of that time say so"
    )


def _with_caveats(answer: Answer, at: datetime, known: Sequence[Outage]) -> Answer:
    sources = {source.system for evidence in answer.evidence for source in evidence.sources}
    found = tuple(
        said(
            "While this was answered, [[source]] at [[site]] was away (since [[day]] [[time]] UTC). What it"
            " told later is here now: ask again.",
            source=of.source,
            site=of.site,
            day=day_text(of.began_at.date()),
            time=f"{of.began_at:%H:%M}",
        )
        for of in known
        if of.touches(sources, at)
    )
    return answer.model_copy(update={"caveats": (*answer.caveats, *found)}) if found else answer
