"""Texts that are kept or raised in English are read in the person's language, whatever their places hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.languages import LANGUAGES, Language, speaking
from tools.languages.retelling import retold

_ROOT = Path(__file__).parents[3]
_OTHERS = [spoken for spoken in LANGUAGES if spoken != "en"]
_FROM = (
    "policies",
    "server/channels/mapping.py",
    "server/dev_idp",
    "server/finance",
    "server/floor",
    "server/intake",
    "server/oidc",
    "server/routes",
    "server/runs",
    "server/webhooks",
    "server/desk.py",
    "server/directory.py",
    "server/draft_records.py",
    "server/drafting.py",
    "server/errors.py",
    "server/house.py",
    "server/idempotency.py",
    "server/identity.py",
    "server/operations.py",
    "server/pace.py",
    "server/paging.py",
    "server/source_events.py",
    "agents/conversations.py",
    "agents/copilot.py",
    "agents/nodes",
    "erp_adapters/demo/erp",
    "erp_adapters/store/people.py",
)
"""What raises where somebody asks over HTTP, or while what they confirmed is carried out."""
_AT_START = {"ConfigurationError", "CaseInvalid"}
"""Said to whoever sets the program up, on the command line: English, as all of it."""
_COMPOSED = ("the proposal {} waits for no confirmation, it is {}{} {}",)
"""Told below, as what stands in their places are words of ours too."""
SAMPLES = ("'x-1'", "7", "2026-06-12", "steel pipes")
"""What could stand in a place."""


def _classes() -> set[str]:
    """Names of every error of ours."""
    bases: dict[str, set[str]] = {}
    for folder in ("agents", "erp_adapters", "policies", "server", "tools"):
        for file in (_ROOT / folder).rglob("*.py"):
            if "training" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases[node.name] = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
    found = {"CopilotError"}
    while more := {name for name, parents in bases.items() if parents & found} - found:
        found |= more
    return found


def _raised() -> Iterator[tuple[str, str]]:
    """Where each message is raised, with `{}` in its places; not those that are worded already."""
    classes = _classes() - _AT_START
    for start in _FROM:
        path = _ROOT / start
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call) or not node.exc.args:
                    continue
                name = ast.unparse(node.exc.func).rpartition(".")[2]
                if name in classes and (text := _text(node.exc.args[0])) is not None:
                    yield f"{file.relative_to(_ROOT)}:{node.lineno}", text


def _text(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in parts)  # type: ignore[misc]
        case _:
            return None


def _filled(text: str) -> Iterator[str]:
    places = text.count("{}")
    for sample in SAMPLES:
        yield text.replace("{}", sample)
        if places > 1:
            yield text.replace("{}", SAMPLES[0], 1).replace("{}", sample)
            yield text.replace("{}", sample, 1).replace("{}", SAMPLES[0])


@pytest.mark.parametrize("spoken", _OTHERS)
def test_every_error_that_is_told_over_http_is_told_in_the_language(spoken: Language) -> None:
    """A message that was changed in English alone would be read in English by somebody in Kassel."""
    raised = dict(_raised())
    assert len(raised) > 150
    with speaking(spoken):
        missing = [
            f"{where} {text}"
            for where, text in raised.items()
            if text not in _COMPOSED
            and re.search(r"[a-z]{2}", text.replace("{}", ""))
            and all(retold(each) == each for each in _filled(text))
        ]
    assert missing == []


def test_figures_and_days_are_written_as_the_language_writes_them() -> None:
    """1,234.5 read as German would be another number; codes and what others wrote stay as they are."""
    text = "It runs short on 2026-06-12: 1,234.5 KG are missing on that day; sales order 4711 waits first."
    with speaking("de"):
        told = retold(text)
        assert retold("Two days late, said the driver.") == "Two days late, said the driver."
    assert "12.06.2026" in told
    assert "1.234,5 KG" in told
    assert "Kundenauftrag 4711" in told
    assert retold(text) == text


def test_a_message_about_a_place_and_several_sentences_are_told_part_by_part() -> None:
    """The name of a field is what a program sent; sentences strung together are each ours."""
    with speaking("fr"):
        assert retold("lines.0.quantity: Field required") == "lines.0.quantity: Champ requis"
        assert (
            retold("Do nothing. It stays due on 2026-06-12.") == "Ne rien faire. Il reste dû le 12/06/2026."
        )
    late = "the proposal '0198' waits for no confirmation, it is {}"
    with speaking("de"):
        for state in (
            "executed as document '1', confirmed by Anna: to undo it, take it back by another proposal",
            "rejected: too late; draft it again if it is needed after all",
            "superseded: replaced by version 2; confirm the version that replaced it",
            "confirmed; one confirmation is enough: it is written once, and `show` says when",
        ):
            told = retold(late.format(state))
            assert not re.search(r"\b(?:the|it|is|by|confirmed)\b", told), told
    with speaking("es"):
        assert retold("Nobody confirmed it in time.") == "Nadie lo confirmó a tiempo."
