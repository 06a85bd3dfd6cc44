"""Words of a plan as typed calls, with the values that stand at the pointers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.periods import Period
from agents.models.embedded.plan_words import (
    SIDES,
    NotSayable,
    Pointer,
    Word,
    edge,
    fragment,
    meaning_of,
    month_of,
    namings,
)
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import (
    AnyTest,
    ContainsTest,
    DateTest,
    FieldTest,
    Filter,
    Grouping,
    Having,
    Measure,
    MetricQuery,
    NamedTest,
    NullTest,
    Order,
    RelatedTest,
    ValidTest,
    ValueTest,
)


class PlanReader:
    """Typed calls of words for one question; whatever is no whole plan raises `NotSayable`."""

    def __init__(self, words: Sequence[Word], question: Masked, catalogue: Catalogue) -> None:
        self._words = list(words)
        self._at = 0
        self._spots = question.spots
        self._catalogue = catalogue

    # ── cursor ──
    def _peek(self) -> str:
        word = self._words[self._at] if self._at < len(self._words) else ""
        return word if isinstance(word, str) else ""

    def _take(self, *options: str) -> bool:
        if self._peek() in options:
            self._at += 1
            return True
        return False

    def _tagged(self, tag: str) -> str:
        """What stands after the tag of the next word; empty where it has another one."""
        word = self._peek()
        if word.startswith(tag + ":"):
            self._at += 1
            return word[len(tag) + 1 :]
        return ""

    def _next(self) -> Word:
        if self._at >= len(self._words):
            raise NotSayable("the plan breaks off")
        self._at += 1
        return self._words[self._at - 1]

    # ── queries ──
    def query(self) -> MetricQuery:
        raw: dict[str, object] = {}
        if rows := self._tagged("rows"):
            raw["rows_of"] = rows
        measures: list[Measure] = []
        while self._take("measure"):
            measures.append(self._measure(len(measures) + 1))
        by: list[Grouping] = []
        while self._take("by"):
            by.append(self._grouping())
        raw |= {"measures": measures, "by": by}
        if self._take("show"):
            raw["show"] = self._paths()
        if self._take("where"):
            raw["where"] = self._tests()
        raw["having"] = self._havings()
        raw["order"] = self._orders()
        if self._take("limit"):
            raw["limit"] = int(self._number())
        if self._take("extreme"):
            raw["extreme"] = True
        if output := self._tagged("output"):
            raw["output"] = output
        if self._at != len(self._words):
            raise NotSayable(f"the plan goes on with {self._words[self._at]!r}")
        if _repeats(by) or _repeats(
            [one.model_copy(update={"name": "m", "hidden": False}) for one in measures]
        ):
            raise NotSayable("the plan says the same twice")
        return MetricQuery.model_validate(raw)

    def _measure(self, number: int) -> Measure:
        raw: dict[str, object] = {"name": f"m{number}"}
        if self._take("hidden"):
            raw["hidden"] = True
        if metric := self._tagged("metric"):
            raw["metric"] = metric
        elif counted := self._tagged("count"):
            raw["count_of"] = counted
        elif aggregate := self._tagged("agg"):
            raw |= {"aggregate": aggregate, "field": self._path()}
            if records := self._tagged("over"):
                raw["records"] = records
        elif derive := self._tagged("derive"):
            raw |= {"derive": derive, "of": self._references()}
        if self._take("("):
            raw["where"] = self._tests()
            self._closed()
        return Measure.model_validate(raw)

    def _references(self) -> list[str]:
        found = []
        while (word := self._peek())[:1] == "M" and word[1:].isdigit():
            self._at += 1
            found.append(word.lower())
        return found

    def _grouping(self) -> Grouping:
        raw: dict[str, object] = {}
        if via := self._tagged("via"):
            raw["via"] = via
        if entity := self._tagged("entity"):
            raw["entity"] = entity
        elif grain := self._tagged("grain"):
            raw["grain"] = grain
            if role := self._tagged("role"):
                raw["role"] = role
        else:
            raw["path"] = self._path()
        if self._take("missing"):
            raw["missing"] = True
        return Grouping.model_validate(raw)

    def _paths(self) -> list[str]:
        found = []
        while self._peek().startswith(("link:", "path:")):
            found.append(self._path())
        return found

    def _path(self) -> str:
        links = ""
        while link := self._tagged("link"):
            links += f"{link}/"
        path = self._tagged("path")
        if not path:
            raise NotSayable("a field is missing")
        return links + path

    def _column(self) -> str:
        word = self._peek()
        if word[:1] == "M" and word[1:].isdigit():
            self._at += 1
            return word.lower()
        return self._tagged("column") or self._path()

    def _havings(self) -> list[Having]:
        found = []
        while self._take("having"):
            raw: dict[str, object] = {"left": self._column(), "op": self._tagged("op")}
            word = self._peek()
            if word.startswith(("M", "path:", "link:", "column:")):
                raw["right"] = self._column()
            else:
                raw["value"] = self._number()
            found.append(Having.model_validate(raw))
        return found

    def _orders(self) -> list[Order]:
        found = []
        while self._take("order"):
            column = self._column()
            down = self._take("down")
            if not down and not self._take("up"):
                raise NotSayable("an order has a direction")
            found.append(Order(by=column, descending=down))
        return found

    # ── conditions ──
    def _closed(self) -> None:
        if not self._take(")"):
            raise NotSayable("a bracket is not closed")

    def _tests(self) -> list[Filter]:
        found: list[Filter] = []
        while (test := self._test()) is not None:
            found.append(test)
        if not found:
            raise NotSayable("a condition is missing")
        return found

    def _test(self) -> Filter | None:
        if self._take("value"):
            path = self._path()
            op = self._tagged("op") or "="
            label = ""
            if (group := self._group(path)) is not None:
                path = f"{path.rpartition('.')[0]}.{group.field}"
                label = group.shown
            elif (naming := self._named_by(path)) is not None:
                path = f"{path.rpartition('.')[0]}.{naming.field}"
                label = naming.shown
            return ValueTest.model_validate(
                {"path": path, "op": op, "values": self._values(path, op), "label": label}
            )
        if self._take("contains"):
            return ContainsTest(path=self._path(), text=fragment(self._spot()))
        if self._take("null"):
            return NullTest(path=self._path())
        if self._take("present"):
            return NullTest(path=self._path(), missing=False)
        if self._take("compare"):
            return FieldTest.model_validate(
                {"path": self._path(), "op": self._tagged("op"), "other": self._path()}
            )
        if self._peek() in ("is", "not"):
            return self._named_test(negated=self._next() == "not")
        if self._take("date"):
            role = self._tagged("role")
            start, end = self._period()
            return DateTest(role=role, start=start, end=end)
        if self._take("valid"):
            entity, period = self._tagged("entity"), self._spot().period
            if period is None or period.end is None:
                raise NotSayable("no day stands there")
            return ValidTest(entity=entity, on=period.end)
        if self._peek() in ("with", "without"):
            return self._related(negated=self._next() == "without")
        if self._take("any"):
            if not self._take("("):
                raise NotSayable("conditions are missing")
            tests = tuple(self._tests())
            self._closed()
            return AnyTest(of=tests)
        return None

    def _group(self, path: str) -> ValueWord | None:
        """What stands at the word pointed at next, where it is short for all that lies below it."""
        word = self._words[self._at] if self._at < len(self._words) else ""
        entity, _, name = path.split("/")[-1].partition(".")
        if not isinstance(word, Pointer) or word.at >= len(self._spots):
            return None
        groups = [m for m in self._spots[word.at].meanings if m.group and m.entity == entity]
        if not groups or name not in namings(entity, self._catalogue):
            return None
        key = self._catalogue.entity(entity).key
        return next((group for group in groups if group.field == key), groups[0])

    def _named_by(self, path: str) -> ValueWord | None:
        """What the word pointed at next means, where it names the record by another field than the path.

        The network reads `MATERIAL` and does not know whether its number or its name stands there.
        """
        word = self._words[self._at] if self._at < len(self._words) else ""
        entity, _, name = path.split("/")[-1].partition(".")
        if not isinstance(word, Pointer) or word.at >= len(self._spots):
            return None
        fields = namings(entity, self._catalogue)
        found = [m for m in self._spots[word.at].meanings if m.entity == entity and m.field in fields]
        return found[0] if name in fields and all(m.field != name for m in found) and found else None

    def _named_test(self, *, negated: bool) -> NamedTest:
        via = self._tagged("via")
        entity, _, condition = self._tagged("named").partition(".")
        if condition not in getattr(self._catalogue.entities.get(entity), "conditions", {}):
            raise NotSayable(f"there is no condition {entity}.{condition}")
        return NamedTest(entity=entity, condition=condition, negated=negated, via=via)

    def _related(self, *, negated: bool) -> RelatedTest:
        raw: dict[str, object] = {"entity": self._tagged("entity"), "negated": negated}
        if of := self._tagged("of"):
            raw["of"] = of
        if self._take("at_least"):
            raw["at_least"] = int(self._number())
        if self._take("("):
            raw["where"] = self._tests()
            self._closed()
        return RelatedTest.model_validate(raw)

    def _values(self, path: str, op: str) -> list[str | bool | Decimal]:
        entity, _, name = path.split("/")[-1].partition(".")
        found: list[str | bool | Decimal] = []
        while self._at < len(self._words):
            word = self._words[self._at]
            if isinstance(word, Pointer):
                found += self._pointed(entity, name, op)
            elif word in ("yes", "no"):
                self._at += 1
                found.append(word == "yes")
            elif word.startswith("v:"):
                found.append(self._tagged("v"))
            elif word.startswith("n:"):
                found.append(Decimal(self._tagged("n")))
            else:
                break
        return found

    def _pointed(self, entity: str, name: str, op: str) -> list[str | bool | Decimal]:
        spot = self._spot()
        meaning = meaning_of(spot, entity, name, self._catalogue)
        if meaning is not None:
            return list(meaning.values)
        field = self._catalogue.entity(entity).fields.get(name)
        if field is not None and field.kind == "date" and spot.period is not None:
            day = edge(spot.period, op)
            if day is not None:
                return [day.isoformat()]
        if spot.number is None or field is None or field.kind == "date":
            raise NotSayable(f"{spot.text!r} is no {entity}.{name}")
        return [spot.number] if field.is_number else [f"{spot.number.normalize():f}"]

    def _spot(self) -> Spot:
        word = self._next()
        if not isinstance(word, Pointer) or word.at >= len(self._spots):
            raise NotSayable("nothing is pointed at")
        return self._spots[word.at]

    def _period(self) -> tuple[date | None, date | None]:
        way = self._peek()
        if self._take(*SIDES):
            return SIDES[way](self._named_period())
        first = self._named_period()
        following = self._words[self._at] if self._at < len(self._words) else ""
        if isinstance(following, Pointer):
            return first.start, self._named_period().end
        return first.start, first.end

    def _named_period(self) -> Period:
        period = self._spot().period
        if period is None:
            raise NotSayable("no period stands there")
        return period

    def _number(self) -> Decimal:
        if text := self._tagged("n"):
            return Decimal(text)
        number = self._spot().number
        if number is None:
            raise NotSayable("no number stands there")
        return number

    # ── look-ups ──
    def arguments(self, model: type[BaseModel]) -> BaseModel:
        raw: dict[str, object] = {}
        while name := self._tagged("arg"):
            word = self._next()
            if isinstance(word, Pointer):
                raw[name] = self._looked_up(self._spots[word.at], name, model)
            elif word in ("yes", "no"):
                raw[name] = word == "yes"
            else:
                kind, _, text = word.partition(":")
                raw[name] = Decimal(text) if kind == "n" else text
        if self._at != len(self._words):
            raise NotSayable(f"the look-up goes on with {self._words[self._at]!r}")
        return model.model_validate(raw)

    @staticmethod
    def _looked_up(spot: Spot, name: str, model: type[BaseModel]) -> object:
        field = model.model_fields.get(name)
        dated = "date" in str(field.annotation) if field is not None else False
        if spot.period is not None and name.startswith("period"):
            return month_of(spot, name)
        if spot.period is not None and (dated or spot.number is None):
            return spot.period.end
        if spot.number is not None and not spot.meanings:
            return f"{spot.number.normalize():f}"
        for meaning in spot.meanings:
            # Both a currency's code and its name may stand here; codes are what rates are kept by.
            if name.endswith(f"_{meaning.entity}") and meaning.field == meaning.entity:
                return meaning.shown
        return spot.meanings[0].shown if spot.meanings else spot.text


def _repeats(parts: Sequence[Measure] | Sequence[Grouping]) -> bool:
    return len(set(map(repr, parts))) < len(parts)
