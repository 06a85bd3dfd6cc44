"""The filters of a metric query, linked with the data and the question."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from agents.models.said import Said, folded
from agents.models.spellings import Spellings
from agents.models.unfounded import Unfounded, check_day, check_number, unknown
from erp_adapters.store.session import ReadTransaction
from tools.metrics.catalogue import Catalogue, EntityField
from tools.metrics.query import (
    AnyTest,
    ContainsTest,
    DateTest,
    Filter,
    MetricQuery,
    RelatedTest,
    ValidTest,
    ValueTest,
)


class QueryLinks:
    """Checks a query of a turn."""

    def __init__(self, catalogue: Catalogue, spellings: Spellings, said: Said, tx: ReadTransaction) -> None:
        self._catalogue = catalogue
        self._spellings = spellings
        self._said = said
        self._tx = tx
        self.unsaid: list[str] = []
        """Values of the data that stand in no word of the question."""

    async def linked(self, query: MetricQuery) -> MetricQuery:
        """The query with the data's own spellings.

        Raises:
            Unfounded: a value has no source.
        """
        if query.limit is not None:
            check_number(Decimal(query.limit), self._said, "limit")
        for having in query.having:
            if having.value is not None:
                check_number(having.value, self._said, "having")
        measures = [
            measure.model_copy(update={"where": await self._tests(measure.where)})
            for measure in query.measures
        ]
        where = await self._tests(query.where)
        return query.model_copy(update={"measures": tuple(measures), "where": where})

    async def _tests(self, tests: Sequence[Filter]) -> tuple[Filter, ...]:
        return tuple([await self._test(test) for test in tests])

    async def _test(self, test: Filter) -> Filter:
        match test:
            case ValueTest():
                values = tuple([await self._value(test.path, value) for value in test.values])
                return test.model_copy(update={"values": values})
            case ContainsTest():
                await self._part(test)
                return test
            case DateTest():
                check_day(test.start, self._said, "start")
                check_day(test.end, self._said, "end")
                return test
            case ValidTest():
                check_day(test.on, self._said, "on")
                return test
            case RelatedTest():
                check_number(Decimal(test.at_least), self._said, "at_least")
                return test.model_copy(update={"where": await self._tests(test.where)})
            case AnyTest():
                return test.model_copy(update={"of": await self._tests(test.of)})
            case _:
                return test

    async def _value(self, path: str, value: str | Decimal | bool) -> str | Decimal | bool:
        entity, name, field = self._field(path)
        if isinstance(value, bool) or field is None or field.kind == "flag":
            return value
        if isinstance(value, Decimal):
            check_number(value, self._said, path)
            return value
        if field.is_number or field.kind == "date":
            self._check_written(value, path)
            return value
        if field.values:
            listed = _listed(field, value, path)
            return self._noted(listed, listed, *field.values[listed])
        found = self._spellings.find(entity, name, value)
        known = found.value or await self._stored(entity, name, field, value)
        if known:
            return self._noted(known, value)
        elsewhere = self._spellings.elsewhere(value)
        if elsewhere:
            raise Unfounded(f"{value!r} is no {path} of the data; it is a value of {', '.join(elsewhere)}")
        if not self._said.text(value):
            raise unknown(value, path, found.near)
        if found.near:
            raise Unfounded(
                f"{value!r} is no {path} of the data; several come near: {', '.join(map(repr, found.near))}."
                " Name one, ask back, or test what it contains"
            )
        return value

    def _noted(self, value: str, *forms: str) -> str:
        if not any(self._said.mentions(form) for form in (value, *forms)):
            self.unsaid.append(value)
        return value

    def _field(self, path: str) -> tuple[str, str, EntityField | None]:
        entity, _, name = path.split("/")[-1].partition(".")
        known = self._catalogue.entities.get(entity)
        return entity, name, known.fields.get(name) if known else None

    def _check_written(self, value: str, path: str) -> None:
        """A number or a day that came as text."""
        try:
            check_number(Decimal(value), self._said, path)
        except InvalidOperation:
            if not self._said.text(value):
                raise unknown(value, path, ()) from None

    async def _part(self, test: ContainsTest) -> None:
        entity, name, _ = self._field(test.path)
        if self._said.text(test.text) or self._spellings.contains(entity, name, test.text):
            self._noted(test.text)
            return
        raise unknown(test.text, f"part of a {test.path}", self._spellings.find(entity, name, test.text).near)

    async def _stored(self, entity: str, name: str, field: EntityField, value: str) -> str:
        """The value as a record holds it, for fields whose values are too many to be kept at hand."""
        if field.sql:
            return ""
        table = self._catalogue.entity(entity).table
        found = await self._tx.fetch(
            f"select distinct {name}::text from erp.{table}"
            f" where lower({name}::text) = lower(%(value)s) limit 2",
            {"value": value},
        )
        stored = [str(row[0]) for row in found.rows]
        return value if value in stored else stored[0] if len(stored) == 1 else ""


def _listed(field: EntityField, value: str, path: str) -> str:
    """A value that the catalogue lists, by itself or by one of its words."""
    wanted = folded(value)
    for listed, words in field.values.items():
        if wanted == folded(listed) or any(wanted == folded(word) for word in words):
            return listed
    raise Unfounded(f"{value!r} is no {path}; there are {', '.join(map(repr, field.values))}")
