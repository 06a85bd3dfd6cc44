"""Pages of a list: where the next one goes on, as a text that clients hand back unread."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from server.errors import UsageError

Limit = Annotated[int, Query(ge=1, le=200, description="Entries of a page.")]
After = Annotated[
    str, Query(max_length=120, description="`next` of the page before; empty for the first page.")
]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last entry of a page. It opens nothing: whoever asks sees their own rows after it, or none."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        text = f"{self.at.isoformat()} {self.id}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parsed(cls, text: str) -> Cursor | None:
        """The cursor; None of an empty text.

        Raises:
            UsageError: no list gave out such a cursor.
        """
        if not text:
            return None
        try:
            at, _, key = (
                base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
                .decode("ascii")
                .partition(" ")
            )
            found = cls(datetime.fromisoformat(at), UUID(key))
        except (ValueError, binascii.Error):
            raise UsageError(
                f"cursor: {text[:40]!r} is none; send `next` of a page as it was received"
            ) from None
        if found.at.tzinfo is None:
            raise UsageError(f"cursor: {text[:40]!r} is none; send `next` of a page as it was received")
        return found
