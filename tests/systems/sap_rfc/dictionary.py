"""The stand-in's data dictionary: tables, structures and functions as SAP publishes them.

A field is `NAME TYPE LENGTH`, types as the RFC library calls them: C text, N digits, D day, T time, P packed
(`13.3` is 13 digits, 3 of them decimals), I integer.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any


@dataclass(frozen=True)
class Field:
    """One field."""

    name: str
    type: str
    length: int
    decimals: int = 0

    @property
    def width(self) -> int:
        """Places that it takes when a table is read as text: a packed one with point and sign."""
        return self.length + 2 if self.type == "P" else 11 if self.type == "I" else self.length

    @property
    def initial(self) -> Any:
        match self.type:
            case "C":
                return ""
            case "P":
                return Decimal(0).scaleb(-self.decimals)
            case "I":
                return 0
            case _:
                return "0" * self.length


class Misfit(Exception):
    """A value that the library would not take; `kind` is what it raises."""

    def __init__(self, kind: str, message: str, code: int = 22, key: str = "RFC_CONVERSION_FAILURE") -> None:
        super().__init__(message)
        self.kind, self.message, self.code, self.key = kind, message, code, key


def _fields(text: str) -> dict[str, Field]:
    made = {}
    for part in text.split(","):
        name, type_, length = part.split()
        whole, _, decimals = length.partition(".")
        made[name] = Field(name, type_, int(whole), int(decimals or 0))
    return made


TABLES = {
    "T001W": _fields("WERKS C 4, NAME1 C 30, BWKEY C 4, LAND1 C 3"),
    "T001K": _fields("BWKEY C 4, BUKRS C 4"),
    "T001": _fields("BUKRS C 4, BUTXT C 25, WAERS C 5"),
    "TCURX": _fields("CURRKEY C 5, CURRDEC N 1"),
    "TCURC": _fields("WAERS C 5, ISOCD C 3"),
    "T006": _fields("MSEHI C 3, ISOCODE C 3, ANDEC I 4"),
    "T006A": _fields("SPRAS C 1, MSEHI C 3, MSEH3 C 3, MSEHL C 30"),
    "MARA": _fields(
        "MATNR C 18, ERSDA D 8, ERNAM C 12, LAEDA D 8, AENAM C 12, LVORM C 1, MTART C 4, MATKL C 9, "
        "BISMT C 18, MEINS C 3, BRGEW P 13.3, NTGEW P 13.3, GEWEI C 3, GROES C 32, NORMT C 18, EAN11 "
        "C 18"
    ),
    "MAKT": _fields("MATNR C 18, SPRAS C 1, MAKTX C 40"),
    "MARC": _fields(
        "MATNR C 18, WERKS C 4, LVORM C 1, EKGRP C 3, DISPO C 3, DISMM C 2, BESKZ C 1, PLIFZ P 3, "
        "WEBAZ P 3, DZEIT P 3, EISBE P 13.3, MINBE P 13.3, BSTMI P 13.3, BSTMA P 13.3, BSTRF P 13.3"
    ),
    "MARD": _fields(
        "MATNR C 18, WERKS C 4, LGORT C 4, LABST P 13.3, INSME P 13.3, SPEME P 13.3, UMLME P 13.3"
    ),
    "T001L": _fields("WERKS C 4, LGORT C 4, LGOBE C 16"),
    "MBEW": _fields("MATNR C 18, BWKEY C 4, BWTAR C 10, VPRSV C 1, VERPR P 11.2, STPRS P 11.2, PEINH P 5"),
    "LFA1": _fields(
        "LIFNR C 10, LAND1 C 3, NAME1 C 35, NAME2 C 35, NAME3 C 35, NAME4 C 35, ORT01 C 35, ORT02 C "
        "35, PFACH C 10, PSTLZ C 10, REGIO C 3, SORTL C 10, STRAS C 35, ADRNR C 10, MCOD1 C 25, MCOD2 "
        "C 25, MCOD3 C 25, ANRED C 15, ERDAT D 8, ERNAM C 12, LOEVM C 1, STCD1 C 16, STCD2 C 11, "
        "TELF1 C 16, TELF2 C 16, TELFX C 31, STCEG C 20, LFURL C 132"
    ),
    "EINA": _fields("INFNR C 10, MATNR C 18, LIFNR C 10, LOEKZ C 1, IDNLF C 35, MEINS C 3"),
    "EINE": _fields(
        "INFNR C 10, EKORG C 4, ESOKZ C 1, WERKS C 4, LOEKZ C 1, WAERS C 5, NETPR P 11.2, PEINH P 5, "
        "BPRME C 3, APLFZ P 3, MINBM P 13.3"
    ),
    "EBAN": _fields(
        "BANFN C 10, BNFPO N 5, BSART C 4, BSTYP C 1, LOEKZ C 1, STATU C 1, FRGKZ C 1, FRGZU C 8, "
        "EKGRP C 3, ERNAM C 12, ERDAT D 8, AFNAM C 12, TXZ01 C 40, MATNR C 18, WERKS C 4, BEDNR C 10, "
        "MATKL C 9, MENGE P 13.3, MEINS C 3, BADAT D 8, LFDAT D 8, PREIS P 11.2, PEINH P 5, WAERS C "
        "5, KNTTP C 1, LIFNR C 10, FLIEF C 10, EKORG C 4, EBELN C 10, BSMNG P 13.3"
    ),
    "EBKN": _fields("BANFN C 10, BNFPO N 5, ZEBKN N 2, KOSTL C 10, SAKTO C 10"),
    "STXL": _fields("TDOBJECT C 10, TDNAME C 70, TDID C 4, LINE N 5, TDFORMAT C 2, TDLINE C 132"),
    "EKKO": _fields(
        "EBELN C 10, BUKRS C 4, BSTYP C 1, BSART C 4, LOEKZ C 1, LIFNR C 10, EKORG C 4, EKGRP C 3, "
        "WAERS C 5, BEDAT D 8, ERNAM C 12"
    ),
    "EKPO": _fields(
        "EBELN C 10, EBELP N 5, LOEKZ C 1, TXZ01 C 40, MATNR C 18, WERKS C 4, LGORT C 4, MENGE P "
        "13.3, MEINS C 3, BPRME C 3, NETPR P 11.2, PEINH P 5, ELIKZ C 1, BEDNR C 10"
    ),
    "EKET": _fields(
        "EBELN C 10, EBELP N 5, ETENR N 4, EINDT D 8, MENGE P 13.3, WEMNG P 13.3, BANFN C 10, BNFPO N 5"
    ),
    "AFKO": _fields(
        "AUFNR C 12, WERKS C 4, AUART C 4, MATNR C 18, GAMNG P 13.3, GASMG P 13.3, GMEIN C 3, GSTRP D "
        "8, GLTRP D 8, GSTRI D 8, GLTRI D 8, STTXT C 40, RSNUM N 10, DISPO C 3"
    ),
    "AFPO": _fields(
        "AUFNR C 12, POSNR N 4, DWERK C 4, MATNR C 18, PSMNG P 13.3, WEMNG P 13.3, MEINS C 3, ELIKZ C 1"
    ),
    "RESB": _fields(
        "RSNUM N 10, RSPOS N 4, MATNR C 18, WERKS C 4, AUFNR C 12, BDMNG P 13.3, ENMNG P 13.3, MEINS "
        "C 3, BDTER D 8, XLOEK C 1, KZEAR C 1"
    ),
    "JEST": _fields("OBJNR C 22, STAT C 5, INACT C 1"),
    "PLAF": _fields("PLNUM C 10, MATNR C 18, PLWRK C 4, GSMNG P 13.3, MEINS C 3, PSTTR D 8, PEDTR D 8"),
    "MAST": _fields("MATNR C 18, WERKS C 4, STLAN C 1, STLNR C 8, STLAL C 2"),
    "STKO": _fields(
        "STLTY C 1, STLNR C 8, STLAL C 2, STKOZ N 8, DATUV D 8, LKENZ C 1, BMENG P 13.3, BMEIN C 3, STLST N 2"
    ),
    "STAS": _fields("STLTY C 1, STLNR C 8, STLAL C 2, STLKN N 8, STASZ N 8, LKENZ C 1"),
    "STPO": _fields(
        "STLTY C 1, STLNR C 8, STLKN N 8, STPOZ N 8, DATUV D 8, LKENZ C 1, IDNRK C 18, POSTP C 1, "
        "POSNR C 4, MEINS C 3, MENGE P 13.3, AUSCH P 5.2"
    ),
    "CRHD": _fields("OBJTY C 2, OBJID N 8, ARBPL C 8, WERKS C 4, VERWE C 4, LVORM C 1"),
    "CRTX": _fields("OBJTY C 2, OBJID N 8, SPRAS C 1, KTEXT C 40"),
    "CSKS": _fields("KOKRS C 4, KOSTL C 10"),
    "SKB1": _fields("BUKRS C 4, SAKNR C 10"),
}
"""Without the client: the stand-in has one."""

_RETURN = _fields(
    "TYPE C 1, ID C 20, NUMBER N 3, MESSAGE C 220, LOG_NO C 20, LOG_MSG_NO N 6, MESSAGE_V1 C 50, "
    "MESSAGE_V2 C 50, MESSAGE_V3 C 50, MESSAGE_V4 C 50, PARAMETER C 32, ROW I 4, FIELD C 30, "
    "SYSTEM C 10"
)
_RANGE_12 = _fields("SIGN C 1, OPTION C 2, LOW C 12, HIGH C 12")
_RANGE_18 = _fields("SIGN C 1, OPTION C 2, LOW C 18, HIGH C 18")
_RANGE_4 = _fields("SIGN C 1, OPTION C 2, LOW C 4, HIGH C 4")
_PRITEM = _fields(
    "PREQ_ITEM N 5, PUR_GROUP C 3, PREQ_NAME C 12, PREQ_DATE D 8, SHORT_TEXT C 40, MATERIAL C 18, "
    "PLANT C 4, STORE_LOC C 4, TRACKINGNO C 10, MATL_GROUP C 9, QUANTITY P 13.3, UNIT C 3, "
    "DELIV_DATE D 8, DELETE_IND C 1, PREQ_PRICE P 23.4, PRICE_UNIT P 5, ACCTASSCAT C 1, "
    "DES_VENDOR C 10, FIXED_VEND C 10, PURCH_ORG C 4, INFO_REC C 10, CURRENCY C 5, CLOSED C 1, "
    "MATERIAL_LONG C 40"
)
_PRITEMX = {
    "PREQ_ITEM": Field("PREQ_ITEM", "N", 5),
    "PREQ_ITEMX": Field("PREQ_ITEMX", "C", 1),
    **{name: Field(name, "C", 1) for name in _PRITEM if name != "PREQ_ITEM"},
}
_PRACCOUNT = _fields("PREQ_ITEM N 5, SERIAL_NO N 2, GL_ACCOUNT C 10, COSTCENTER C 10")
_PRACCOUNTX = _fields(
    "PREQ_ITEM N 5, SERIAL_NO N 2, PREQ_ITEMX C 1, SERIAL_NOX C 1, GL_ACCOUNT C 1, COSTCENTER C 1"
)
_HEADTEXT = _fields("PREQ_NO C 10, PREQ_ITEM N 5, TEXT_ID C 4, TEXT_FORM C 2, TEXT_LINE C 132")
_POTEXT = _fields("PO_NUMBER C 10, PO_ITEM N 5, TEXT_ID C 4, TEXT_FORM C 2, TEXT_LINE C 132")
_PRHEADER = _fields("PREQ_NO C 10, PR_TYPE C 4, AUTO_SOURCE C 1, GENERAL_RELEASE C 1, CREATE_IND C 1")
_PRHEADERX = _fields("PREQ_NO C 1, PR_TYPE C 1, AUTO_SOURCE C 1")
_MRP_LINE = _fields(
    "MATERIAL C 18, PLANT C 4, AVAIL_DATE D 8, MRP_ELEMENT_IND C 2, PLUS_MINUS C 1, REC_REQD_QTY "
    "P 15.3, MRP_NO C 10, MRP_POS N 6, MRP_ITEM N 4, RESCHED_DATE1 D 8, EXCMSGKEY01 C 2, "
    "VENDOR_NO C 10, STORAGE_LOC C 4, MRP_NO12 C 12"
)


@dataclass(frozen=True)
class Function:
    """What a function takes and gives; a structure or table is a mapping of its fields."""

    imports: dict[str, Any]
    exports: dict[str, Any]
    tables: dict[str, dict[str, Field]]


def _one(name: str, text: str) -> Field:
    type_, length = text.split()
    whole, _, decimals = length.partition(".")
    return Field(name, type_, int(whole), int(decimals or 0))


def _function(
    imports: dict[str, Any], exports: dict[str, Any], tables: dict[str, dict[str, Field]]
) -> Function:
    def typed(given: dict[str, Any]) -> dict[str, Any]:
        return {name: _one(name, each) if isinstance(each, str) else each for name, each in given.items()}

    return Function(typed(imports), typed(exports), tables)


FUNCTIONS = {
    "RFC_PING": _function({}, {}, {}),
    "RFC_READ_TABLE": _function(
        {"QUERY_TABLE": "C 30", "DELIMITER": "C 1", "NO_DATA": "C 1", "ROWSKIPS": "I 4", "ROWCOUNT": "I 4"},
        {},
        {
            "OPTIONS": _fields("TEXT C 72"),
            "FIELDS": _fields("FIELDNAME C 30, OFFSET N 6, LENGTH N 6, TYPE C 1, FIELDTEXT C 60"),
            "DATA": _fields("WA C 512"),
        },
    ),
    "BAPI_TRANSACTION_COMMIT": _function({"WAIT": "C 1"}, {"RETURN": _RETURN}, {}),
    "BAPI_TRANSACTION_ROLLBACK": _function({}, {"RETURN": _RETURN}, {}),
    "BAPI_PR_CREATE": _function(
        {"PRHEADER": _PRHEADER, "PRHEADERX": _PRHEADERX, "TESTRUN": "C 1"},
        {"NUMBER": "C 10", "PRHEADEREXP": _PRHEADER},
        {
            "RETURN": _RETURN,
            "PRITEM": _PRITEM,
            "PRITEMX": _PRITEMX,
            "PRACCOUNT": _PRACCOUNT,
            "PRACCOUNTX": _PRACCOUNTX,
            "PRHEADERTEXT": _HEADTEXT,
        },
    ),
    "BAPI_PR_CHANGE": _function(
        {"NUMBER": "C 10", "TESTRUN": "C 1"},
        {},
        {"RETURN": _RETURN, "PRITEM": _PRITEM, "PRITEMX": _PRITEMX},
    ),
    "BAPI_PR_GETDETAIL": _function(
        {"NUMBER": "C 10", "ACCOUNT_ASSIGNMENT": "C 1", "ITEM_TEXT": "C 1", "HEADER_TEXT": "C 1"},
        {"PRHEADER": _PRHEADER},
        {"RETURN": _RETURN, "PRITEM": _PRITEM, "PRACCOUNT": _PRACCOUNT, "PRHEADERTEXT": _HEADTEXT},
    ),
    "BAPI_MATERIAL_STOCK_REQ_LIST": _function(
        {"MATERIAL": "C 18", "PLANT": "C 4", "GET_ITEM_DETAILS": "C 1", "GET_IND_LINES": "C 1"},
        {"RETURN": _RETURN, "MRP_STOCK_DETAIL": _fields("UNRESTRICTED_STCK P 15.3, QUAL_INSPECTION P 15.3")},
        {"MRP_ITEMS": _MRP_LINE, "MRP_IND_LINES": _MRP_LINE},
    ),
    "BAPI_PRODORD_GET_LIST": _function(
        {},
        {"RETURN": _RETURN},
        {
            "ORDER_NUMBER_RANGE": _RANGE_12,
            "MATERIAL_RANGE": _RANGE_18,
            "PRODPLANT_RANGE": _RANGE_4,
            "ORDER_HEADER": _fields(
                "ORDER_NUMBER C 12, PRODUCTION_PLANT C 4, MRP_CONTROLLER C 3, MATERIAL C 18, "
                "FINISH_DATE D 8, START_DATE D 8, ACTUAL_START_DATE D 8, ACTUAL_FINISH_DATE D 8, "
                "SCRAP P 13.3, TARGET_QUANTITY P 13.3, UNIT C 3, ORDER_TYPE C 4, SYSTEM_STATUS C 40"
            ),
        },
    ),
    "BAPI_PRODORD_CHANGE": _function(
        {
            "NUMBER": "C 12",
            "ORDERDATA": _fields(
                "BASIC_START_DATE D 8, BASIC_START_TIME T 6, BASIC_END_DATE D 8, BASIC_END_TIME T 6, "
                "QUANTITY P 13.3, UNLOADING_POINT C 25"
            ),
            "ORDERDATAX": _fields(
                "BASIC_START_DATE C 1, BASIC_START_TIME C 1, BASIC_END_DATE C 1, BASIC_END_TIME C 1, "
                "QUANTITY C 1, UNLOADING_POINT C 1"
            ),
        },
        {"RETURN": _RETURN},
        {},
    ),
    "BAPI_PO_CHANGE": _function(
        {"PURCHASEORDER": "C 10", "TESTRUN": "C 1"},
        {},
        {
            "RETURN": _RETURN,
            # The day is one of ten characters there, as the user writes days.
            "POSCHEDULE": _fields("PO_ITEM N 5, SCHED_LINE N 4, DELIVERY_DATE C 10, QUANTITY P 13.3"),
            "POSCHEDULEX": _fields(
                "PO_ITEM N 5, SCHED_LINE N 4, PO_ITEMX C 1, SCHED_LINEX C 1, DELIVERY_DATE C 1, QUANTITY C 1"
            ),
            "POTEXTHEADER": _POTEXT,
        },
    ),
    "BAPI_PO_GETDETAIL1": _function(
        {"PURCHASEORDER": "C 10", "HEADER_TEXT": "C 1", "ITEM_TEXT": "C 1"},
        {"POHEADER": _fields("PO_NUMBER C 10, VENDOR C 10")},
        {"RETURN": _RETURN, "POTEXTHEADER": _POTEXT},
    ),
    "BAPI_PO_GETITEMS": _function(
        {"PLANT": "C 4", "WITH_PO_HEADERS": "C 1", "DELETED_ITEMS": "C 1", "ITEMS_OPEN_FOR_RECEIPT": "C 1"},
        {},
        {
            "PO_HEADERS": _fields(
                "PO_NUMBER C 10, CO_CODE C 4, DOC_TYPE C 4, VENDOR C 10, CURRENCY C 5, DOC_DATE D 8"
            ),
            "PO_ITEMS": _fields(
                "PO_NUMBER C 10, PO_ITEM N 5, DELETE_IND C 1, SHORT_TEXT C 40, MATERIAL C 18, PLANT C 4, "
                "QUANTITY P 13.3, UNIT C 3, NET_PRICE P 23.4, PRICE_UNIT P 5, ORDERPR_UN C 3, DEL_COMPL C 1"
            ),
            "RETURN": _RETURN,
        },
    ),
}


def checked(function: Function, given: dict[str, Any]) -> dict[str, Any]:
    """The parameters, filled up; Misfit for what the library would refuse to send."""
    known = {**function.imports, **function.exports, **function.tables}
    for name in given:
        if name not in known:
            raise Misfit("ExternalRuntimeError", f"field '{name}' not found", 20, "RFC_INVALID_PARAMETER")
    made: dict[str, Any] = {}
    for name, shape in function.imports.items():
        made[name] = (
            _row(shape, given.get(name, {}), name)
            if isinstance(shape, dict)
            else _value(shape, given.get(name), name)
        )
    for name, shape in function.tables.items():
        rows = given.get(name, [])
        if not isinstance(rows, list):
            raise Misfit(
                "TypeError", f"an list is required, received {rows!r}, when filling parameter {name}"
            )
        made[name] = [_row(shape, row, name) for row in rows]
    return made


def full(shape: dict[str, Field], given: dict[str, Any]) -> dict[str, Any]:
    """A row with every field, initial where nothing is given."""
    return {name: _value(field, given.get(name), name) for name, field in shape.items()}


def _row(shape: dict[str, Field], given: Any, name: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Misfit("TypeError", f"dictionary required for structure parameter {name}, received {given!r}")
    for field in given:
        if field not in shape:
            raise Misfit("ExternalRuntimeError", f"field '{field}' not found", 20, "RFC_INVALID_PARAMETER")
    return {field: _value(each, given.get(field), f"{name}-{field}") for field, each in shape.items()}


def _value(field: Field, value: Any, place: str) -> Any:
    if value is None:
        return field.initial
    match field.type:
        case "P":
            return _number(field, value, place)
        case "I":
            if not isinstance(value, int):
                raise Misfit("TypeError", f"an integer required, received {value!r}, when filling {place}")
            return value
        case _ if not isinstance(value, str):
            raise Misfit(
                "TypeError",
                f"an string is required, received {value!r} of type {type(value)}, when filling {place}",
            )
        case "D" | "T" | "N" if value.strip() == "":
            return field.initial
        case "D" | "T" | "N" if not value.isdigit():
            raise Misfit("ExternalRuntimeError", f"'{value}' is no value for {place}")
    if len(value) > field.length:
        raise Misfit(
            "ExternalRuntimeError", f"'{value}' does not fit into the {field.length} places of {place}"
        )
    return value.rjust(field.length, "0") if field.type == "N" else value


def _number(field: Field, value: Any, place: str) -> Decimal:
    if not isinstance(value, Decimal | str | int):
        raise Misfit("TypeError", f"a decimal value required, received {value!r}, when filling {place}")
    try:
        number = Decimal(value).quantize(Decimal(1).scaleb(-field.decimals))
    except InvalidOperation:
        raise Misfit("ExternalRuntimeError", f"'{value}' is no number for {place}") from None
    if number != Decimal(value) or len(number.as_tuple().digits) > field.length:
        raise Misfit("ExternalRuntimeError", f"'{value}' does not fit into {place}")
    return number
