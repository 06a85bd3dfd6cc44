"""What hangs on SAP's objects: files of its attachment service, which offers no list but one by object."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import quote, unquote

from erp_adapters.errors import CapabilityMissing, ErpRefused, ErpUnavailable, RecordNotFound
from erp_adapters.ports import AttachedTo, Capability, Cell, Cursor, Page, SourceRow
from erp_adapters.sap import padded
from erp_adapters.sap_odata.client import Client, Service
from erp_adapters.sap_odata.entities import Seen
from erp_adapters.sap_odata.mapping import SYSTEM
from erp_adapters.sap_odata.values import literal, moment

ATTACHMENTS: Final = Service("API_CV_ATTACHMENT_SRV", "/sap/opu/odata/sap/API_CV_ATTACHMENT_SRV")
_SET: Final = "AttachmentContentSet"
_KEYS: Final = (
    "DocumentInfoRecordDocType",
    "DocumentInfoRecordDocNumber",
    "DocumentInfoRecordDocVersion",
    "DocumentInfoRecordDocPart",
    "LogicalDocument",
    "ArchiveDocumentID",
    "LinkedSAPObjectKey",
    "BusinessObjectTypeName",
)
_LINKS: Final = frozenset({"text/url", "text/x-url", "text/x-uri"})
"""Media types of what leads elsewhere, which is not followed."""
Pages: TypeAlias = Callable[[Capability], AsyncIterator[Page]]


@dataclass(frozen=True, slots=True)
class _Kind:
    """Objects of one kind: their business object type, where they are read, and how long their keys are."""

    type: str
    capability: Capability
    number: str
    length: int
    has_plant: bool = True


_KINDS: Final[Mapping[AttachedTo, _Kind]] = {
    AttachedTo.MATERIAL: _Kind("BUS1001006", Capability.MATERIALS, "material", 18, has_plant=False),
    AttachedTo.SUPPLIER: _Kind("LFA1", Capability.SUPPLIERS, "supplier", 10, has_plant=False),
    AttachedTo.REQUISITION: _Kind("BUS2105", Capability.REQUISITIONS, "number", 10),
    AttachedTo.PURCHASE_ORDER: _Kind("BUS2012", Capability.PURCHASE_ORDERS, "number", 10),
    AttachedTo.PRODUCTION_ORDER: _Kind("BUS2005", Capability.PRODUCTION_ORDERS, "number", 12),
}


class Documents:
    """Reads files of one SAP system."""

    def __init__(self, client: Client, pages: Pages, wanted: Iterable[AttachedTo]) -> None:
        self._client, self._pages = client, pages
        self._wanted = [about for about in _KINDS if about in set(wanted)]
        self._types: dict[str, str] = {}

    async def check(self) -> None:
        """Raises CapabilityMissing where the service is not activated, or not for this user."""
        try:
            (await self._client.metadata(ATTACHMENTS)).entity(_SET)
        except CapabilityMissing as error:
            raise CapabilityMissing(f"{Capability.DOCUMENTS.value!r} cannot be read: {error}") from error

    async def pages(self) -> AsyncIterator[Page]:
        """Every file, a page for each page of objects; SAP tells no changes of them."""
        await self.check()
        for about in self._wanted:
            kind, seen = _KINDS[about], set[tuple[str, Cell]]()
            async for page in self._pages(kind.capability):
                objects = dict.fromkeys(
                    (str(row.cells[kind.number]), row.cells.get("plant") if kind.has_plant else None)
                    for row in page.rows
                )
                rows = [
                    row
                    for number, plant in objects.keys() - seen
                    for row in await self._hung(about, kind, number, plant)
                ]
                seen |= objects.keys()
                yield Page(tuple(sorted(rows, key=lambda row: row.key)), Cursor(""))
        yield Page((), Cursor(""), is_last=True)

    async def _hung(self, about: AttachedTo, kind: _Kind, number: str, plant: Cell) -> list[SourceRow]:
        metadata = await self._client.metadata(ATTACHMENTS)
        entity = metadata.entity(_SET)
        query = {
            "LinkedSAPObjectKey": literal(padded(number, kind.length), "Edm.String", metadata.version),
            "BusinessObjectTypeName": literal(kind.type, "Edm.String", metadata.version),
        }
        rows = []
        for raw in await self._client.rows(ATTACHMENTS, "GetAllOriginals", query):
            file = Seen(raw, entity, metadata)
            if file.text("MimeType").lower() in _LINKS:
                continue
            key = "/".join(quote(file.text(name), safe="") for name in _KEYS)
            self._types[key] = file.text("MimeType").lower()
            size = file.text("FileSize").strip()
            cells: dict[str, Cell] = {
                "name": file.text("FileName"),
                "about": about.value,
                "object": number,
                "plant": plant,
                "bytes": int(size) if size.isdigit() else None,
                "changed_at": _changed(raw),
                "is_note": False,
                "text": None,
            }
            # An order for several plants is one of each; so are its files.
            rows.append(SourceRow(f"{key}@{quote(str(plant or ''), safe='')}", cells))
        return rows

    async def content(self, key: str, most: int) -> bytes:
        """The bytes of a file; see DocumentPort."""
        parts = [unquote(part) for part in key.rpartition("@")[0].split("/")]
        if len(parts) != len(_KEYS):
            raise RecordNotFound(f"{SYSTEM} has no file {key!r}")
        version = (await self._client.metadata(ATTACHMENTS)).version
        named = zip(_KEYS, parts, strict=True)
        at = ",".join(f"{name}={literal(part, 'Edm.String', version)}" for name, part in named)
        found = await self._client.file(ATTACHMENTS, f"{_SET}({at})/$value")
        if found is None:
            raise RecordNotFound(f"{SYSTEM} has no file {key!r} any more")
        data, kind = found
        if "html" in kind and "html" not in self._types.get(key.rpartition("@")[0], "html"):
            raise ErpUnavailable(
                f"{SYSTEM} answered with an HTML page where the file {key!r} should be: is no sign-in page"
                " between?"
            )
        if len(data) > most:
            raise ErpRefused(f"file {key!r} in {SYSTEM} is larger than the {most} bytes that are read")
        return data


def _changed(raw: Mapping[str, Any]) -> Cell:
    """When the file was last changed, to the second: the type of the property would make it a day."""
    for name in ("ChangedDateTime", "CreationDateTime"):
        if raw.get(name):
            try:
                return moment(str(raw[name]))
            except (ValueError, OverflowError) as error:
                raise ErpUnavailable(
                    f"{SYSTEM} sent {raw[name]!r} as {name!r}, which is no moment"
                ) from error
    return None
