"""What a change of a site's rules does: how two versions differ, and what becomes of the codes met last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from erp_adapters.store.session import ReadTransaction
from erp_adapters.store.site_needs import CALENDAR
from erp_adapters.store.site_rules import SiteRules


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two versions differ; None where one of them has nothing there."""

    place: str
    before: str | None
    after: str | None


EffectKind: TypeAlias = Literal["set aside", "accepted", "changed"]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to a code that the last load of a source met."""

    source: str
    rule: str
    code: str
    rows: int
    before: str | None
    """What it stands for now; None where its rows are set aside."""
    after: str | None

    @property
    def kind(self) -> EffectKind:
        """What becomes of the rows."""
        if self.after is None:
            return "set aside"
        return "accepted" if self.before is None else "changed"


def differences(before: SiteRules, after: SiteRules) -> tuple[Difference, ...]:
    """Where two versions differ, by place."""
    one, other = dict(_places(before.plain, "")), dict(_places(after.plain, ""))
    return tuple(
        Difference(place, one.get(place), other.get(place))
        for place in sorted(one.keys() | other.keys())
        if one.get(place) != other.get(place)
    )


_CODES = """
select distinct on (source_system) source_system, report -> 'codes' from erp.load
where site = %(site)s and status = 'loaded' and jsonb_typeof(report -> 'codes') = 'object'
order by source_system, finished_at desc
"""


async def effects(tx: ReadTransaction, before: SiteRules | None, after: SiteRules) -> tuple[Effect, ...]:
    """What becomes of the codes that the last load of each source met, those that matter most first."""
    found = []
    for source, met in (await tx.fetch(_CODES, {"site": after.site})).rows:
        assert isinstance(met, dict), "a load report has an object there"
        for rule, codes in met.items():
            for code, rows in codes.items():
                meanings = meaning_of(before, rule, code), meaning_of(after, rule, code)
                if meanings[0] != meanings[1]:
                    found.append(Effect(str(source), rule, code, int(rows), *meanings))
    order: tuple[EffectKind, ...] = ("set aside", "changed", "accepted")
    return tuple(sorted(found, key=lambda e: (order.index(e.kind), -e.rows, e.source, e.rule, e.code)))


def meaning_of(rules: SiteRules | None, rule: str, code: str) -> str | None:
    """What a code stands for by a rule, in words; None where its rows are set aside."""
    if rules is None:
        return None
    if rule == CALENDAR:
        return rules.calendar.canonical(code) if rules.calendar else None
    meaning = rules.codes[rule].values.get(code) if rule in rules.codes else None
    if meaning is None:
        return None
    return meaning.value if meaning.times == 1 else f"{meaning.times} {meaning.value}"


def _places(node: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, part in node.items():
            yield from _places(part, f"{place}.{name}" if place else str(name))
    elif isinstance(node, list):
        for number, part in enumerate(node, start=1):
            yield from _places(part, f"{place}.{number}")
    else:
        yield place, str(node)
