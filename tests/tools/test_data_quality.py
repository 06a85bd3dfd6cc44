"""What the loads flagged is counted as the store holds it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from erp_adapters.caller import Caller
from tests.tools.asking import Asking, by, cell, number
from tests.tools.conftest import Select
from tests.tools.plant import LYON
from tools.data_quality import data_quality
from tools.errors import ToolError


async def test_findings_are_the_flags_in_the_store(aw: Asking, select: Select) -> None:
    result = await aw(data_quality)
    flagged = select("select count(*) from erp.production_order where 'undated' = any(flags)")[0][0]
    assert by(result.tables[0], "rule", "rows")["undated"] == flagged
    assert number(result, "rows set aside") == 0
    assert number(result, "rows loaded") > 200_000


async def test_one_record(aw: Asking) -> None:
    result = await aw(data_quality, record="work orders")
    assert {row[0] for row in result.tables[0].rows} == {"production order"}
    assert number(result, "rows loaded") == 72_591


async def test_rows_set_aside_are_no_share_of_those_loaded(kassel: Asking) -> None:
    result = await kassel(data_quality)
    assert number(result, "rows set aside") == 1
    assert [cell(result.tables[0], 0, name) for name in ("outcome", "share")] == ["set aside", None]


async def test_nothing_to_report(asking: Callable[[Caller], Asking]) -> None:
    result = await asking(LYON)(data_quality)
    assert result.tables[0].rows == ()
    assert number(result, "rows loaded") == 10


async def test_what_was_never_looked_for_is_not_said_to_be_sound(kassel: Asking) -> None:
    result = await kassel(data_quality, check="duplicate materials")
    assert result.sentence == "This was never looked for in the data of these sites."
    assert number(result, "open findings") == 0


async def test_a_check_that_is_not_there_is_refused(kassel: Asking) -> None:
    with pytest.raises(ToolError, match="'horoscopes' is no check; there are duplicate materials"):
        await kassel(data_quality, check="horoscopes")
