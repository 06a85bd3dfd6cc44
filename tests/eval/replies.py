"""Cases and replies that the tests of the evaluation share."""

from __future__ import annotations

from typing import Any

from agents.answer import Alternative, Answer, AnswerTable
from eval.cases import Case
from eval.characters import PROOF as ORACLES
from eval.respondents import Reply
from eval.results import Try
from eval.scoring.verdict import Outcome

VALUES = {"check": "values", "sql": "select 7 as n", "tolerance": 0.005}
PROOF = ORACLES.model_copy(update={"tool": "query_metrics"})


def case(*checks: dict[str, Any], **more: Any) -> Case:
    return Case.model_validate({"id": "Q1", "ask": "How many?", "checks": checks or (VALUES,), **more})


def table(*rows: tuple[str | bool | None, ...], columns: tuple[str, ...] = ("n",)) -> AnswerTable:
    return AnswerTable(columns=columns, units=("",) * len(columns), rows=rows)


def answer(status: str = "answered", *values: str, offered: tuple[str, ...] = (), **more: Any) -> Answer:
    return Answer.model_validate(
        {
            "id": "a",
            "status": status,
            "question": "How many?",
            "reading": "",
            "answer": "",
            "tables": [table((value,)) for value in values],
            "evidence": [PROOF],
            "alternatives": [
                Alternative(key=str(at), reading="", tables=(table((value,)),))
                for at, value in enumerate(offered, 1)
            ],
            "model": "embedded",
            **more,
        }
    )


def reply(status: str = "answered", *values: str, offered: tuple[str, ...] = (), **more: Any) -> Reply:
    return Reply(answer(status, *values, offered=offered, **more), wall_ms=10)


def tried(outcome: Outcome = Outcome.RIGHT, **more: Any) -> Try:
    right = outcome in (Outcome.RIGHT, Outcome.DECLINED_RIGHTLY)
    return Try.model_validate(
        {
            "suite": "s",
            "part": "development",
            "data": "demo",
            "case": "Q1",
            "ask": ("How many?",),
            "expect": "values",
            "outcome": outcome,
            "within_click": right,
            "passed": right,
            "status": "answered",
            **more,
        }
    )
