"""Every tool can be offered to a model: described, with examples, and with arguments that refuse nonsense."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tools.all_tools import DRAFTS, LOOK_UPS, registry
from tools.registry import Effect, Tool

TOOLS = (*LOOK_UPS, *DRAFTS)
EVERY = pytest.mark.parametrize("tool", TOOLS, ids=[tool.name for tool in TOOLS])


def test_names_are_unique_and_known() -> None:
    assert set(registry().names()) >= {tool.name for tool in TOOLS}


def test_no_tool_writes() -> None:
    """A tool reads, or drafts for a person to confirm; there is no third kind."""
    effects = {name: registry().get(name).effect for name in registry().names()}
    assert {name for name, effect in effects.items() if effect is Effect.DRAFT} == {
        tool.name for tool in DRAFTS
    }
    assert {effect.value for effect in Effect} == {"read", "draft"}
    assert {name for name in effects if name.startswith("draft")} == {tool.name for tool in DRAFTS}


@EVERY
def test_a_tool_says_what_it_gives_with_examples(tool: Tool[Any]) -> None:
    first = tool.description.splitlines()[0]
    assert first.endswith(".")
    assert "Example:" in tool.description
    assert len(tool.examples) >= 2


@EVERY
def test_every_argument_is_described(tool: Tool[Any]) -> None:
    for name, field in tool.arguments.model_json_schema()["properties"].items():
        assert field.get("description"), f"{tool.name}.{name}"


@EVERY
def test_unknown_arguments_are_refused(tool: Tool[Any]) -> None:
    with pytest.raises(ValidationError):
        tool.arguments(no_such_argument=1)


@pytest.mark.parametrize("text", ["", "   ", "a\0b", "\ud800", "x" * 201])
def test_text_that_cannot_name_anything_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        registry().get("material_card").arguments(material=text)


@pytest.mark.parametrize("quantity", [0, -1, "NaN", "Infinity", 1e10])
def test_quantities_are_positive_and_finite(quantity: object) -> None:
    with pytest.raises(ValidationError):
        registry().get("explode_bom").arguments(material="x", quantity=quantity)
