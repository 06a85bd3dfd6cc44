"""Runs cases: several at a time, each try kept as soon as it is judged, and only those not done yet."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

from eval.cases import Case, Suite, UnchangedCheck
from eval.golden import Data
from eval.judging import Judge
from eval.respondents import Respondent
from eval.results import Recording, Try

Progress = Callable[[int, int, Try], None]
"""How many of how many are done, and the last."""


async def run(
    suites: Sequence[Suite],
    respondent: Respondent,
    data: Data,
    recording: Recording,
    *,
    trials: int = 1,
    jobs: int = 1,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Try]:
    """The tries of all cases, those of an interrupted run included.

    Args:
        jobs: how many are asked at a time. A case that compares the store before and after is asked alone.
        seed: decides the order, so that what one question leaves behind is not always met by the same next.

    Raises:
        GoldenUnusable: the expected values of a case cannot be computed; nothing is scored against nothing.
    """
    wanted = [
        (suite, case, trial) for suite in suites for case in suite.cases for trial in range(1, trials + 1)
    ]
    todo = [one for one in wanted if (one[0].name, one[1].id, one[2]) not in recording.done]
    for _, case, _ in todo:
        # Before anything is asked: a statement that fails is found at once, and takes no part in the times.
        data.golden(case)
    random.Random(seed).shuffle(todo)
    finished = len(wanted) - len(todo)
    gate, lone = asyncio.Semaphore(jobs), asyncio.Lock()

    async def one(suite: Suite, case: Case, trial: int) -> None:
        nonlocal finished
        async with gate:
            if any(isinstance(check, UnchangedCheck) for check in case.checks):
                async with lone:
                    judged = await _tried(suite, case, trial, respondent, data)
            else:
                judged = await _tried(suite, case, trial, respondent, data)
        recording.add(judged)
        finished += 1
        if progress is not None:
            progress(finished, len(wanted), judged)

    asking = [asyncio.ensure_future(one(*each)) for each in todo]
    try:
        await asyncio.gather(*asking)
    finally:
        # Where one ends the run, the others are not left behind in homes that are about to close.
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    return [recording.done[suite.name, case.id, trial] for suite, case, trial in wanted]


async def _tried(suite: Suite, case: Case, trial: int, respondent: Respondent, data: Data) -> Try:
    judge = Judge(suite, case, data)
    return judge.judged(await respondent.reply(case), trial)
