"""Values of one field that a question names side by side: `pending`, `approved`, `complete`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from agents.models.embedded.lexicon import CatalogueHolder
from agents.models.embedded.masked import Masked
from agents.models.embedded.text import stem, stems
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import AnyTest, Filter, MetricQuery, ValueTest

_NOT = frozenset({"not", "no", "without", "except", "excluding", "neither", "nor", "never", "than", "yet"})
_FAR = 6
"""Words between two values that still stand side by side."""
_EXAMPLES = frozenset({"such", "example", "like", "etc", "e.g", "including"})
_ENDS = frozenset({".", "?", "!", ";"})


class Enumerated:
    """Finds the values of the catalogue's fields in questions."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._holder = CatalogueHolder(catalogue)

    def beside(self, question: Masked, test: ValueTest) -> tuple[str, ...]:
        """All values of the test's field that stand side by side with one of the test's own, as named.

        Empty where the question names none but those of the test.
        """
        if test.op != "=" or question.language != "en":
            return ()
        runs = _runs(list(self._named(question, test.path)))
        run = next((run for run in runs if set(run) & set(map(str, test.values))), ())
        return run if set(run) - set(map(str, test.values)) else ()

    def completed(self, query: MetricQuery, question: Masked) -> MetricQuery:
        """The query with all values that are named side by side, where its rows are told apart by them."""
        where = tuple(
            test.model_copy(update={"values": named})
            if isinstance(test, ValueTest)
            and _tells_apart(query, test.path)
            and (named := self.beside(question, test))
            else test
            for test in query.where
        )
        tested = {test.path for test in _all_tests(query) if isinstance(test, ValueTest)}
        where += tuple(
            ValueTest(path=group.path, values=named)
            for group in query.by
            if group.path and group.path not in tested and (named := self._alone(question, group.path))
        )
        return query if where == query.where else query.model_copy(update={"where": where})

    def codes(self, calls: Sequence[ToolCall]) -> frozenset[str]:
        """What the values that the calls ask for are called by their codes: `status 4`."""
        queries = [call.arguments for call in calls if isinstance(call.arguments, MetricQuery)]
        found: set[str] = set()
        for test in (test for query in queries for test in _all_tests(query)):
            if not isinstance(test, ValueTest):
                continue
            entity, _, name = test.path.split("/")[-1].partition(".")
            known = self._catalogue.entities.get(entity)
            field = known.fields.get(name) if known else None
            for value in test.values:
                words = field.values.get(str(value), ()) if field else ()
                found |= {phrase for phrase in words if phrase[-1:].isdigit()}
        return frozenset(found)

    def _alone(self, question: Masked, path: str) -> tuple[str, ...]:
        """The values of a field that stand side by side, where a question speaks of these and no others."""
        if question.language != "en" or not _EXAMPLES.isdisjoint(spot.word for spot in question.spots):
            return ()
        # `in each status (pending, approved)` says what there is, and leaves nothing out.
        outside = list(_outside_brackets(question, list(self._named(question, path))))
        longest = max(_runs(outside), key=len, default=())
        return longest if len(longest) > 1 else ()

    def _named(self, question: Masked, path: str) -> Iterator[tuple[int, int, str]]:
        """Where each value stands: first spot, the one after, the value."""
        phrases = _phrases(path.split("/")[-1], self._holder)
        if not phrases:
            return
        words = [stem(spot.text.lower()) for spot in question.spots]
        at = 0
        while at < len(words):
            size = next((n for n in range(4, 0, -1) if tuple(words[at : at + n]) in phrases), 0)
            if size:
                before = {spot.word for spot in question.spots[max(0, at - 2) : at]}
                if _NOT.isdisjoint(before):
                    yield at, at + size, phrases[tuple(words[at : at + size])]
                elif before & _ENDS == set():
                    yield at, at + size, ""
            elif question.spots[at].word in _ENDS:
                yield at, at + 1, ""
            at += size or 1


def _outside_brackets(
    question: Masked, found: Sequence[tuple[int, int, str]]
) -> Iterator[tuple[int, int, str]]:
    words = [spot.word for spot in question.spots]
    for first, after, value in found:
        if words[:first].count("(") <= words[:first].count(")"):
            yield first, after, value


def _runs(found: Sequence[tuple[int, int, str]]) -> list[tuple[str, ...]]:
    """The values that stand near each other, each once; an empty value parts them."""
    runs: list[list[str]] = [[]]
    last = 0
    for first, after, value in found:
        if not value or (runs[-1] and first - last > _FAR):
            runs.append([])
        if value and value not in runs[-1]:
            runs[-1].append(value)
        last = after
    return [tuple(run) for run in runs if run]


def _all_tests(query: MetricQuery) -> Iterator[Filter]:
    for tests in (query.where, *(measure.where for measure in query.measures)):
        for test in tests:
            yield from test.of if isinstance(test, AnyTest) else (test,)


def _tells_apart(query: MetricQuery, path: str) -> bool:
    return any(group.path == path for group in query.by) or path in query.show


@lru_cache(maxsize=256)
def _phrases(path: str, holder: CatalogueHolder) -> dict[tuple[str, ...], str]:
    """What the values of a field are called, by stems."""
    entity, _, name = path.partition(".")
    known = holder.catalogue.entities.get(entity)
    field = known.fields.get(name) if known else None
    if field is None:
        return {}
    return {
        stems(phrase): value
        for value, words in field.values.items()
        for phrase in (*words, value)
        if phrase and not any(letter.isdigit() for letter in phrase)
    }
