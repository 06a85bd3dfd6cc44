"""Plans that nobody asks for are dropped, and those that people wrote are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import agents.models.embedded.training
from agents.models.embedded.sense import (
    abroad,
    as_judged,
    as_taught,
    forward,
    makes_sense,
    of_finished_goods,
)
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery
from tools.where_used import WhereUsed

WRITTEN = Path(agents.models.embedded.training.__file__).with_name("written")
LATE: dict[str, Any] = {"name": "m1", "metric": "late_order_count"}


def query(*where: dict[str, Any], measures: tuple[dict[str, Any], ...] = (LATE,)) -> MetricQuery:
    return MetricQuery.model_validate({"measures": measures, "where": where})


def status(op: str, value: str) -> dict[str, Any]:
    return {"test": "value", "path": "purchase_order.status", "op": op, "values": [value]}


def named(condition: str, *, negated: bool = False) -> dict[str, Any]:
    return {"test": "named", "entity": "purchase_order", "condition": condition, "negated": negated}


def lines(*, negated: bool = False) -> dict[str, Any]:
    return {"test": "related", "entity": "purchase_line", "negated": negated}


def during(year: int, role: str = "due") -> dict[str, Any]:
    return {"test": "date", "role": role, "start": f"{year}-01-01", "end": f"{year}-12-31"}


@pytest.mark.parametrize(
    "where",
    [
        (status("=", "complete"), status("<>", "rejected")),
        (status("=", "complete"), status("=", "rejected")),
        (named("not_rejected"), named("not_rejected", negated=True)),
        (named("not_rejected", negated=True),),
        (lines(), lines(negated=True)),
        (during(2024), during(2025)),
    ],
)
def test_conditions_that_exclude_each_other_are_no_reading(where: tuple[dict[str, Any], ...]) -> None:
    """They would answer with an empty list, or say one thing twice, whatever was asked."""
    assert not makes_sense(query(*where))


@pytest.mark.parametrize(
    "where",
    [
        (status("=", "complete"), named("not_rejected")),
        (during(2024, "due"), during(2025, "end")),
        (during(2024), {"test": "date", "role": "due", "start": "2024-06-01", "end": None}),
    ],
)
def test_conditions_that_go_together_are_kept(where: tuple[dict[str, Any], ...]) -> None:
    """Two dates of a record, a part of a period, a condition beside a value."""
    assert makes_sense(query(*where))


def test_one_figure_twice_is_no_reading() -> None:
    """Nor is a figure in percent of itself; one figure of two periods is."""
    again = LATE | {"name": "m2"}
    share = {"name": "m3", "derive": "percent", "of": ["m1", "m2"]}
    assert not makes_sense(query(measures=(LATE, again)))
    assert not makes_sense(query(measures=(LATE | {"hidden": True}, again, share)))
    assert makes_sense(query(measures=(LATE, again | {"where": [during(2024)]})))


def test_a_change_goes_forward_in_time() -> None:
    """From the earlier period to the later, in whichever order they were named."""
    old, new = LATE | {"where": [during(2023)]}, LATE | {"name": "m2", "where": [during(2024)]}
    change = {"name": "m3", "derive": "change_percent"}
    right = query(measures=(old, new, change | {"of": ["m2", "m1"]}))
    assert forward(right) is right
    assert forward(query(measures=(old, new, change | {"of": ["m1", "m2"]}))) == right


def test_a_pair_of_currencies_is_one_rate() -> None:
    """`USD/EUR` is the euro's rate, and no mean of it with the dollar's own; the base alone stays."""
    pair = {"test": "value", "path": "fx_rate.to_currency", "values": ["USD", "EUR"]}
    rate = {"name": "m1", "metric": "average_fx_rate"}
    euro, dollar = (query(pair | {"values": [code]}, measures=(rate,)) for code in ("EUR", "USD"))
    assert abroad(query(pair, measures=(rate,)), "USD") == euro
    assert abroad(euro, "USD") is euro
    assert abroad(dollar, "USD") is dollar


@pytest.mark.slow
def test_every_plan_that_a_person_wrote_makes_sense() -> None:
    """A rule that any of them breaks would drop what people ask."""
    found = 0
    for file in sorted(WRITTEN.rglob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            for call in json.loads(line).get("plan", ()):
                if call["tool"] == "query_metrics":
                    written = MetricQuery.model_validate(call["arguments"])
                    assert makes_sense(written), line
                    assert forward(written) == written, line
                    found += 1
    assert found > 5_000


def test_the_worst_is_the_bad_end() -> None:
    """A high on-time rate is good and a high late rate bad, whichever end a reader put first."""
    catalogue = packaged_catalogue()

    def ranked(metric: str, *, descending: bool) -> MetricQuery:
        return MetricQuery.model_validate(
            {
                "measures": [{"name": "m", "metric": metric}],
                "by": [{"grain": "month"}],
                "order": [{"by": "m", "descending": descending}],
                "extreme": True,
            }
        )

    worst, best = ("the", "worst", "month"), ("the", "best", "month")
    good, bad = ranked("on_time_rate", descending=True), ranked("on_time_rate", descending=False)
    assert as_judged(good, worst, catalogue) == as_judged(bad, worst, catalogue) == bad
    assert as_judged(bad, best, catalogue) == good
    late = ranked("late_rate", descending=True)
    assert as_judged(late, worst, catalogue) == late
    assert as_judged(bad, ("the", "month"), catalogue) == bad
    assert as_judged(good, ("worst", "by", "percent", "after", "due"), catalogue) == good


def test_finished_goods_are_what_is_sold() -> None:
    """Not only what stands at the top of a structure; the network knows the call without that."""
    call = WhereUsed(material="Pinch Bolt", levels="top")
    sold = of_finished_goods(call, ["how", "many", "finished", "goods"])
    assert (sold.levels, sold.finished_only) == ("all", True)
    assert of_finished_goods(call, ["which", "bikes"]) == call
    assert as_taught(ToolCall("where_used", sold)).arguments == call.model_copy(update={"levels": "all"})


def test_nothing_is_compared_with_itself() -> None:
    """`Whose standard cost is not its standard cost` holds of none, whatever was asked."""
    test = {"test": "field", "path": "material.standard_cost", "op": "<>", "other": "material.standard_cost"}
    assert not makes_sense(query(test))
    assert makes_sense(query({**test, "other": "material.last_standard_cost"}))


def test_a_difference_of_periods_goes_forward_unless_it_is_said_the_other_way() -> None:
    """`2024 compared with 2023` asks for what 2024 is more."""
    years = [
        {
            "name": f"y{year}",
            "metric": "work_order_count",
            "where": [{"test": "date", "start": f"{year}-01-01", "end": f"{year}-12-31"}],
        }
        for year in (2023, 2024)
    ]
    backwards = query(measures=(*years, {"name": "d", "derive": "difference", "of": ["y2023", "y2024"]}))
    assert forward(backwards, ("compared", "with")).measures[-1].of == ("y2024", "y2023")
    assert forward(backwards, ("more", "in", "2023", "than", "in", "2024")).measures[-1].of == (
        "y2023",
        "y2024",
    )


def test_one_record_is_not_ranked() -> None:
    """`The dearest component of X` is not the dearest among X alone."""
    named = {"test": "value", "path": "material.name", "values": ["Chain"]}
    raw = {"rows_of": "material", "show": ["material.list_price"], "order": [{"by": "material.list_price"}]}
    assert not makes_sense(MetricQuery.model_validate(raw | {"where": [named], "extreme": True}))
    assert makes_sense(MetricQuery.model_validate(raw | {"extreme": True}))
