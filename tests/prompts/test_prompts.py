"""What a hosted model is told: prompts have versions and declared variables, and changes show in a diff.

After a change on purpose: `python -m tests.prompts.test_prompts` writes the snapshots anew.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import prompts
from agents.models.protocol import PastTurn, ToolCall, Turn
from agents.models.showing import results_text, turn_text
from prompts import Prompt, prompt
from tests.agents.toy import PLANNER, NoStore, ScrapArguments, scrap
from tools.registry import ToolContext

SNAPSHOTS = Path(__file__).parent / "snapshots"


def _material() -> str:
    """A question with its past and results, as a model is shown them."""

    async def result() -> str:
        async with NoStore().reading(PLANNER) as tx:
            return results_text([await scrap.run(ScrapArguments(top=2), ToolContext(PLANNER, tx))])

    past = PastTurn("What was scrapped?", (ToolCall("scrap", ScrapArguments()),), "Scrapped quantity")
    turn = Turn('And the top "2"?\n{{r0.figures[0]}}', (past,), "Scrap by reason")
    return f"{turn_text(turn, 'Sites: AW')}\n\nResults:\n{asyncio.run(result())}\n"


def _rendered() -> dict[str, str]:
    return {
        "plan": prompt("plan").render(catalogue="(the catalogue)"),
        "as_json": prompt("as_json").render(tools="(the tools)"),
        "compose": prompt("compose").render(language="English"),
        "pick": prompt("pick").render(names="(the names)"),
        "material": _material(),
    }


@pytest.mark.parametrize("name", ["plan", "as_json", "compose", "pick", "material"])
def test_a_prompt_is_what_was_reviewed(name: str) -> None:
    """A reviewer sees every change of what a model reads."""
    assert _rendered()[name] == (SNAPSHOTS / f"{name}.txt").read_text(encoding="utf-8")


def test_every_prompt_file_loads_and_has_a_version() -> None:
    """No file lies about that the loader would refuse."""
    names = [path.stem for path in Path(prompts.__file__).parent.glob("*.md")]
    assert sorted(names) == ["as_json", "compose", "masked", "pick", "plan"]
    assert all(prompt(name).version.count(".") == 2 for name in names)


def test_variables_are_declared_and_given() -> None:
    """A missing or an unknown value is an error, and values are not read as templates."""
    example = Prompt("example", "1.0.0", frozenset({"who"}), "Hello [[who]].")
    assert example.render(who="[[who]] {{r0}}") == "Hello [[who]] {{r0}}."
    with pytest.raises(ValueError, match="takes who"):
        example.render()
    with pytest.raises(ValueError, match="takes who"):
        example.render(who="you", other="x")


if __name__ == "__main__":
    for key, text in _rendered().items():
        (SNAPSHOTS / f"{key}.txt").write_text(text, encoding="utf-8")
