"""The rules of a site: what its codes, periods and material numbers mean, each with its reason.

Rules are YAML in which every scalar is text, so that the code `NO` is not false and `010` not eight.
`rulebook` keeps their versions.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from erp_adapters.errors import ConfigurationError
from erp_adapters.store.calendars import FiscalCalendar
from erp_adapters.store.terms import Strict


class Meaning(Strict):
    """What a code stands for: a canonical value, or so many of it."""

    value: str = Field(alias="is", min_length=1)
    times: Decimal = Field(default=Decimal(1), gt=0, max_digits=18)

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, given: object) -> object:
        return {"is": given} if isinstance(given, str) else given


class CodeRule(Strict):
    """The site's codes for one kind of thing."""

    because: str = Field(min_length=1)
    values: dict[str, Meaning] = Field(min_length=1)

    def code_of(self, canonical: str) -> str | None:
        """The site's usual code for a canonical value: the first that is listed."""
        return next((code for code, meaning in self.values.items() if meaning.value == canonical), None)


class SettingRule(Strict):
    """A constant of the site."""

    value: str
    because: str = Field(min_length=1)


class NumberScheme(Strict):
    """One way in which material numbers are formed: a pattern of the whole number, and what is canonical."""

    name: str
    pattern: str
    number: str

    @model_validator(mode="after")
    def _compiles(self) -> NumberScheme:
        try:
            groups = re.compile(self.pattern).groups
        except re.error as exc:
            raise ValueError(f"scheme {self.name!r}: {exc}") from None
        wrong = [ref for ref in re.findall(r"\\(\w)", self.number) if not ref.isdigit() or int(ref) > groups]
        if wrong:
            raise ValueError(f"scheme {self.name!r}: the pattern has no group for \\{wrong[0]}")
        return self

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The compiled pattern."""
        return re.compile(self.pattern)


class MaterialNumbers(Strict):
    """The site's schemes of material numbers."""

    because: str = Field(min_length=1)
    schemes: list[NumberScheme] = Field(min_length=1)


class SiteRules(Strict):
    """Everything that is particular to one site in files that have the form of its systems."""

    site: str = Field(pattern=r"^[^,\s]{1,64}$")
    codes: dict[str, CodeRule] = Field(default={})
    settings: dict[str, SettingRule] = Field(default={})
    calendar: FiscalCalendar | None = None
    material_number: MaterialNumbers | None = None

    @field_validator("codes", "settings")
    @classmethod
    def _names(cls, named: dict[str, Any]) -> dict[str, Any]:
        for name in named:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise ValueError(f"{name!r} is no name of a rule: small letters, digits and _ only")
        return named

    @model_validator(mode="after")
    def _says_something(self) -> SiteRules:
        if not (self.codes or self.settings or self.calendar or self.material_number):
            raise ValueError("no rule in it: codes, settings, calendar or material_number")
        return self

    @property
    def plain(self) -> dict[str, Any]:
        """The rules as plain values, rules in the order of their names and codes in their own."""
        dumped: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        for part in ("codes", "settings"):
            if part in dumped:
                dumped[part] = {name: dumped[part][name] for name in sorted(dumped[part])}
        for rule in dumped.get("codes", {}).values():
            rule["values"] = {
                code: meaning["is"] if meaning.keys() == {"is"} else meaning
                for code, meaning in rule["values"].items()
            }
        return dumped

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the rules say, the order of codes included; comments and layout do not matter."""
        return hashlib.sha256(self.canonical_text.encode()).hexdigest()

    @cached_property
    def canonical_text(self) -> str:
        """The rules as YAML without comments, in the order in which they are compared."""
        return yaml.safe_dump(self.plain, allow_unicode=True, sort_keys=False, width=110)

    def canonical_number(self, number: str) -> str | None:
        """The material number without the site's scheme; None where it follows none of its schemes."""
        for scheme in self.material_number.schemes if self.material_number else ():
            found = scheme.expression.fullmatch(number)
            if found:
                return found.expand(scheme.number)
        return None


class _Texts(yaml.BaseLoader):
    """Reads every scalar as text, and refuses a key that stands there twice."""


def _once(loader: _Texts, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
    seen: dict[Hashable, int] = {}
    for key, _ in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"{name!r} stands there twice, in lines {seen[name]} and {line}", key.start_mark
            )
        seen[name] = line
    return loader.construct_mapping(node, deep=True)


_Texts.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _once)


def read_rules(path: Path) -> SiteRules:
    """The site rules in a YAML file.

    Raises:
        ConfigurationError: the file cannot be read, or says something that cannot be; names each place.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"Site rules {str(path)!r} cannot be read: {exc}") from exc
    return parse_rules(text, path.name)


def parse_rules(text: str, name: str) -> SiteRules:
    """The site rules in a YAML text; `name` stands in messages.

    Raises:
        ConfigurationError: the text says something that cannot be; names each place.
    """
    try:
        return SiteRules.model_validate(yaml.load(text, _Texts))
    except yaml.YAMLError as exc:
        raise ConfigurationError(f"Site rules {name!r} are not YAML: {exc}") from exc
    except ValidationError as exc:
        places = [
            f"{'.'.join(str(part) for part in error['loc']) or 'rules'}: {error['msg']}"
            for error in exc.errors()
        ]
        raise ConfigurationError(f"Site rules {name!r} are wrong:\n  " + "\n  ".join(places)) from exc
