"""What people call things in their plant is known beside their full names."""

from __future__ import annotations

import pytest

from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.masterdata import MasterDataCache, is_short_for_else
from agents.models.embedded.text import stems, tokenise
from erp_adapters.store import Store
from tools.metrics.catalogue import packaged_catalogue


@pytest.mark.slow
async def test_machines_of_a_kind_are_known_by_it(demo_store: Store) -> None:
    """`The hydraulic presses` are all that are called so with a number; `P2` is one of them, in capitals."""
    caller = await demo_store.caller("planner.kassel")
    async with demo_store.reading(caller) as tx:
        data = await MasterDataCache(packaged_catalogue()).get(tx)
        rows = (await tx.fetch("select name from erp.work_centre where name like 'Hydraulic press %'")).rows
    found = [one for one in data.phrases.get(stems("hydraulic presses")) if isinstance(one, ValueWord)]
    assert [(one.entity, sorted(one.values)) for one in found] == [
        ("work_centre", sorted(str(name) for (name,) in rows))
    ]
    typed = {code: data.phrases.one(tokenise(code)[0]) for code in ("P2", "p2", "Q1")}
    (press,) = (one for one in typed["P2"] if isinstance(one, ValueWord))
    assert press.values == ("Hydraulic press 2",)
    assert typed["p2"] == typed["Q1"] == ()


@pytest.mark.parametrize(("code", "short"), [("PO", True), ("WO", True), ("GV", False), ("KG", False)])
def test_a_code_that_is_short_for_something_else_is_no_value(code: str, short: bool) -> None:
    """`PO` is a group of set-ups as well, and `open POs` asks about no set-up."""
    assert is_short_for_else(code) is short
