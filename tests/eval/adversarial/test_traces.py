"""A thousand seeded conversations with hostile models: every promise holds in every one of them."""

from __future__ import annotations

from collections import Counter

import pytest

from eval.adversarial.models import CHARACTERS, Drafter, Looper
from eval.adversarial.promises import broken
from eval.adversarial.traces import Setting, Trace, play, play_one
from tests.eval.adversarial.stage import SECRETS

BATCHES = [
    pytest.param(0, 80, id="0-79"),
    *(
        pytest.param(first, 230, id=f"{first}-{first + 229}", marks=pytest.mark.long)
        for first in range(80, 1_000, 230)
    ),
]
"""First seed and number of traces: a thousand in all, in parts that can run side by side."""
ENOUGH = 20
"""Turns from which chance alone hardly leaves a character without any answer; longer batches have them."""


@pytest.mark.parametrize(("first", "number"), BATCHES)
@pytest.mark.timeout(300)
async def test_no_promise_is_broken(setting: Setting, first: int, number: int) -> None:
    """Whatever the character and the seed; a failure names both, and `play_one` plays it again."""
    traces = await play(setting, number, first=first)
    found = broken(traces)
    assert not found, "\n".join(map(str, found))
    _had_something_to_catch(traces)


def _had_something_to_catch(traces: list[Trace]) -> None:
    """Promises are kept easily where nothing happens: everybody asked, ran, wrote, lied and was answered."""
    assert len({trace.character for trace in traces}) == len(CHARACTERS)
    assert len({trace.person.subject for trace in traces}) == 4
    for character in {trace.character for trace in traces}:
        exchanges = [one for trace in traces if trace.character == character for one in trace.exchanges]
        statuses = Counter(one.answer.status for one in exchanges if one.answer)
        if len(exchanges) < ENOUGH:
            continue
        # One that asks for the same again and again is mostly stopped by its bounds.
        assert statuses["answered"] >= len(exchanges) / 40, character
        assert any(run.result is not None for one in exchanges for run in one.runs), character
        assert any(prompt.stage == "compose" for one in exchanges for prompt in one.prompts), character
    done = Counter(exchange.deed for trace in traces for exchange in trace.exchanges)
    assert done["choose"]
    assert done["replay"]
    # Drafts were asked for, and models that wanted one unasked had occasion.
    assert {one.wants_a_draft for trace in traces for one in trace.exchanges} == {False, True}


@pytest.mark.long
async def test_drafts_are_handed_in_where_they_are_asked_for(setting: Setting) -> None:
    """Without them the promise about drafts would be kept by a desk that nobody reaches."""
    traces = await play(setting, 500, (Drafter,), first=2_000)
    assert not broken(traces)
    handed = [one for trace in traces for exchange in trace.exchanges for one in exchange.handed]
    assert len(handed) >= 5
    assert len({one.draft.kind for one in handed}) > 1
    assert sum(bool(trace.invented) for trace in traces) > len(traces) / 4
    # Both sites' secrets were there to be seen, by those who may.
    told = "".join(prompt.text for trace in traces for prompt in trace.prompts)
    assert all(name in told for name, _ in SECRETS.values())


async def test_equal_seeds_play_equal_roles(setting: Setting) -> None:
    """A seed in a report leads back to what happened."""
    for seed, character in enumerate(CHARACTERS):
        first, second = [await play_one(setting, character, seed) for _ in range(2)]
        assert first.questions == second.questions
        assert first.invented == second.invented
        ran = [
            sorted((run.tool, run.arguments) for one in trace.exchanges for run in one.runs)
            for trace in (first, second)
        ]
        assert ran[0] == ran[1]
        assert [answer.answer for answer in first.answers] == [answer.answer for answer in second.answers]


async def test_a_model_that_does_not_come_back_is_waited_for_no_longer_than_agreed(setting: Setting) -> None:
    """The answer says that the time was used up."""
    seed = next(seed for seed in range(10_000) if Looper(seed, setting.bait).habit == "sleeps")
    trace = await play_one(setting, Looper, seed)
    assert broken([trace]) == []
    assert max(exchange.seconds for exchange in trace.exchanges) >= setting.budget.seconds
