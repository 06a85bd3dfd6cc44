"""Every row leads back to the line of the file that it came from."""

from __future__ import annotations

import pytest

from tests.conftest import ADVENTUREWORKS
from tests.tools.asking import Asking, cell
from tools.errors import ToolError
from tools.lineage import lineage


@pytest.mark.parametrize(
    ("record", "key", "starts"),
    [
        ("work order", "722", "722,"),
        ("production_order", "WorkOrder/65600", "65600,"),
        ("vendors", "1604", "1604,"),
        ("purchase order line", "PurchaseOrderDetail/3796/8352", "3796,8352,"),
    ],
)
async def test_the_line_named_is_the_row(aw: Asking, record: str, key: str, starts: str) -> None:
    result = await aw(lineage, record=record, key=key)
    file, line = cell(result.tables[0], 0, "file"), cell(result.tables[0], 0, "line")
    lines = (ADVENTUREWORKS / str(file)).read_text(encoding="utf-8-sig").splitlines()
    assert lines[int(str(line)) - 1].startswith(starts)


async def test_a_flag_comes_with_its_reason(aw: Asking) -> None:
    result = await aw(lineage, record="work order", key="70000")
    assert "no start or due date" in str(cell(result.tables[0], 0, "flags"))


@pytest.mark.parametrize(
    ("record", "key", "says"),
    [
        ("stock", "1", "several stock rows end in '1'"),
        ("invoice of aliens", "1", "names no record"),
        ("work order", "999999", "no production order with the source key '999999'"),
        ("work order", "%", "no production order with the source key '%'"),
    ],
)
async def test_what_leads_nowhere_is_said(aw: Asking, record: str, key: str, says: str) -> None:
    with pytest.raises(ToolError, match=says):
        await aw(lineage, record=record, key=key)
