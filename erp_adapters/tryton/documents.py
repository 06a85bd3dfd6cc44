"""What hangs on Tryton's records: files and notes, of the kinds of records that have a place here."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from erp_adapters.errors import ErpRefused, ErpUnavailable, RecordNotFound
from erp_adapters.ports import AttachedTo, Cell, Cursor, Page, SourceRow
from erp_adapters.tryton.client import SYSTEM, Client
from erp_adapters.tryton.notes import NOTE
from erp_adapters.tryton.places import STAMPS, Place
from erp_adapters.tryton.tables import cell_of, value_at

ATTACHMENT: Final = "ir.attachment"
_OURS: Final = "PW-%"
"""How a note begins that was published from here: it is no source for an answer."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Records of one model, and the paths to what they are called and where they belong."""

    about: AttachedTo
    number: str
    warehouse: str = ""


_KINDS: Final[Mapping[str, _Kind]] = {
    "stock.location": _Kind(AttachedTo.PLANT, "code", "warehouse.code"),
    "product.product": _Kind(AttachedTo.MATERIAL, "code"),
    "product.template": _Kind(AttachedTo.MATERIAL, "code"),
    "production.bom": _Kind(AttachedTo.BILL, "name"),
    "party.party": _Kind(AttachedTo.SUPPLIER, "code"),
    "purchase.requisition": _Kind(AttachedTo.REQUISITION, "number", "warehouse.code"),
    "purchase.purchase": _Kind(AttachedTo.PURCHASE_ORDER, "number", "warehouse.code"),
    "purchase.line": _Kind(AttachedTo.PURCHASE_ORDER, "purchase.number", "purchase.warehouse.code"),
    "production": _Kind(AttachedTo.PRODUCTION_ORDER, "number", "warehouse.code"),
}
_FIELDS: Final[Mapping[str, Sequence[str]]] = {
    ATTACHMENT: ("name", "resource", "data_size", *STAMPS),
    NOTE: ("message", "resource", *STAMPS),
}
# A link leads out of Tryton, to wherever somebody wrote: it is not followed.
_WHERE: Final[Mapping[str, Sequence[Any]]] = {
    ATTACHMENT: (["type", "=", "data"],),
    NOTE: (["message", "not like", _OURS],),
}
_ON_THEM: Final = ["OR", *(["resource", "like", f"{model},%"] for model in _KINDS)]


class Documents:
    """Reads files and notes of one Tryton database."""

    def __init__(self, client: Client, page: int) -> None:
        self._client, self._page = client, page

    async def pages(self, since: Cursor | None) -> AsyncIterator[Page]:
        """Files, then notes: all of them, or those that changed after the cursor."""
        places = _Places.of(since)
        for model in _FIELDS:
            place, is_last = places.of_model[model], False
            while not is_last:
                where = [*_WHERE[model], _ON_THEM, *place.conditions()]
                found = await self._client.rows(model, where, _FIELDS[model], limit=self._page)
                is_last = len(found) < self._page
                place = place.after(found, is_last=is_last)
                places.of_model[model] = place
                rows = tuple(await self._rows(model, found))
                yield Page(rows, places.cursor(), is_last=is_last and model == NOTE)

    async def _rows(self, model: str, found: Sequence[Mapping[str, Any]]) -> Iterable[SourceRow]:
        on = await self._objects(str(each["resource"]) for each in found)
        rows = []
        for each in found:
            about, number, warehouse = on.get(str(each["resource"]), (None, None, None))
            is_note = model == NOTE
            cells: dict[str, Cell] = {
                "name": "" if is_note else cell_of(each["name"]),
                "about": about,
                "object": number,
                "warehouse": warehouse,
                "bytes": None if is_note else cell_of(each["data_size"]),
                "changed_at": cell_of(each["write_date"] or each["create_date"]),
                "is_note": is_note,
                "text": cell_of(each["message"]) if is_note else None,
            }
            rows.append(SourceRow(f"{model},{each['id']}", cells))
        return rows

    async def _objects(self, resources: Iterable[str]) -> dict[str, tuple[str, Cell, Cell]]:
        """Kind, number and warehouse of the records that the files of a page hang on."""
        ids: dict[str, set[int]] = {}
        for resource in resources:
            model, _, number = resource.partition(",")
            ids.setdefault(model, set()).add(int(number))
        found: dict[str, tuple[str, Cell, Cell]] = {}
        for model, some in ids.items():
            kind = _KINDS[model]
            if kind.about is AttachedTo.SUPPLIER:
                some = await self._suppliers(some)
            paths = [path for path in (kind.number, kind.warehouse) if path]
            # What was archived still has its files.
            for row in await self._client.rows(
                model, [["id", "in", sorted(some)]], paths, context={"active_test": False}
            ):
                where = cell_of(value_at(row, kind.warehouse)) if kind.warehouse else None
                found[f"{model},{row['id']}"] = kind.about.value, cell_of(value_at(row, kind.number)), where
        return found

    async def _suppliers(self, parties: set[int]) -> set[int]:
        """Those that sell something: what hangs on an employee or a customer is read for nobody."""
        where = [["party", "in", sorted(parties)]]
        sold = await self._client.rows("purchase.product_supplier", where, ["party"])
        return {int(row["party"]) for row in sold}

    async def keys(self) -> frozenset[str]:
        """Keys of all that is there now."""
        found: set[str] = set()
        for model, where in _WHERE.items():
            rows = await self._client.call(
                f"model.{model}.search", [*where, _ON_THEM], 0, None, None, effect="read"
            )
            found |= {f"{model},{id}" for id in rows}
        return frozenset(found)

    async def content(self, key: str, most: int) -> bytes:
        """The bytes of a file; see DocumentPort."""
        model, _, number = key.partition(",")
        if model != ATTACHMENT or not number.isdigit():
            raise RecordNotFound(f"{SYSTEM} has no file {key!r}")
        where = [["id", "=", int(number)], *_WHERE[ATTACHMENT]]
        sizes = await self._client.rows(ATTACHMENT, where, ["data_size"])
        if not sizes:
            raise RecordNotFound(f"{SYSTEM} has no file {key!r} any more")
        if (sizes[0]["data_size"] or 0) > most:
            raise ErpRefused(f"file {key!r} in {SYSTEM} is larger than the {most} bytes that are read")
        [row] = await self._client.rows(ATTACHMENT, where, ["data"])
        data = row["data"]
        if data is None:
            return b""
        if not isinstance(data, bytes):
            raise ErpUnavailable(f"{SYSTEM} sent a {type(data).__name__} as the file {key!r}")
        return data


@dataclass(frozen=True, slots=True)
class _Places:
    """How far files and notes were read, each by itself."""

    of_model: dict[str, Place]

    @classmethod
    def of(cls, cursor: Cursor | None) -> _Places:
        if not cursor:
            return cls({model: Place() for model in _FIELDS})
        try:
            held = json.loads(cursor)
            return cls({model: Place.of(Cursor(held[model])) for model in _FIELDS})
        except (ValueError, KeyError, TypeError) as error:
            raise ErpUnavailable(f"{cursor!r} is no place in {SYSTEM}: read from the beginning") from error

    def cursor(self) -> Cursor:
        return Cursor(json.dumps({model: place.cursor() for model, place in self.of_model.items()}))
