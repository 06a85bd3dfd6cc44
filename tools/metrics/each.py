"""`Of each supplier the latest by ordered on`: what a query that keeps the first rows of each thing says."""

from __future__ import annotations

from collections.abc import Callable

from tools.languages import said
from tools.languages.forms import joined
from tools.metrics.catalogue import Catalogue
from tools.metrics.labels import Labels
from tools.metrics.query import MetricQuery

_OF_DAYS = {
    True: "of each [[things]] the latest by [[name]]",
    False: "of each [[things]] the first by [[name]]",
}
_OF_FIGURES = {
    True: "of each [[things]] the highest [[name]]",
    False: "of each [[things]] the lowest [[name]]",
}
_OF_SEVERAL = {
    True: "of each [[things]] the top [[number]] by [[name]]",
    False: "of each [[things]] the lowest [[number]] by [[name]]",
}
"""By whether the largest come first."""


def first_of_each(
    query: MetricQuery, catalogue: Catalogue, name_of: Callable[[str, MetricQuery], str]
) -> list[str]:
    """The phrase, where a query asks for that.

    Args:
        name_of: words for a column by its name in the query.
    """
    if query.each is None:
        return []
    first = query.order[0]
    things = joined([_thing(name, query, catalogue, name_of) for name in query.each.of])
    one = _OF_DAYS if _is_date(first.by, catalogue) else _OF_FIGURES
    texts = _OF_SEVERAL if query.each.keep > 1 else one
    text = texts[first.descending]
    return [said(text, things=things, number=query.each.keep, name=name_of(first.by, query))]


def _thing(
    name: str, query: MetricQuery, catalogue: Catalogue, name_of: Callable[[str, MetricQuery], str]
) -> str:
    """What a thing is called that a path tells from its like: `supplier` for its id."""
    entity, _, field = name.split("/")[-1].partition(".")
    known = catalogue.entities.get(entity)
    if known is not None and field in (known.key, known.name, known.code):
        return Labels(catalogue).singular(entity)
    return name_of(name, query)


def _is_date(name: str, catalogue: Catalogue) -> bool:
    entity, _, field = name.split("/")[-1].partition(".")
    known = catalogue.entities.get(entity)
    return known is not None and field in known.fields and known.fields[field].kind == "date"
