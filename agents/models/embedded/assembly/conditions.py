"""Conditions on the records: `late orders`, `for bikes`, `not yet delivered`."""

from __future__ import annotations

from agents.models.embedded.assembly.groups import Groups
from agents.models.embedded.assembly.question import Question
from agents.models.embedded.lexicon import (
    EntityWord,
    FieldWord,
    FlagWord,
    MetricWord,
    NamedWord,
    ValueWord,
)
from tools.metrics.query import Filter, NamedTest, ValueTest

_NOUNS = (EntityWord, FieldWord, MetricWord, FlagWord)


class Conditions:
    """Makes filters of chunks."""

    def __init__(self, question: Question, groups: Groups, base: tuple[str, tuple[str, ...]]) -> None:
        self._question = question
        self._groups = groups
        self._base_currency, self._base_names = base
        self._out = question.out
        self.of_whole = False
        """True where what follows describes all of which a share is asked: `what share of ... is that`."""

    def as_filter(self, index: int) -> bool:
        """`late`, `in red`, `not purchased`."""
        question, out = self._question, self._out
        negation = question.before(index, "not", "never")
        if negation is not None:
            question.negations.add(negation)
        made = self._filter(index, negation is not None)
        if made is None:
            return False
        if negation is not None:
            if question.marker(negation) == "never" and self._of_rows_below_head(made):
                out.penalty += 2.0  # never, of single records
            question.use(negation)
        if self.of_whole:
            out.share_of = [*(out.share_of or []), made]
        elif isinstance(made, ValueTest) and self._joins(index, made):
            pass
        elif made not in out.where:
            out.where.append(made)
        return True

    def continues(self, index: int) -> bool:
        """`bikes versus components`: after a value, a word that can be another value of that field is one."""
        last = self._out.where[-1] if self._out.where else None
        joined = self._question.marker(index - 1) in ("versus", "and", "or", "comma")
        if not joined or not isinstance(last, ValueTest):
            return False
        return last.path in {f"{word.entity}.{word.field}" for word in self._question.words(index, ValueWord)}

    def _of_rows_below_head(self, made: Filter) -> bool:
        out = self._out
        path = getattr(made, "path", "")
        entity = path.split("/")[-1].split(".")[0] if path else str(getattr(made, "entity", ""))
        return bool(out.head) and out.head != out.entity and entity == out.entity

    # ── values beside values ──
    def _joins(self, index: int, made: ValueTest) -> bool:
        """True where a test became part of one that is there already."""
        return self._listed_on(index, made) or self._another_value(made) or self._both_flags(made)

    def _listed_on(self, index: int, made: ValueTest) -> bool:
        """`red and black`."""
        out = self._out
        last = out.where[-1] if out.where else None
        joined = self._question.marker(index - 1) in ("and", "or", "comma", "versus")
        if not joined or not isinstance(last, ValueTest):
            return False
        if last.path != made.path or last.op != "=" or made.op != "=":
            return False
        out.where[-1] = last.model_copy(update={"values": (*last.values, *made.values)})
        if made.path not in [grouping.path for grouping in out.by]:
            self._groups.break_down(made.path)
        return True

    def _another_value(self, made: ValueTest) -> bool:
        """`red bikes ... black ones`."""
        if made.op != "=" or made.label or isinstance(made.values[0], bool):
            return False
        for position, other in enumerate(self._out.where):
            if (
                isinstance(other, ValueTest)
                and other.path == made.path
                and other.op == "="
                and not other.label
            ):
                both = tuple(dict.fromkeys((*other.values, *made.values)))
                self._out.where[position] = other.model_copy(update={"values": both})
                self._groups.break_down(made.path)
                return True
        return False

    def _both_flags(self, made: ValueTest) -> bool:
        """`made versus purchased`: both limit nothing, but are shown apart."""
        if not isinstance(made.values[0], bool):
            return False
        for other in self._out.where:
            if (
                isinstance(other, ValueTest)
                and other.path == made.path
                and other.op == made.op
                and other.values != made.values
            ):
                self._out.where.remove(other)
                self._groups.break_down(made.path)
                return True
        return False

    # ── one chunk's filter ──
    def _filter(self, index: int, negated: bool) -> Filter | None:
        """The filter whose records are nearest, names by their exact words first."""
        usable: list[tuple[float, Filter]] = []
        last = self._out.where[-1] if self._out.where else None
        continued = last.path if isinstance(last, ValueTest) and self.continues(index) else ""
        for meaning in self._question.chunks[index].meanings:
            if not isinstance(meaning, NamedWord | FlagWord | ValueWord):
                continue
            if not self._question.reaches(meaning.entity):
                continue
            if isinstance(meaning, FlagWord) and meaning.field == "is_made" and not self._adjective(index):
                continue
            made = self._filter_of(meaning, negated)
            if continued and not (isinstance(made, ValueTest) and made.path == continued):
                continue
            vague = isinstance(meaning, ValueWord) and not meaning.exact
            usable.append((len(self._question.paths[meaning.entity]) + (0.5 if vague else 0.0), made))
        return min(usable, key=lambda pair: pair[0])[1] if usable else None

    def _adjective(self, index: int) -> bool:
        """True for `purchased parts` and `are purchased`, not for `the parts that we purchased in May`."""
        question = self._question
        chunk = question.chunks[index]
        if chunk.weight > 1:
            return True
        before = question.tokens[chunk.first - 1].norm if chunk.first else ""
        return (
            self._before_noun(index)
            or question.marker(index + 1) in ("versus", "and", "or")
            or question.word_after(index) in ("ones", "items", "goods", "parts")
            or before in ("is", "are", "were", "being", "but", "versus", "and", "or", "not")
        )

    def _before_noun(self, index: int) -> bool:
        return self._question.near(index, index + 1, 1) and any(
            isinstance(meaning, _NOUNS) for meaning in self._question.chunks[index + 1].meanings
        )

    def _filter_of(self, word: NamedWord | FlagWord | ValueWord, negated: bool) -> Filter:
        match word:
            case NamedWord():
                return NamedTest(entity=word.entity, condition=word.condition, negated=negated)
            case FlagWord():
                return ValueTest(path=f"{word.entity}.{word.field}", values=(word.holds != negated,))
            case ValueWord():
                if word.entity == "currency" and self._out.entity == "fx_rate" and self._is_base(word):
                    return ValueTest(path="fx_rate.from_currency", values=(self._base_currency,))
                return ValueTest(
                    path=f"{self._link(word.entity)}{word.entity}.{word.field}",
                    op="<>" if negated else "=",
                    values=word.values,
                    # An id says nothing to a reader, and is not what they typed.
                    label=word.shown if word.group or self._is_id(word) else "",
                )

    def _is_id(self, word: ValueWord) -> bool:
        entity = self._question.catalogue.entities.get(word.entity)
        return entity is not None and entity.key == word.field != entity.name and len(word.values) == 1

    def _is_base(self, word: ValueWord) -> bool:
        return any(value in (self._base_currency, *self._base_names) for value in word.values)

    def _link(self, entity: str) -> str:
        """The link through which a name is meant where an entity is reached over several."""
        if self._out.entity == "bom_item" and entity == "material":
            words = {token.norm for token in self._question.tokens}
            if words & {"use", "uses", "used", "using", "where", "into"}:
                return "component/"
            return "parent/"
        return ""
