"""What the markers of a question ask for: `how many`, `what share`, `versus`, `per month`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agents.models.embedded.assembly.comparisons import Comparisons
from agents.models.embedded.assembly.conditions import Conditions
from agents.models.embedded.assembly.dates import Dates
from agents.models.embedded.assembly.groups import Groups
from agents.models.embedded.assembly.question import Question
from tools.metrics.query import Grouping, Measure, NamedTest, ValueTest

_AFTER_COUNT = ("and", "comma", "total", "each", "grain", "by")


class Markers:
    """Places markers."""

    def __init__(
        self,
        question: Question,
        dates: Dates,
        groups: Groups,
        comparisons: Comparisons,
        conditions: Conditions,
    ) -> None:
        self._question = question
        self._dates = dates
        self._groups = groups
        self._comparisons = comparisons
        self._conditions = conditions
        self._out = question.out
        self._placers: Mapping[str, Callable[[int], bool]] = {
            "each": self._each,
            "grain": self._grain,
            "count": self._count,
            "share": self._share,
            "versus": self._compares,
            "worse": self._compares,
            "than": self._than,
            "sorted": self._sorted,
            "sorted_up": self._sorted,
            "other": self._other,
            "excluded": self._excluded,
            "chart": self._chart,
            "aggregate": self._aggregate,
            "most": self._superlative,
            "least": self._superlative,
            # Taken by the chunk that they belong to, or left unexplained.
            "compare": lambda index: False,
            "limit": lambda index: False,
        }

    def place(self, index: int) -> None:
        """Does what a marker asks for; one that asks for nothing of its own is only explained."""
        placer = self._placers.get(self._question.marker(index))
        if placer is None or placer(index):
            self._question.use(index)

    # ── rows ──
    def _each(self, index: int) -> bool:
        out = self._out
        if self._question.stands_alone(index, words=1) and not out.by:
            path = next((path for path in out.show if self._groups.is_category(path)), "")
            if path:
                out.show.remove(path)
                out.by.append(Grouping(path=path))
            elif out.head and out.head != out.entity:
                out.by.append(Grouping(entity=out.head))
        return True

    def _grain(self, index: int) -> bool:
        out = self._out
        chunk = self._question.chunks[index]
        assert chunk.grain
        role = (self._dates.role_named(chunk.unit) if chunk.unit else "") or self._role_beside(index)
        opening = [token.norm for token in self._question.tokens[chunk.first : chunk.first + 2]]
        if opening[0] in ("which", "what") or (opening[0] == "in" and opening[-1] in ("which", "what")):
            out.asks_grain = True
        if chunk.op != "=":
            out.size, out.extreme = ("most" if chunk.op == ">" else "least"), True
        same = next((grouping for grouping in out.by if grouping.grain == chunk.grain), None)
        if same is None:
            out.by.append(Grouping(grain=chunk.grain, role=role))
        elif role and not same.role:
            out.by[out.by.index(same)] = Grouping(grain=chunk.grain, role=role)
        return True

    def _role_beside(self, index: int) -> str:
        question = self._question
        for other in (index + 1, index - 1, index + 2, index + 3):
            if other not in question.taken and question.near(other, index, 4):
                found = self._dates.role_at(other)
                if found:
                    question.use(other)
                    return found[1]
        return ""

    def _other(self, _: int) -> bool:
        """`purchased parts and the others`: a flag limits nothing, but both are shown apart."""
        for test in self._out.where:
            if isinstance(test, ValueTest) and isinstance(test.values[0], bool):
                self._out.where.remove(test)
                self._groups.break_down(test.path)
                break
        return True

    def _excluded(self, _: int) -> bool:
        """`bikes excluded`: the condition before is denied."""
        where = self._out.where
        last = where[-1] if where else None
        if isinstance(last, ValueTest):
            where[-1] = last.model_copy(update={"op": "<>" if last.op == "=" else "="})
        elif isinstance(last, NamedTest):
            where[-1] = last.model_copy(update={"negated": not last.negated})
        return True

    def _sorted(self, index: int) -> bool:
        self._out.sorting = "most" if self._question.marker(index) == "sorted" else "least"
        return True

    # ── figures ──
    def _count(self, index: int) -> bool:
        question, out = self._question, self._out
        chunk = question.chunks[index]
        if question.word_after(index) in ("day", "days") and question.catalogue.entity(out.entity).daily:
            out.counted = out.entity
            out.used.add(chunk.after)
        following = question.tokens[chunk.after : chunk.after + 3]
        after = {token.norm for token in following if token.kind != "mark"}
        verb = bool({"are", "were", "have", "has", "had"} & after)
        if verb and out.head in question.paths and not out.by:
            out.counted, out.listed = out.head, False
        elif "each" in after and out.listed and out.head and out.head != out.entity:
            if not any(measure.count_of == out.entity for measure in out.measures):
                out.measures.append(Measure(name=out.name(), count_of=out.entity))
        elif not self._is_noun(index) and (
            index + 1 >= len(question.chunks) or question.marker(index + 1) in _AFTER_COUNT
        ):
            out.counted = out.counted or out.entity
        return True

    def _is_noun(self, index: int) -> bool:
        """True for the `count` of `order count`, which asks for nothing that `order` does not."""
        chunk, tokens = self._question.chunks[index], self._question.tokens
        alone = tokens[chunk.first].norm == "count" and chunk.after - chunk.first == 1
        return alone and chunk.first > 0 and tokens[chunk.first - 1].kind != "mark"

    def _share(self, index: int) -> bool:
        after = self._question.chunks[index].after
        later = [token.norm for token in self._question.tokens[after : after + 5]]
        later = [word for word in later if word not in ("is", "that", "are", "those")]
        self._out.share = True
        self._conditions.of_whole = bool(self._out.counted) and later[:1] == ["of"]
        return True

    def _aggregate(self, index: int) -> bool:
        aggregate = self._question.chunks[index].aggregate
        if aggregate == "count_distinct":
            return False
        self._out.aggregates.append(aggregate)
        return True

    def _superlative(self, index: int) -> bool:
        out = self._out
        named = out.head == out.entity or bool(out.measures)
        if not named or out.order or not self._question.stands_alone(index):
            return False
        out.size, out.extreme = self._question.marker(index), True
        return True

    # ── comparisons ──
    def _compares(self, _: int) -> bool:
        self._out.compare = True
        return True

    def _than(self, index: int) -> bool:
        done = self._comparisons.against(index)
        if not done:
            self._out.penalty += 1.0
        return done

    def _chart(self, _: int) -> bool:
        self._out.chart = True
        return True
