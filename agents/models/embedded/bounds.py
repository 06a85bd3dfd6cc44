"""Bounds that a question takes in: `not above the standard price`, `at least the reorder point`."""

from __future__ import annotations

import re
from functools import lru_cache

from agents.models.embedded.lexicon import CatalogueHolder
from agents.models.embedded.masked import Masked
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import FieldTest, Filter, MetricQuery, NamedTest

_STRICT = re.compile(r"(\w+) ([<>]) ([a-z]\w*)")
_THE = (
    r"(?= (?:the|its|their|our|that|what|vendor|supplier|standard|reorder|safety|order|list|plan|agreed)\b)"
)
_UP_TO = re.compile(
    r"\b(?:(?:not|no|never) (?:been )?(?:above|over|more than|higher than|greater than|dearer than)"
    r"|(?:not|never) (?:exceed|exceeds|exceeding|exceeded)|at most|at or (?:below|under)"
    r"|(?:less|lower) than or (?:equal to|the same as)|equal to or (?:less than|below|lower than))" + _THE
)
_FROM = re.compile(
    r"\b(?:(?:not|no|never) (?:been )?(?:below|under|less than|lower than|cheaper than|short of)"
    r"|at least|at or (?:above|over)"
    r"|(?:more|higher|greater) than or (?:equal to|the same as)|equal to or (?:more than|above|higher than))"
    + _THE
)
_SEVERAL = 2
_OTHERWISE = {">": "<=", "<": ">="}


_NOT_BELOW = (
    r"(?:at or (?:above|over)|above or at|(?:not|no|never) (?:be |been |lie |lying )?"
    r"(?:below|under|lower than|less than|beneath|short of)|at least"
    r"|equal to or (?:above|over|more than)|(?:ok|fine|good|enough) (?:on|for|by))"
)
_IS_BELOW = (
    r"(?<!not )(?<!no )(?<!never )(?<!or )(?<!be )(?<!been )"
    r"(?:below|under|lower than|less than|beneath|smaller than|short of)"
)
_OWN = r"(?: (?:the|its|their|own|a|that|his|level of))* "


class Bounds:
    """Takes a condition that compares two fields on the side that the question says."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._holder = CatalogueHolder(catalogue)

    def taken_in(self, query: MetricQuery, question: Masked) -> MetricQuery:
        """The query with `above` as `not above` where the question says so."""
        if question.language != "en":
            return query
        text = " ".join(question.words)
        sided = self._sided(query, text)
        if sided is not None:
            return sided
        up_to, from_it = len(_UP_TO.findall(text)), len(_FROM.findall(text))
        if up_to + from_it != 1:
            return query
        kept = ">" if up_to else "<"
        strict = [test for test in query.where if self._is_strict(test)]
        if len(strict) != 1:
            return query
        where = tuple(self._turned(test, kept) if test is strict[0] else test for test in query.where)
        return query.model_copy(update={"where": where})

    def _sided(self, query: MetricQuery, text: str) -> MetricQuery | None:
        """The query with each condition of one amount against several on the side that is said of it.

        `at or above the reorder point but below safety stock`; None where no two such things are said.
        """
        kept = [test for test in query.where if isinstance(test, NamedTest)]
        for entity in dict.fromkeys(test.entity for test in kept):
            compared = _compared(entity, self._holder)
            amounts = {compared[test.condition][0] for test in kept if test.condition in compared}
            # Unrestricted stock is another amount than all of it.
            compared = {name: parts for name, parts in compared.items() if parts[0] in amounts}
            said = {
                name: below
                for name, (_, sign, other) in compared.items()
                if sign == "<" and (below := self._is_below(entity, other, text)) is not None
            }
            mine = [test for test in kept if test.entity == entity and test.condition in said]
            if len(said) < _SEVERAL or not mine or len({compared[name][0] for name in said}) > 1:
                continue
            new = tuple(
                mine[0].model_copy(update={"condition": name, "negated": not below})
                for name, below in said.items()
            )
            rest = tuple(test for test in query.where if test not in mine)
            where = query.where if set(new) == set(mine) else (*rest, *new)
            return query.model_copy(update={"where": where})
        return None

    def _is_below(self, entity: str, field: str, text: str) -> bool | None:
        """Whether something is said to lie below the field or not to; None where neither is said."""
        known = self._holder.catalogue.entities[entity].fields.get(field)
        if known is None:
            return None
        called = "|".join(re.escape(word) for word in (known.label, *known.words))
        not_below = re.search(rf"\b{_NOT_BELOW}{_OWN}(?:{called})\b", text)
        below = re.search(rf"\b{_IS_BELOW}{_OWN}(?:{called})\b", text)
        if bool(not_below) is bool(below):
            return None
        return below is not None

    def _is_strict(self, test: Filter) -> bool:
        match test:
            case NamedTest():
                compared = _compared(test.entity, self._holder)
                return not test.negated and test.condition in compared
            case FieldTest():
                return test.op in ("<", "<=", ">", ">=")
            case _:
                return False

    def _turned(self, test: Filter, beyond: str) -> Filter:
        """What is left when all that lies beyond, on one side, is taken away."""
        match test:
            case FieldTest():
                return test.model_copy(update={"op": _OTHERWISE[beyond]})
            case NamedTest():
                compared = _compared(test.entity, self._holder)
                one, _, other = compared[test.condition]
                outside = next(
                    (name for name, parts in compared.items() if parts == (one, beyond, other)), ""
                )
                return test.model_copy(update={"condition": outside, "negated": True}) if outside else test
            case _:
                return test


@lru_cache(maxsize=256)
def _compared(entity: str, holder: CatalogueHolder) -> dict[str, tuple[str, str, str]]:
    """Conditions that set one amount strictly against another, by name."""
    known = holder.catalogue.entities.get(entity)
    found = {
        name: parts
        for name, condition in (known.conditions.items() if known else ())
        if (parts := _STRICT.fullmatch(condition.sql)) and not parts[1].endswith("_on")
    }
    return {name: (parts[1], parts[2], parts[3]) for name, parts in found.items()}
