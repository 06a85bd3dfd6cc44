"""RFC_READ_TABLE: its limits are kept, and what it gives as text becomes values or an error."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from erp_adapters.errors import CapabilityMissing, ErpRefused, ErpUnavailable
from erp_adapters.sap_rfc.client import Client
from erp_adapters.sap_rfc.tables import OPTION_WIDTH, Column, Tables, groups, option_lines, quoted
from tests.systems.sap_rfc.plant import CHIP, GRIP, VENDOR
from tests.systems.sap_rfc.server import Served


def test_conditions_are_cut_between_words_and_never_inside_of_a_value() -> None:
    """SAP takes 72 characters a line, and a value that is cut in two is another value."""
    value = quoted("it's   a long - value")
    condition = " AND ".join(f"TXZ0{n} = {value}" for n in range(6)) + f" OR MATNR = {quoted('x' * 60)}"
    lines = option_lines(condition)
    assert all(len(line) <= OPTION_WIDTH for line in lines)
    assert " ".join(lines) == condition
    assert sum(line.count(value) for line in lines) == 6
    assert option_lines("") == ()
    with pytest.raises(ErpRefused, match="longer than the 72"):
        option_lines(f"A = {quoted('y' * 80)}")


def test_columns_are_read_in_groups_that_fit_each_with_the_key() -> None:
    """Every column once, the key in every group, and no group wider than a row."""
    columns = [
        Column("KEY", "C", 10),
        *(Column(f"F{n}", "C", 100) for n in range(12)),
        Column("LAST", "C", 502),
    ]
    found = list(groups(columns, ["KEY"]))
    assert all(sum(each.width for each in group) <= 512 and group[0].name == "KEY" for group in found)
    assert [each.name for group in found for each in group[1:]] == [each.name for each in columns[1:]]
    with pytest.raises(ErpRefused, match="LAST has 502"):
        list(groups(columns, ["KEY", "F0"]))


async def test_a_row_that_is_wider_than_512_is_read_in_parts_and_joined(client: Client) -> None:
    """The stand-in raises DATA_BUFFER_EXCEEDED, as SAP does, for who asks for all of it at once."""
    with pytest.raises(ErpRefused, match="DATA_BUFFER_EXCEEDED"):
        await client.call("RFC_READ_TABLE", QUERY_TABLE="LFA1")
    tables = Tables(client)
    fields = list(await tables.columns("LFA1"))
    rows = await tables.rows("LFA1", fields, key=["LIFNR"])
    assert len(rows) == 2
    [nord] = [row for row in rows if row["LIFNR"] == VENDOR]
    assert (nord["NAME1"], nord["LAND1"], nord["STCEG"], nord["LFURL"]) == (
        "Rohrwerk Nord",
        "DE",
        "DE123456789",
        "",
    )
    assert list(nord) == fields


async def test_values_are_typed_and_a_bar_in_a_text_moves_nothing(client: Client) -> None:
    """Signs behind figures, days that are none, zeros in front, and the character that others cut rows at."""
    tables = Tables(client)
    [stock] = await tables.rows("MARD", ["LABST", "MATNR"], f"MATNR = {quoted(CHIP)}")
    assert stock == {"LABST": Decimal("-7.000"), "MATNR": CHIP}
    [text] = await tables.rows("MAKT", ["MAKTX", "MATNR"], f"MATNR = {quoted(GRIP)} AND SPRAS = 'E'")
    assert text == {"MAKTX": "Grip, rubber | black", "MATNR": GRIP}
    [order] = await tables.rows("AFKO", ["GSTRI", "GSTRP"], "AUFNR = '000001000123'")
    assert order["GSTRI"] is None
    assert order["GSTRP"] is not None
    assert order["GSTRP"] > datetime.now(UTC).date()


async def test_a_field_or_table_that_this_release_lacks_is_named(client: Client, sap: Served) -> None:
    """A field that was renamed, a table that was never there, one that the role may not show."""
    tables = Tables(client)
    with pytest.raises(CapabilityMissing, match="MARA of this SAP has no field 'MATNR_OF_OLD'"):
        await tables.rows("MARA", ["MATNR", "MATNR_OF_OLD"])
    with pytest.raises(CapabilityMissing, match="no table 'ZNONE'"):
        await tables.rows("ZNONE", ["A"])
    with pytest.raises(ErpRefused, match="OPTION_NOT_VALID"):
        await tables.rows("MARA", ["MATNR"], "MATNR IS ODD")
    async with Client.open(sap.logon("READER"), through=sap.library()) as reader:
        with pytest.raises(ErpRefused, match="may not read table MBEW: give its role"):
            await Tables(reader).rows("MBEW", ["MATNR"])


async def test_a_value_that_is_none_is_said_to_be_one(client: Client, sap: Served) -> None:
    """A day of the thirteenth month, as data of old releases have them, is no reason to read another."""
    sap.write("PLAF", {"PLNUM": "0000799999", "MATNR": "T-9", "PSTTR": "20261341"})
    with pytest.raises(ErpUnavailable, match="'20261341' as PLAF-PSTTR"):
        await Tables(client).rows("PLAF", ["PSTTR"], "PLNUM = '0000799999'")
