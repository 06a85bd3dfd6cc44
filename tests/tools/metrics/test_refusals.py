"""What cannot be combined is refused by name, and no text of a query ever becomes SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from erp_adapters.errors import ConfigurationError
from tests.tools.asking import Asking
from tests.tools.metrics.questions import metric, named, period, related, value
from tools.errors import QueryInvalid
from tools.metrics.catalogue import packaged_catalogue, read_catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import MetricQuery
from tools.metrics.statement import checked
from tools.metrics.tool import query_metrics
from tools.metrics.wording import Wording

ORDERS = metric("n", "work_order_count")
DROP = "x'; drop table erp.site; --"

REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("there is no metric 'profit'", {"measures": [metric("n", "profit")]}),
    ("there is no entity 'planet'", {"rows_of": "planet"}),
    ("there is no entity 'planet'", {"measures": [{"name": "n", "count_of": "planet"}]}),
    ("there is no entity 'planet'", {"measures": [ORDERS], "by": [{"entity": "planet"}]}),
    ("'material' has no field 'taste'", {"measures": [ORDERS], "by": [{"path": "material.taste"}]}),
    ("'material' has no field 'taste'", {"rows_of": "material", "show": ["material.taste"]}),
    ("has no condition 'sleepy'", {"measures": [ORDERS], "where": [named("production_order", "sleepy")]}),
    (
        "have no date that says which is last",
        {"measures": [{"name": "n", "field": "account.account_id", "aggregate": "last"}]},
    ),
    ("work orders cannot be grouped by supplier", {"measures": [ORDERS], "by": [{"entity": "supplier"}]}),
    ("no link 'buyer' to 'material'", {"measures": [ORDERS], "by": [{"entity": "material", "via": "buyer"}]}),
    ("suppliers do not refer to 'material'", {"rows_of": "supplier", "show": ["material.name"]}),
    (
        "stock records do not refer to suppliers",
        {"rows_of": "supplier", "measures": [metric("v", "stock_value")]},
    ),
    (
        "measures of 'supplier' itself",
        {"rows_of": "supplier", "measures": [{"name": "n", "count_of": "supplier"}]},
    ),
    ("only measures can be grouped", {"rows_of": "material", "by": [{"path": "material.colour"}]}),
    (
        "no date 'of their own' to group by",
        {"measures": [metric("n", "stock_quantity")], "by": [{"grain": "month"}]},
    ),
    ("no date 'bought' to group by", {"measures": [ORDERS], "by": [{"grain": "month", "role": "bought"}]}),
    (
        "applies to nothing in this query.*supplier.name",
        {"measures": [ORDERS], "where": [value("supplier.name", "x")]},
    ),
    ("applies to nothing.*bought", {"measures": [ORDERS], "where": [period("2024-01-01", role="bought")]}),
    ("applies to nothing in this query.*location", {"measures": [ORDERS], "where": [related("location")]}),
    ("there is no entity 'planet'", {"measures": [ORDERS], "where": [related("planet")]}),
    (
        "'ordered quantity' is a number, not 'many'",
        {"measures": [ORDERS], "where": [value("production_order.ordered", "many")]},
    ),
    ("'due' is a date", {"measures": [ORDERS], "where": [value("production_order.due_on", "2024-13-01")]}),
    (
        "'made in house' is true or false",
        {"measures": [ORDERS], "where": [value("material.is_made", "perhaps")]},
    ),
    ("it cannot be > anything", {"measures": [ORDERS], "where": [value("material.is_made", True, op=">")]}),
    ("> takes one value", {"measures": [ORDERS], "where": [value("production_order.ordered", 1, 2, op=">")]}),
    (
        "is no text that could contain",
        {
            "measures": [ORDERS],
            "where": [{"test": "contains", "path": "production_order.ordered", "text": "1"}],
        },
    ),
    (
        "'ordered quantity' cannot be compared with 'due'",
        {
            "measures": [ORDERS],
            "where": [
                {
                    "test": "field",
                    "path": "production_order.ordered",
                    "op": ">",
                    "other": "production_order.due_on",
                }
            ],
        },
    ),
    ("'material' has no sum", {"measures": [{"name": "n", "field": "material.name"}]}),
    (
        "'made in house' has no minimum",
        {"measures": [{"name": "n", "field": "material.is_made", "aggregate": "minimum"}]},
    ),
    (
        "cannot count them over 'purchase_line'",
        {"measures": [{"name": "n", "count_of": "material", "records": "purchase_line"}]},
    ),
    (
        "'a' is calculated from itself",
        {
            "measures": [
                {"name": "a", "derive": "difference", "of": ["b", "b"]},
                {"name": "b", "derive": "sum", "of": ["a", "a"]},
                ORDERS,
            ]
        },
    ),
    (
        "is a share of a share",
        {
            "measures": [
                {"name": "a", "derive": "share_of_total", "of": ["b"]},
                {"name": "b", "derive": "share_of_total", "of": ["n"]},
                ORDERS,
            ]
        },
    ),
    (
        "no number to calculate with",
        {
            "measures": [
                {"name": "d", "field": "production_order.due_on", "aggregate": "maximum"},
                ORDERS,
                {"name": "x", "derive": "ratio", "of": ["d", "n"]},
            ]
        },
    ),
    ("'late' is not a column of this query; there are n", {"measures": [ORDERS], "order": [{"by": "late"}]}),
    ("'#2' is not a column", {"measures": [ORDERS], "by": [{"entity": "material"}], "order": [{"by": "#2"}]}),
    (
        "'material' cannot be compared with a number",
        {"rows_of": "material", "having": [{"left": "material", "op": ">", "value": 3}]},
    ),
    (
        "a top share needs an order and a limit",
        {"measures": [ORDERS], "by": [{"entity": "material"}], "output": "top_share"},
    ),
    (
        "an extreme value needs an order",
        {"measures": [ORDERS], "by": [{"entity": "material"}], "output": "ties"},
    ),
    ("null character", {"measures": [ORDERS], "where": [value("material.name", "a\x00b")]}),
]


@pytest.mark.parametrize(
    ("message", "query"), REFUSED, ids=[f"{n}-{m[:30]}" for n, (m, _) in enumerate(REFUSED)]
)
async def test_what_cannot_be_is_refused_by_name(both: Asking, message: str, query: dict[str, Any]) -> None:
    with pytest.raises(QueryInvalid, match=message):
        await both(query_metrics, **query)


def test_a_tower_of_measures_is_no_query() -> None:
    """Each storey may double the words and the SQL: thirty of them would fill the memory."""

    def tower(storeys: int) -> dict[str, Any]:
        over = [{"name": f"m{n}", "derive": "sum", "of": [f"m{n - 1}"] * 2} for n in range(storeys, 0, -1)]
        return {"measures": [*over, {**ORDERS, "name": "m0"}]}

    MetricQuery.model_validate(tower(6))
    for storeys in (7, 30):
        with pytest.raises(ValidationError, match="'m7' is calculated from more than 6 others in a row"):
            MetricQuery.model_validate(tower(storeys))
    on_a_circle = tower(3_000)
    on_a_circle["measures"][-2]["of"] = ["m1", "m1"]
    with pytest.raises(ValidationError, match="is calculated from more than 6 others in a row"):
        MetricQuery.model_validate(on_a_circle)


def test_a_measure_of_itself_has_no_words() -> None:
    """Words are made before a query is run, so they must refuse what the compiler would."""
    circle = {"measures": [{"name": "a", "derive": "sum", "of": ["a", "a"]}, ORDERS]}
    with pytest.raises(QueryInvalid, match="'a' is calculated from itself"):
        Wording(packaged_catalogue()).query(MetricQuery.model_validate(circle))


@pytest.mark.parametrize(
    "query",
    [
        {"measures": [metric(DROP, "work_order_count")]},
        {"measures": [ORDERS], "where": [value(f"material.name {DROP}", "x")]},
        {"measures": [ORDERS], "where": [value("material.name", "x", op="= 'x' or 1=1 --")]},
        {"measures": [ORDERS], "by": [{"path": "material.name)"}]},
        {"measures": [ORDERS], "by": [{"grain": "month', now())"}]},
        {"measures": [ORDERS], "limit": "1; drop table erp.site"},
        {"rows_of": "material", "show": ["material.name, (select 1)"]},
    ],
)
def test_names_that_are_no_names_are_no_query(query: dict[str, Any]) -> None:
    """Names of measures and paths have a form; text of another form does not get as far as the compiler."""
    with pytest.raises(ValidationError):
        MetricQuery.model_validate(query)


@pytest.mark.parametrize(
    "query",
    [
        {"measures": [metric("n", DROP)]},
        {"measures": [{"name": "n", "count_of": DROP}]},
        {"measures": [ORDERS], "by": [{"entity": DROP}]},
        {"measures": [ORDERS], "by": [{"entity": "material", "via": DROP}]},
        {"measures": [ORDERS], "by": [{"grain": "month", "role": DROP}]},
        {"measures": [ORDERS], "where": [named("production_order", DROP)]},
        {"measures": [ORDERS], "where": [period("2024-01-01", role=DROP)]},
        {"measures": [ORDERS], "where": [related(DROP)]},
        {"measures": [ORDERS], "order": [{"by": DROP}]},
        {"measures": [ORDERS], "having": [{"left": DROP, "op": ">", "value": 1}]},
        {"rows_of": DROP},
    ],
)
def test_names_that_nobody_knows_are_refused(query: dict[str, Any]) -> None:
    """Where a name is free text it is looked up, and never written into a statement."""
    with pytest.raises(QueryInvalid):
        Compiler(packaged_catalogue()).compile(MetricQuery.model_validate(query))


@pytest.mark.parametrize("text", [DROP, "%", "_", "\\", "%(p1)s", "{0}", "$1", "' or ''='", "﻿ß€😀"])
async def test_values_are_values_whatever_they_say(both: Asking, text: str) -> None:
    """Quotes, placeholders and wildcards find nothing, as they stand in no name."""
    compiled = Compiler(packaged_catalogue()).compile(
        MetricQuery.model_validate({"measures": [ORDERS], "where": [value("material.name", text)]})
    )
    assert text not in compiled.sql.replace("%(p1)s", "") or text in ("_", "{0}")
    for where in (value("material.name", text), {"test": "contains", "path": "material.name", "text": text}):
        result = await both(query_metrics, measures=[ORDERS], where=[where])
        assert result.tables[0].rows == ((0,),)


@pytest.mark.parametrize("name", ["order", "select", "user", "end", "all", "currency", "month", "material"])
async def test_a_measure_may_have_any_name(both: Asking, name: str) -> None:
    """Words of SQL and names of groupings among them."""
    query = {
        "measures": [metric(name, "work_order_count")],
        "by": [{"grain": "month"}, {"entity": "material"}],
    }
    result = await both(
        query_metrics, **query, order=[{"by": name}], having=[{"left": name, "op": ">", "value": 0}]
    )
    assert result.tables[0].rows


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select pg_sleep(9) from erp.site", "may not call 'pg_sleep'"),
        ("select set_config('plantwright.sites', 'KAS', true) from erp.site", "set_config"),
        ("select current_user from erp.site", "may not call"),
        ("select 1 from erp.site, generate_series(1, 9)", "no canonical table"),
        ("select name::regclass from erp.site", "may not cast"),
        ("select 1 from app.answer", "no canonical table"),
        ("select 1 from site", "no canonical table"),
        ("select 1 from other.erp.site", "no canonical table"),
        ("select 1 from erp.site for update", "may not hold"),
        ("select 1 into erp.copy from erp.site", "may not hold"),
        ("select 1 from erp.site; select 2 from erp.site", "single SELECT"),
        ("delete from erp.site", "single SELECT"),
    ],
)
def test_a_catalogue_cannot_make_other_statements(sql: str, message: str) -> None:
    """One SELECT over canonical tables with functions of a short list, whatever an entry holds."""
    with pytest.raises(QueryInvalid, match=message):
        checked(sql)
    assert checked("select max(name) from erp.site") == {"site"}


def test_a_wrong_catalogue_is_named(tmp_path: Path) -> None:
    """The file or the entry, and what is wrong with it."""
    file = tmp_path / "own.yaml"
    for text, message in (
        ("entities: [", "own.yaml"),
        ("metrics: {m: {entity: nowhere, value: 'sum(x)', kind: count, label: m}}", "'nowhere' is no entity"),
        ("metrics: {m: {entity: e, kind: count, label: m}}", "either a value, or a numerator"),
        ("metrics: {m: {entity: e, valu: 'sum(x)', kind: count, label: m}}", "valu"),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=message):
            read_catalogue(tmp_path)
