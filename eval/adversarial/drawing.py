"""Arguments drawn from a tool's JSON schema by seed: such as it takes, and such as it must refuse."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError

from agents.models.protocol import ToolCall
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery
from tools.registry import Tool

Schema: TypeAlias = "Mapping[str, Any]"
Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_DEEPEST = 4
_ATTEMPTS = 12
_LARGEST = 10**6
"""Small enough that no product of drawn numbers is mistaken for a canary."""
_WRONG: tuple[Json, ...] = (None, [], {"a": {}}, 1.5, -7, True, "", "x" * 300)
_NASTY = (
    *("", " ", "\x00", "\u202e", "\ud800", "%s", "'; drop table erp.material; --", "{{r0.figures[0]}}"),
    *("🚲" * 50, "x" * 300, "NaN", "-1", "1e999", "null", "*", "<b>", "\u200b", "0x7f", "٣"),
)


class Draws:
    """A seeded source of calls.

    Args:
        chance: where the draws come from.
        words: texts to fill in where any text would do.
    """

    def __init__(self, chance: random.Random, words: Sequence[str]) -> None:
        self._chance = chance
        self._words = tuple(words) or ("x",)

    def call(self, tools: Sequence[Tool[Any]]) -> ToolCall:
        """A call that its tool takes: valid by its schema, sensible or not."""
        for tool in self._chance.choices(tools, k=_ATTEMPTS):
            arguments = self.arguments(tool)
            if arguments is not None:
                return ToolCall(tool.name, arguments)
        return self.plausible()

    def arguments(self, tool: Tool[Any]) -> BaseModel | None:
        """Valid arguments of the tool; None where a few draws gave none."""
        for _ in range(_ATTEMPTS):
            try:
                found = tool.arguments.model_validate(self._value(schema_of(tool.arguments), "", 0))
            except ValidationError:
                continue
            assert isinstance(found, BaseModel)
            return found
        return None

    def plausible(self) -> ToolCall:
        """A metric query as a careful model would write it."""
        catalogue = packaged_catalogue()
        entity = self._chance.choice(sorted(catalogue.entities))
        fields = [f"{entity}.{name}" for name in catalogue.entities[entity].fields]
        query = self._chance.choice([
            {"measures": [{"name": "m", "metric": self._chance.choice(sorted(catalogue.metrics))}]},
            {"rows_of": entity, "show": fields[:4], "limit": self._chance.randint(1, 20)},
            {"measures": [{"name": "n", "count_of": entity}]},
            {"measures": [{"name": "n", "count_of": "material"}], "by": [{"entity": "site"}]},
            {"rows_of": "material", "show": ["material.name"], "where": [
                {"test": "value", "path": "site.site", "values": [self._chance.choice(self._words)]}
            ]},
        ])  # fmt: skip
        return ToolCall("query_metrics", MetricQuery.model_validate(query))

    def unvalidated(self, tool: Tool[Any]) -> ToolCall:
        """A call of the tool with arguments that no validation has seen; as good as none would pass one."""
        value = self._value(schema_of(tool.arguments), "", 0)
        assert isinstance(value, dict)
        for name in self._chance.sample(sorted(value), min(len(value), 2)) or ["unknown"]:
            value[name] = self._chance.choice(_WRONG)
        if self._chance.random() < 0.3:
            value.pop(self._chance.choice(sorted(value)))
        if self._chance.random() < 0.3:
            value["sites"] = ["*"]
        return ToolCall(tool.name, tool.arguments.model_construct(**value))

    def _value(self, schema: Schema, name: str, depth: int, root: Schema | None = None) -> Json:
        root = root or schema
        chance = self._chance
        if "$ref" in schema:
            return self._value(root["$defs"][schema["$ref"].rpartition("/")[2]], name, depth, root)
        if "const" in schema:
            return schema["const"]  # type: ignore[no-any-return]
        if "enum" in schema:
            return chance.choice(schema["enum"])  # type: ignore[no-any-return]
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return self._value(chance.choice(schema[several]), name, depth, root)
        match schema.get("type"):
            case "object":
                return self._object(schema, depth, root)
            case "array":
                least, most = schema.get("minItems", 0), schema.get("maxItems", 3)
                count = max(least, chance.randint(0, min(most, 2)) if depth < _DEEPEST else 0)
                return [self._value(schema["items"], name, depth + 1, root) for _ in range(count)]
            case "integer" | "number":
                least, most = schema.get("minimum", 1), min(schema.get("maximum", _LARGEST), _LARGEST)
                return chance.randint(int(max(least, -_LARGEST)), int(most))
            case "boolean":
                return chance.random() < 0.5
            case "null":
                return None
            case _:
                return self._text(schema, name)

    def _object(self, schema: Schema, depth: int, root: Schema) -> dict[str, Json]:
        required = set(schema.get("required", ()))
        often = 0.35 if depth < _DEEPEST else 0.0
        return {
            name: self._value(of, name, depth + 1, root)
            for name, of in schema.get("properties", {}).items()
            if name in required or self._chance.random() < often
        }

    def _text(self, schema: Schema, name: str) -> str:
        chance = self._chance
        if schema.get("format") == "date" or r"\d{4}" in schema.get("pattern", ""):
            return f"{chance.randint(2023, 2026)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        known = _catalogue_words().get(name)
        if known and chance.random() < 0.9:
            return chance.choice(known)
        text = chance.choice(self._words) if chance.random() < 0.9 else chance.choice(_NASTY)
        pattern = schema.get("pattern")
        return (
            text if pattern is None or re.search(pattern, text) else chance.choice(_catalogue_words()["path"])
        )


_schemas: dict[type[BaseModel], Schema] = {}


def schema_of(model: type[BaseModel]) -> Schema:
    """The JSON schema of the arguments, as a chat model is told it."""
    # Making one takes longer than filling it in.
    if model not in _schemas:
        _schemas[model] = model.model_json_schema()
    return _schemas[model]


@cache
def _catalogue_words() -> Mapping[str, Sequence[str]]:
    """What a query can name, by the name of the property that it stands in."""
    catalogue = packaged_catalogue()
    entities = sorted(catalogue.entities)
    paths = sorted(f"{name}.{field}" for name in entities for field in catalogue.entities[name].fields)
    names = ["a", "b"]
    return {
        "metric": sorted(catalogue.metrics),
        **dict.fromkeys(("entity", "count_of", "rows_of", "records"), entities),
        **dict.fromkeys(("path", "field", "other", "show"), paths),
        **dict.fromkeys(("name", "left", "right", "of"), names),
        "by": [*names, "#1"],
        "condition": sorted({key for entity in catalogue.entities.values() for key in entity.conditions}),
        "role": sorted({key for entity in catalogue.entities.values() for key in entity.dates}),
        "via": [""],
        "record": [*entities, "material"],
    }
