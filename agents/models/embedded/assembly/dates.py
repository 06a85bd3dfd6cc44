"""Periods with the date that each is about: `due in March`, `orders placed in 2024`."""

from __future__ import annotations

from agents.models.embedded.assembly.question import Question, path_of
from agents.models.embedded.lexicon import FieldWord, RoleWord
from tools.metrics.query import ValueTest


class Dates:
    """Places a question's periods."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._catalogue = question.catalogue
        self._out = question.out

    def place(self) -> None:
        """Each period with the date role that stands beside it."""
        question = self._question
        for index, chunk in enumerate(question.chunks):
            if chunk.period is None:
                continue
            question.use(index)
            if self._dated_field(index):
                continue
            entity, role = "", ""
            for other in (index - 1, index - 2, index + 1):
                if question.near(other, index, 3) and not question.marker(other):
                    found = self.role_at(other)
                    if found:
                        entity, role = found
                        question.use(other)
                        break
            self._out.periods.append((chunk.period, entity, role))

    def one_negated(self) -> bool:
        """`in 2022 but none in 2024`: the second period is denied."""
        dated = [chunk for chunk in self._question.chunks if chunk.period is not None]
        if len(dated) != 2:
            return False
        between = {token.norm for token in self._question.tokens[dated[0].after : dated[1].first]}
        return bool(between & {"none", "not", "no", "never"})

    def role_at(self, index: int) -> tuple[str, str] | None:
        """Entity (empty for the records themselves) and date role that a chunk names."""
        found = self._question.words(index, RoleWord)
        own = [word for word in found if word.entity == self._out.entity]
        near = [
            word
            for word in found
            if self._question.reaches(word.entity) or self._out.entity in self._catalogue.paths[word.entity]
        ]
        for word in own or near:
            return word.entity if word.entity != self._out.entity else "", word.role
        return None

    def role_named(self, word: str) -> str:
        """The date role of these records that a word names: `due` in `by due month`."""
        for role, dates in self._catalogue.entity(self._out.entity).dates.items():
            if word == role or word in {part for phrase in dates.words for part in phrase.split()}:
                return role
        return ""

    def _dated_field(self, index: int) -> bool:
        """`their first order in 2024`: a date of the record itself within the period."""
        period = self._question.chunks[index].period
        for other in (index - 1, index - 2, index - 3, index + 1):
            if period is None or not self._question.near(other, index, 4):
                continue
            words = [word for word in self._question.words(other, FieldWord) if self._is_own_date(word)]
            if words:
                path = path_of(words[0])
                if period.start:
                    self._out.where.append(ValueTest(path=path, op=">=", values=(period.start.isoformat(),)))
                if period.end:
                    self._out.where.append(ValueTest(path=path, op="<=", values=(period.end.isoformat(),)))
                self._out.show.append(path)
                self._question.use(other)
                return True
        return False

    def _is_own_date(self, word: FieldWord) -> bool:
        if word.entity != self._out.entity:
            return False
        field = self._question.field(word)
        return field.kind == "date" and bool(field.sql)
