"""The Cedar policies as text and as Cedar answers them: checked against the schema, known by their `@id`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any

import cedarpy
import rfc8785

from erp_adapters.errors import ConfigurationError
from policies.limits import read_text
from policies.sentences import FIELDS

SCHEMA = "schema.cedarschema"


@dataclass(frozen=True)
class PolicyTexts:
    """A folder of policies, as text."""

    schema: str
    files: Mapping[str, str]
    """By name, such as `guards.cedar`."""

    @classmethod
    def packaged(cls) -> PolicyTexts:
        """The policies that this version of the program brings."""
        folder = resources.files("policies") / "cedar"
        files = {
            entry.name: entry.read_text(encoding="utf-8")
            for entry in folder.iterdir()
            if entry.name.endswith(".cedar")
        }
        return cls((folder / SCHEMA).read_text(encoding="utf-8"), files)

    @classmethod
    def of_folder(cls, folder: Path) -> PolicyTexts:
        """The policies in a folder.

        Raises:
            ConfigurationError: there are none, or one cannot be read.
        """
        files = {path.name: read_text(path) for path in sorted(folder.glob("*.cedar"))}
        if not files:
            raise ConfigurationError(f"There are no *.cedar files in {str(folder)!r}.")
        return cls(read_text(folder / SCHEMA), files)

    @cached_property
    def text(self) -> str:
        """All policies, by the names of their files."""
        return "\n".join(self.files[name] for name in sorted(self.files))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the policies and their schema."""
        said = rfc8785.dumps({"schema": self.schema, "files": dict(self.files)})
        return "sha256:" + hashlib.sha256(said).hexdigest()

    @cached_property
    def rules(self) -> Rules:
        """The policies, parsed.

        Raises:
            ConfigurationError: they are no Cedar, contradict the schema, or lack an id or a reason.
        """
        try:
            schema = cedarpy.Schema.from_str(self.schema)
            written = json.loads(cedarpy.policies_to_json_str(self.text))
        except ValueError as error:
            raise ConfigurationError(f"The policies are no Cedar: {error}") from error
        checked = cedarpy.validate_policies(self.text, schema)
        if not checked.validation_passed:
            wrong = "\n  ".join(str(error) for error in checked.errors)
            raise ConfigurationError(f"The policies contradict their schema:\n  {wrong}")
        sentences: dict[str, str] = {}
        rekeyed: dict[str, Any] = {}
        # Cedar numbers policies in their order, and answers with `policy0`; people know them by their @id.
        for number in range(len(written["staticPolicies"])):
            policy = written["staticPolicies"][f"policy{number}"]
            name, sentence = _annotated(policy.get("annotations", {}), number)
            if name in rekeyed:
                raise ConfigurationError(f"Two policies have the id {name!r}.")
            rekeyed[name], sentences[name] = policy, sentence
        handle = cedarpy.PolicySet.from_json_str(json.dumps({**written, "staticPolicies": rekeyed}))
        return Rules(schema, handle, cedarpy.Entities.from_json_str("[]", schema), sentences)


@dataclass(frozen=True, slots=True)
class Rules:
    """Parsed policies: an answer takes a tenth of what it takes from text."""

    schema: cedarpy.Schema
    policies: cedarpy.PolicySet
    entities: cedarpy.Entities
    """None: all that policies ask about stands in the request."""
    sentences: Mapping[str, str]
    """Reason of each policy by its id, in the order of the text."""


def _annotated(annotations: Mapping[str, str | None], number: int) -> tuple[str, str]:
    name, sentence = annotations.get("id"), annotations.get("reason")
    if not name or name in ("default", "request", "error"):
        raise ConfigurationError(f"Policy number {number + 1} has no @id of its own; give it one.")
    if not sentence:
        raise ConfigurationError(f"The policy {name!r} has no @reason; people read it when it decides.")
    for _, field, spec, conversion in Formatter().parse(sentence):
        if field is not None and (field not in FIELDS or spec or conversion):
            raise ConfigurationError(
                f"The @reason of {name!r} asks for {{{field}}}; there are {', '.join(sorted(FIELDS))}."
            )
    return name, sentence
