"""Texts at Tryton's objects: a note at the warehouse, found again by the marker in its first line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from erp_adapters.errors import ErpRefused
from erp_adapters.records import PostedDocument, PublishedText
from erp_adapters.tryton.client import SYSTEM, Client

NOTE: Final = "ir.note"
_FIELDS = ("message", "resource", "create_date")
_HEAD = re.compile(
    r"(?P<marker>PW-[A-Z0-9]{20,32})\n"
    r"Explanation of plant (?P<object>\S+), (?P<period>[^\n]*), version (?P<version>\d+)\n"
    r"Drafted by (?P<requester>[^\n]*), released by (?P<released_by>[^\n]*)\n"
    r"(?P<digest>sha256:[0-9a-f]{64})\n\n(?P<text>.*)",
    re.DOTALL,
)


class Notes:
    """Writes texts as notes of one Tryton database, and reads back what is there."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def write(self, document: PublishedText, marker: str, warehouse: int) -> PostedDocument:
        """The text as a new note at the warehouse, by one call.

        Raises:
            ErpRefused: it is about something that is no object there.
            WriteOutcomeUnknown: as the client says.
        """
        if document.about != "plant":
            raise ErpRefused(
                f"{SYSTEM} has no cost centres here, so there is no object for the text about"
                f" {document.object!r}; it stands with the explanation"
            )
        values = {"resource": f"stock.location,{warehouse}", "message": _message(document, marker)}
        [made] = await self._client.call(f"model.{NOTE}.create", [values], effect="write")
        [posted] = await self._found([["id", "=", made]])
        return posted

    async def find(self, marker: str = "") -> tuple[PostedDocument, ...]:
        """Every text under that marker, or under any of ours."""
        found = await self._found([["message", "like", f"{marker or 'PW-'}%"]])
        return tuple(one for one in found if not marker or one.marker == marker)

    async def _found(self, where: list[Any]) -> tuple[PostedDocument, ...]:
        rows = await self._client.rows(NOTE, where, _FIELDS)
        return tuple(posted for row in rows if (posted := _posted(row)) is not None)


def _message(document: PublishedText, marker: str) -> str:
    return (
        f"{marker}\n"
        f"Explanation of plant {document.object}, {document.period}, version {document.version}\n"
        f"Drafted by {document.requester}, released by {document.released_by}\n"
        f"{document.digest}\n\n{document.text}"
    )


def _posted(row: Mapping[str, Any]) -> PostedDocument | None:
    found = _HEAD.fullmatch(row["message"] or "")
    if found is None:
        return None
    return PostedDocument(
        kind="published_text",
        number=f"note {row['id']}",
        site=found["object"],
        marker=found["marker"],
        document=PublishedText(
            site=found["object"],
            requester=found["requester"],
            released_by=found["released_by"],
            about="plant",
            object=found["object"],
            period=found["period"],
            version=int(found["version"]),
            digest=found["digest"],
            text=found["text"],
        ),
        posted_at=row["create_date"],
    )
