"""A ratio that a question names by its two amounts is shown, and rows are ranked by it."""

from __future__ import annotations

import pytest

from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.ratios import Ratios
from agents.models.embedded.text import tokenise
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

RATIOS = Ratios(packaged_catalogue())
BOTH = ("actual_minutes", "planned_minutes")


def question(text: str) -> Masked:
    return Masked(tuple(Spot(token.norm, token.text) for token in tokenise(text)))


def query(*fields: str) -> MetricQuery:
    measures = [{"name": name, "field": f"operation_confirmation.{name}"} for name in fields]
    order = [{"by": fields[0], "descending": True}]
    return MetricQuery.model_validate(
        {"measures": measures, "by": [{"entity": "work_centre"}], "order": order, "limit": 5}
    )


@pytest.mark.parametrize("fields", [BOTH, BOTH[:1]])
@pytest.mark.parametrize("link", ["per", "divided by", "as a share of"])
def test_rows_are_ranked_by_the_ratio(link: str, fields: tuple[str, ...]) -> None:
    """The highest minutes per planned minute are not the highest minutes."""
    found = RATIOS.shown(query(*fields), question(f"highest actual minutes {link} planned minutes"))
    assert found.measures[-1].of == (found.measures[0].name, found.measures[1].name)
    assert found.order[0].by == found.measures[-1].name


@pytest.mark.parametrize("asked", ["actual minutes per work centre", "actual minutes over planned minutes"])
def test_groups_and_overruns_are_no_ratio(asked: str) -> None:
    """`per work centre` tells groups apart, and `over` alone may say what a plan was overrun by."""
    assert RATIOS.shown(query(*BOTH), question(asked)) == query(*BOTH)
    assert not list(RATIOS.left(query(*BOTH), question(asked)))
