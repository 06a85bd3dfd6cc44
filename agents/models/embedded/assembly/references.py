"""Conditions on records that refer to these: `vendors that never had a rejection`."""

from __future__ import annotations

from agents.models.embedded.assembly.question import Question
from agents.models.embedded.lexicon import EntityWord, FlagWord, Meaning, NamedWord, ValueWord
from tools.metrics.query import DateTest, Filter, NamedTest, RelatedTest, ValueTest


class References:
    """Makes conditions of what only records elsewhere have."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._catalogue = question.catalogue
        self._out = question.out

    def as_reference(self, index: int) -> bool:
        """`with late orders`, `without any forecast`."""
        question, out = self._question, self._out
        found = next(filter(None, map(self._read, question.chunks[index].meanings)), None)
        if found is None:
            return False
        entity, inner, whole = found
        negation = question.before(index, "not", "never", words=3, through=3)
        if negation is not None:
            question.negations.add(negation)
            question.use(negation)
        elif whole:
            if question.marker(index - 1) == "count":
                out.penalty += 1.0  # what is counted limits nothing
            if out.counted and self._claims_two_periods(entity):
                return True
        out.where.append(RelatedTest(entity=entity, where=inner, negated=negation is not None))
        out.penalty += 0.5 if negation is None else 0.05
        return True

    def _read(self, meaning: Meaning) -> tuple[str, tuple[Filter, ...], bool] | None:
        """Entity, its condition, and whether any such record is meant."""
        match meaning:
            case NamedWord(entity=entity):
                inner: tuple[Filter, ...] = (NamedTest(entity=entity, condition=meaning.condition),)
            case FlagWord(entity=entity):
                inner = (ValueTest(path=f"{entity}.{meaning.field}", values=(meaning.holds,)),)
            case ValueWord(entity=entity):
                inner = (ValueTest(path=f"{entity}.{meaning.field}", values=meaning.values),)
            case EntityWord(entity=entity):
                inner = ()
            case _:
                return None
        rows = self._out.entity
        if entity == rows or rows not in self._catalogue.paths.get(entity, {}):
            return None
        return entity, inner, isinstance(meaning, EntityWord)

    def _claims_two_periods(self, entity: str) -> bool:
        """`with orders in 2022 but none in 2024`: one period with such records, one without."""
        question, out = self._question, self._out
        words = [token.norm for token in question.tokens]
        if len(out.periods) != 2 or not {"none", "not", "no", "never"} & set(words):
            return False
        roles = [role for _, _, role in out.periods if role]
        dates = self._catalogue.entity(entity).dates
        role = next((role for role in roles if role in dates), "")
        for position, (period, _, _) in enumerate(out.periods):
            test = DateTest(role=role, start=period.start, end=period.end)
            out.where.append(RelatedTest(entity=entity, where=(test,), negated=position == 1))
        question.negations.update(range(len(question.chunks)))
        out.periods = []
        out.used |= {i for i, word in enumerate(words) if word in ("none", "but", "not", "no")}
        return True
