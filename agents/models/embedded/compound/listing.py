"""The query of a draft whose rows are records: all that meet the conditions, or the last of each thing."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.compound.draft import Column, Draft
from agents.models.embedded.compound.pieces import Attribute, Record
from agents.models.embedded.compound.vocabulary import written
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Each, Filter, MetricQuery, Order

_MACHINE = "work_centre.work_centre_id"
"""What a machine is called on the floor, beside its name."""
NUMBERS = ("quantity", "money", "count", "days", "percent", "rate")
"""Kinds of fields that have figures."""


class Listing:
    """Makes queries that list records."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def query(self, draft: Draft, where: Sequence[Filter]) -> MetricQuery | None:
        """The query; None where nothing says which record is the last one."""
        entity = self._catalogue.entity(draft.entity)
        show = [column.attribute.path for column in draft.columns if column.attribute is not None]
        telling = [f"{draft.entity}.{field}" for field in written()[draft.entity].shown]
        own = telling or ([f"{draft.entity}.{entity.key}"] if entity.key in entity.fields else [])
        name = [f"{draft.entity}.{entity.name}"] if entity.name else []
        shown = [*own, *name, *show] if show else [*own, *name, *entity.beside]
        order, limit, extreme = self._order(draft)
        each: Each | None = None
        if draft.latest is not None or draft.of_each:
            things, names = self._things(draft)
            order = self._of_latest(draft, order)
            each = Each(of=things) if things else None
            limit, extreme = (None if each else limit or 1), False
            shown = [*names, *shown]
            if not order:
                return None
            # `number and due date`: the number is the record's own, and counts nothing.
            others = [one for one in draft.columns if not isinstance(one.counts, Record) or one.where]
            if any(column.attribute is None or column.where for column in others):
                draft.doubts += 1.0  # a figure of several records, which one of them does not have
        if any(path.startswith("material.") for path in shown) or draft.entity == "material":
            shown += ["material.number", "material.name"]
        if "work_centre.name" in shown:
            shown.append(_MACHINE)
        if "site.name" in shown:
            shown.append("site.site")
        shown += [path for one in order for path in (one.by, *self._beside(one.by))]
        return MetricQuery(
            rows_of=draft.entity,
            show=tuple(dict.fromkeys(shown))[:12],
            calculated=tuple(draft.calculated),
            where=tuple(where),
            order=tuple(order),
            each=each,
            limit=limit,
            extreme=extreme,
        )

    def _beside(self, path: str) -> list[str]:
        """What a figure that rows are ordered by is calculated from: the day since when something is due."""
        entity, _, name = path.rpartition("/")[2].partition(".")
        known = self._catalogue.entity(entity).fields.get(name)
        return [f"{entity}.{other}" for other in known.beside] if known is not None else []

    def _things(self, draft: Draft) -> tuple[tuple[str, ...], list[str]]:
        """What the last record is wanted of each of, and what these are called."""
        things: list[str] = []
        names: list[str] = []
        groups = [one for one in draft.by if one.entity != draft.entity and not one.grain]
        for group in groups:
            if not group.entity:
                things.append(group.path)
                names.append(group.path)
                continue
            known = self._catalogue.entity(group.entity)
            things.append(f"{group.entity}.{known.key}")
            names.append(f"{group.entity}.{known.name or known.key}")
        return tuple(things), names

    def _of_latest(self, draft: Draft, order: Sequence[Order]) -> list[Order]:
        """The order that has the last one first; of several on a day, the one with the highest number."""
        if draft.latest is None:
            return [*order]
        entity = self._catalogue.entity(draft.entity)
        own = [Order(by=f"{draft.entity}.{entity.key}")] if entity.key in entity.fields else []
        return [Order(by=draft.latest.path), *own]

    def _order(self, draft: Draft) -> tuple[list[Order], int | None, bool]:
        ranked = next((one for one in draft.columns if one.ranked and one.attribute is not None), None)
        if ranked is None and (draft.limit or draft.first_up is not None):
            numbers = [
                one
                for one in draft.columns
                if one.attribute is not None and one.attribute.kind in (*NUMBERS, "date")
            ]
            if draft.first_dated:
                days = [one for one in numbers if one.attribute is not None and one.attribute.kind == "date"]
                numbers = days or self._default_day(draft) or numbers
            ranked = numbers[0] if numbers else None
        if ranked is None or ranked.attribute is None:
            return [], draft.limit, False
        up = ranked.up if ranked.ranked else draft.first_up if draft.first_up is not None else draft.top_up
        alone = ranked.ranked and draft.limit is None and ranked.aggregate is not None
        return [Order(by=ranked.attribute.path, descending=bool(up))], draft.limit, alone

    def _default_day(self, draft: Draft) -> list[Column]:
        """The day that `the next order` is told by, where none is asked for."""
        entity = self._catalogue.entity(draft.entity)
        field = entity.dates[entity.default_date].field if entity.default_date else ""
        path = f"{draft.entity}.{field}"
        return [Column(attribute=Attribute(path, "date"))] if field in entity.fields else []
