"""Documents in the demo ERP's own shape, and back; nothing past this file knows its field names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_never

from erp_adapters.errors import CapabilityMissing
from erp_adapters.records import (
    Document,
    DocumentKind,
    Money,
    OrderHold,
    OrderRescheduling,
    PostedDocument,
    PublishedText,
    PurchaseOrderRedating,
    PurchaseRequisition,
    QualityHold,
    Quantity,
    RequisitionLine,
    StockTransfer,
    WorkOrder,
)

DOC_TYPES: Mapping[DocumentKind, str] = {
    "purchase_requisition": "PR",
    "stock_transfer": "ST",
    "quality_hold": "QH",
    "order_rescheduling": "RS",
    "purchase_order_redating": "RD",
    "published_text": "TX",
}
_KINDS: Mapping[str, DocumentKind] = {doc_type: kind for kind, doc_type in DOC_TYPES.items()}


def request_of(document: Document, marker: str) -> dict[str, Any]:
    """The call's body for a document that carries the marker.

    Raises:
        CapabilityMissing: the system takes no such document.
    """
    if document.kind not in DOC_TYPES:
        raise CapabilityMissing(f"the demo ERP takes no {document.kind.replace('_', ' ')}: it has no MES")
    header: dict[str, Any] = {
        "doc_type": DOC_TYPES[document.kind],
        "plant": document.site,
        "requisitioner": document.requester,
        "marker": marker,
    }
    match document:
        case PurchaseRequisition():
            return header | {"header_text": document.note, "items": [_item(line) for line in document.lines]}
        case StockTransfer():
            return header | {
                "header_text": document.note,
                "supplying_plant": document.from_site,
                "items": [
                    _quantity(document.quantity)
                    | {
                        "material": document.material,
                        "supplying_material": document.from_material,
                        "delivery_date": document.needed_on.isoformat(),
                    }
                ],
            }
        case QualityHold():
            return header | {
                "header_text": document.reason,
                "items": [
                    _quantity(document.quantity)
                    | {
                        "material": document.material,
                        "batch": document.batch,
                        "storage_location": document.location,
                    }
                ],
            }
        case OrderRescheduling():
            return header | {
                "header_text": document.note,
                "items": [
                    {
                        "production_order": document.order,
                        "start_date": document.start_on.isoformat(),
                        "delivery_date": document.due_on.isoformat(),
                        "expected_start": _iso(document.expected_start),
                        "expected_due": _iso(document.expected_due),
                        "starts_at": _iso(document.starts_at),
                        "ends_at": _iso(document.ends_at),
                        "work_centres": list(document.work_centres),
                    }
                ],
            }
        case PurchaseOrderRedating():
            return header | {
                "header_text": document.note,
                "items": [
                    {
                        "purchase_order": document.order,
                        "purchase_line": document.line,
                        "delivery_date": document.due_on.isoformat(),
                        "expected_due": document.expected_due.isoformat(),
                    }
                ],
            }
        case PublishedText():
            return header | {
                "header_text": "",
                "items": [
                    {
                        "text_about": document.about,
                        "text_object": document.object,
                        "text_period": document.period,
                        "text_version": document.version,
                        "text_digest": document.digest,
                        "text_body": document.text,
                        "released_by": document.released_by,
                    }
                ],
            }
        case WorkOrder() | OrderHold():
            raise AssertionError("they have no type there")
        case _:
            assert_never(document)


def _iso(moment: date | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _item(line: RequisitionLine) -> dict[str, Any]:
    return _quantity(line.quantity) | {
        "material": line.material,
        "delivery_date": line.needed_on.isoformat(),
        "supplier": line.supplier,
        "net_price": f"{line.unit_price.amount:f}" if line.unit_price else None,
        "currency": line.unit_price.currency if line.unit_price else None,
        "cost_centre": line.cost_centre,
        "gl_account": line.account,
    }


def _quantity(quantity: Quantity) -> dict[str, Any]:
    return {"quantity": f"{quantity.value:f}", "unit": quantity.unit}


def posted_of(found: Mapping[str, Any]) -> PostedDocument:
    """A document as the system returned it."""
    return PostedDocument(
        kind=_KINDS[found["doc_type"]],
        number=found["doc_no"],
        site=found["plant"],
        marker=found["marker"],
        document=_document(found),
        posted_at=datetime.fromisoformat(found["posted_at"]),
        is_cancelled=bool(found["is_cancelled"]),
    )


def _document(found: Mapping[str, Any]) -> Document:
    kind, items = _KINDS[found["doc_type"]], found["items"]
    site, requester, text = found["plant"], found["requisitioner"], found["header_text"]
    # A document whose only item was lost still has a header: it is read as one of nothing, which no draft is.
    item = items[0] if items else {"material": "", "quantity": "0", "unit": ""}
    if kind == "order_rescheduling":
        return _rescheduling(site, requester, item, text)
    if kind == "purchase_order_redating":
        return PurchaseOrderRedating(
            site=site,
            requester=requester,
            order=item.get("purchase_order") or "",
            line=item.get("purchase_line") or "",
            due_on=_day(item.get("delivery_date")),
            expected_due=_day(item.get("expected_due")),
            note=text,
        )
    if kind == "published_text":
        return PublishedText(
            site=site,
            requester=requester,
            released_by=item.get("released_by") or "",
            about="cost_centre" if item.get("text_about") == "cost_centre" else "plant",
            object=item.get("text_object") or "",
            period=item.get("text_period") or "",
            version=int(item.get("text_version") or 0),
            digest=item.get("text_digest") or "",
            text=item.get("text_body") or "",
        )
    held = Quantity(Decimal(item["quantity"]), item["unit"])
    match kind:
        case "purchase_requisition":
            return PurchaseRequisition(site, requester, tuple(_line(each) for each in items), note=text)
        case "stock_transfer":
            return StockTransfer(
                site=site,
                from_site=found["supplying_plant"],
                requester=requester,
                material=item["material"],
                from_material=item.get("supplying_material") or "",
                quantity=held,
                needed_on=_day(item.get("delivery_date")),
                note=text,
            )
        case "quality_hold":
            batch, location = item.get("batch"), item.get("storage_location")
            return QualityHold(site, requester, item["material"], batch, location, held, text)
        case "work_order" | "order_hold":
            raise AssertionError("they have no type there")
        case _:
            assert_never(kind)


def _rescheduling(site: str, requester: str, item: Mapping[str, Any], text: str) -> OrderRescheduling:
    def day(name: str) -> date | None:
        return date.fromisoformat(item[name]) if item.get(name) else None

    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(item[name]) if item.get(name) else None

    return OrderRescheduling(
        site=site,
        requester=requester,
        order=item.get("production_order") or "",
        start_on=_day(item.get("start_date")),
        due_on=_day(item.get("delivery_date")),
        expected_start=day("expected_start"),
        expected_due=day("expected_due"),
        starts_at=moment("starts_at"),
        ends_at=moment("ends_at"),
        work_centres=tuple(item.get("work_centres") or ()),
        note=text,
    )


def _line(item: Mapping[str, Any]) -> RequisitionLine:
    price = item["net_price"]
    return RequisitionLine(
        material=item["material"],
        quantity=Quantity(Decimal(item["quantity"]), item["unit"]),
        needed_on=_day(item["delivery_date"]),
        supplier=item["supplier"],
        unit_price=None if price is None else Money(Decimal(price), item["currency"]),
        cost_centre=item["cost_centre"],
        account=item["gl_account"],
    )


def _day(text: str | None) -> date:
    return date.min if text is None else date.fromisoformat(text)
