"""Limits: who may propose and sign what, up to what, by site, kind, currency and category. They are data."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias, TypeVar, get_args

import rfc8785
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from erp_adapters.errors import ConfigurationError
from erp_adapters.records import DraftKind

MOST = 2**63 - 1
"""What Cedar's integers hold, in hundredths; stands for no limit."""
KINDS: tuple[DraftKind, ...] = get_args(DraftKind)
ANY = "*"

Role: TypeAlias = Literal["planner", "buyer", "controller", "inventory", "production", "steward"]
"""Roles that limits may name. An administrator runs the program and signs nothing."""


def _minor(given: Any) -> int:
    """Hundredths of a currency unit."""
    if given == "any":
        return MOST
    if isinstance(given, bool | float):
        raise ValueError('give an amount as a number such as 1500 or 99.95, or "any"')
    try:
        hundredths = Decimal(given) * 100
    except (InvalidOperation, TypeError, ValueError):
        raise ValueError(f"{str(given)[:40]!r} is no amount") from None
    if not hundredths.is_finite() or not 0 <= hundredths < MOST or hundredths != int(hundredths):
        raise ValueError(f"{str(given)[:40]!r} is no amount of zero or more with at most two decimal places")
    return int(hundredths)


Minor = Annotated[int, BeforeValidator(_minor)]
SiteCode = Annotated[str, Field(pattern=r"^[^,\x00-\x1f]{1,64}$")]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def key(self) -> tuple[str, ...]:
        """What no two rows of a table share; the site comes first."""
        raise NotImplementedError


class LimitKey(_Row):
    """What a limit is found by."""

    site: SiteCode
    kind: DraftKind
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3}|\*)$")]
    category: Annotated[str, Field(min_length=1, max_length=300)] = ANY

    @property
    def key(self) -> tuple[str, ...]:
        """What no two limits share."""
        return (self.site, self.kind, self.currency, self.category)


class Limit(LimitKey):
    """Up to what which role may sign a kind of draft."""

    confirm: Annotated[dict[Role, Minor], Field(min_length=1)]
    second: dict[Role, Minor] = {}
    second_from: Minor | None = None
    two_people: bool = False
    per_requester: Minor = MOST
    per_supplier: Minor = MOST

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.two_people or self.second_from is not None) and not self.second:
            raise ValueError("a second signature is asked for, and `second` names nobody who may give it")
        if self.currency == ANY:
            bounds = [*self.confirm.values(), *self.second.values(), self.per_requester, self.per_supplier]
            if self.second_from is not None or any(bound != MOST for bound in bounds):
                raise ValueError('amounts do not count in the currency `*`: write "any", or name a currency')
        return self


class DraftRule(_Row):
    """Who may propose a kind of draft, and how long it may wait."""

    site: SiteCode
    kind: DraftKind
    propose: Annotated[tuple[Role, ...], Field(min_length=1)]
    requester_may_confirm: bool
    lifetime_hours: Annotated[int, Field(ge=1, le=24 * 90)]
    escalate_after_hours: Annotated[int, Field(ge=1, le=24 * 90)]

    @model_validator(mode="after")
    def _tells_in_time(self) -> Self:
        if self.escalate_after_hours > self.lifetime_hours:
            raise ValueError("others would be told only after it has expired")
        return self

    @property
    def key(self) -> tuple[str, ...]:
        """What no two rules share."""
        return (self.site, self.kind)


class Blackout(_Row):
    """Days on which a site takes no documents: dates, or month and day for every year."""

    first: Annotated[str, Field(pattern=r"^(\d{4}-)?\d{2}-\d{2}$")]
    last: Annotated[str, Field(pattern=r"^(\d{4}-)?\d{2}-\d{2}$")]
    reason: Annotated[str, Field(min_length=1, max_length=300)]
    kinds: tuple[DraftKind, ...] = KINDS

    @model_validator(mode="before")
    @classmethod
    def _dates(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            return {
                key: value.isoformat() if isinstance(value, date) else value for key, value in given.items()
            }
        return given

    @model_validator(mode="after")
    def _is_a_period(self) -> Self:
        if len(self.first) != len(self.last):
            raise ValueError("give both days with a year, or neither")
        for day in (self.first, self.last):
            # 2024 has a 29 February, which a yearly day may be.
            date.fromisoformat(day if len(day) == 10 else f"2024-{day}")
        if len(self.first) == 10 and self.first > self.last:
            raise ValueError(f"it ends ({self.last}) before it begins ({self.first})")
        return self

    def holds(self, day: date, kind: DraftKind) -> bool:
        """Whether the day lies in it. A yearly period may pass the end of the year."""
        if kind not in self.kinds:
            return False
        text = day.isoformat()[-len(self.first) :]
        if self.first <= self.last:
            return self.first <= text <= self.last
        return text >= self.first or text <= self.last


class SiteRule(_Row):
    """What holds for every kind of draft of a site."""

    site: SiteCode
    window_days: Annotated[int, Field(ge=1, le=366)]
    most_drafts: Annotated[int, Field(ge=1, le=100_000)]
    blackouts: tuple[Blackout, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """What no two rules share."""
        return (self.site,)


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    site: tuple[SiteRule, ...] = ()
    draft: tuple[DraftRule, ...] = ()
    limit: tuple[Limit, ...] = ()

    @model_validator(mode="after")
    def _no_row_twice(self) -> Self:
        for name, rows in (("site", self.site), ("draft", self.draft), ("limit", self.limit)):
            seen: set[tuple[str, ...]] = set()
            for row in rows:
                if row.key in seen:
                    raise ValueError(f"[[{name}]] {', '.join(row.key)} stands there twice")
                seen.add(row.key)
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """One that is made anew: no digest of the old one comes along."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**fields, **(update or {})})

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what it says; layout, order and comments do not matter."""
        # Amounts may be larger than the doubles of RFC 8785 hold.
        dumped = {
            name: sorted(map(_texts, rows), key=rfc8785.dumps)
            for name, rows in self.model_dump(mode="json").items()
        }
        return "sha256:" + hashlib.sha256(rfc8785.dumps(dumped)).hexdigest()


class LimitsChange(_Document):
    """Rows that take the place of those with the same key, or are added; `withdraw` takes limits away."""

    withdraw: tuple[LimitKey, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.site or self.draft or self.limit or self.withdraw):
            raise ValueError("no change in it: [[site]], [[draft]], [[limit]] or [[withdraw]]")
        return self

    @property
    def sites(self) -> frozenset[str]:
        """Codes of the sites that it is about; `*` for all."""
        return frozenset(row.key[0] for row in (*self.site, *self.draft, *self.limit, *self.withdraw))


class Limits(_Document):
    """Every limit at one moment, with a default for each kind."""

    @model_validator(mode="after")
    def _has_defaults(self) -> Self:
        if not any(row.site == ANY for row in self.site):
            raise ValueError('no [[site]] with site = "*"')
        for kind in KINDS:
            if not any(row.key == (ANY, kind) for row in self.draft):
                raise ValueError(f'no [[draft]] with site = "*" and kind = "{kind}"')
        return self

    @classmethod
    def only(cls, row: Limit) -> Limits:
        """Limits of that row alone, over everything else that is possible."""
        site = SiteRule(site=ANY, window_days=1, most_drafts=1)
        drafts = (
            DraftRule(
                site=ANY,
                kind=kind,
                propose=get_args(Role),
                requester_may_confirm=False,
                lifetime_hours=1,
                escalate_after_hours=1,
            )
            for kind in KINDS
        )
        return cls(site=(site,), draft=tuple(drafts), limit=(row.model_copy(update={"category": ANY}),))

    def changed(self, change: LimitsChange) -> Limits:
        """The limits after a change.

        Raises:
            ConfigurationError: it withdraws what is not there.
        """
        withdrawn = {row.key for row in change.withdraw}
        missing = sorted(withdrawn - {row.key for row in self.limit})
        if missing:
            raise ConfigurationError(
                f"There is no limit {', '.join(missing[0])} to withdraw; `plantwright policy limits show`"
                " lists them."
            )
        kept = [row for row in self.limit if row.key not in withdrawn]
        return Limits(
            site=_over(self.site, change.site),
            draft=_over(self.draft, change.draft),
            limit=_over(kept, change.limit),
        )

    def site_rule(self, site: str) -> SiteRule:
        """What holds for every kind of draft of the site."""
        return self._sites.get(site) or self._sites[ANY]

    def draft_rule(self, site: str, kind: DraftKind) -> DraftRule:
        """Who may propose that kind at the site."""
        return self._drafts.get((site, kind)) or self._drafts[ANY, kind]

    def bounds(self, site: str, kind: DraftKind, currency: str, categories: frozenset[str]) -> Bounds | None:
        """The strictest figures over the categories; None where a category has no row.

        Args:
            currency: empty where none is known: then every currency's rows count.
        """
        key = (site, kind, currency, categories)
        found = self._bounds.get(key, _UNKNOWN)
        if isinstance(found, _Unknown):
            found = self._look_up(site, kind, currency, categories)
            if len(self._bounds) < 4096:
                self._bounds[key] = found
        return found

    def _look_up(
        self, site: str, kind: DraftKind, currency: str, categories: frozenset[str]
    ) -> Bounds | None:
        currencies = [currency] if currency else sorted({c for _, k, c, _ in self._limits if k == kind})
        rows: list[Limit] = []
        for category in sorted(categories) or [ANY]:
            matching = [row for code in currencies for row in self._rows(site, kind, code, category)]
            if not matching:
                return None
            rows += matching
        return strictest(rows) if rows else None

    def _rows(self, site: str, kind: DraftKind, currency: str, category: str) -> list[Limit]:
        """The most specific rows: neither of a site's and a category's loosens the other."""
        for places in (((site, category),), ((site, ANY), (ANY, category)), ((ANY, ANY),)):
            found = [
                row
                for place, named in places
                if (
                    row := self._limits.get((place, kind, currency, named))
                    or self._limits.get((place, kind, ANY, named))
                )
            ]
            if found:
                return found
        return []

    @cached_property
    def _sites(self) -> dict[str, SiteRule]:
        return {row.site: row for row in self.site}

    @cached_property
    def _drafts(self) -> dict[tuple[str, DraftKind], DraftRule]:
        return {(row.site, row.kind): row for row in self.draft}

    @cached_property
    def _limits(self) -> dict[tuple[str, str, str, str], Limit]:
        return {(row.site, row.kind, row.currency, row.category): row for row in self.limit}

    @cached_property
    def _bounds(self) -> dict[tuple[str, str, str, frozenset[str]], Bounds | None]:
        return {}


_Read = TypeVar("_Read", bound=_Document)


class _Unknown:
    """Stands for what has not been looked up."""


_UNKNOWN = _Unknown()


@dataclass(frozen=True, slots=True)
class Bounds:
    """The figures that one draft is held to, in hundredths."""

    confirm: Mapping[str, int]
    second: Mapping[str, int]
    second_from: int | None
    two_people: bool
    per_requester: int
    per_supplier: int
    counts: bool
    """Whether amounts count."""


def strictest(rows: Sequence[Limit]) -> Bounds:
    """The rows together: only roles that all of them name, and the lowest of each figure."""
    froms = [row.second_from for row in rows if row.second_from is not None]
    return Bounds(
        confirm=_lowest([row.confirm for row in rows]),
        second=_lowest([row.second for row in rows if row.second]),
        second_from=min(froms, default=None),
        two_people=any(row.two_people for row in rows),
        per_requester=min(row.per_requester for row in rows),
        per_supplier=min(row.per_supplier for row in rows),
        counts=any(row.currency != ANY for row in rows),
    )


def _lowest(tables: Sequence[Mapping[Role, int]]) -> dict[str, int]:
    if not tables:
        return {}
    shared = set[str](tables[0]).intersection(*tables)
    return {
        role: min(figure for t in tables for r, figure in t.items() if r == role) for role in sorted(shared)
    }


def _over(rows: Iterable[Any], newer: Iterable[Any]) -> tuple[Any, ...]:
    merged = {row.key: row for row in rows}
    merged.update({row.key: row for row in newer})
    return tuple(merged[key] for key in sorted(merged))


def _texts(value: Any) -> Any:
    match value:
        case dict():
            return {key: _texts(item) for key, item in value.items()}
        case list():
            return [_texts(item) for item in value]
        case bool() | None | str():
            return value
        case _:
            return str(value)


def parse_limits(text: str, name: str) -> Limits:
    """The limits in a TOML text; `name` stands in messages.

    Raises:
        ConfigurationError: it is no TOML, or says something that cannot be; names each place.
    """
    return _parsed(Limits, text, name)


def parse_change(text: str, name: str) -> LimitsChange:
    """A change of limits in a TOML text.

    Raises:
        ConfigurationError: it is no TOML, or says something that cannot be; names each place.
    """
    return _parsed(LimitsChange, text, name)


def read_text(path: Path) -> str:
    """The text of a file of limits or policies.

    Raises:
        ConfigurationError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{str(path)!r} cannot be read: {error}") from error


def _parsed(model: type[_Read], text: str, name: str) -> _Read:
    try:
        return model.model_validate(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"Limits {name!r} are not TOML: {error}") from error
    except ValidationError as error:
        places = [
            f"{'.'.join(str(part) for part in found['loc']) or 'limits'}: "
            + re.sub(r"^Value error, ", "", found["msg"])
            for found in error.errors()
        ]
        raise ConfigurationError(f"Limits {name!r} are wrong:\n  " + "\n  ".join(places)) from error
