"""What the stand-in keeps, and what it does with a creation and a change."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.systems.sap_odata import plant
from tests.systems.sap_odata.plant import Refusal, Row
from tests.systems.sap_odata.shapes import Invalid, Service, Shape, services

USERS: dict[str, Row] = {
    "COPILOT": {"password": "only-in-this-test", "plants": ["1010", "1020"]},
    "PKASSEL": {"plants": ["1010"]},
    "PHAMM": {"plants": ["1020"]},
    "NOSTOCK": {"password": "only-in-this-test", "plants": ["1010"], "without": ["API_MATERIAL_STOCK_SRV"]},
    "NOFILES": {"password": "only-in-this-test", "plants": ["1010"], "without": ["API_CV_ATTACHMENT_SRV"]},
}
_PART = re.compile(r"(?:(\w+)=)?'((?:[^']|'')*)'")
_ITEM, _HEADER = "A_PurchaseRequisitionItem", "A_PurchaseRequisitionHeader"
_SCHEDULE, _NOTE = "A_PurchaseOrderScheduleLine", "A_PurchaseOrderNote"


class Erp:
    """What the stand-in keeps, under one lock: a call is a transaction."""

    def __init__(self) -> None:
        self.services = services()
        self.lock = threading.RLock()
        self.trusted = ""
        self.reset()

    def reset(self) -> None:
        self.data = plant.rows()
        self.shapes = {
            name: shape for s in self.services.values() if s.version == 2 for name, shape in s.sets.items()
        }
        self.sessions: dict[str, tuple[str, str]] = {}
        self.tokens: dict[str, tuple[str, datetime]] = {}
        self.answered: dict[str, tuple[int, Any]] = {}
        self.spoils: list[Row] = []
        self.page = 100
        self.creations = 0
        self.number = 10_000_001
        self.token_seconds = 600
        self.issues = "urn:ietf:params:oauth:token-type:access_token"
        """What is issued in an exchange of tokens."""

    def spoil(self, what: str, **given: Any) -> Row | None:
        """The spoil of that kind that was ordered; one that is for once is used up."""
        for each in self.spoils:
            if each["what"] == what and all(each.get(name, value) == value for name, value in given.items()):
                if each.get("once"):
                    self.spoils.remove(each)
                return each
        return None

    def find(self, shape: Shape, key: str) -> Row:
        given = dict(zip(shape.keys, [v for _, v in _PART.findall(key)], strict=False))
        given.update({name: value for name, value in _PART.findall(key) if name})
        for row in self.data[shape.name]:
            if all(row[name] == value.replace("''", "'") for name, value in given.items()):
                return row
        raise Refusal("/IWBEP/CM_MGW_RT/020", f"Resource not found for segment '{shape.name}Type'", 404)

    def create(self, service: Service, shape: Shape, body: Row, user: str) -> Row:
        """A requisition, by deep insert: everything in it or nothing; or a note of an order."""
        if shape.name == _NOTE:
            note, _ = self.read(shape, body)
            if any(all(note[key] == there[key] for key in shape.keys) for there in self.data[_NOTE]):
                raise Refusal("/IWBEP/CM_MGW_RT/021", "The text is there already", 409)
            self.data[_NOTE].append(note)
            return note
        if shape.name != _HEADER:
            raise Refusal(
                "/IWBEP/CM_MGW_RT/021", f"Method 'CREATE_ENTITY' not implemented for '{shape.name}'", 405
            )
        header, nests = self.read(shape, body)
        items = []
        for given in nests.get("to_PurchaseReqnItem", []):
            item, below = self.read(self.shapes[_ITEM], given)
            for link, entities in below.items():
                item[link] = [self.read(self.shapes[self.shapes[_ITEM].links[link]], e)[0] for e in entities]
            items.append(item)
        if self.spoil("lock"):
            raise Refusal("ME/006", "Purchase requisitions of plant 1010 are locked by user BUYER", 423)
        rights = {**USERS[user], "plants": []} if self.spoil("forbid") else USERS[user]
        plant.check_requisition(self.data, header, items, rights)
        if self.spoil("empty"):
            # A system that takes an empty creation: it answers well, and nothing of the items is there.
            items = []
        self.creations += 1
        self.number += 1
        number, now = f"{self.number:010d}", datetime.now(UTC)
        header["PurchaseRequisition"] = number
        self.data[_HEADER].append(header)
        for n, item in enumerate(items, 1):
            key = {
                "PurchaseRequisition": number,
                "PurchaseRequisitionItem": item.get("PurchaseRequisitionItem") or str(10 * n),
            }
            for link in self.shapes[_ITEM].links:
                for entity in item.pop(link, []):
                    self.data[self.shapes[_ITEM].links[link]].append({**entity, **key})
            self.data[_ITEM].append(
                {"ProcessingStatus": "N", "OrderedQuantity": Decimal("0.000"), "IsClosed": False,
                 "IsDeleted": "",
                 "PurchasingDocument": "", "PurReqnPriceQuantity": Decimal(1), **item, **key,
                 "CreatedByUser": user,
                 "CreationDate": now.date(), "LastChangeDateTime": now}
            )  # fmt: skip
        return header

    def read(self, shape: Shape, body: Row) -> tuple[Row, dict[str, list[Row]]]:
        """What a request's entity is, and what is nested in it; Refusal where SAP would not parse it."""
        if not isinstance(body, dict):
            raise Refusal("/IWBEP/CM_MGW_RT/176", "The request body is no entity")
        row: Row = {}
        nests: dict[str, list[Row]] = {}
        for name, value in body.items():
            if name == "__metadata":
                continue
            if name in shape.links:
                nests[name] = value["results"] if isinstance(value, dict) else value
            elif name not in shape.properties:
                raise Refusal("/IWCOR/CX_DS_EP_PROPERTY_ERROR", f"Property '{name}' is invalid")
            elif shape.properties[name].is_read_only:
                raise Refusal("/IWCOR/CX_DS_EP_PROPERTY_ERROR", f"Property '{name}' cannot be written")
            else:
                try:
                    row[name] = shape.properties[name].read(value)
                except Invalid as error:
                    raise Refusal("/IWCOR/CX_DS_EDM_FACET_ERROR", str(error)) from error
        return row, nests

    def change(self, shape: Shape, row: Row, body: Row, if_match: str, user: str) -> None:
        if self.spoil("meanwhile"):
            # Somebody was quicker: what was read is another version by now.
            held = self._order_of(row) if shape.name == _SCHEDULE else row
            held["LastChangeDateTime"] = (
                "19990101000000" if isinstance(held["LastChangeDateTime"], str) else datetime.now(UTC)
            )
        if shape.name == _SCHEDULE:
            # A line is of its order's version.
            order, order_shape = self._order_of(row), self.shapes["A_PurchaseOrder"]
            if if_match != etag(order_shape, order):
                raise Refusal("/IWBEP/CM_MGW_RT/167", "Precondition Failed", 412)
            order["LastChangeDateTime"] = datetime.now(UTC)
        elif any(p.is_fixed for p in shape.properties.values()):
            if not if_match:
                raise Refusal(
                    "/IWBEP/CM_MGW_RT/168", "The Data Services Request requires a precondition", 428
                )
            if if_match not in ("*", etag(shape, row)):
                raise Refusal("/IWBEP/CM_MGW_RT/167", "Precondition Failed", 412)
        if self.spoil("lock"):
            raise Refusal("ME/006", f"{shape.name} {row[shape.keys[0]]} is locked by user BUYER", 423)
        changes, _ = self.read(shape, body)
        if shape.name in (_SCHEDULE, "A_ProductionOrder_2"):
            rights = {**USERS[user], "plants": []} if self.spoil("forbid") else USERS[user]
            plant.check_days(self.data, shape.name, row, changes, rights)
        if set(changes) & set(shape.keys):
            raise Refusal("/IWBEP/CM_MGW_RT/169", "Key properties cannot be changed")
        row.update(changes)
        if "LastChangeDateTime" in shape.properties:
            now = datetime.now(UTC)
            is_text = shape.properties["LastChangeDateTime"].kind == "String"
            row["LastChangeDateTime"] = f"{now:%Y%m%d%H%M%S}" if is_text else now

    def _order_of(self, line: Row) -> Row:
        return next(
            each
            for each in self.data["A_PurchaseOrder"]
            if each["PurchaseOrder"] == line["PurchasingDocument"]
        )


def etag(shape: Shape, row: Row) -> str:
    held = [str(row.get(p.name)) for p in shape.properties.values() if p.is_fixed]
    return f"W/\"'{'|'.join(held)}'\"" if held else ""
