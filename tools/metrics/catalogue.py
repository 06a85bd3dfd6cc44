"""The metric catalogue, entities with their fields, links and conditions, and metrics, read from YAML."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from erp_adapters.errors import ConfigurationError
from tools.results import ColumnKind

FieldKind = Literal[
    "id", "text", "category", "flag", "quantity", "count", "money", "days", "percent", "ratio", "rate", "date"
]
Rule = Literal["cost_year", "planned_time", "movements_from", "fiscal_periods", "inspected_share"]
"""What figures of several sites may rest on; `comparability.py` says how it is found."""
NUMERIC: frozenset[FieldKind] = frozenset({"quantity", "count", "money", "days", "percent", "ratio", "rate"})

_FOLDER = Path(__file__).with_name("catalogue")


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DateRole(_Entry):
    """One of the dates by which an entity's rows can be placed in time."""

    field: str
    words: tuple[str, ...] = ()


class Link(_Entry):
    """A many-to-one reference to another entity of the same site."""

    to: str
    via: dict[str, str]
    """Own column, or a linked record's as `order.supplier_id`, to the other entity's column."""
    valid_on: str = ""
    """Own date, or a linked record's, on which the other record has to be valid: of several the one that
    began last. For records that hold for a while and that nothing refers to by number, as a contract."""
    words: tuple[str, ...] = ()
    """Names of the role that the other entity plays, where it plays several."""


class Total(_Entry):
    """What the records of another table that refer to a record add up to, or their first or last day."""

    table: str
    value: str
    """Aggregate over the table's own columns."""
    via: dict[str, str]
    """Own column to the other table's column."""


class EntityField(_Entry):
    """An attribute of an entity: a column, or an SQL expression over columns, links and `this`."""

    kind: FieldKind
    label: str
    words: tuple[str, ...] = ()
    sql: str = ""
    total: Total | None = None
    """In place of a sub-select for each record, where the other table is long and has no index for it."""
    unit: str = ""
    numeric: bool = False
    """True for a category whose values are numbers that can be compared."""
    values: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Words for values of a category."""
    beside: tuple[str, ...] = ()
    """Fields of the entity that it is calculated from, shown with it."""
    holds: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    high: tuple[str, ...] = ()
    """Superlatives that order by this field, largest first: `heaviest`."""
    low: tuple[str, ...] = ()
    rising: tuple[str, ...] = ()
    falling: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """True where values can be added, averaged and compared as numbers."""
        return self.kind in NUMERIC or self.numeric


class Condition(_Entry):
    """A named condition on an entity's rows."""

    sql: str
    label: str
    words: tuple[str, ...] = ()
    quantity: str = ""
    """Metric that says how much the condition is about: `and by how many units?`"""
    days: str = ""
    """Metric that says by how many days."""


class Days(_Entry):
    """Where single days are kept of records that another table holds sums of by month."""

    table: str
    date: str
    """The day's column."""


class Entity(_Entry):
    """A kind of thing that rows of one canonical table stand for."""

    table: str
    lines_table: str = ""
    """Table of the single records, where `table` holds sums of them."""
    counted: str = "count(*)"
    """Aggregate that counts the records; a sum where a row stands for several."""
    singular: str
    plural: str
    words: tuple[str, ...]
    key: str
    name: str = ""
    code: str = ""
    dates: dict[str, DateRole] = Field(default_factory=dict)
    default_date: str = ""
    validity: tuple[str, str] | None = None
    """Fields of the first and last day of validity, for records that hold for a while."""
    month_grain: bool = False
    """True where dates are kept by month only."""
    days: Days | None = None
    """Where it has `month_grain`: what questions about days are answered from."""
    daily: bool = False
    """True where there is one record a day, so that counting days counts records."""
    snapshot: bool = False
    """True where rows say how things are now, so that a period does not apply."""
    links: dict[str, Link] = Field(default_factory=dict)
    fields: dict[str, EntityField] = Field(default_factory=dict)
    conditions: dict[str, Condition] = Field(default_factory=dict)
    sample: tuple[str, ...] = ()
    quantity: str = ""
    """Metric meant by a bare `how many pieces`."""
    worth: str = ""
    """Metric meant by a bare `what value`."""
    size: str = ""
    """Field or metric meant by `biggest`."""
    beside: tuple[str, ...] = ()
    """Paths shown beside a record that is listed."""


class Basis(_Entry):
    """Records without any of which, in the period asked for, a metric says nothing."""

    sql: str
    """Which of the entity's records they are."""
    called: str
    """`budget`."""


class Metric(_Entry):
    """A versioned definition of a figure."""

    entity: str
    label: str
    kind: ColumnKind
    value: str = ""
    """Aggregate expression; or `numerator` and `denominator`, each an aggregate."""
    numerator: str = ""
    denominator: str = ""
    scale: int = 1
    filter: str = ""
    unit: str = ""
    good: Literal["up", "down", "none"] = "none"
    words: tuple[str, ...] = ()
    note: str = ""
    caveat: str = ""
    comparability: str = ""
    comparable: tuple[Rule, ...] = ()
    """What has to be the same at several sites for their figures to be comparable."""
    basis: Basis | None = None
    adds_up: bool | None = None
    """Whether its values in several groups may be added; None where its expression says so."""
    version: str = "1.0.0"

    @model_validator(mode="after")
    def _one_form(self) -> Metric:
        if bool(self.value) == bool(self.numerator and self.denominator):
            raise ValueError("a metric has either a value, or a numerator and a denominator")
        return self


class Catalogue(_Entry):
    """All entities and metrics; `hash` changes with any of them and stands in every answer."""

    entities: dict[str, Entity]
    metrics: dict[str, Metric]
    hash: str

    def entity(self, name: str) -> Entity:
        """The entity of that name; `KeyError` where there is none."""
        return self.entities[name]

    def fields_of(self, entity: str) -> Mapping[str, EntityField]:
        """The entity's own fields."""
        return self.entities[entity].fields

    @cached_property
    def metrics_of(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the metrics whose rows are the entity's, by entity."""
        found: dict[str, list[str]] = {name: [] for name in self.entities}
        for name, metric in self.metrics.items():
            found[metric.entity].append(name)
        return {name: tuple(names) for name, names in found.items()}

    @cached_property
    def paths(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """For each entity, the shortest chain of links to all that it can reach; to itself it is empty."""
        return {name: self._reach(name) for name in self.entities}

    @cached_property
    def by_day(self) -> Catalogue:
        """The same, with the single days wherever sums by month stand for them."""
        entities = {name: _by_day(entity) for name, entity in self.entities.items()}
        return self.model_copy(update={"entities": entities})

    def _reach(self, start: str) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {start: ()}
        queue = [start]
        while queue:
            here = queue.pop(0)
            for link_name, link in self.entities[here].links.items():
                if link.to not in found:
                    found[link.to] = (*found[here], link_name)
                    queue.append(link.to)
        return found

    def problems(self) -> Iterator[str]:
        """What is wrong between entries: dangling names and links."""
        for name, entity in self.entities.items():
            if entity.default_date and entity.default_date not in entity.dates:
                yield f"entity {name!r}: default date {entity.default_date!r} is not among its dates"
            for link_name, link in entity.links.items():
                if link.to not in self.entities:
                    yield f"entity {name!r}: link {link_name!r} goes to {link.to!r}, which is no entity"
                elif link.valid_on and self.entities[link.to].validity is None:
                    yield f"entity {name!r}: link {link_name!r} goes to {link.to!r}, which has no validity"
            for field_name, field in entity.fields.items():
                for other in field.beside:
                    if other not in entity.fields:
                        yield f"field {name}.{field_name}: {other!r} beside it is no field of {name!r}"
            if entity.name and entity.name not in entity.fields:
                yield f"entity {name!r}: name field {entity.name!r} is missing"
        for name, metric in self.metrics.items():
            if metric.entity not in self.entities:
                yield f"metric {name!r}: {metric.entity!r} is no entity"


def _by_day(entity: Entity) -> Entity:
    if entity.days is None:
        return entity
    day = entity.days.date
    dates = {name: role.model_copy(update={"field": day}) for name, role in entity.dates.items()}
    return entity.model_copy(update={"table": entity.days.table, "dates": dates, "month_grain": False})


def read_catalogue(folder: Path) -> Catalogue:
    """The catalogue of a folder of YAML files.

    Raises:
        ConfigurationError: a file cannot be read, or an entry is wrong; the message names it.
    """
    entities: dict[str, object] = {}
    metrics: dict[str, object] = {}
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        digest.update(text.encode())
        try:
            part = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            for target, key in ((entities, "entities"), (metrics, "metrics")):
                for name, entry in (part.get(key) or {}).items():
                    if name in target:
                        raise ConfigurationError(f"{path.name}: {name!r} is defined twice")
                    target[name] = entry
        except yaml.YAMLError as error:
            raise ConfigurationError(f"{path.name}: {error}") from error
    _complete(entities)
    try:
        catalogue = Catalogue.model_validate(
            {"entities": entities, "metrics": metrics, "hash": digest.hexdigest()[:16]}
        )
    except ValueError as error:
        raise ConfigurationError(f"the metric catalogue is wrong: {error}") from error
    wrong = list(catalogue.problems())
    if wrong:
        raise ConfigurationError("the metric catalogue is wrong: " + "; ".join(wrong))
    return catalogue


def _complete(entities: dict[str, object]) -> None:
    """Adds what need not be written down: every record has its key as a field, and belongs to a site."""
    for name, entity in entities.items():
        if not isinstance(entity, dict):
            continue
        entity.setdefault("fields", {}).setdefault(
            entity.get("key"), {"kind": "id", "label": f"{entity.get('singular')} ID"}
        )
        if name != "site":
            entity.setdefault("links", {})["site"] = {"to": "site", "via": {"site": "site"}}


@lru_cache(maxsize=1)
def packaged_catalogue() -> Catalogue:
    """The catalogue that ships with the program."""
    return read_catalogue(_FOLDER)
