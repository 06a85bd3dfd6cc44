"""The head noun of a question, whose records the answer is about, and the nouns after it."""

from __future__ import annotations

from agents.models.embedded.assembly.figures import Figures
from agents.models.embedded.assembly.question import Question, path_of
from agents.models.embedded.assembly.ranking import Ranking
from agents.models.embedded.lexicon import FlagWord, NamedWord, RankWord, RoleWord, ValueWord
from tools.metrics.query import Grouping, Measure

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
_ADJECTIVES = (NamedWord, FlagWord, ValueWord, RankWord, RoleWord)


class Nouns:
    """Places the chunks that name kinds of record."""

    def __init__(self, question: Question, figures: Figures, ranking: Ranking) -> None:
        self._question = question
        self._figures = figures
        self._ranking = ranking
        self._out = question.out

    def as_head(self, index: int) -> bool:
        """`how many orders`, `which vendors`: what is counted or listed."""
        question, out = self._question, self._out
        name = question.nearest(question.entities(index))
        if name is None:
            return False
        asked = self._question_word(index)
        out.head = name
        out.before_head = len(out.where)
        self._ranking.of_head(index)
        if asked == "count":
            out.counted = name
        elif asked == "share":
            out.counted, out.share, out.by_share = name, True, True
        elif not asked and not out.measures and not out.by and all(map(self._adjectival, range(index))):
            out.listed = True  # a bare noun phrase asks for the list
        elif asked in ("list", "who", "limit") or question.before(index, "by", "each", "per") is not None:
            out.listed = True
        return True

    def as_category_head(self, index: int) -> bool:
        """`which product models ...`: the rows are the values of a field."""
        question, out = self._question, self._out
        before = question.before(index, "list", "limit", "most", "least", words=1)
        if before is None or question.entities(index):
            return False
        fields = question.fields(index, lambda field: field.kind == "category")
        if not fields:
            return False
        limit = question.chunks[before]
        if limit.marker == "limit":
            out.limit = int(limit.number) if limit.number is not None else None
            question.use(before)
        out.by.append(Grouping(path=path_of(fields[0])))
        out.listed = True
        return True

    def as_head_again(self, index: int) -> bool:
        """A noun after the head: what is grouped by, what is counted per row, or only said again."""
        question, out = self._question, self._out
        entities = question.entities(index)
        counted = question.before(index, "count", words=1, through=2) is not None
        if out.head in entities or out.entity in entities:
            if counted and not out.counted and out.entity in entities:
                out.measures.append(Measure(name=out.name(), count_of=out.entity))
            elif not out.head:
                out.head = out.entity
            return True
        name = question.nearest(entities)
        if name is None:
            return False
        if counted:
            out.measures.append(self._figures.distinct(name))
        elif out.listed and out.head and out.head != name:
            definition = question.catalogue.entity(name)
            out.show_also(f"{name}.{definition.name or definition.key}")
        elif question.marker(index - 1) in ("and", "comma") and out.by:
            out.by.append(Grouping(entity=name))
        elif not out.head:
            out.head = name
            out.listed = out.listed or self._question_word(index) in ("list", "who")
        return True

    def _question_word(self, index: int) -> str:
        """The marker that a noun answers to: `how many late orders`, `which of the five vendors`."""
        question = self._question
        first = question.chunks[index].first
        words = {token.norm for token in question.tokens[max(0, first - 4) : first]}
        for back in range(index - 1, -1, -1):
            marker = question.marker(back)
            if marker == "count" and words & _MEASURED:
                return ""
            if marker in ("count", "list", "who", "share", "limit"):
                return marker
            if marker in ("most", "least"):
                return "list"
            if marker in ("total", "versus", "period") or not (marker or self._adjectival(back)):
                break
        return ""

    def _adjectival(self, index: int) -> bool:
        """True for a chunk that can stand between a question word and its noun."""
        return any(isinstance(meaning, _ADJECTIVES) for meaning in self._question.chunks[index].meanings)
