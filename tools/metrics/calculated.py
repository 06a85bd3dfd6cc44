"""Columns that a query calculates from two fields: of the same record, or of ones that it refers to.

`Days from the order to the receipt`, `price above the contract's in percent`: each becomes a field of its
record for this one query, so that it is shown, tested, ordered by and added up as any other field is.
"""

from __future__ import annotations

from typing import assert_never

from tools.errors import QueryInvalid
from tools.languages import said
from tools.metrics.catalogue import Catalogue, EntityField, FieldKind
from tools.metrics.expressions import Source
from tools.metrics.labels import Labels
from tools.metrics.query import Calculation, CalculationKind, MetricQuery

_LABELS: dict[CalculationKind, str] = {
    "minus": "[[one]] minus [[other]]",
    "plus": "[[one]] plus [[other]]",
    "times": "[[one]] times [[other]]",
    "over": "[[one]] divided by [[other]]",
    "percent_of": "[[one]] in percent of [[other]]",
    "percent_above": "[[one]] above [[other]] in percent",
}
_DAYS_BETWEEN = "days from [[other]] to [[one]]"


def with_calculations(catalogue: Catalogue, query: MetricQuery) -> Catalogue:
    """The catalogue with the columns that a query calculates as fields; itself where there are none.

    Raises:
        QueryInvalid: one is of what is not there, or of fields that cannot be calculated with; the message
            says which.
    """
    for calculation in query.calculated:
        catalogue = _with(catalogue, calculation)
    return catalogue


def _with(catalogue: Catalogue, calculation: Calculation) -> Catalogue:
    entity = catalogue.entities.get(calculation.records)
    if entity is None:
        raise QueryInvalid(f"there is no entity {calculation.records!r}")
    field = _field(catalogue, calculation)
    if entity.fields.get(calculation.name, field) != field:
        raise QueryInvalid(f"{calculation.records!r} has a field {calculation.name!r} of its own")
    fields = {**entity.fields, calculation.name: field}
    entities = {**catalogue.entities, calculation.records: entity.model_copy(update={"fields": fields})}
    return Catalogue.model_construct(entities=entities, metrics=catalogue.metrics, hash=catalogue.hash)


def _field(catalogue: Catalogue, calculation: Calculation) -> EntityField:
    source = Source(catalogue, calculation.records, "t")
    columns, fields, labels = [], [], []
    for path in calculation.of:
        route, owner, name = source.path_to(path)
        field = catalogue.entity(owner).fields[name]
        if not field.is_number and field.kind != "date":
            raise QueryInvalid(f"{field.label!r} is neither a number nor a date to calculate with")
        columns.append(".".join((*route, name)) if route else name)
        fields.append(field)
        labels.append(Labels(catalogue).field(owner, name))
    one, other = fields
    kind = _kind(calculation, one, other)
    dates = one.kind == "date"
    text = _DAYS_BETWEEN if dates else _LABELS[calculation.kind]
    label = said(text, one=labels[0], other=labels[1])
    unit = one.unit if calculation.kind in ("minus", "plus") and one.unit == other.unit else ""
    return EntityField(kind=kind, label=label, sql=_sql(calculation.kind, *columns), unit=unit)


def _kind(calculation: Calculation, one: EntityField, other: EntityField) -> FieldKind:
    """What the results are.

    Raises:
        QueryInvalid: such fields cannot be calculated with each other.
    """
    kinds = {one.kind, other.kind}
    refused = QueryInvalid(f"{one.label!r} and {other.label!r} cannot be calculated with each other so")
    if "date" in kinds:
        if kinds != {"date"} or calculation.kind != "minus":
            raise refused
        return "days"
    alike = one.kind == other.kind or "money" not in kinds
    match calculation.kind:
        case "minus" | "plus":
            if not alike:
                raise refused
            return one.kind if one.kind != "category" else "quantity"
        case "percent_of" | "percent_above":
            if not alike:
                raise refused
            return "percent"
        case "times":
            if one.kind == other.kind == "money":
                raise refused
            return "money" if "money" in kinds else "quantity"
        case "over":
            if other.kind == "money" and one.kind != "money":
                raise refused
            return "money" if one.kind == "money" != other.kind else "ratio"
        case _ as never:
            assert_never(never)


def _sql(kind: CalculationKind, one: str, other: str) -> str:
    match kind:
        case "minus":
            return f"{one} - {other}"
        case "plus":
            return f"{one} + {other}"
        case "times":
            return f"{one} * {other}"
        case "over":
            return f"1.0 * {one} / nullif({other}, 0)"
        case "percent_of":
            return f"100.0 * {one} / nullif({other}, 0)"
        case "percent_above":
            return f"100.0 * ({one} - {other}) / nullif({other}, 0)"
        case _ as never:
            assert_never(never)
