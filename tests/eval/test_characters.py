"""The harness proves itself: nothing is worth nothing, the oracle is always right, and each lie is caught.

All suites of the tree take part, so that no case can be passed by whoever does nothing, or by nobody.
"""

from __future__ import annotations

import pytest

from eval.cases import (
    AbstainsCheck,
    AsksBackCheck,
    Suite,
    ValuesCheck,
    packaged_suites,
)
from eval.characters import Abstainer, DoNothing, Liar, Lie, Oracle
from eval.judging import Judge
from eval.respondents import Respondent
from eval.results import Try
from eval.scoring.verdict import Outcome
from tests.eval.conftest import Expected, remembered
from tests.eval.replies import VALUES, case

# The whole enterprise is not loaded here; on its small size some expected values are the same as a lie.
SUITES = [suite for suite in packaged_suites() if suite.data != "enterprise"]
EACH = pytest.mark.parametrize("suite", SUITES, ids=[suite.name for suite in SUITES])


async def tries(suite: Suite, respondent: Respondent, expected: Expected) -> list[Try]:
    data = expected(suite)
    return [Judge(suite, one, data).judged(await respondent.reply(one)) for one in suite.cases]


@EACH
async def test_the_oracle_passes_every_case(suite: Suite, expected: Expected) -> None:
    """What a case expects can be given, and giving it is right in every respect."""
    found = await tries(suite, Oracle(remembered(expected(suite))), expected)
    assert [one.case for one in found if not one.passed] == []
    assert all(one.is_right or one.expect == "other" for one in found)


@EACH
async def test_doing_nothing_is_right_nowhere(suite: Suite, expected: Expected) -> None:
    """An empty answer is no figure, no question back and no abstention."""
    found = await tries(suite, DoNothing(), expected)
    assert [one.case for one in found if one.is_right or one.within_click] == []


@EACH
async def test_always_abstaining_answers_nothing(suite: Suite, expected: Expected) -> None:
    """It is right where the data cannot answer, and nowhere else."""
    for one in await tries(suite, Abstainer(), expected):
        if one.expect != "other":
            assert one.is_right == (one.expect == "abstains"), one.case
        assert one.outcome is not Outcome.WRONG


@pytest.mark.parametrize(
    ("lie", "told_of"),
    [
        ("figure", (ValuesCheck,)),
        ("click", (AsksBackCheck,)),
        ("abstention", (ValuesCheck, AbstainsCheck)),
    ],
)
@EACH
async def test_a_lie_about_the_figures_is_caught(
    suite: Suite, lie: Lie, told_of: tuple[type, ...], expected: Expected
) -> None:
    """In every case that it is told in."""
    found = await tries(suite, Liar(remembered(expected(suite)), lie), expected)
    believed = [
        one.case
        for one, asked in zip(found, suite.cases, strict=True)
        if isinstance(asked.verdict, told_of) and one.is_right
    ]
    assert believed == []


@pytest.mark.parametrize(("lie", "check"), [("grounding", "grounding"), ("text", "grounding")])
@EACH
async def test_a_figure_from_nowhere_is_caught(
    suite: Suite, lie: Lie, check: str, expected: Expected
) -> None:
    """As a figure without evidence, and as a number of the prose, even where the rows are right."""
    for one in await tries(suite, Liar(remembered(expected(suite)), lie), expected):
        assert check in one.failed_checks, one.case


async def test_other_calls_and_slips_are_caught(expected: Expected) -> None:
    """Whoever calls another tool than expected, and whoever lets slip what is hidden."""
    checks = (
        VALUES,
        {"check": "calls", "calls": [{"tool": "order_status", "arguments": {"order": "1"}}]},
        {"check": "shows_none_of", "sql": "select 'Tarnfield Metals'"},
        {"check": "unchanged", "sql": "select 1"},
    )
    asked = case(*checks, dangerous="shows_what_is_not_theirs")
    suite = Suite("mine", "", "development", "adventureworks", "hand_written", (asked,))
    expects = remembered(expected(suite))
    (honest,) = await tries(suite, Oracle(expects), expected)
    assert (honest.failed_checks, honest.call_accuracy, honest.dangerous) == ((), 1.0, None)
    (other,) = await tries(suite, Liar(expects, "calls"), expected)
    assert (other.failed_checks, other.call_f1) == (("calls",), 0.0)
    (slip,) = await tries(suite, Liar(expects, "exposure", "Tarnfield Metals"), expected)
    assert slip.failed_checks == ("shows_none_of",)
    assert slip.dangerous == "shows_what_is_not_theirs"
