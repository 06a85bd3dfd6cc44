"""The tools by name, each with its argument schema, effect and example questions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar, get_type_hints

from pydantic import BaseModel

from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from tools.errors import ToolError
from tools.results import ToolResult

ArgsT = TypeVar("ArgsT", bound=BaseModel)


class Effect(Enum):
    """What running a tool can do: nothing here writes to an ERP."""

    READ = "read"
    DRAFT = "draft"


def _nobody(text: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool is given besides its arguments: who asks, and a read transaction under their scope."""

    caller: Caller
    tx: ReadTransaction
    tell: Callable[[str], None] = _nobody
    """Says what is being done, in words, where it takes long; whoever asked hears it."""


@dataclass(frozen=True, slots=True)
class Tool(Generic[ArgsT]):
    """A typed tool: schema, effect, examples and the coroutine that runs it."""

    name: str
    arguments: type[ArgsT]
    run: Callable[[ArgsT, ToolContext], Awaitable[ToolResult]]
    description: str
    """The docstring of `run`: read by a model, written for a new colleague."""
    effect: Effect
    examples: tuple[str, ...]
    """Questions that this tool answers, in the words of the trade."""
    roles: frozenset[str]
    """Roles admitted; empty admits every signed-in person."""
    version: str = "1.0.0"


class ToolRegistry:
    """Tools by name; unknown names and invalid arguments raise `ToolError`."""

    def __init__(self, tools: Iterable[Tool[Any]]) -> None:
        self._tools: Mapping[str, Tool[Any]] = {}
        table: dict[str, Tool[Any]] = {}
        for tool in tools:
            if tool.name in table:
                raise ValueError(f"two tools are named {tool.name!r}")
            table[tool.name] = tool
        self._tools = table

    def names(self) -> tuple[str, ...]:
        """Names in alphabetical order, so that a prompt's tool list is stable."""
        return tuple(sorted(self._tools))

    def reading(self) -> Mapping[str, Tool[Any]]:
        """The tools that only read, by name: those that a reader of questions knows."""
        return {name: self._tools[name] for name in self.names() if self._tools[name].effect is Effect.READ}

    def admitted(self, caller: Caller) -> tuple[Tool[Any], ...]:
        """The tools that this caller may use, in alphabetical order."""
        return tuple(
            self._tools[name]
            for name in self.names()
            if not self._tools[name].roles or self._tools[name].roles & caller.roles
        )

    def get(self, name: str) -> Tool[Any]:
        """The tool of that exact name.

        Raises:
            ToolError: there is none; the message lists what there is.
        """
        try:
            return self._tools[name]
        except KeyError:
            raise ToolError(f"there is no tool {name!r}; there are {', '.join(self.names())}") from None


def tool(
    *,
    name: str,
    examples: Iterable[str],
    effect: Effect = Effect.READ,
    roles: Iterable[str] = (),
    version: str = "1.0.0",
) -> Callable[[Callable[[ArgsT, ToolContext], Awaitable[ToolResult]]], Tool[ArgsT]]:
    """Make a `Tool` of a coroutine: its first parameter is the argument model, its docstring describes it."""

    def made(run: Callable[[ArgsT, ToolContext], Awaitable[ToolResult]]) -> Tool[ArgsT]:
        hints = run.__annotations__
        arguments = get_type_hints(run)[next(iter(hints))]
        if not run.__doc__:
            raise ValueError(f"tool {name!r} needs a docstring: a model reads it")
        return Tool(
            name=name,
            arguments=arguments,
            run=run,
            description=run.__doc__.strip(),
            effect=effect,
            examples=tuple(examples),
            roles=frozenset(roles),
            version=version,
        )

    return made
