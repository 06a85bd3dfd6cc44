"""How far a reader of Tryton has come: what changed since when, up to which id, and the newest stamp."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from erp_adapters.errors import ErpUnavailable
from erp_adapters.ports import Cursor
from erp_adapters.tryton.client import SYSTEM

_OVERLAP: Final = timedelta(minutes=10)
"""A record bears the time at which its transaction began, which may have been committed a while later."""
STAMPS: Final = ("create_date", "write_date")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reading of one model goes on."""

    since: datetime | None = None
    id: int = 0
    newest: datetime | None = None

    @classmethod
    def of(cls, cursor: Cursor | None) -> Place:
        """The place that a cursor names; the beginning without one.

        Raises:
            ErpUnavailable: it names none.
        """
        if not cursor:
            return cls()
        try:
            held = json.loads(cursor)
            return cls(_moment(held["since"]), int(held["id"]), _moment(held["newest"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ErpUnavailable(f"{cursor!r} is no place in {SYSTEM}: read from the beginning") from error

    def conditions(self, besides: Sequence[str] = ()) -> list[Any]:
        """What a record is there for: behind the last one, and changed since.

        Args:
            besides: paths to records whose change is one of the record.
        """
        where: list[Any] = [["id", ">", self.id]]
        if self.since is not None:
            stamps = [*STAMPS, *(f"{path}.{stamp}" for path in besides for stamp in STAMPS)]
            where.append(["OR", *([stamp, ">=", self.since - _OVERLAP] for stamp in stamps)])
        return where

    def after(self, found: Sequence[Mapping[str, Any]], *, is_last: bool) -> Place:
        """The place behind these records."""
        stamps = [row[stamp] for row in found for stamp in STAMPS if row[stamp] is not None]
        newest = max([*stamps, *([self.newest] if self.newest else [])], default=None)
        if is_last:
            return Place(newest, 0, newest)
        return Place(self.since, int(found[-1]["id"]), newest)

    def cursor(self) -> Cursor:
        """The place as it is kept."""
        held = {"since": _text(self.since), "id": self.id, "newest": _text(self.newest)}
        return Cursor(json.dumps(held))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
