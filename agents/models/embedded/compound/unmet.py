"""Conditions that a question sets in the words of its records, and an answer does nothing for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set

from agents.models.embedded.compound.pieces import Piece, Role, Test
from agents.models.embedded.impossible import says_as_well
from agents.models.embedded.text import Token
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import (
    AnyTest,
    DateTest,
    FieldTest,
    Filter,
    MetricQuery,
    NamedTest,
    NullTest,
    RelatedTest,
    ValueTest,
)

_NO = frozenset({"no", "not"})
_RATES = frozenset({"rate", "rates"})
_NEAR = 3
"""Pieces up to which a word beside a period says which day that is about."""
_FIELD = re.compile(r"[a-z_]+")
_SEVERAL = re.compile(r"\bin \(")
"""A condition that several values meet is none of just one of them."""


def measured(query: MetricQuery, catalogue: Catalogue) -> tuple[str, ...]:
    """The kinds of records that a query lists, counts or measures."""
    found = [query.rows_of] if query.rows_of else []
    for one in query.measures:
        metric = catalogue.metrics.get(one.metric)
        entity = one.count_of or one.records or one.field.partition(".")[0].rpartition("/")[2]
        found.append(metric.entity if metric else entity)
    return tuple(dict.fromkeys(filter(None, found)))


class Unmet:
    """Holds the conditions of a question against a query about one kind of record."""

    def __init__(self, catalogue: Catalogue, entity: str, query: MetricQuery) -> None:
        self._catalogue = catalogue
        self._entity = catalogue.entity(entity)
        self._name = entity
        self._query = query
        self._tests = list(tests_of(query))
        metrics = [catalogue.metrics[one.metric] for one in query.measures if one.metric]
        self._formulas = " ".join(
            text for one in metrics for text in (one.value, one.numerator, one.denominator, one.filter)
        )
        self._labels = {
            word for one in metrics for label in (one.label, *one.words) for word in label.lower().split()
        }
        self._labels |= {word for label in self._elsewhere() for word in label.lower().split()}
        self._paths = {path for one in self._tests for path in _paths(one)}
        self._paths |= {group.path for group in query.by} | set(query.show)
        self._paths |= {one.field for one in query.measures}
        # `by the due date` may say which day the years are of.
        dates = self._entity.dates
        self._paths |= {f"{entity}.{dates[one.role].field}" for one in query.by if one.role in dates}

    def words(
        self, typed: str, tokens: Sequence[Token], pieces: Sequence[Piece], known: Set[Filter]
    ) -> tuple[str, ...]:
        """What was said of the records that the query does not do, as it was typed.

        Args:
            typed: the question that the tokens' places are of.
            tokens: the question's, in English.
            pieces: those of them that are no names.
            known: conditions whose words hardly ever mean anything else.
        """
        said = [repr(test.filter) for piece in pieces for test in piece.all(Test) if isinstance(test, Test)]
        return tuple(
            _typed(typed, tokens[piece.first : piece.after])
            for at, piece in enumerate(pieces)
            if _is_condition(pieces, at, known)
            and not self._is_met(piece, tokens, said)
            and not _is_of_rates(tokens, piece)
        )

    def _is_met(self, piece: Piece, tokens: Sequence[Token], said: Sequence[str]) -> bool:
        stretch = {token.norm for token in tokens[piece.first : piece.after]}
        if stretch - _NO <= self._labels:
            return True
        return any(self._holds(test.filter, said) for test in piece.all(Test) if isinstance(test, Test))

    def _holds(self, test: Filter, said: Sequence[str]) -> bool:
        match test:
            case NamedTest():
                return self._does(test, said)
            case ValueTest():
                values = [str(value).lower() for value in test.values]
                return test.path in self._paths or any(
                    _mentions(text, test.path)
                    and (values[0] in ("true", "false") or values[0] in text)
                    and not _SEVERAL.search(text)
                    for text in (self._formulas, *self._conditions())
                )
            case _:
                paths = set(_paths(test))
                texts = (self._formulas, *self._conditions())
                return bool(paths & self._paths) or any(
                    _mentions(text, path) for text in texts for path in paths
                )

    def _does(self, test: NamedTest, said: Sequence[str]) -> bool:
        """True for the same condition, one of the same fields that was said as well, or its figure."""
        known = self._entity.conditions.get(test.condition)
        if known is None or _shares(known.sql, self._formulas, self._entity.fields):
            return True  # its figure is of such records alone, or counts nothing of others
        for other in self._tests:
            if not isinstance(other, NamedTest):
                continue
            if test.condition in (other.condition, *says_as_well(self._name, other.condition)):
                return True
            theirs = self._entity.conditions.get(other.condition)
            alike = theirs is not None and _shares(theirs.sql, known.sql, self._entity.fields)
            if alike and repr(other.model_copy(update={"negated": False})) in said:
                return True
        return any(_mentions(known.sql, path) for path in self._paths if path.startswith(f"{self._name}."))

    def _elsewhere(self) -> Iterator[str]:
        """What conditions on other records are called: of orders, beside the rejects of a line."""
        for test in self._tests:
            if isinstance(test, NamedTest) and test.entity != self._name:
                known = self._catalogue.entity(test.entity).conditions.get(test.condition)
                yield from (known.label, *known.words) if known is not None else ()

    def _conditions(self) -> Iterator[str]:
        for test in self._tests:
            if isinstance(test, NamedTest):
                known = self._catalogue.entity(test.entity).conditions.get(test.condition)
                if known is not None:
                    yield known.sql


def _typed(question: str, tokens: Sequence[Token]) -> str:
    return question[min(token.start for token in tokens) : max(token.end for token in tokens)]


def _is_condition(pieces: Sequence[Piece], at: int, known: Set[Filter]) -> bool:
    """True for words that are nothing but a condition of such records themselves."""
    piece = pieces[at]
    tests = [one for one in piece.all(Test) if isinstance(one, Test)]
    if piece.mark or not tests or len(tests) + len(piece.all(Role)) < len(piece.meanings):
        return False
    if not all(test.depth == 0 and test.filter in known for test in tests):
        return False
    near = pieces[max(0, at - _NEAR) : at + _NEAR + 1]
    return not (piece.all(Role) and any(one.period for one in near))


def _is_of_rates(tokens: Sequence[Token], piece: Piece) -> bool:
    """True for `closing rates`, at which amounts are converted: nothing is closed."""
    return any(token.norm in _RATES for token in tokens[piece.after : piece.after + 2])


def tests_of(query: MetricQuery) -> Iterator[Filter]:
    """Every condition of a query, those within others as well."""
    for test in (*query.where, *(test for one in query.measures for test in one.where)):
        yield from _inner(test)


def _inner(test: Filter) -> Iterator[Filter]:
    yield test
    if isinstance(test, AnyTest):
        for one in test.of:
            yield from _inner(one)
    if isinstance(test, RelatedTest):
        for one in test.where:
            yield from _inner(one)


def _paths(test: Filter) -> tuple[str, ...]:
    match test:
        case ValueTest() | NullTest():
            return (test.path,)
        case FieldTest():
            return (test.path, test.other)
        case AnyTest():
            return tuple(path for one in test.of for path in _paths(one))
        case DateTest():
            return ()
        case _:
            return ()


def _mentions(sql: str, path: str) -> bool:
    return path.partition(".")[2] in _FIELD.findall(sql)


def _shares(one: str, other: str, fields: Mapping[str, object]) -> bool:
    """True where two conditions are about one field."""
    return bool(set(_FIELD.findall(one)) & set(_FIELD.findall(other)) & set(fields))
