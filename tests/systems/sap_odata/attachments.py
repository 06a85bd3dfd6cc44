"""The stand-in's attachment service: files by the object that they hang on, and each one's bytes.

As SAP's, it has no list of all of them, and its function wants an object's key as SAP keeps it, with zeros.
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.systems.sap_odata.plant import Data, Refusal, Row
from tests.systems.sap_odata.shapes import Service

SERVICE, SET = "API_CV_ATTACHMENT_SRV", "AttachmentContentSet"
_PART = re.compile(r"(\w+)='((?:[^']|'')*)'")
_VALUE = re.compile(rf"{SET}\((?P<key>.*)\)/\$value")


def hang(
    data: Data, *, object: str, type: str, name: str, content: str, mime: str, logical: str = ""
) -> None:
    """Hang a file, given in Base64, on an object."""
    now, held = datetime.now(UTC), base64.b64decode(content)
    data[SET].append(
        {
            "DocumentInfoRecordDocType": "SAT",
            "DocumentInfoRecordDocNumber": f"{10_000_000_000 + len(data[SET])}",
            "DocumentInfoRecordDocVersion": "00",
            "DocumentInfoRecordDocPart": "000",
            "LogicalDocument": logical or uuid4().hex.upper(),
            "ArchiveDocumentID": uuid4().hex.upper(),
            "LinkedSAPObjectKey": object,
            "BusinessObjectTypeName": type,
            "FileSize": str(len(held)),
            "FileName": name,
            "MimeType": mime,
            "CreatedByUser": "BUYER",
            "CreationDateTime": now,
            "ChangedDateTime": now,
            "content": content,
        }
    )


def unhang(data: Data, logical: str) -> None:
    """Take a file away."""
    data[SET][:] = [row for row in data[SET] if row["LogicalDocument"] != logical]


def answered(data: Data, service: Service, rest: str, query: dict[str, str]) -> tuple[int, Any, str]:
    """What the service says to a reading call: status, body and media type."""
    if rest == "GetAllOriginals":
        given = {
            name: _text(query.get(name, "")) for name in ("LinkedSAPObjectKey", "BusinessObjectTypeName")
        }
        if not all(given.values()):
            raise Refusal("/IWFND/CM_MGW/096", "Invalid Function Import Parameter", 400)
        found = [row for row in data[SET] if given.items() <= row.items()]
        return 200, {"d": {"results": [_written(service, row) for row in found]}}, "application/json"
    if keyed := _VALUE.fullmatch(rest):
        key = {name: value.replace("''", "'") for name, value in _PART.findall(keyed["key"])}
        if key.keys() != set(service.sets[SET].keys):
            raise Refusal("/IWBEP/CM_MGW_RT/020", "Invalid key predicate type", 400)
        for row in data[SET]:
            if key.items() <= row.items():
                return 200, base64.b64decode(row["content"]), row["MimeType"]
        raise Refusal("/IWBEP/CM_MGW_RT/020", "Resource not found for segment 'AttachmentContent'", 404)
    raise Refusal("/IWBEP/CM_MGW_RT/021", f"Method 'GET_ENTITYSET' not implemented for '{rest}'", 501)


def _text(given: str) -> str:
    is_quoted = len(given) >= 2 and given[0] == given[-1] == "'"
    return given[1:-1].replace("''", "'") if is_quoted else ""


def _written(service: Service, row: Row) -> Row:
    held: Row = {"__metadata": {"type": f"{SERVICE}.AttachmentContent"}}
    for name, one in service.sets[SET].properties.items():
        value = row.get(name)
        # The type has no zone: ticks without an offset.
        is_moment = isinstance(value, datetime)
        held[name] = f"/Date({int(value.timestamp() * 1000)})/" if is_moment else one.written(value, 2)
    return held
