"""One hypothesis about a question, assembled: which records it is about, and what each chunk does.

The same chunks are assembled once for every kind of record that they could be about; the reader then keeps
the
assemblies that leave least unexplained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from agents.models.embedded.chunks import Chunk
from agents.models.embedded.lexicon import (
    EntityWord,
    FieldWord,
    FlagWord,
    LinkWord,
    Meaning,
    MetricWord,
    NamedWord,
    RankWord,
    RoleWord,
    ValueWord,
)
from agents.models.embedded.periods import Period
from agents.models.embedded.text import Token
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import (
    Aggregate,
    DateTest,
    FieldTest,
    Filter,
    Grouping,
    Having,
    Measure,
    NamedTest,
    Order,
    RelatedTest,
    ValueTest,
)

Prefer = Literal["condition", "metric"]
# What `how many` asks for besides records.
_MEASURED = frozenset(
    {
        "days",
        "day",
        "hours",
        "units",
        "unit",
        "pieces",
        "dollars",
        "percent",
        "weeks",
        "months",
        "times",
        "levels",
        "minutes",
    }
)
_UNITS = frozenset({"units", "unit", "pieces", "piece", "parts", "items", "quantity", "stuff"})
_WORTH = frozenset({"value", "worth", "dollars", "dollar", "money", "amount", "valued", "usd"})


@dataclass(slots=True)
class Assembly:
    """A query in the making, with what it explains and what speaks against it."""

    entity: str
    measures: list[Measure] = field(default_factory=list)
    by: list[Grouping] = field(default_factory=list)
    rows_of: str = ""
    show: list[str] = field(default_factory=list)
    where: list[Filter] = field(default_factory=list)
    before_head: int = 0
    """How many of the conditions stood before the head noun."""
    having: list[Having] = field(default_factory=list)
    order: list[Order] = field(default_factory=list)
    limit: int | None = None
    extreme: bool = False
    counted: str = ""
    sorting: str = ""
    """`most` or `least` first, where only the order of the rows is named."""
    asks_grain: bool = False
    """True for `in which month`, where one period is asked for, not a row for each."""
    share: bool = False
    by_share: bool = False
    """True for `what share of the orders is late`, where nothing is counted besides."""
    share_of: list[Filter] | None = None
    top_share: bool = False
    share_of_total: bool = False
    compare: bool = False
    listed: bool = False
    total: bool = False
    chart: bool = False
    head: str = ""
    role: str = ""
    """Date role that was named for all dates: `by due date`."""
    aggregates: list[Aggregate] = field(default_factory=list)
    """Aggregates without a field of their own: `and the median`."""
    size: str = ""
    """`most` or `least`, where the biggest of something is asked for without saying in what."""
    periods: list[tuple[Period, str, str]] = field(default_factory=list)
    """Period, entity and role (both empty for the default)."""
    used: set[int] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)
    penalty: float = 0.0

    def name(self) -> str:
        """A fresh measure name."""
        return f"m{len(self.measures) + 1}"

    def doubt(self, what: str, cost: float) -> None:
        """Note what speaks against the assembly."""
        self.doubts.append(what)
        self.penalty += cost


class Assembler:
    """Assembles chunks about one kind of record."""

    def __init__(
        self,
        catalogue: Catalogue,
        tokens: Sequence[Token],
        chunks: Sequence[Chunk],
        prefer: Prefer,
        base: tuple[str, tuple[str, ...]] = ("", ()),
    ) -> None:
        self.catalogue = catalogue
        self.tokens = tokens
        self.chunks = list(chunks)
        self.prefer = prefer
        self.base_currency, self.base_names = base

    def assemble(self, entity: str) -> Assembly:
        """The chunks read as being about an entity's records."""
        self.out = Assembly(entity)
        self.paths = self.catalogue.paths[entity]
        self.taken: set[int] = set()
        self.of_all = False
        self.negations: set[int] = set()
        self._grouped_at = -9
        self._periods()
        if self._one_negated() and entity not in ("material", "supplier"):
            self.out.doubt("a period that is denied", 3.0)
        for index in range(len(self.chunks)):
            if index not in self.taken and self._marker(index) != "aggregate":
                self._place(index)
        for index in range(len(self.chunks)):
            if index not in self.taken and self._marker(index) == "aggregate":
                self._place(index)
        for index in range(len(self.chunks)):
            if self._marker(index) == "compare" and index not in self.taken:
                self._as_amount(index)
            number = self.chunks[index].number
            if (
                self._marker(index) == "limit"
                and index not in self.taken
                and number is not None
                and self.out.limit is None
            ):
                self.out.limit = int(number)
                self._use(index)
        for index in range(len(self.chunks)):
            if self._marker(index) in ("not", "never") and index not in self.negations:
                self.out.doubt("a negation", 0.7)
        return self.out

    # ── helpers over the chunk list ──
    def _use(self, index: int) -> None:
        self.taken.add(index)
        chunk = self.chunks[index]
        self.out.used.update(range(chunk.first, chunk.after))

    def _marker(self, index: int) -> str:
        return self.chunks[index].marker or "" if 0 <= index < len(self.chunks) else ""

    def _near(self, left: int, right: int, words: int = 2) -> bool:
        """True where at most so many words stand between two chunks."""
        if not (0 <= left < len(self.chunks) and 0 <= right < len(self.chunks)):
            return False
        return self.chunks[right].first - self.chunks[left].after <= words

    def _before(self, index: int, *markers: str, words: int = 2, through: int = 1) -> int | None:
        """Index of a marker shortly before a chunk, looking back over at most `through` chunks."""
        for back in range(1, through + 1):
            if self._marker(index - back) in markers and self._near(
                index - back, index, words + 3 * (back - 1)
            ):
                return index - back
        return None

    def _of_kind(
        self, index: int, kind: type, test: Callable[[object], bool] = lambda _: True
    ) -> list[Meaning]:
        return [
            meaning for meaning in self.chunks[index].meanings if isinstance(meaning, kind) and test(meaning)
        ]

    def _reach(self, entity: str) -> tuple[str, ...] | None:
        return self.paths.get(entity)

    # ── periods ──
    def _periods(self) -> None:
        """Each period with the date role that stands beside it: `due in March`, `orders placed in 2024`."""
        for index, chunk in enumerate(self.chunks):
            if chunk.period is None:
                continue
            self._use(index)
            if self._dated_field(index):
                continue
            entity, role = "", ""
            for other in (index - 1, index - 2, index + 1):
                if (
                    0 <= other < len(self.chunks)
                    and self.chunks[other].marker is None
                    and abs(self._gap(other, index)) <= 3
                ):
                    found = self._role_at(other)
                    if found:
                        entity, role = found
                        if not self._means_more(other):
                            self._use(other)
                        else:
                            self.out.used.update(range(self.chunks[other].first, self.chunks[other].after))
                            self.taken.add(other)
                        break
            self.out.periods.append((chunk.period, entity, role))

    def _one_negated(self) -> bool:
        """`in 2022 but none in 2024`: the second period is denied."""
        dated = [chunk for chunk in self.chunks if chunk.period is not None]
        if len(dated) != 2:
            return False
        between = {token.norm for token in self.tokens[dated[0].after : dated[1].first]}
        return bool(between & {"none", "not", "no", "never"})

    def _dated_field(self, index: int) -> bool:
        """`their first order in 2024`: a date of the record itself within the period."""
        period = self.chunks[index].period
        for other in (index - 1, index - 2, index - 3, index + 1):
            if period is None or not 0 <= other < len(self.chunks) or abs(self._gap(other, index)) > 4:
                continue
            words = [
                meaning
                for meaning in self.chunks[other].meanings
                if isinstance(meaning, FieldWord)
                and meaning.entity == self.out.entity
                and self.catalogue.entity(meaning.entity).fields[meaning.field].kind == "date"
                and self.catalogue.entity(meaning.entity).fields[meaning.field].sql
            ]
            if words:
                path = f"{words[0].entity}.{words[0].field}"
                if period.start:
                    self.out.where.append(ValueTest(path=path, op=">=", values=(period.start.isoformat(),)))
                if period.end:
                    self.out.where.append(ValueTest(path=path, op="<=", values=(period.end.isoformat(),)))
                self.out.show.append(path)
                self._use(other)
                return True
        return False

    def _gap(self, a: int, b: int) -> int:
        first, second = min(a, b), max(a, b)
        return self.chunks[second].first - self.chunks[first].after

    def _role_at(self, index: int) -> tuple[str, str] | None:
        found = [meaning for meaning in self.chunks[index].meanings if isinstance(meaning, RoleWord)]
        own = [meaning for meaning in found if meaning.entity == self.out.entity]
        near = [
            meaning
            for meaning in found
            if self._reach(meaning.entity) is not None
            or self.out.entity in self.catalogue.paths[meaning.entity]
        ]
        for meaning in own or near:
            return meaning.entity if meaning.entity != self.out.entity else "", meaning.role
        return None

    def _stands_alone(self, index: int) -> bool:
        """True for the `largest` of `which order is the largest by total`: nothing that it describes
        follows."""
        return (
            index + 1 >= len(self.chunks)
            or not self._near(index, index + 1, 0)
            or bool(self._marker(index + 1))
        )

    def _role_named(self, word: str) -> str:
        """The date role of these records that a word names: `due` in `by due month`."""
        for role, dates in self.catalogue.entity(self.out.entity).dates.items():
            if word == role or word in {part for phrase in dates.words for part in phrase.split()}:
                return role
        return ""

    def _means_more(self, index: int) -> bool:
        return False

    # ── one chunk ──
    def _place(self, index: int) -> None:
        chunk = self.chunks[index]
        if chunk.marker:
            self._place_marker(index)
            return
        for attempt in self._attempts(index):
            if attempt(index):
                self._use(index)
                return
        if self._remote(index):
            self._use(index)
            return
        self.out.doubt(f"“{self._text(index)}”", 0.5 * chunk.weight)

    def _text(self, index: int) -> str:
        chunk = self.chunks[index]
        return " ".join(dict.fromkeys(token.text for token in self.tokens[chunk.first : chunk.after]))

    def _attempts(self, index: int) -> list[Callable[[int], bool]]:
        by = self._before(index, "by", "each", "per") is not None
        compared = self._comparison(index) is not None
        ranked = (
            self._before(index, "most", "least", through=2) is not None
            or self._before(index, "limit", through=1) is not None
        )
        aggregated = self._aggregate_before(index) is not None
        head = not self.out.head and self._heads(index)
        order: list[Callable[[int], bool]] = []
        if (
            self._marker(index - 1) == "and"
            and self.out.by
            and self._grouped_at == index - 2
            and not self._of_kind(index, FlagWord)
        ):
            order += [self._as_group]
        if by and self._of_kind(index, RoleWord) and not self._of_kind(index, EntityWord):
            order += [self._as_group]
        if by:
            order += [self._as_group, self._as_order]
        if compared:
            order += [self._as_compared]
        if aggregated:
            order += [self._as_aggregate]
        if ranked:
            order += [self._as_ranked]
        if head:
            order += [self._as_head]
        if self.out.size and not self.out.order and self.out.head == self.out.entity:
            order += [self._as_size]
        if self._continues_values(index):
            order.insert(0, self._as_filter)
        if self.out.listed and self.out.head == self.out.entity and not self.out.counted and not compared:
            order += [self._as_own_field]
        filters = [self._as_filter, self._as_rank_word]
        figures = [self._as_metric, self._as_aggregate_field]
        if self.prefer == "condition":
            order += [*filters, *figures]
        else:
            order += [*figures, *filters]
        if not self.out.head and not self.out.by:
            order.insert(0, self._as_category_head)
        order += [self._as_head_again, self._as_field, self._as_role, self._as_link]
        return order

    def _continues_values(self, index: int) -> bool:
        """`bikes versus components`: after a value, a word that can be another value of that field is one."""
        last = self.out.where[-1] if self.out.where else None
        if self._marker(index - 1) not in ("versus", "and", "or", "comma") or not isinstance(last, ValueTest):
            return False
        paths = {
            f"{meaning.entity}.{meaning.field}"
            for meaning in self._of_kind(index, ValueWord)
            if isinstance(meaning, ValueWord)
        }
        return last.path in paths

    def _heads(self, index: int) -> bool:
        """True where nothing but adjectives stands between this noun and the question word."""
        return bool(self._of_kind(index, EntityWord))

    # ── nouns ──
    def _as_head(self, index: int) -> bool:
        entities = [
            meaning.entity for meaning in self._of_kind(index, EntityWord) if isinstance(meaning, EntityWord)
        ]
        name = self._nearest(entities)
        if name is None:
            return False
        out = self.out
        marker = self._question_word(index)
        out.head = name
        out.before_head = len(out.where)
        self._rank_head(index, name)
        if marker == "count":
            out.counted = name
        elif marker == "share":
            out.counted, out.share, out.by_share = name, True, True
        elif (
            not marker
            and not out.measures
            and not out.by
            and all(self._adjectival(back) for back in range(index))
        ):
            out.listed = True  # a bare noun phrase asks for the list
        elif (
            marker in ("list", "who", "limit", "most", "least")
            or self._before(index, "by", "each", "per") is not None
        ):
            out.listed = True
        return True

    def _as_category_head(self, index: int) -> bool:
        """`which product models ...`: the rows are the values of a field."""
        marker = index - 1
        if self._marker(marker) not in ("list", "limit", "most", "least") or not self._near(marker, index, 1):
            return False
        if self._of_kind(index, EntityWord):
            return False
        fields = self._fields(index, lambda kind, _: kind == "category")
        if not fields:
            return False
        limit = self.chunks[marker]
        if limit.marker == "limit":
            self.out.limit = int(limit.number) if limit.number is not None else None
            self._use(marker)
        self.out.by.append(Grouping(path=f"{fields[0].entity}.{fields[0].field}"))
        self.out.listed = True
        return True

    def _nearest(self, entities: Iterable[str]) -> str | None:
        reachable = [(len(self.paths[name]), name) for name in entities if name in self.paths]
        return min(reachable)[1] if reachable else None

    def _question_word(self, index: int) -> str:
        words = {
            token.norm
            for token in self.tokens[max(0, self.chunks[index].first - 4) : self.chunks[index].first]
        }
        for back in range(index - 1, -1, -1):
            marker = self._marker(back)
            if marker == "count" and words & _MEASURED:
                return ""
            if marker in ("count", "list", "who", "share", "limit"):
                return marker
            if not marker and not self._adjectival(back):
                break
            if marker in ("most", "least"):
                return "list"
            if marker in ("total", "versus", "period"):
                break
        return ""

    def _adjectival(self, index: int) -> bool:
        """True for a chunk that can stand between a question word and its noun."""
        return any(
            isinstance(meaning, NamedWord | FlagWord | ValueWord | RankWord | RoleWord)
            for meaning in self.chunks[index].meanings
        )

    def _rank_head(self, index: int, name: str) -> None:
        found = self._before(index, "limit", "most", "least", through=2)
        if found is None or found in self.taken:
            return
        chunk = self.chunks[found]
        self._use(found)
        if chunk.marker == "limit":
            if chunk.number is not None:
                self.out.limit = int(chunk.number)
            else:
                self.out.extreme = True
            self.out.size = self.out.size or ("least" if chunk.op == "<" else "most")
        else:
            self.out.size = chunk.marker or ""
            if self.out.limit is None:
                self.out.extreme = True

    def _as_head_again(self, index: int) -> bool:
        """A noun after the head: what is grouped by, what is counted per row, or only said again."""
        entities = [
            meaning.entity for meaning in self._of_kind(index, EntityWord) if isinstance(meaning, EntityWord)
        ]
        if not entities:
            return False
        out = self.out
        if out.head in entities or out.entity in entities:
            if self._question_word_here(index) == "count" and not out.counted and out.entity in entities:
                out.measures.append(Measure(name=out.name(), count_of=out.entity))
            elif not out.head:
                out.head = out.entity
            return True
        name = self._nearest(entities)
        if name is None:
            return False
        if self._question_word_here(index) == "count":
            out.measures.append(self._distinct(name))
            return True
        if out.listed and out.head and out.head != name:
            self._show_entity(name)
            return True
        if self._marker(index - 1) in ("and", "comma") and out.by:
            out.by.append(Grouping(entity=name))
            return True
        if not out.head:
            out.head = name
            out.listed = out.listed or self._question_word(index) in ("list", "who")
        return True

    def _question_word_here(self, index: int) -> str:
        found = self._before(index, "count", words=1, through=2)
        return "count" if found is not None else ""

    def _distinct(self, entity: str) -> Measure:
        key = self.catalogue.entity(entity).key
        label = f"different {self.catalogue.entity(entity).plural}"
        return Measure(
            name=self.out.name(),
            field=f"{entity}.{key}",
            records=self.out.entity,
            aggregate="count_distinct",
            label=label,
        )

    def _show_entity(self, entity: str) -> None:
        definition = self.catalogue.entity(entity)
        path = f"{entity}.{definition.name or definition.key}"
        if path not in self.out.show:
            self.out.show.append(path)

    # ── groups and order ──
    def _as_group(self, index: int) -> bool:
        done = self._grouping(index)
        if done:
            self._grouped_at = index
        return done

    def _grouping(self, index: int) -> bool:
        for meaning in self.chunks[index].meanings:
            if isinstance(meaning, LinkWord) and meaning.entity == self.out.entity:
                target = self.catalogue.entity(meaning.entity).links[meaning.link].to
                self.out.by.append(Grouping(entity=target, via=meaning.link))
                return True
        entities = [
            meaning.entity for meaning in self._of_kind(index, EntityWord) if isinstance(meaning, EntityWord)
        ]
        name = self._nearest(entities)
        own_roles = [
            meaning
            for meaning in self._of_kind(index, RoleWord)
            if isinstance(meaning, RoleWord) and meaning.entity == self.out.entity
        ]
        if own_roles and (self.out.periods or any(grouping.grain for grouping in self.out.by)):
            self.out.role = own_roles[0].role
            return True
        fields = self._fields(index, lambda kind, _: kind in ("category", "flag", "text", "id", "date"))
        if fields and (name is None or len(self._reach(fields[0].entity) or ()) < len(self.paths[name])):
            name = None
        if name == self.out.entity and self._before(index, "per"):
            return False
        if name is not None:
            if name == self.out.entity and not self._others_measured():
                self.out.head = self.out.head or name
                return True
            self.out.by.append(Grouping(entity=name))
            return True
        if fields:
            self.out.by.append(Grouping(path=f"{fields[0].entity}.{fields[0].field}"))
            return True
        roles = [
            meaning
            for meaning in self._of_kind(index, RoleWord)
            if isinstance(meaning, RoleWord) and meaning.entity == self.out.entity
        ]
        if roles:
            self.out.role = roles[0].role
        return bool(roles)

    def _others_measured(self) -> bool:
        """True where the figures are of other records than the assembly's own."""
        return any(
            m.metric and self.catalogue.metrics[m.metric].entity != self.out.entity for m in self.out.measures
        )

    def _as_order(self, index: int) -> bool:
        if self.out.size and self.out.head == self.out.entity and self._as_size(index):
            return True
        measure = self._metric_measure(index)
        if measure is None:
            return False
        self.out.measures.append(measure)
        self.out.order.append(Order(by=measure.name))
        return True

    def _fields(self, index: int, test: Callable[[str, FieldWord], bool]) -> list[FieldWord]:
        found = [
            meaning
            for meaning in self.chunks[index].meanings
            if isinstance(meaning, FieldWord)
            and self._reach(meaning.entity) is not None
            and test(self.catalogue.entity(meaning.entity).fields[meaning.field].kind, meaning)
        ]
        return sorted(found, key=lambda meaning: len(self._reach(meaning.entity) or ()))

    def _numeric(self, index: int) -> list[FieldWord]:
        return self._fields(
            index,
            lambda kind, meaning: (
                self.catalogue.entity(meaning.entity).fields[meaning.field].is_number or kind == "date"
            ),
        )

    # ── figures ──
    def _metric_measure(self, index: int) -> Measure | None:
        metrics = [
            meaning.metric for meaning in self.chunks[index].meanings if isinstance(meaning, MetricWord)
        ]
        own = [name for name in metrics if self.catalogue.metrics[name].entity == self.out.entity]
        if not own:
            beside = [name for name in metrics if self._beside(name)]
            if not beside:
                return None
            own = beside
        for measure in self.out.measures:
            if measure.metric == own[0] and not measure.where:
                return measure
        return Measure(name=self.out.name(), metric=own[0])

    def _beside(self, metric: str) -> bool:
        """True for a metric of other records that can stand beside the rows: those refer to the head."""
        base = self.catalogue.metrics[metric].entity
        rows = self.out.head or self.out.entity
        return rows in self.catalogue.paths[base] and (rows == self.out.entity or bool(self.out.measures))

    def _as_metric(self, index: int) -> bool:
        measure = self._metric_measure(index)
        if measure is None:
            return False
        if not any(
            other.metric == measure.metric and other.where == measure.where for other in self.out.measures
        ):
            self.out.measures.append(measure)
        return True

    def _as_aggregate(self, index: int) -> bool:
        found = self._aggregate_before(index)
        fields = [
            word
            for word in self._numeric(index)
            if self.catalogue.entity(word.entity).fields[word.field].is_number
        ]
        if found is None:
            return False
        aggregate = self.chunks[found].aggregate
        if aggregate == "count_distinct":
            entities = [
                meaning.entity
                for meaning in self._of_kind(index, EntityWord)
                if isinstance(meaning, EntityWord)
            ]
            name = self._nearest(entities)
            if name is None:
                categories = self._fields(index, lambda kind, _: kind in ("category", "text", "id"))
                if not categories:
                    return False
                self.out.measures.append(self._of_field(categories[0], "count_distinct"))
            elif name == self.out.entity:
                return False
            else:
                self.out.measures.append(self._distinct(name))
                self.out.head = self.out.head or name
            self._use(found)
            return True
        if fields:
            self._use(found)
            self.out.measures.append(self._of_field(fields[0], aggregate))
            self._more_aggregates(found)
            return True
        measure = self._metric_measure(index)
        if measure is None:
            return False
        # The mean of a daily or per-row rate is the rate's own business: only averages of sums need a field.
        self._use(found)
        base = self.catalogue.entity(self.catalogue.metrics[measure.metric].entity)
        field_name = self._summed(measure.metric)
        if field_name:
            measure = measure.model_copy(
                update={
                    "metric": "",
                    "field": f"{self.catalogue.metrics[measure.metric].entity}.{field_name}",
                    "aggregate": aggregate,
                }
            )
            measure = Measure.model_validate(measure.model_dump())
        else:
            self.out.doubt(f"{aggregate} of {base.plural}", 0.1)
        self.out.measures.append(measure)
        return True

    def _aggregate_before(self, index: int) -> int | None:
        """Index of an `average` before a figure, over names that stand between: `average CAD rate`."""
        for back in range(index - 1, max(-1, index - 4), -1):
            if self._marker(back) == "aggregate" and back not in self.taken:
                return back if self._near(index - 1 if back < index - 1 else back, index, 3) else None
            if self._marker(back) or not self._of_kind(back, ValueWord | FlagWord):  # type: ignore[arg-type]
                return None
        return None

    def _summed(self, metric: str) -> str:
        definition = self.catalogue.metrics[metric]
        inner = definition.value.removeprefix("coalesce(").split(")")[0]
        if inner.startswith("sum("):
            name = inner[4:].strip()
            if name in self.catalogue.entity(definition.entity).fields:
                return name
        return ""

    def _of_field(self, word: FieldWord, aggregate: Aggregate) -> Measure:
        """An aggregate of a field over the records that the assembly is about."""
        records = self.out.entity if word.entity != self.out.entity else ""
        return Measure(
            name=self.out.name(), field=f"{word.entity}.{word.field}", records=records, aggregate=aggregate
        )

    def _more_aggregates(self, found: int) -> None:
        """`average, minimum and maximum weight`: further aggregates right before the first."""
        for back in range(found - 1, -1, -1):
            marker = self._marker(back)
            if marker in ("and", "comma"):
                continue
            chunk = self.chunks[back]
            if marker in ("aggregate", "most", "least") and chunk.aggregate != "count_distinct":
                self._use(back)
                last = self.out.measures[-1]
                self.out.measures.insert(
                    len(self.out.measures) - 1,
                    replace_measure(last, name=f"a{len(self.out.measures)}", aggregate=chunk.aggregate),
                )
                continue
            break

    def _as_aggregate_field(self, index: int) -> bool:
        return False

    def _as_ranked(self, index: int) -> bool:
        """`highest scrap rate`, `most work orders`, `longest lead time`."""
        found = self._before(index, "most", "least", through=2)
        if found is None:
            found = self._before(index, "limit", through=1)
        if found is None or found in self.taken:
            return False
        chunk = self.chunks[found]
        descending = chunk.marker == "most" or (chunk.marker == "limit" and chunk.op == ">")
        if self._both_ends(found, index):
            return True
        target = self._rank_target(index)
        if not target:
            return False
        self._use(found)
        if chunk.marker == "limit":
            self.out.limit = int(chunk.number) if chunk.number is not None else None
            self.out.extreme = self.out.extreme or chunk.number is None
        elif self.out.limit is None:
            self.out.extreme = True
        self.out.order.append(Order(by=target, descending=descending))
        return True

    def _numeric_only(self, index: int) -> bool:
        return bool(self._numeric(index)) and not self._of_kind(index, EntityWord)

    def _both_ends(self, found: int, index: int) -> bool:
        """`the highest and lowest rate`, `cheapest, average and dearest price` ask for figures, not for a
        ranking."""
        chain = [found]
        at = found - 1
        while at >= 0:
            if self._marker(at) in ("most", "least", "aggregate"):
                chain.append(at)
            elif self._marker(at) not in ("and", "comma", "versus"):
                break
            at -= 1
        fields = [
            word
            for word in self._numeric(index)
            if self.catalogue.entity(word.entity).fields[word.field].is_number
        ]
        averaged = self._averaged_by(index)
        if averaged and not fields and len(chain) > 1:
            fields = [averaged]
            self.out.measures.append(self._of_field(averaged, "average"))
        if len(chain) < 2 or not fields or len({self.chunks[position].aggregate for position in chain}) < 2:
            return False
        for position in reversed(chain):
            self._use(position)
            self.out.measures.append(self._of_field(fields[0], self.chunks[position].aggregate))
        return True

    def _averaged_by(self, index: int) -> FieldWord | None:
        """The field that a metric such as `average unit price` averages."""
        for meaning in self.chunks[index].meanings:
            if (
                isinstance(meaning, MetricWord)
                and self.catalogue.metrics[meaning.metric].entity == self.out.entity
            ):
                value = self.catalogue.metrics[meaning.metric].value
                name = value.removeprefix("avg(").removesuffix(")")
                if value.startswith("avg(") and name in self.catalogue.entity(self.out.entity).fields:
                    return FieldWord(self.out.entity, name)
        return None

    def _rank_target(self, index: int) -> str:
        out = self.out
        own_head = [
            meaning
            for meaning in self._of_kind(index, EntityWord)
            if isinstance(meaning, EntityWord) and meaning.entity == out.entity
        ]
        if own_head and not out.head and not out.by and not self._numeric_only(index):
            return ""  # `the biggest order`: in what, another word says
        entities = [
            meaning.entity for meaning in self._of_kind(index, EntityWord) if isinstance(meaning, EntityWord)
        ]
        head = out.head
        measure = self._metric_measure(index)
        fields = self._numeric(index)
        grouped = bool(out.by) or (bool(head) and head != out.entity)
        averaged = self._averaged_by(index)
        same = bool(averaged and fields and fields[0] == averaged)
        if fields and (measure is None or same or (not grouped and fields[0].entity == out.entity)):
            path = f"{fields[0].entity}.{fields[0].field}"
            if grouped and fields[0].entity == out.entity:
                found = self._before(index, "most", "least", through=2)
                highest = found is None or self._marker(found) == "most"
                measure = self._of_field(fields[0], "maximum" if highest else "minimum")
                out.measures.append(measure)
                return measure.name
            if path not in out.show:
                out.show.append(path)
            return path
        if measure is not None:
            if measure not in out.measures:
                out.measures.append(measure)
            return measure.name
        if entities and (head or out.by):
            name = self._nearest(entities)
            if name == out.entity and (head != out.entity or out.by):
                measure = Measure(name=out.name(), count_of=name)
            elif name is not None and name != head and head != out.entity:
                measure = self._distinct(name)
            else:
                other = next(
                    (
                        entity
                        for entity in entities
                        if head in self.catalogue.paths[entity] and entity != head
                    ),
                    None,
                )
                if other is None:
                    return ""
                measure = Measure(name=out.name(), count_of=other)
            out.measures.append(measure)
            return measure.name
        return ""

    def _as_size(self, index: int) -> bool:
        """`the worst order for scrap`: what follows says in what it is the worst."""
        fields = [
            word
            for word in self._numeric(index)
            if word.entity == self.out.entity
            and self.catalogue.entity(word.entity).fields[word.field].kind != "date"
        ]
        if not fields:
            return False
        path = f"{fields[0].entity}.{fields[0].field}"
        if path not in self.out.show:
            self.out.show.append(path)
        self.out.order.append(Order(by=path, descending=self.out.size == "most"))
        return True

    def _as_rank_word(self, index: int) -> bool:
        for meaning in self._of_kind(index, RankWord):
            assert isinstance(meaning, RankWord)
            if self._reach(meaning.entity) is None:
                continue
            path = f"{meaning.entity}.{meaning.field}"
            limit = self._before(index, "limit")
            if limit is not None:
                self._use(limit)
                number = self.chunks[limit].number
                self.out.limit = int(number) if number is not None else None
            if meaning.entity == self.out.entity and (not self.out.head or self.out.head == self.out.entity):
                if path not in self.out.show:
                    self.out.show.append(path)
                self.out.order.append(Order(by=path, descending=meaning.descending))
            else:
                word = FieldWord(meaning.entity, meaning.field)
                measure = self._of_field(word, "maximum" if meaning.descending else "minimum")
                self.out.measures.append(measure)
                self.out.order.append(Order(by=measure.name, descending=meaning.descending))
            self.out.extreme = self.out.limit is None
            return True
        return False

    # ── comparisons with numbers ──
    def _comparison(self, index: int) -> int | None:
        """Index of a `more than 100` that belongs to this chunk: right after it, or right before it."""
        before = index - 2 if self._marker(index - 1) == "aggregate" else index - 1
        for other in (index + 1, before, index + 2):
            if (
                self._marker(other) == "compare"
                and other not in self.taken
                and self._near(min(index, other), max(index, other), 3)
            ):
                if other == before and self._near(other, index, 2):
                    return other
                if other > index and (
                    other == index + 1 or self._marker(index + 1) in ("of", "with", "each")
                ):
                    return None if self._binds_right(other) else other
        return None

    def _binds_right(self, other: int) -> bool:
        """`three or more different locations`: the number counts the noun that follows it."""
        if self.chunks[other].unit:
            return False
        following = other + 1
        if self._marker(following) == "aggregate":
            following += 1
        if following >= len(self.chunks) or not self._near(following - 1, following, 1):
            return False
        return any(
            isinstance(meaning, EntityWord | MetricWord) for meaning in self.chunks[following].meanings
        )

    def _as_compared(self, index: int) -> bool:
        other = self._comparison(index)
        if other is None:
            return False
        chunk = self.chunks[other]
        value = chunk.number if chunk.number is not None else Decimal(0)
        out = self.out
        fields = self._numeric(index)
        fields = [word for word in fields if self.catalogue.entity(word.entity).fields[word.field].is_number]
        if chunk.unit:
            fields = [
                word
                for word in fields
                if self._kind_fits(self.catalogue.entity(word.entity).fields[word.field].kind, chunk.unit)
            ]
        measure = self._metric_measure(index)
        if (
            measure is not None
            and measure.metric
            and not self._kind_fits(self.catalogue.metrics[measure.metric].kind, chunk.unit)
        ):
            measure = None
        grouped = bool(out.by) or (bool(out.head) and out.head != out.entity)
        if fields and not (grouped and measure is not None):
            numeric = self.catalogue.entity(fields[0].entity).fields[fields[0].field]
            test_value: Decimal | str = value
            if numeric.kind == "category":
                test_value = value
            out.where.append(
                ValueTest(path=f"{fields[0].entity}.{fields[0].field}", op=chunk.op, values=(test_value,))
            )
            path = f"{fields[0].entity}.{fields[0].field}"
            if path not in out.show:
                out.show.append(path)
            self._use(other)
            return True
        if measure is None:
            if chunk.unit not in ("", "pieces"):
                return False
            entities = [
                meaning.entity
                for meaning in self._of_kind(index, EntityWord)
                if isinstance(meaning, EntityWord)
            ]
            head = out.head or out.entity
            facts = [name for name in entities if head in self.catalogue.paths[name] and name != head]
            near = [name for name in entities if name in self.paths and name not in (head, out.entity)]
            if out.entity in entities and grouped:
                measure = Measure(name=out.name(), count_of=out.entity)
            elif near and grouped:
                measure = self._distinct(near[0])
            elif facts:
                measure = Measure(name=out.name(), count_of=facts[0])
            else:
                return False
        if measure not in out.measures:
            out.measures.append(measure)
        out.having.append(Having(left=measure.name, op=chunk.op, value=value))
        self._use(other)
        return True

    def _as_amount(self, index: int) -> None:
        """`locations holding fewer than 1,000 pieces`: a number of pieces of whatever such records hold."""
        chunk, out = self.chunks[index], self.out
        definition = self.catalogue.entity(out.head or out.entity)
        metric = definition.quantity or self.catalogue.entity(out.entity).quantity
        if chunk.unit != "pieces" or not metric or chunk.number is None:
            return
        if (out.head or out.entity) not in self.catalogue.paths[self.catalogue.metrics[metric].entity]:
            return
        measure = next((m for m in out.measures if m.metric == metric), None)
        if measure is None:
            measure = Measure(name=out.name(), metric=metric)
            out.measures.append(measure)
        out.having.append(Having(left=measure.name, op=chunk.op, value=chunk.number))
        self._use(index)

    @staticmethod
    def _kind_fits(kind: str, unit: str) -> bool:
        fitting = {
            "days": {"days"},
            "percent": {"percent"},
            "pieces": {"quantity", "count"},
            "money": {"money", "rate"},
        }
        return not unit or kind in fitting[unit]

    def _against(self, index: int) -> bool:
        """`closing rate above the average rate`: a field against another one of the same record."""
        left = next((i for i in range(index - 1, max(-1, index - 4), -1) if self._numeric(i)), None)
        right = next(
            (i for i in range(index + 1, min(len(self.chunks), index + 4)) if self._numeric(i)), None
        )
        if left is None or right is None:
            return False
        first, second = self._numeric(left)[0], self._numeric(right)[0]
        if (first.entity, first.field) == (second.entity, second.field):
            return False
        self.out.where.append(
            FieldTest(
                path=f"{first.entity}.{first.field}",
                op=self.chunks[index].op,
                other=f"{second.entity}.{second.field}",
            )
        )
        for used in (left, right, index):
            self._use(used)
        for word in (first, second):
            path = f"{word.entity}.{word.field}"
            if path in self.out.show:
                self.out.show.remove(path)
            self.out.show.append(path)
        self.out.measures = [
            m
            for m in self.out.measures
            if not m.metric or self._summed(m.metric) not in (first.field, second.field)
        ]
        return True

    # ── conditions ──
    def _as_filter(self, index: int) -> bool:
        negation = self._before(index, "not", "never", words=2)
        if negation is not None:
            self.negations.add(negation)
        made = self._filter(index, negation is not None)
        if made is None:
            return False
        if negation is not None:
            never = self._marker(negation) == "never"
            if (
                never
                and self.out.head
                and self.out.head != self.out.entity
                and self._entity_of(made) == self.out.entity
            ):
                self.out.doubt("never, of single records", 2.0)
            self._use(negation)
        out = self.out
        if self.of_all:
            out.share_of = [*(out.share_of or []), made]
            return True
        previous = out.where[-1] if out.where else None
        joined = self._marker(index - 1) in ("and", "or", "comma", "versus")
        if (
            joined
            and isinstance(previous, ValueTest)
            and isinstance(made, ValueTest)
            and previous.path == made.path
            and previous.op == made.op == "="
        ):
            out.where[-1] = previous.model_copy(update={"values": (*previous.values, *made.values)})
            if made.path not in [grouping.path for grouping in out.by]:
                self._break_down(made.path)
            return True
        if isinstance(made, ValueTest) and made.op == "=" and not isinstance(made.values[0], bool):
            for position, other in enumerate(out.where):
                if (
                    isinstance(other, ValueTest)
                    and other.path == made.path
                    and other.op == "="
                    and not other.label
                    and not made.label
                ):
                    both = tuple(dict.fromkeys((*other.values, *made.values)))
                    out.where[position] = other.model_copy(update={"values": both})
                    self._break_down(made.path)
                    return True
        if isinstance(made, ValueTest):
            for other in out.where:
                if (
                    isinstance(other, ValueTest)
                    and other.path == made.path
                    and other.op == made.op
                    and isinstance(made.values[0], bool)
                    and other.values != made.values
                ):
                    out.where.remove(other)
                    self._break_down(made.path)
                    return True
        if made not in out.where:
            out.where.append(made)
        return True

    def _break_down(self, path: str) -> None:
        """Several named values side by side are compared, so they are shown apart."""
        if "/" in path:
            return
        entity = path.split(".")[0]
        grouping = (
            Grouping(entity=entity)
            if self.catalogue.entity(entity).name == path.split(".")[1]
            else Grouping(path=path)
        )
        if self.out.head != entity and grouping not in self.out.by:
            self.out.by.append(grouping)

    def _filter(self, index: int, negated: bool) -> Filter | None:
        usable: list[tuple[float, Filter]] = []
        for meaning in self.chunks[index].meanings:
            made = self._filter_of(meaning, negated)
            if isinstance(meaning, FlagWord) and meaning.field == "is_made" and not self._adjective(index):
                continue
            last = self.out.where[-1] if self.out.where else None
            same = isinstance(made, ValueTest) and isinstance(last, ValueTest) and made.path == last.path
            if made is not None and self._continues_values(index) and not same:
                continue
            if made is not None:
                entity = meaning.entity  # type: ignore[union-attr]
                cost = len(self.paths[entity]) + (
                    0.5 if isinstance(meaning, ValueWord) and not meaning.exact else 0.0
                )
                usable.append((cost, made))
        return min(usable, key=lambda pair: pair[0])[1] if usable else None

    def _adjective(self, index: int) -> bool:
        """True for `purchased parts` and `are purchased`, not for `the parts that we purchased in May`."""
        chunk = self.chunks[index]
        if chunk.weight > 1:
            return True
        before = self.tokens[chunk.first - 1].norm if chunk.first else ""
        following = self.chunks[index + 1] if index + 1 < len(self.chunks) else None
        nouns = (
            following is not None
            and self._near(index, index + 1, 1)
            and any(
                isinstance(meaning, EntityWord | FieldWord | MetricWord | FlagWord)
                for meaning in following.meanings
            )
        )
        joined = following is not None and following.marker in ("versus", "and", "or")
        after = self.tokens[chunk.after].norm if chunk.after < len(self.tokens) else ""
        return (
            nouns
            or joined
            or after in ("ones", "items", "goods", "parts")
            or before in ("is", "are", "were", "being", "but", "versus", "and", "or", "not")
        )

    def _filter_of(self, meaning: Meaning, negated: bool) -> Filter | None:
        match meaning:
            case NamedWord():
                if self._reach(meaning.entity) is None:
                    return None
                return NamedTest(entity=meaning.entity, condition=meaning.condition, negated=negated)
            case FlagWord():
                if self._reach(meaning.entity) is None:
                    return None
                return ValueTest(path=f"{meaning.entity}.{meaning.field}", values=(meaning.holds != negated,))
            case ValueWord():
                if self._reach(meaning.entity) is None:
                    return None
                if meaning.entity == "currency" and self.out.entity == "fx_rate" and self._is_base(meaning):
                    return ValueTest(path="fx_rate.from_currency", values=(self.base_currency,))
                prefix = self._prefix(meaning.entity)
                return ValueTest(
                    path=f"{prefix}{meaning.entity}.{meaning.field}",
                    op="<>" if negated else "=",
                    values=meaning.values,
                    label=meaning.shown if meaning.group else "",
                )
            case _:
                return None

    def _is_base(self, meaning: ValueWord) -> bool:
        names = {self.base_currency, *self.base_names}
        return any(value in names for value in meaning.values)

    def _prefix(self, entity: str) -> str:
        """The link through which a name is meant where an entity is reached over several."""
        if self.out.entity == "bom_item" and entity == "material":
            words = {token.norm for token in self.tokens}
            if words & {"use", "uses", "used", "using", "where", "into"}:
                return "component/"
            return "parent/"
        return ""

    def _remote(self, index: int) -> bool:
        """A condition on records that refer to these: `vendors that never had a rejection`."""
        out = self.out
        rows = out.entity
        negation = self._before(index, "not", "never", words=3, through=3)
        for meaning in self.chunks[index].meanings:
            entity = getattr(meaning, "entity", None)
            if (
                not isinstance(entity, str)
                or rows not in self.catalogue.paths.get(entity, {})
                or entity == rows
            ):
                continue
            inner: tuple[Filter, ...]
            match meaning:
                case NamedWord():
                    inner = (NamedTest(entity=entity, condition=meaning.condition),)
                case FlagWord():
                    inner = (ValueTest(path=f"{entity}.{meaning.field}", values=(meaning.holds,)),)
                case ValueWord():
                    inner = (ValueTest(path=f"{entity}.{meaning.field}", values=meaning.values),)
                case EntityWord():
                    inner = ()
                case _:
                    continue
            if negation is not None:
                self.negations.add(negation)
                self._use(negation)
            if isinstance(meaning, EntityWord) and self._marker(index - 1) == "count" and negation is None:
                out.doubt("what is counted", 1.0)
            if (
                isinstance(meaning, EntityWord)
                and negation is None
                and out.counted
                and self._claims_two_periods(entity)
            ):
                return True
            out.where.append(RelatedTest(entity=entity, where=inner, negated=negation is not None))
            out.penalty += 0.5 if negation is None else 0.05
            return True
        return False

    @staticmethod
    def _entity_of(test: Filter) -> str:
        path = getattr(test, "path", "")
        return path.split("/")[-1].split(".")[0] if path else str(getattr(test, "entity", ""))

    def _claims_two_periods(self, entity: str) -> bool:
        """`with orders in 2022 but none in 2024`: one period with such records, one without."""
        words = [token.norm for token in self.tokens]
        if len(self.out.periods) != 2 or not {"none", "not", "no", "never"} & set(words):
            return False
        roles = [role for _, _, role in self.out.periods if role]
        for position, (period, _, _) in enumerate(self.out.periods):
            dates = self.catalogue.entity(entity).dates
            role = next((role for role in roles if role in dates), "")
            test = DateTest(role=role, start=period.start, end=period.end)
            self.out.where.append(RelatedTest(entity=entity, where=(test,), negated=position == 1))
        self.negations.update(range(len(self.chunks)))
        self.out.periods = []
        self.out.used |= {i for i, word in enumerate(words) if word in ("none", "but", "not", "no")}
        return True

    # ── the rest ──
    def _as_own_field(self, index: int) -> bool:
        """Beside listed records their own field is shown, rather than a figure over all of them."""
        own = [word for word in self._numeric(index) if word.entity == self.out.entity]
        if not own or not self._of_kind(index, MetricWord):
            return False
        path = f"{own[0].entity}.{own[0].field}"
        if path not in self.out.show:
            self.out.show.append(path)
        return True

    def _as_field(self, index: int) -> bool:
        found = self._fields(index, lambda kind, _: True)
        if not found:
            return False
        path = f"{found[0].entity}.{found[0].field}"
        if path not in self.out.show:
            self.out.show.append(path)
        return True

    def _as_role(self, index: int) -> bool:
        return any(
            isinstance(meaning, RoleWord) and self._reach(meaning.entity) is not None
            for meaning in self.chunks[index].meanings
        )

    def _category(self, path: str) -> bool:
        entity, _, name = path.split("/")[-1].partition(".")
        return self.catalogue.entity(entity).fields[name].kind == "category"

    def _as_link(self, index: int) -> bool:
        for meaning in self.chunks[index].meanings:
            if isinstance(meaning, LinkWord) and meaning.entity == self.out.entity:
                return True
        return False

    def _place_marker(self, index: int) -> None:
        chunk, out = self.chunks[index], self.out
        match chunk.marker:
            case "each":
                alone = (
                    index + 1 >= len(self.chunks)
                    or not self._near(index, index + 1, 1)
                    or bool(self._marker(index + 1))
                )
                path = next((path for path in out.show if self._category(path)), "")
                if alone and path and not out.by:
                    out.show.remove(path)
                    out.by.append(Grouping(path=path))
                elif alone and out.head and out.head != out.entity and not out.by:
                    out.by.append(Grouping(entity=out.head))
            case "grain":
                assert chunk.grain
                role = self._role_named(chunk.unit) if chunk.unit else ""
                for other in () if role else (index + 1, index - 1, index + 2, index + 3):
                    if (
                        0 <= other < len(self.chunks)
                        and other not in self.taken
                        and abs(self._gap(other, index)) <= 4
                    ):
                        found = self._role_at(other)
                        if found:
                            role = found[1]
                            self._use(other)
                            break
                out.asks_grain = out.asks_grain or (
                    self.tokens[chunk.first].norm in ("which", "what", "in")
                    and any(
                        token.norm in ("which", "what")
                        for token in self.tokens[chunk.first : chunk.first + 2]
                    )
                )
                if chunk.op != "=":
                    out.size, out.extreme = ("most" if chunk.op == ">" else "least"), True
                same = next((grouping for grouping in out.by if grouping.grain == chunk.grain), None)
                if same is None:
                    out.by.append(Grouping(grain=chunk.grain, role=role))
                elif role and not same.role:
                    out.by[out.by.index(same)] = Grouping(grain=chunk.grain, role=role)
            case "count":
                following = self.tokens[chunk.after].norm if chunk.after < len(self.tokens) else ""
                if following in ("day", "days") and self.catalogue.entity(out.entity).daily:
                    out.counted = out.entity
                    out.used.add(chunk.after)
                after = {
                    token.norm for token in self.tokens[chunk.after : chunk.after + 3] if token.kind != "mark"
                }
                if (
                    out.head
                    and out.head in self.paths
                    and {"are", "were", "have", "has", "had"} & after
                    and not out.by
                ):
                    out.counted, out.listed = out.head, False
                    self._use(index)
                    return
                if out.listed and out.head and out.head != out.entity and "each" in after:
                    if not any(measure.count_of == out.entity for measure in out.measures):
                        out.measures.append(Measure(name=out.name(), count_of=out.entity))
                    self._use(index)
                    return
                alone = self.tokens[chunk.first].norm == "count" and chunk.after - chunk.first == 1
                if alone and chunk.first and self.tokens[chunk.first - 1].kind != "mark":
                    pass
                elif index + 1 >= len(self.chunks) or self.chunks[index + 1].marker in (
                    "and",
                    "comma",
                    "total",
                    "each",
                    "grain",
                    "by",
                ):
                    out.counted = out.counted or out.entity
            case "share":
                out.share = True
                later = [token.norm for token in self.tokens[chunk.after : chunk.after + 5]]
                later = [word for word in later if word not in ("is", "that", "are", "those")]
                self.of_all = bool(out.counted) and later[:1] == ["of"]
            case "total":
                out.total = True
            case "versus" | "worse":
                out.compare = True
            case "than":
                if not self._against(index):
                    out.doubt("a comparison", 1.0)
                    return
            case "sorted" | "sorted_up":
                out.sorting = "most" if chunk.marker == "sorted" else "least"
            case "other":
                for test in list(out.where):
                    if isinstance(test, ValueTest) and isinstance(test.values[0], bool):
                        out.where.remove(test)
                        self._break_down(test.path)
                        break
            case "excluded":
                if out.where and isinstance(out.where[-1], ValueTest):
                    last = out.where[-1]
                    out.where[-1] = last.model_copy(update={"op": "<>" if last.op == "=" else "="})
                elif out.where and isinstance(out.where[-1], NamedTest):
                    named = out.where[-1]
                    out.where[-1] = named.model_copy(update={"negated": not named.negated})
            case "chart":
                out.chart = True
            case "aggregate" if chunk.aggregate != "count_distinct":
                out.aggregates.append(chunk.aggregate)
            case "most" | "least" if (
                self._stands_alone(index) and (out.head == out.entity or out.measures) and not out.order
            ):
                out.size, out.extreme = chunk.marker, True
            case "compare" | "limit" | "most" | "least" | "aggregate":
                return  # taken by the chunk that it belongs to, or left unexplained
            case _:
                pass
        self._use(index)


def has_word(tokens: Sequence[Token], words: frozenset[str]) -> bool:
    """True where one of the words stands in the question."""
    return any(token.norm in words for token in tokens)


def asks_units(tokens: Sequence[Token]) -> bool:
    """True for `how many units`, `and how many pieces`."""
    return any(
        tokens[i].norm == "many" and i + 1 < len(tokens) and tokens[i + 1].norm in _UNITS - {"parts", "items"}
        for i in range(len(tokens))
    )


def asks_worth(tokens: Sequence[Token]) -> bool:
    """True where a value in money is asked for without a metric's name."""
    return has_word(tokens, _WORTH)


def replace_measure(measure: Measure, **changes: object) -> Measure:
    """A copy of a measure with other values."""
    return Measure.model_validate({**measure.model_dump(), **changes})


__all__ = ["Assembler", "Assembly", "asks_units", "asks_worth", "has_word", "replace", "replace_measure"]
