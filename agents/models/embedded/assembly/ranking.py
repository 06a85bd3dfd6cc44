"""What comes first: `the highest scrap rate`, `top 5 by spend`, `the heaviest product`."""

from __future__ import annotations

from agents.models.embedded.assembly.figures import Figures
from agents.models.embedded.assembly.question import Question, path_of
from agents.models.embedded.lexicon import FieldWord, RankWord
from tools.metrics.query import Measure, Order


class Ranking:
    """Orders an assembly's rows."""

    def __init__(self, question: Question, figures: Figures) -> None:
        self._question = question
        self._figures = figures
        self._out = question.out

    def as_ranked(self, index: int) -> bool:
        """`highest scrap rate`, `most work orders`, `longest lead time`."""
        question, out = self._question, self._out
        found = self._superlative(index)
        if found is None:
            found = question.before(index, "limit")
        if found is None or found in question.taken:
            return False
        if self._both_ends(found, index):
            return True
        target = self._target(index)
        if not target:
            return False
        question.use(found)
        chunk = question.chunks[found]
        if chunk.marker == "limit":
            out.limit = int(chunk.number) if chunk.number is not None else None
            out.extreme = out.extreme or chunk.number is None
        elif out.limit is None:
            out.extreme = True
        descending = chunk.marker == "most" or (chunk.marker == "limit" and chunk.op == ">")
        out.order.append(Order(by=target, descending=descending))
        return True

    def as_order(self, index: int) -> bool:
        """`by spend`: the largest first."""
        if self._out.size and self._out.head == self._out.entity and self.as_size(index):
            return True
        measure = self._figures.metric(index)
        if measure is None:
            return False
        self._out.measures.append(measure)
        self._out.order.append(Order(by=measure.name))
        return True

    def as_size(self, index: int) -> bool:
        """`the worst order for scrap`: what follows says in what it is the worst."""
        fields = [
            word
            for word in self._question.sortable(index)
            if word.entity == self._out.entity and self._question.field(word).kind != "date"
        ]
        if not fields:
            return False
        path = path_of(fields[0])
        self._out.show_also(path)
        self._out.order.append(Order(by=path, descending=self._out.size == "most"))
        return True

    def as_rank_word(self, index: int) -> bool:
        """`heaviest`: a superlative that names its field."""
        question, out = self._question, self._out
        word = next((word for word in question.words(index, RankWord) if question.reaches(word.entity)), None)
        if word is None:
            return False
        limit = question.before(index, "limit")
        if limit is not None:
            question.use(limit)
            number = question.chunks[limit].number
            out.limit = int(number) if number is not None else None
        field = FieldWord(word.entity, word.field)
        if word.entity == out.entity and (not out.head or out.head == out.entity):
            target = path_of(field)
            out.show_also(target)
        else:
            measure = self._figures.of_field(field, "maximum" if word.descending else "minimum")
            out.measures.append(measure)
            target = measure.name
        out.order.append(Order(by=target, descending=word.descending))
        out.extreme = out.limit is None
        return True

    def of_head(self, index: int) -> None:
        """`the 5 biggest` right before the head noun."""
        found = self._question.before(index, "limit", "most", "least", through=2)
        if found is None or found in self._question.taken:
            return
        chunk, out = self._question.chunks[found], self._out
        self._question.use(found)
        if chunk.marker == "limit":
            if chunk.number is not None:
                out.limit = int(chunk.number)
            else:
                out.extreme = True
            out.size = out.size or ("least" if chunk.op == "<" else "most")
        else:
            out.size = chunk.marker or ""
            if out.limit is None:
                out.extreme = True

    def _superlative(self, index: int) -> int | None:
        return self._question.before(index, "most", "least", through=2)

    def _both_ends(self, found: int, index: int) -> bool:
        """`the highest and lowest rate`, `cheapest, average and dearest price` ask for figures, not for a
        ranking."""
        chain = self._aggregates_up_to(found)
        fields = self._question.numbers(index)
        averaged = self._figures.averaged(index)
        if averaged and not fields and len(chain) > 1:
            fields = [averaged]
            self._out.measures.append(self._figures.of_field(averaged, "average"))
        aggregates = [self._question.chunks[position].aggregate for position in chain]
        if not fields or len(set(aggregates)) < 2:
            return False
        for position, aggregate in zip(chain, aggregates, strict=True):
            self._question.use(position)
            self._out.measures.append(self._figures.of_field(fields[0], aggregate))
        return True

    def _aggregates_up_to(self, found: int) -> list[int]:
        """Indices of superlatives and aggregates listed side by side, in order."""
        chain = [found]
        for at in range(found - 1, -1, -1):
            if self._question.marker(at) in ("most", "least", "aggregate"):
                chain.append(at)
            elif self._question.marker(at) not in ("and", "comma", "versus"):
                break
        return chain[::-1]

    # ── by what rows are ranked ──
    def _target(self, index: int) -> str:
        """The measure or field that a superlative ranks by; empty where the chunk names none."""
        out = self._out
        if not out.head and not out.by and out.entity in self._question.entities(index):
            return ""  # `the biggest order`: in what, another word says
        measure = self._figures.metric(index)
        fields = self._question.sortable(index)
        same = bool(fields) and fields[0] == self._figures.averaged(index)
        own = bool(fields) and fields[0].entity == out.entity
        if fields and (measure is None or same or (own and not out.grouped)):
            return self._field_target(index, fields[0])
        if measure is not None:
            if measure not in out.measures:
                out.measures.append(measure)
            return measure.name
        counted = self._counted(index)
        if counted is None:
            return ""
        out.measures.append(counted)
        return counted.name

    def _field_target(self, index: int, word: FieldWord) -> str:
        out = self._out
        if out.grouped and word.entity == out.entity:
            found = self._superlative(index)
            highest = found is None or self._question.marker(found) == "most"
            measure = self._figures.of_field(word, "maximum" if highest else "minimum")
            out.measures.append(measure)
            return measure.name
        out.show_also(path_of(word))
        return path_of(word)

    def _counted(self, index: int) -> Measure | None:
        """`the most work orders`: their number, or the number of different ones."""
        out = self._out
        entities = self._question.entities(index)
        if not entities or not (out.head or out.by):
            return None
        name = self._question.nearest(entities)
        if name == out.entity and (out.head != out.entity or out.by):
            return Measure(name=out.name(), count_of=out.entity)
        if name is not None and name != out.head and out.head != out.entity:
            return self._figures.distinct(name)
        paths = self._question.catalogue.paths
        other = next((one for one in entities if out.head in paths[one] and one != out.head), None)
        return Measure(name=out.name(), count_of=other) if other else None
