"""What counts as zero: `no stock record counts as none` says how stock is reckoned, and is no condition."""

from __future__ import annotations

import re

from agents.models.embedded.masked import Masked
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Filter, Measure, MetricQuery, NamedTest, NullTest, ValueTest

_LACKS = (
    r"(?:no|without|lack(?:s|ing)?|missing) (?:an? |any |the )?(?:[a-z]+ )?"
    r"(?:records?|entry|entries|rows?|lines?)"
)
_NOTHING = r"(?:zero|0|none|nothing|nil|empty|no stock|out of stock)"
_GAP = r"(?:(?!\b(?:whose|where|which|that|with)\b)[^.?;,)]){0,25}"
_COUNTED = r"(?:count\w*|treat\w*|tak(?:e|es|en|ing)|regard\w*|assum\w*|consider\w*|read|reckon\w*)"
_AS_NOTHING = re.compile(
    rf"\b{_LACKS}\b{_GAP}(?:\b(?:{_COUNTED}|as|is|are|means?)\b|=)"
    rf"[^.?;,)]{{0,20}}\b{_NOTHING}\b"
    rf"|\b{_COUNTED}\b[^.?;]{{0,60}}\b{_LACKS}\b[^.?;]{{0,25}}\b(?:as|for|to be|with|at) {_NOTHING}\b"
)


def counted_in(query: MetricQuery, question: Masked, catalogue: Catalogue) -> MetricQuery:
    """The query without conditions on what has no records, where these are only said to count as nothing."""
    if question.language != "en" or not _AS_NOTHING.search(" ".join(question.words)):
        return query

    def kept(tests: tuple[Filter, ...]) -> tuple[Filter, ...]:
        return tuple(test for test in tests if not _lacks(test, catalogue))

    measures: tuple[Measure, ...] = tuple(
        measure.model_copy(update={"where": kept(measure.where)}) if measure.where else measure
        for measure in query.measures
    )
    where = kept(query.where)
    if where == query.where and measures == query.measures:
        return query
    return query.model_copy(update={"where": where, "measures": measures})


def _lacks(test: Filter, catalogue: Catalogue) -> bool:
    if not isinstance(test, NamedTest) or test.negated:
        return False
    return catalogue.entities[test.entity].conditions[test.condition].label.startswith("without any")


def with_records(query: MetricQuery, question: Masked, catalogue: Catalogue) -> MetricQuery:
    """The query of those alone that have records, where the question says so: `with a stock record`."""
    counted = [measure.count_of for measure in query.measures if measure.count_of]
    entity = query.rows_of or (counted[0] if counted else "")
    if question.language != "en" or entity not in catalogue.entities:
        return query
    text = " ".join(question.words)
    tested = {test.condition for test in query.where if isinstance(test, NamedTest)}
    if any(name.startswith("never_") for name in tested):
        return query
    for name, condition in catalogue.entities[entity].conditions.items():
        thing = _RECORD.fullmatch(condition.label)
        if thing and name not in tested and re.search(rf"\b{_WITH}{thing[1]}s?\b", text):
            test = NamedTest(entity=entity, condition=name)
            if not any(test in measure.where for measure in query.measures):
                return query.model_copy(update={"where": (*query.where, test)})
    return query


def with_any(query: MetricQuery, question: Masked, catalogue: Catalogue) -> MetricQuery:
    """The query by those alone that have what the question names: `only accounts that have a budget`."""
    if question.language != "en" or query.having:
        return query
    text = " ".join(question.words)
    tested = {test.condition for test in query.where if isinstance(test, NamedTest)}
    for group in query.by:
        known = catalogue.entities.get(group.entity)
        for name, condition in known.conditions.items() if known else ():
            thing = _ANY.fullmatch(condition.label)
            if known and thing and name not in tested:
                nouns = "|".join(re.escape(noun) for noun in (known.plural, known.singular))
                if re.search(rf"\b(?:{nouns}|ones|those) {_WITH}{thing[1]}\b", text):
                    test = NamedTest(entity=group.entity, condition=name, negated=True)
                    return query.model_copy(update={"where": (*query.where, test)})
    return query


def with_value(query: MetricQuery, question: Masked) -> MetricQuery:
    """The query of what has a value that differs: `materials that have a colour other than red`."""
    if question.language != "en" or not _OTHER_VALUE.search(" ".join(question.words)):
        return query
    filled = {test.path for test in query.where if isinstance(test, NullTest)}
    others = [
        test.path
        for test in query.where
        if isinstance(test, ValueTest) and test.op == "<>" and "_id" not in test.path
    ]
    more = tuple(NullTest(path=path, missing=False) for path in dict.fromkeys(others) if path not in filled)
    return query.model_copy(update={"where": (*query.where, *more)}) if more else query


_OTHER_VALUE = re.compile(
    r"\b(?:with|has|have|having|in|of) (?:an? |any |some )(?:[a-z]+ ){1,2}"
    r"(?:other than|different from|but not)\b"
)
_ANY = re.compile(r"without any (\w+)")
_RECORD = re.compile(r"with an? (\w+ record)")
_WITH = r"(?:with|that have|that has|which have|who have|having) (?:an? |any |at least one |some )?"
