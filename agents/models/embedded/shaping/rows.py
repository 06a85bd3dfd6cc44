"""What the rows of an answer are: records, or groups of them."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.assembly import Assembly
from agents.models.embedded.shaping.figures import Figures
from agents.models.embedded.text import Token
from tools.metrics.catalogue import Catalogue, Link
from tools.metrics.query import Grouping, NamedTest, Order, ValueTest


class Rows:
    """Makes rows of what an assembly lists."""

    def __init__(
        self, catalogue: Catalogue, tokens: Sequence[Token], figures: Figures, keep_missing: bool
    ) -> None:
        self._catalogue = catalogue
        self._figures = figures
        self._keep_missing = keep_missing or any(
            token.norm in ("including", "unassigned") for token in tokens
        )

    # ── records ──
    def list_records(self, out: Assembly) -> None:
        """Each record is a row."""
        beside = self._catalogue.entity(out.entity).beside
        out.rows_of = out.entity
        for path in beside:
            out.show_also(path)
        if not out.where and not out.show and not out.periods and not out.order:
            out.penalty += 0.5  # no condition
        test = out.where[0] if len(out.where) == 1 else None
        if (
            isinstance(test, ValueTest)
            and test.path.split(".")[0] == out.entity
            and self._figures.kind(test.path) in ("text", "id")
            and all(path in beside for path in out.show)
        ):
            out.penalty += 1.0  # nothing asked about it

    def show_own_fields(self, out: Assembly) -> None:
        """`the worst order for scrap`: of a single record a total is the record's own field."""
        if not out.size or out.head != out.entity or out.counted or out.by:
            return
        if out.show and out.order and all(measure.count_of == out.entity for measure in out.measures):
            out.measures = []
        for measure in list(out.measures):
            found = self._figures.averaged(measure)
            if found and found[0].startswith(f"{out.entity}.") and not measure.where:
                out.measures.remove(measure)
                out.show_also(found[0])
                out.order = [order for order in out.order if order.by != measure.name]
                if not out.order:
                    out.order.append(Order(by=found[0], descending=out.size == "most"))

    # ── records that tie two things ──
    def lists_pairs(self, out: Assembly) -> bool:
        """`Which items have a vendor quoting 60 days`: of records that tie two things, the records are the
        answer."""
        heads = [grouping.entity for grouping in out.by]
        return (
            self._ties(out.entity)
            and heads == [out.head]
            and not out.having
            and not out.order
            and bool(out.where)
        )

    def rank_pairs(self, out: Assembly) -> None:
        """`Which item has the longest lead time, from whom`: of records that tie two things, the record
        itself is ranked."""
        if not self._ties(out.entity) or not out.extreme or len(out.measures) != 1 or not out.order:
            return
        measure = out.measures[0]
        if (
            measure.field.startswith(f"{out.entity}.")
            and measure.aggregate in ("maximum", "minimum")
            and out.order[0].by == measure.name
        ):
            out.show.append(measure.field)
            out.order = [Order(by=measure.field, descending=out.order[0].descending)]
            out.measures, out.head, out.by = [], out.entity, []

    def _ties(self, name: str) -> bool:
        entity = self._catalogue.entity(name)
        links: list[Link] = [link for link in entity.links.values() if link.to != "site"]
        return len(links) > 1 and not entity.default_date

    # ── groups ──
    def group_by_head(self, out: Assembly) -> None:
        """Each thing that the head noun names is a row."""
        foreign = bool(out.measures) and all(
            self._figures.records(measure) != out.entity for measure in out.measures
        )
        if not out.head or out.counted or (out.head == out.entity and not foreign):
            return
        if not (out.listed or out.having or out.order):
            return
        grouping = Grouping(entity=out.head)
        if grouping not in out.by:
            out.by.insert(0, grouping)
        # What was to be shown of each is the group's own attribute or nothing a group has.
        head = self._catalogue.entity(out.head)
        for path in out.show:
            attribute = path.split("/")[-1].split(".")[0] == out.head
            if attribute and path.split(".")[1] not in (head.name, head.key) and len(out.by) < 4:
                out.by.append(Grouping(path=path))
        out.show = []

    def keep_missing_groups(self, out: Assembly) -> None:
        """`include a line for those without a category` keeps that row instead of filtering to it."""
        if not self._keep_missing:
            return
        for position, grouping in enumerate(out.by):
            if grouping.path:
                out.by[position] = grouping.model_copy(update={"missing": True})
                without = (f"without_{grouping.path.split('.')[-1]}", "without_category")
                out.where = [
                    test
                    for test in out.where
                    if not (isinstance(test, NamedTest) and test.condition in without)
                ]
