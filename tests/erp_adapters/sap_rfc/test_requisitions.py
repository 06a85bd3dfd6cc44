"""Requisitions in SAP's own shape: what it cannot hold is refused, what it holds comes back as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erp_adapters.errors import ErpRefused, ErpUnavailable, WriteOutcomeUnknown
from erp_adapters.records import Money, PurchaseRequisition, Quantity, RequisitionLine
from erp_adapters.sap_rfc import SapRfc
from erp_adapters.sap_rfc.client import Client
from erp_adapters.sap_rfc.mapping import tracking_of
from erp_adapters.sap_rfc.texts import LINE_WIDTH, text_lines, text_of
from policies.execution.readback import AsSent, differences, judge
from tests.systems.sap_rfc.server import Served

KIND = "purchase_requisition"
DAY = datetime.now(UTC).date() + timedelta(days=20)
LINE = RequisitionLine("T-100", Quantity(Decimal(5), "kg"), DAY, "10077", None, None, None)
DOCUMENT = PurchaseRequisition("KAS", "planner.kassel", (LINE,))


def marker() -> str:
    return f"PW-{uuid4().hex[:26].upper()}"


@pytest.fixture
async def erp(sap: Served) -> AsyncIterator[SapRfc]:
    async with SapRfc.open(sap.connection(), through=sap.library()) as erp:
        yield erp


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=400).map(str.rstrip)
    )
)
def test_a_text_comes_back_out_of_its_lines(paragraphs: list[str]) -> None:
    """Whatever it holds: marks of SAP's own, blanks where a line is cut, paragraphs without anything."""
    text = "\n".join(paragraphs)
    lines = text_lines(text, "B01")
    # The library takes blanks off the end of every field.
    stripped = [{name: value.rstrip(" ") for name, value in line.items()} for line in lines]
    assert text_of(stripped) == text
    assert all(len(line["TEXT_LINE"]) <= LINE_WIDTH or not line["TEXT_LINE"].split(" ")[0] for line in lines)


@pytest.mark.parametrize(
    ("price", "kept"),
    [
        (Money(Decimal("2.35"), "EUR"), ("2.35", "1")),
        (Money(Decimal("0.00235"), "EUR"), ("2.35", "1000")),
        (Money(Decimal(118), "JPY"), ("1.18", "1")),
        (Money(Decimal("117.5"), "JPY"), ("11.75", "10")),
        (Money(Decimal("1.234"), "KWD"), ("12.34", "1")),
    ],
)
async def test_a_price_is_kept_exactly_whatever_decimals_its_currency_has(
    erp: SapRfc, sap: Served, price: Money, kept: tuple[str, str]
) -> None:
    """SAP's table keeps two decimals of any currency; the rest is the unit that the price is for."""
    sent, mark = replace(DOCUMENT, lines=(replace(LINE, unit_price=price),)), marker()
    posted = await erp.create(sent, mark)
    assert differences(posted, sent, mark) == ()
    [row] = sap.rows("EBAN", f"BEDNR = '{tracking_of(mark)}'")
    assert (row["PREIS"], row["PEINH"]) == (Decimal(kept[0]), Decimal(kept[1]))


@pytest.mark.parametrize(
    ("line", "note", "said"),
    [
        (replace(LINE, unit_price=Money(Decimal("0.0000001"), "EUR")), "", "cannot hold 1E-7"),
        (replace(LINE, quantity=Quantity(Decimal("0.0005"), "kg")), "", "3 decimals of a quantity"),
        (replace(LINE, material="M" * 19), "", "longer than the 18 characters"),
        (replace(LINE, account="6000"), "", "'6000' without a cost centre"),
        (replace(LINE, cost_centre="9999"), "", "Cost center 0000009999 does not exist"),
        (replace(LINE, needed_on=DAY), "for now \n", "blanks at the end of the line 'for now '"),
        (replace(LINE, unit_price=Money(Decimal(2), "XXX")), "", "Currency XXX does not exist"),
    ],
)
async def test_what_a_requisition_cannot_hold_is_refused_and_nothing_is_written(
    erp: SapRfc, sap: Served, line: RequisitionLine, note: str, said: str
) -> None:
    """Rather than rounded, cut off or left out, which nobody would see."""
    mark = marker()
    with pytest.raises(ErpRefused, match=said):
        await erp.create(replace(DOCUMENT, lines=(LINE, line), note=note), mark)
    assert sap.rows("EBAN", f"BEDNR = '{tracking_of(mark)}'") == []


async def test_a_character_that_the_code_page_lacks_is_refused(sap: Served) -> None:
    """A system without Unicode would put another in its place and say nothing."""
    sap.control("codepage", codepage="1100")
    try:
        async with SapRfc.open(sap.connection(), through=sap.library()) as erp:
            with pytest.raises(ErpRefused, match="code page 1100 and cannot hold '„'"):
                await erp.create(replace(DOCUMENT, note="„eilig“"), marker())
            await erp.create(replace(DOCUMENT, note="für Öfen"), marker())
    finally:
        sap.control("codepage", codepage="4103")


async def test_a_right_that_is_missing_is_said_in_sap_s_words_and_nothing_is_written(sap: Served) -> None:
    """The plant's authorisation is checked by SAP, of the user that writes."""
    connection, mark = sap.connection(), marker()
    async with SapRfc.open(replace(connection, logon=sap.logon("ELSEWHERE")), through=sap.library()) as erp:
        with pytest.raises(ErpRefused, match="no authorization for plant 1000"):
            await erp.create(DOCUMENT, mark)
    assert sap.rows("EBAN", f"BEDNR = '{tracking_of(mark)}'") == []


async def test_what_was_committed_is_never_called_unsent(erp: SapRfc, sap: Served) -> None:
    """Its reading back fails: the fate is unknown to the caller, and the next look finds it."""
    mark = marker()
    sap.befall("BAPI_PR_GETDETAIL", "drop_before", "drop_before")
    with pytest.raises(WriteOutcomeUnknown, match="took the write"):
        await erp.create(DOCUMENT, mark)
    assert isinstance(judge(await erp.find(KIND, mark), DOCUMENT, mark), AsSent)


async def test_a_requisition_whose_marker_somebody_took_out_is_shown_and_is_not_as_sent(
    erp: SapRfc, sap: Served
) -> None:
    """Hidden it would be written a second time."""
    mark = marker()
    posted = await erp.create(DOCUMENT, mark)
    sap.write("STXL", {"TDLINE": "please hurry"}, {"TDNAME": posted.number.zfill(10), "LINE": "0".zfill(5)})
    [found] = await erp.find(KIND, mark)
    assert "marker" in differences(found, DOCUMENT, mark)


async def test_two_markers_with_one_tracking_number_stay_apart(erp: SapRfc, sap: Served) -> None:
    """Ten characters cannot tell all markers apart; the header text does."""
    mark, other = marker(), marker()
    posted = await erp.create(DOCUMENT, mark)
    sap.write("EBAN", {"BEDNR": tracking_of(other)}, {"BANFN": posted.number.zfill(10)})
    assert await erp.find(KIND, other) == ()


async def test_what_is_released_ordered_or_being_changed_is_not_cancelled(erp: SapRfc, sap: Served) -> None:
    """Whoever acted on it decides; SAP's lock keeps it as it was looked at until the commit."""
    released, locked = marker(), marker()
    numbers = [(await erp.create(DOCUMENT, mark)).number.zfill(10) for mark in (released, locked)]
    sap.write("EBAN", {"FRGZU": "X"}, {"BANFN": numbers[0]})
    with pytest.raises(ErpRefused, match="only the buyer can stop it"):
        await erp.cancel(KIND, released)
    async with Client.open(sap.logon(), through=sap.library()) as other, other.unit() as unit:
        await unit.call("BAPI_PR_CHANGE", NUMBER=numbers[1])
        with pytest.raises(ErpRefused, match=r"already processing.*ME 006"):
            await erp.cancel(KIND, locked)
    assert [row["LOEKZ"] for row in sap.rows("EBAN", f"BANFN in ('{numbers[0]}', '{numbers[1]}')")] == [
        "",
        "",
    ]
    await erp.cancel(KIND, locked)
    assert [row["LOEKZ"] for row in sap.rows("EBAN", f"BANFN = '{numbers[1]}'")] == ["X"]


async def test_an_unreachable_system_is_said_to_be_one(sap: Served) -> None:
    """Nothing was sent: what is confirmed waits."""
    connection = sap.connection()
    nowhere = replace(connection.logon, route={"saprouter": "/H/127.0.0.1/S/9"})
    async with SapRfc.open(replace(connection, logon=nowhere), through=sap.library()) as erp:
        with pytest.raises(ErpUnavailable, match="partner not reached"):
            await erp.create(DOCUMENT, marker())
