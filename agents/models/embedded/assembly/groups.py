"""What an answer is broken down by: `per vendor`, `by category`, `bikes versus components`."""

from __future__ import annotations

from agents.models.embedded.assembly.question import Question, path_of
from agents.models.embedded.lexicon import LinkWord, RoleWord
from tools.metrics.query import Grouping


class Groups:
    """Makes groupings of chunks."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._catalogue = question.catalogue
        self._out = question.out
        self._last: int | None = None

    def continues(self, index: int) -> bool:
        """True for the second noun of `by vendor and month`."""
        return self._question.marker(index - 1) == "and" and bool(self._out.by) and self._last == index - 2

    def as_group(self, index: int) -> bool:
        """`by vendor`, `per due date`."""
        done = self._by_link(index) or self._by_noun(index)
        if done:
            self._last = index
        return done

    def _by_link(self, index: int) -> bool:
        for word in self._question.words(index, LinkWord):
            if word.entity == self._out.entity:
                target = self._catalogue.entity(word.entity).links[word.link].to
                self._out.by.append(Grouping(entity=target, via=word.link))
                return True
        return False

    def _by_noun(self, index: int) -> bool:
        question, out = self._question, self._out
        roles = [word for word in question.words(index, RoleWord) if word.entity == out.entity]
        if roles and (out.periods or any(grouping.grain for grouping in out.by)):
            out.role = roles[0].role
            return True
        name = question.nearest(question.entities(index))
        fields = question.fields(
            index, lambda field: field.kind in ("category", "flag", "text", "id", "date")
        )
        if name and fields and len(question.paths[fields[0].entity]) < len(question.paths[name]):
            name = None
        if name == out.entity and question.before(index, "per"):
            return False
        if name is not None:
            if name == out.entity and not self._others_measured():
                out.head = out.head or name
            else:
                out.by.append(Grouping(entity=name))
            return True
        if fields:
            out.by.append(Grouping(path=path_of(fields[0])))
            return True
        if roles:
            out.role = roles[0].role
        return bool(roles)

    def _others_measured(self) -> bool:
        """True where the figures are of other records than the assembly's own."""
        return any(
            measure.metric and self._catalogue.metrics[measure.metric].entity != self._out.entity
            for measure in self._out.measures
        )

    def break_down(self, path: str) -> None:
        """Several named values side by side are compared, so they are shown apart."""
        if "/" in path:
            return
        entity, name = path.split(".")[:2]
        grouping = (
            Grouping(entity=entity) if self._catalogue.entity(entity).name == name else Grouping(path=path)
        )
        if self._out.head != entity and grouping not in self._out.by:
            self._out.by.append(grouping)

    def is_category(self, path: str) -> bool:
        """True for a field that sorts records into few kinds."""
        entity, _, name = path.split("/")[-1].partition(".")
        return self._catalogue.entity(entity).fields[name].kind == "category"
