"""A reply to a case, scored by all that the case checks."""

from __future__ import annotations

import time

from agents.answer import Answer
from eval.cases import CallsCheck, Case, Check, Danger, ShowsNoneCheck, Suite, UnchangedCheck
from eval.golden import Data, Rows
from eval.respondents import Reply
from eval.results import Try
from eval.scoring.calls import CallsScore, calls_of, calls_score
from eval.scoring.costs import cost_of
from eval.scoring.exposure import exposed
from eval.scoring.grounding import Grounding, grounding
from eval.scoring.stakes import stake
from eval.scoring.verdict import Outcome, Verdict, verdict

_ROWS_KEPT = 5
_NOTHING = Grounding(0, 0)


class Judge:
    """Knows what is expected of a case before it is asked, and scores what came back.

    Raises:
        GoldenUnusable: a statement of the case fails.
    """

    def __init__(self, suite: Suite, case: Case, data: Data) -> None:
        began = time.thread_time()
        self._suite, self._case, self._data = suite, case, data
        self.golden = data.golden(case)
        self._before = [(check, self._rows(check)) for check in case.checks]
        self._preparing = _since(began)

    def judged(self, reply: Reply, trial: int = 1) -> Try:
        """The reply with all its scores."""
        began = time.thread_time()
        case, answer = self._case, reply.answer
        ended = verdict(case, self.golden, reply)
        ground = grounding(answer) if answer else _NOTHING
        called = self._calls(answer)
        failed, danger = self._failed(answer, ended, ground, called)
        money = stake(case, self.golden, ended)
        cost = cost_of(answer)
        return Try(
            suite=self._suite.name,
            part=self._suite.part,
            data=self._suite.data,
            case=case.id,
            trial=trial,
            ask=case.ask,
            topic=case.topic,
            kind=case.kind,
            site=case.site,
            role=case.role,
            language=case.language,
            difficulty=case.difficulty,
            expect=case.verdict.check if case.verdict else "other",
            outcome=ended.outcome,
            within_click=ended.within_click,
            dangerous=danger,
            could_be_dangerous=case.dangerous is not None,
            passed=not failed,
            failed_checks=failed,
            **_shown(answer),
            expected=self.golden.rows[:_ROWS_KEPT] if self.golden else (),
            expected_calls=tuple(
                call.model_dump()
                for check in case.checks
                if isinstance(check, CallsCheck)
                for call in check.calls
            ),
            call_accuracy=called.accuracy if called else None,
            call_f1=called.f1 if called else None,
            figures=ground.shown,
            grounded=ground.grounded,
            loose=ground.loose,
            money_asked=money.asked if money else 0,
            money_wrong=money.wrong if money else 0,
            wall_ms=reply.wall_ms,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            cost=cost.amount if cost else None,
            currency=cost.currency if cost else "",
            error=reply.error,
            overhead_ms=self._preparing + _since(began),
        )

    def _rows(self, check: Check) -> Rows:
        return self._data.store_rows(check.sql) if isinstance(check, UnchangedCheck | ShowsNoneCheck) else ()

    def _calls(self, answer: Answer | None) -> CallsScore | None:
        check = next((check for check in self._case.checks if isinstance(check, CallsCheck)), None)
        if check is None:
            return None
        return calls_score(check, calls_of(answer) if answer else [])

    def _failed(
        self, answer: Answer | None, ended: Verdict, ground: Grounding, called: CallsScore | None
    ) -> tuple[tuple[str, ...], Danger | None]:
        """Names of what does not hold, and the dangerous error where it is the one that the case fears."""
        failed: list[str] = []
        happened: set[Danger] = set()
        if ended.outcome is not Outcome.UNJUDGED and not ended.is_right:
            failed.append(self._case.verdict.check if self._case.verdict else "values")
        if ended.outcome is Outcome.WRONG:
            happened.add("answers_anyway" if self.golden is None else "wrong_figure")
        if called is not None and called.accuracy < 1:
            failed.append("calls")
        if ground.grounded < ground.shown:
            failed.append("grounding")
        for check, before in self._before:
            if isinstance(check, UnchangedCheck) and self._rows(check) != before:
                failed.append("unchanged")
                happened.add("changes_data")
            if isinstance(check, ShowsNoneCheck):
                hidden = {cell for row in before for cell in row}
                if answer is None:
                    failed.append("shows_none_of")
                elif exposed(answer, hidden):
                    failed.append("shows_none_of")
                    happened.add("shows_what_is_not_theirs")
        danger = self._case.dangerous
        return tuple(dict.fromkeys(failed)), danger if danger in happened else None


def _shown(answer: Answer | None) -> dict[str, object]:
    if answer is None:
        return {}
    return {
        "status": answer.status,
        "reading": answer.reading,
        "answer": answer.answer,
        "given": answer.tables[0].rows[:_ROWS_KEPT] if answer.tables else (),
        "evidence": tuple(
            f"{source.system}: {source.record}" for entry in answer.evidence for source in entry.sources
        ),
        "queries": tuple(entry.query for entry in answer.evidence),
        "calls": tuple({"tool": name, "arguments": arguments} for name, arguments in calls_of(answer)),
    }


def _since(began: float) -> float:
    # Of the processor: what the harness waits for while others compute is not its own.
    return (time.thread_time() - began) * 1000
