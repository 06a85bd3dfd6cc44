"""Explanations of variances for finance systems: asked for once, read as JSON, CSV, XLSX or PDF."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from erp_adapters.caller import Caller
from policies.publications import PublicationState
from server.finance.explanations import Explanations, Kept
from server.finance.jobs import Job, JobState
from server.finance.publishing import PublicationShown, Publishing
from server.finance.report import Shown, rows_of
from server.house import House
from server.idempotency import Once
from server.identity import Asker, OpenHouse, Spoken
from server.paging import Limit
from tools.languages import speaking
from tools.languages.locales import language_for
from tools.languages.retelling import retold
from tools.variance.tool import ExplainVariance

router = APIRouter(prefix="/v1/finance/variance-explanations", tags=["finance"])

jobs = APIRouter(prefix="/v1/finance/jobs", tags=["finance"])
publications = APIRouter(prefix="/v1/finance/publications", tags=["finance"], route_class=Once)

_NO_WORKER = (
    "no worker was heard of lately: it waits until one runs (`plantwright worker`, or `plantwright serve`"
    " without PLANTWRIGHT_WORKER=separate)"
)
_Format = Literal["csv", "xlsx", "pdf"]
_TYPES: dict[_Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


class JobShown(BaseModel):
    """An explanation that a worker computes."""

    id: str
    state: JobState
    asked_at: str
    ended_at: str | None
    problem: str | None
    """Why it failed."""
    note: str | None
    """Why it still waits, where no worker runs."""
    explanation: str | None
    """Where the result is, as JSON, once it is done."""
    files: dict[_Format, str]
    """Where it is as a file, once it is done."""


class PublicationList(BaseModel):
    """Versions of explanations."""

    publications: tuple[PublicationShown, ...]
    to_publish: int
    """How many of them whoever asks may publish."""


class PublicationConfirmed(BaseModel):
    """What publishing is bound to. Who publishes is whoever asks."""

    model_config = ConfigDict(extra="forbid")

    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class PublicationRejected(PublicationConfirmed):
    """Why an explanation is turned down."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


@router.post(
    "",
    status_code=201,
    responses={
        200: {"description": "The one that was made first.", "model": Shown},
        202: {"description": "A job, with `Prefer: respond-async`.", "model": JobShown},
    },
)
async def explain(
    arguments: ExplainVariance,
    caller: Asker,
    house: OpenHouse,
    response: Response,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
    prefer: Annotated[str, Header(max_length=200)] = "",
) -> Shown | JobShown:
    """An explanation of a plant's period; the same request again gives the one made first (200).

    With `Prefer: respond-async` it is a job (202) that a worker does; `Location` says where to look at it.
    """
    if "respond-async" in [part.strip().lower() for part in prefer.split(",")]:
        job, _ = await house.drafts.jobs.ask(caller, arguments, idempotency_key)
        response.status_code = 202
        response.headers["location"] = f"{jobs.prefix}/{job.id}"
        response.headers["preference-applied"] = "respond-async"
        response.headers["retry-after"] = "1"
        return await _job_shown(house, caller, job)
    kept, is_new = await _explanations(house).explain(caller, arguments, idempotency_key)
    response.status_code = 201 if is_new else 200
    response.headers["location"] = f"{router.prefix}/{kept.id}"
    return _shown(kept)


@router.get("/{explanation}")
async def read(explanation: UUID, caller: Asker, house: OpenHouse) -> Shown:
    """An explanation as it was told, and whether the data of today tells it otherwise."""
    explanations = _explanations(house)
    kept = await explanations.find(caller, explanation)
    delta = await explanations.delta(caller, kept.report)
    shown = _shown(kept)
    return shown if delta is None else shown.model_copy(update={"state": "stale", "delta": f"{delta:f}"})


@router.post("/{explanation}/draft", status_code=201)
async def draft(explanation: UUID, caller: Asker, house: OpenHouse, response: Response) -> PublicationShown:
    """The explanation as a draft that another person publishes; the same again gives the same draft (200)."""
    publishing = _publishing(house)
    found, is_new = await publishing.draft(caller, explanation)
    response.status_code = 201 if is_new else 200
    response.headers["location"] = f"{publications.prefix}/{found.id}"
    return publishing.as_shown(caller, found)


@router.get("/{explanation}/file.{format}", response_class=Response)
async def file(explanation: UUID, format: _Format, caller: Asker, house: OpenHouse) -> Response:
    """The same as a file, in the language that it was told in."""
    kept = await _explanations(house).find(caller, explanation)
    content = await asyncio.to_thread(_made, kept, format)
    arguments = kept.report.arguments
    site = "".join(character for character in _about(arguments) if character.isalnum())
    name = f"variance-{site}-{arguments.period}.{format}".encode("ascii", "ignore").decode()
    return Response(
        content,
        media_type=_TYPES[format],
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


@jobs.get("/{job}")
async def read_job(job: UUID, caller: Asker, house: OpenHouse, spoken: Spoken) -> JobShown:
    """How far a job is, and where its result is once it is done."""
    found = await house.drafts.jobs.find(caller, job)
    with speaking(spoken):
        return await _job_shown(house, caller, found)


def _about(arguments: ExplainVariance) -> str:
    return (
        arguments.site
        or arguments.company
        or "-".join(arguments.plants)
        or ("group" if arguments.group else "")
    )


@publications.get("")
async def published(
    caller: Asker, house: OpenHouse, spoken: Spoken, state: PublicationState | None = None, limit: Limit = 50
) -> PublicationList:
    """Versions of explanations about the caller's sites, newest first: drafts, published, turned down."""
    publishing = _publishing(house)
    found = await publishing.publications.list(caller, state=state, limit=limit)
    stale = await publishing.publications.stale(caller)
    with speaking(spoken):
        shown = tuple(publishing.as_shown(caller, each, stale.get(each.id)) for each in found)
    return PublicationList(publications=shown, to_publish=sum("publish" in each.may for each in shown))


@publications.get("/{publication}")
async def read_publication(
    publication: UUID, caller: Asker, house: OpenHouse, spoken: Spoken
) -> PublicationShown:
    """One version as it was shown, how it stands, and whether the data of today tells it otherwise."""
    with speaking(spoken):
        return await _publishing(house).shown(caller, publication)


@publications.post("/{publication}/publish")
async def publish(
    publication: UUID, decided: PublicationConfirmed, caller: Asker, house: OpenHouse, spoken: Spoken
) -> PublicationShown:
    """Publish exactly what was shown; by another controller than drafted it, and only while it is current."""
    publishing = _publishing(house)
    done = await publishing.publish(caller, publication, decided.digest)
    with speaking(spoken):
        return publishing.as_shown(caller, done)


@publications.post("/{publication}/reject")
async def reject(
    publication: UUID, decided: PublicationRejected, caller: Asker, house: OpenHouse, spoken: Spoken
) -> PublicationShown:
    """Turn it down for good; whoever drafted it takes it back so."""
    publishing = _publishing(house)
    done = await publishing.publications.reject(caller, publication, decided.digest, decided.reason)
    with speaking(spoken):
        return publishing.as_shown(caller, done)


def _made(kept: Kept, format: _Format) -> bytes:
    from server.finance.document import pdf_of
    from server.finance.spreadsheet import csv_of, workbook_of

    with speaking(language_for(kept.report.language)):
        match format:
            case "csv":
                # Spreadsheets take a file for UTF-8 only where it begins with the mark.
                return csv_of(kept.report).encode("utf-8-sig")
            case "xlsx":
                return workbook_of(kept.report, kept.digest)
            case "pdf":
                return pdf_of(kept.report, kept.digest)


def _shown(kept: Kept) -> Shown:
    report, at = kept.report, f"{router.prefix}/{kept.id}"
    return Shown(
        id=str(kept.id),
        state="current",
        asked_at=kept.asked_at.isoformat(),
        digest=kept.digest,
        reading=report.reading,
        narrative=report.narrative,
        currency=report.currency,
        figures=report.figures,
        bridge=rows_of(report.bridge),
        causes=rows_of(report.causes),
        accounts=rows_of(report.accounts),
        caveats=report.caveats,
        evidence=report.evidence,
        files=_files(at),
    )


def _files(at: str) -> dict[_Format, str]:
    return {format: f"{at}/file.{format}" for format in _TYPES}


async def _job_shown(house: House, caller: Caller, job: Job) -> JobShown:
    at = f"{router.prefix}/{job.explanation}" if job.explanation else None
    is_alone = job.state == "queued" and not await house.drafts.jobs.is_worked(caller)
    return JobShown(
        id=str(job.id),
        state=job.state,
        asked_at=job.asked_at.isoformat(),
        ended_at=job.ended_at.isoformat() if job.ended_at else None,
        problem=retold(job.problem) or None,
        note=retold(_NO_WORKER) if is_alone else None,
        explanation=at,
        files=_files(at) if at else {},
    )


def _explanations(house: House) -> Explanations:
    """Where explanations are kept.

    Raises:
        CapabilityMissing: this house keeps none.
    """
    return house.finance


def _publishing(house: House) -> Publishing:
    """Where explanations are drafted and published.

    Raises:
        CapabilityMissing, AuditUnavailable: this house keeps none, or could put nothing on record.
    """
    return Publishing(house.finance, house.drafts.publications)
