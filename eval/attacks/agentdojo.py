"""What AgentDojo attacks with: the wordings of its attacks, and the goals of its injection tasks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from eval.attacks.source_text import Files, assigned, constants, texts


def read(package: Files) -> Iterator[tuple[str, str, str]]:
    """File, family and text of each attack; `{goal}` stands where the goal of a task is put."""
    for name in package.names(r"agentdojo/attacks/\w+_attacks\.py"):
        for family, text in _attacks(package.text(name)):
            yield name, family, text
    for name in package.names(r"agentdojo/default_suites/\w+/\w+/injection_tasks\.py"):
        suite = name.split("/")[-2]
        for text in _goals(package.text(name)):
            yield name, f"{suite} goal", text


def _attacks(source: str) -> Iterator[tuple[str, str]]:
    for found in _classes(source):
        known = constants(found.body, {})
        wordings = [known[key] for key in ("_JB_STRING", "_DOS_STRING") if key in known]
        wordings += [text for text in _handed_on(found) if "{goal}" in text]
        for text in wordings:
            yield known.get("name", found.name), text


def _goals(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    module = constants(tree.body, {})
    for found in _classes(source):
        known = constants(found.body, module)
        for name, value in assigned(found.body):
            if name == "GOAL":
                yield from texts(value, known)


def _classes(source: str) -> list[ast.ClassDef]:
    return [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]


def _handed_on(found: ast.ClassDef) -> Iterator[str]:
    """Texts that the class hands to the one that it derives from."""
    for node in ast.walk(found):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super"))), args=[first, *_]):
                yield from texts(first, {})
