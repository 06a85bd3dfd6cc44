"""Follow-ups: `and in March?`, `only the late ones`, `no, by vendor` change the query before instead of
asking anew."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from agents.models.embedded.assembly import Assembler, Assembly, replace_measure
from agents.models.embedded.chunks import Chunk, content_words
from agents.models.embedded.encoder import SEPARATOR
from agents.models.embedded.lexicon import EntityWord, MetricWord
from agents.models.embedded.masked import Masked
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.text import Token
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import (
    AnyTest,
    DateTest,
    Filter,
    Grouping,
    Measure,
    MetricQuery,
    NamedTest,
    Order,
    ValueTest,
)

_OPENERS = (
    ("and",),
    ("only",),
    ("just",),
    ("but",),
    ("what", "about"),
    ("how", "about"),
    ("no",),
    ("now",),
    ("same",),
    ("the", "same"),
    ("as", "a"),
    ("as", "chart"),
    ("instead",),
    ("then",),
    ("also",),
    ("for",),
    ("in",),
    ("by",),
    ("per",),
    ("without",),
    ("excluding",),
    ("not",),
    ("i", "meant"),
    ("ok",),
    ("okay",),
    ("break",),
    ("split",),
    ("group",),
    ("sort",),
    ("show", "me", "the", "top"),
    ("top",),
    ("of", "those"),
    ("of", "these"),
    ("which", "of", "those"),
    ("which", "of", "these"),
    ("which", "of", "them"),
    ("how", "many", "of", "those"),
    ("how", "many", "of", "these"),
    ("how", "many", "of", "them"),
    ("make", "it"),
    ("chart",),
    ("plot",),
    ("draw",),
    ("during",),
    ("since",),
    ("last",),
    ("this",),
    ("sorry",),
    ("restrict",),
    ("leave",),
    ("drop",),
    ("remove",),
    ("exclude",),
    ("skip",),
    ("ignore",),
)
_REFERENCES = frozenset({"those", "them", "these", "ones", "one", "that", "it", "same", "instead", "there"})
_LONGEST = 18
_LEAVING_OUT = frozenset(
    {"drop", "exclude", "excluding", "ignore", "omit", "remove", "skip", "except", "minus"}
)
_POINTING = frozenset({"those", "these", "them", "they", "theirs"})
_PRONOUNS = _POINTING | {"it", "its", "their", "that", "he", "she"}
_PARTS_OF = frozenset({"percent", "percentage", "share", "proportion"})


def opens_followup(tokens: Sequence[Token]) -> bool:
    """True where a question begins, or refers back, as follow-ups do."""
    words = tuple(token.norm for token in tokens if token.kind != "mark")
    if not words or len(words) > _LONGEST:
        return False
    return any(words[: len(start)] == start for start in _OPENERS) or bool(set(words) & _REFERENCES)


def leans(tokens: Sequence[Token]) -> bool:
    """True for a question short enough to lean on the turn before; a long one says all that it means."""
    return sum(token.kind != "mark" for token in tokens) <= _LONGEST


def stands_alone(tokens: Sequence[Token]) -> bool:
    """True where no word of a question points at the turn before."""
    words = {token.norm for token in tokens}
    return not opens_followup(tokens) and words.isdisjoint(_PRONOUNS)


def keeps_what_goes(tokens: Sequence[Token], question: Masked, calls: Sequence[ToolCall]) -> bool:
    """True where a follow-up such as `drop the bikes` would be answered with nothing but what is to go."""
    if not leaves_out(tokens):
        return False
    said = takewhile(lambda spot: spot.word != SEPARATOR, question.spots)
    named = {value for spot in said for meaning in spot.meanings for value in meaning.values}
    return any(
        isinstance(test, ValueTest) and test.op == "=" and named.issuperset(map(str, test.values))
        for call in calls
        if isinstance(call.arguments, MetricQuery)
        for test in call.arguments.where
    )


def unplaced(tokens: Sequence[Token], chunks: Sequence[Chunk]) -> bool:
    """True where a follow-up holds a word that is part of no change, nor one that follow-ups begin with."""
    placed = {at for chunk in chunks for at in range(chunk.first, chunk.after)}
    begins = {word for start in _OPENERS for word in start} | _LEAVING_OUT
    return any(tokens[at].norm not in begins for at in content_words(tokens) - placed)


class FollowUps:
    """Applies a short question to the query before it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def apply(
        self, before: MetricQuery, tokens: Sequence[Token], chunks: Sequence[Chunk], data: MasterData
    ) -> MetricQuery | None:
        """The changed query, or None where the question does not fit the one before."""
        entity = self._entity(before)
        change = Assembler(self._catalogue, tokens, chunks, "condition", data.base_currency).assemble(entity)
        if change.penalty >= 1.5:
            return None
        if any(chunk.marker == "share" for chunk in chunks) and not change.measures:
            return None  # a share of what went before is another question, which is asked anew
        if self._empty(change, chunks):
            return before if change.chart else None
        merged = self._merged(before, change, tokens, chunks)
        if merged is not None and not _gives_parts(merged, self._catalogue):
            words = {token.norm for token in tokens}
            # A share that the change does not give would be answered by the whole.
            return None if words & _PARTS_OF else merged
        return merged

    def _entity(self, query: MetricQuery) -> str:
        if query.rows_of:
            return query.rows_of
        # What a calculated figure is about, those that it is calculated from say.
        measure = next(measure for measure in query.measures if not measure.derive)
        if measure.metric:
            return self._catalogue.metrics[measure.metric].entity
        return measure.records or measure.count_of or measure.field.split("/")[-1].partition(".")[0]

    @staticmethod
    def _empty(change: Assembly, chunks: Sequence[Chunk]) -> bool:
        return not (
            change.measures
            or change.by
            or change.where
            or change.periods
            or change.limit
            or change.order
            or change.head
            or any(chunk.marker == "share" for chunk in chunks)
        )

    def _merged(
        self, before: MetricQuery, change: Assembly, tokens: Sequence[Token], chunks: Sequence[Chunk]
    ) -> MetricQuery | None:
        update: dict[str, object] = {}
        where = self._where(before, change, tokens)
        update["where"] = where
        if change.measures and self._names_figure(chunks):
            measures = [
                replace_measure(measure, name=f"m{i + 1}") for i, measure in enumerate(change.measures)
            ]
            words = {token.norm for token in tokens}
            kept = list(before.measures) if words & {"also", "too", "additionally"} else []
            update["measures"] = [*kept, *(m for m in measures if m.name not in {k.name for k in kept})]
            update["order"] = [Order(by=measures[0].name)] if before.order and not kept else before.order
            if words & _POINTING and before.measures:
                update["where"] = where = [*before.measures[0].where, *where]
            update["having"] = ()
        by = list(change.by)
        if change.head and change.head != self._entity(before) and not by and not before.rows_of:
            by = [Grouping(entity=change.head)]
        if by:
            update["by"] = by
            if not before.order and not by[0].grain:
                names = [measure.name for measure in before.measures if not measure.hidden]
                update.setdefault("order", [Order(by=names[0])] if names else [])
        if change.limit:
            update["limit"] = change.limit
            update["extreme"] = False
        if any(chunk.marker == "count" for chunk in chunks) and before.rows_of and not change.measures:
            update["output"] = "count" if before.having else "rows"
            if not before.having:
                update |= {
                    "rows_of": "",
                    "show": (),
                    "order": (),
                    "limit": None,
                    "extreme": False,
                    "measures": [Measure(name="n", count_of=before.rows_of)],
                }
        try:
            return MetricQuery.model_validate({**before.model_dump(), **update})
        except ValueError:
            return None

    def _where(self, before: MetricQuery, change: Assembly, tokens: Sequence[Token]) -> list[Filter]:
        kept: list[Filter] = list(before.where)
        if change.periods:
            dates = [test for test in kept if isinstance(test, DateTest)]
            role = dates[0].role if dates else ""
            kept = [test for test in kept if not isinstance(test, DateTest) and not _dated(test)]
            for period, entity, named in change.periods:
                kept.append(DateTest(entity=entity, role=named or role, start=period.start, end=period.end))
        for test in change.where:
            if leaves_out(tokens) and isinstance(test, ValueTest) and test.op == "=":
                test = test.model_copy(update={"op": "<>"})
            kept = [old for old in kept if not _replaces(test, old)]
            kept.append(test)
        return kept

    @staticmethod
    def _names_figure(chunks: Sequence[Chunk]) -> bool:
        return any(
            isinstance(meaning, MetricWord | EntityWord) for chunk in chunks for meaning in chunk.meanings
        )


def leaves_out(tokens: Sequence[Token]) -> bool:
    """True for `drop the bikes`, `leave Clothing out`."""
    words = [token.norm for token in tokens]
    return not _LEAVING_OUT.isdisjoint(words) or ("leave" in words and "out" in words[words.index("leave") :])


def _gives_parts(query: MetricQuery, catalogue: Catalogue) -> bool:
    """True where a figure of the query is a share or a rate."""
    return query.output == "top_share" or any(
        measure.derive in ("percent", "share_of_total", "change_percent")
        or (measure.metric in catalogue.metrics and catalogue.metrics[measure.metric].kind == "percent")
        for measure in query.measures
    )


def _dated(test: Filter) -> bool:
    return isinstance(test, AnyTest) and any(isinstance(part, DateTest) for part in test.of)


def _replaces(new: Filter, old: Filter) -> bool:
    """A new value of the same field takes the old one's place; so does a condition its own negation."""
    if isinstance(new, ValueTest) and isinstance(old, ValueTest):
        return new.path == old.path
    if isinstance(new, NamedTest) and isinstance(old, NamedTest):
        return (new.entity, new.condition) == (old.entity, old.condition)
    return new == old
