"""Prices and costs that held on a day beside others: today's, and those before a change."""

from __future__ import annotations

import re
from datetime import date

from agents.models.embedded.masked import Masked
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import MetricQuery, ValidTest

_NOW = re.compile(
    r"\b(?:now|nowadays|current|currently|today|today s|todays|at present|presently|master|as of today)\b"
)
_BEFORE_AND_AFTER = re.compile(
    r"\b(?:before and after|after and before|(?:old|previous|former) (?:one |(?:[a-z]+ )?(?:price|cost) )?"
    r"(?:and|versus|to) (?:the )?new|from what to what)\b"
)
_PREVIOUS = "previous_"


def beside_others(query: MetricQuery, question: Masked, catalogue: Catalogue) -> MetricQuery:
    """The query of a version with what it is compared with: the same of today, or of before the change."""
    entity = catalogue.entities.get(query.rows_of)
    if question.language != "en" or entity is None or not entity.validity or query.extreme or query.limit:
        return query
    held = [test.on for test in query.where if isinstance(test, ValidTest) and test.on is not None]
    own = [path for path in query.show if path.partition(".")[0] == query.rows_of]
    main = next((path for path in own if path.partition(".")[2] in catalogue.entities["material"].fields), "")
    if len(held) != 1 or not main or not isinstance(held[0], date):
        return query
    text, name = " ".join(question.words), main.partition(".")[2]
    more: list[str] = []
    if _BEFORE_AND_AFTER.search(text):
        more += [f"{query.rows_of}.{each}" for each in entity.fields if each.startswith(_PREVIOUS)]
    if _NOW.search(text):
        more.append(f"material.{name}")
    rest = [path for path in query.show if path not in (main, *more)]
    show = tuple(dict.fromkeys((main, *more, *rest))) if more else tuple(dict.fromkeys(query.show))
    return query if show == query.show else query.model_copy(update={"show": show})
