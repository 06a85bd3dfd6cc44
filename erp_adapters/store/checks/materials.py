"""One material under two numbers: within a site a duplicate, across sites a naming scheme to be mapped."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from erp_adapters.store.checks.finding import Finding, Found, Key, LinkTo, MergeInto, Severity, Stake
from erp_adapters.store.checks.limits import limits
from erp_adapters.store.checks.look import Check, Look
from erp_adapters.store.checks.measures import Money, kilograms, unit_meaning
from erp_adapters.store.checks.naming import Name, abbreviates, material_name, number_code
from erp_adapters.store.checks.pairing import candidates, groups

NAME = "duplicate_materials"
_MARKED = re.compile(r"[^0-9A-Za-z][0-9A-Za-z]$")


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """What of a material tells it from others."""

    site: str
    source_system: str
    source_key: str
    load_id: UUID
    material_id: str
    number: str
    name: str
    is_made: bool | None
    category: str | None
    model: str | None
    colour: str | None
    size: str | None
    weight: Decimal | None
    weight_unit: str | None
    base_unit: str | None
    currency: str | None
    standard_cost: Decimal | None
    paid: Decimal | None
    suppliers: list[str]
    parents: list[str]
    stock: Decimal
    movements: int

    @property
    def key(self) -> Key:
        """The row's name."""
        return Key(self.site, "material", self.source_key)

    @property
    def worth(self) -> Decimal | None:
        """What one costs, by its standard or else by what was paid."""
        return next((cost for cost in (self.standard_cost, self.paid) if cost), None)


_ROWS = """
with bought as (
    select l.site, l.material_id, percentile_cont(0.5) within group (order by l.unit_price)::numeric as paid,
           array_agg(distinct coalesce(s.tax_id, s.name)) filter (where s.name is not null) as suppliers
    from erp.purchase_line l
    left join erp.purchase_order o on o.site = l.site and o.order_id = l.order_id
    left join erp.supplier s on s.site = o.site and s.supplier_id = o.supplier_id
    group by l.site, l.material_id
), offered as (
    select i.site, i.material_id, array_agg(distinct coalesce(s.tax_id, s.name)) as suppliers
    from erp.info_record i join erp.supplier s on s.site = i.site and s.supplier_id = i.supplier_id
    group by i.site, i.material_id
), used as (
    select site, component_id, array_agg(distinct parent_id) filter (where parent_id is not null) as parents
    from erp.bom_item group by site, component_id
), stocked as (
    select site, material_id, sum(quantity) as quantity from erp.stock group by site, material_id
), moved as (
    select site, material_id, count(*) as movements from erp.stock_movement group by site, material_id
)
select m.site, m.source_system, m.source_key, m.load_id, m.material_id, m.number, m.name, m.is_made,
       m.category, m.model, m.colour, m.size, m.weight, m.weight_unit, m.base_unit,
       coalesce(m.currency, t.currency) as currency, m.standard_cost, b.paid,
       coalesce(b.suppliers, '{}') || coalesce(o.suppliers, '{}') as suppliers,
       coalesce(u.parents, '{}') as parents, coalesce(k.quantity, 0) as stock,
       coalesce(v.movements, 0) as movements
from erp.material m join erp.site t on t.site = m.site
left join bought b on b.site = m.site and b.material_id = m.material_id
left join offered o on o.site = m.site and o.material_id = m.material_id
left join used u on u.site = m.site and u.component_id = m.material_id
left join stocked k on k.site = m.site and k.material_id = m.material_id
left join moved v on v.site = m.site and v.material_id = m.material_id
where m.site = any(%(sites)s)
order by m.site, m.source_key
"""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A material with what is compared worked out once."""

    row: MaterialRow
    name: Name
    code: str
    kilograms: float | None
    price: float | None
    suppliers: frozenset[str]
    parents: frozenset[str]
    counted_in: str
    """Dimension of its unit, or the unit itself where nobody knows it."""


def find(look: Look) -> Found:
    """Groups of materials that are one, with the one that is used most to be kept."""
    rows = look.rows(MaterialRow, _ROWS)
    money = Money(look)
    return Found(tuple(duplicates(rows, money)), Counter(row.site for row in rows))


CHECK = Check(NAME, find, across_sites=True)


def duplicates(rows: list[MaterialRow], money: Money) -> Iterator[Finding]:
    """The same from rows."""
    materials = [_seen(row, money) for row in rows]
    rarity, usual = _rarity(materials), _usual_words(materials)
    scored = []
    for one, other in candidates(
        [list(_places(each, rarity)) for each in materials], int(limits(NAME)["largest_block"])
    ):
        score = likeness(materials[one], materials[other], rarity, usual)
        if score >= limits(NAME)["likeness"]:
            scored.append((score, one, other))
    within = [pair for pair in scored if rows[pair[1]].site == rows[pair[2]].site]
    across = [pair for pair in scored if rows[pair[1]].site != rows[pair[2]].site]

    def excluded(one: int, other: int) -> bool:
        return _cannot_be_one(materials[one], materials[other])

    absorbed: set[Key] = set()
    for score, group in groups(within, excluded):
        finding = _duplicate(score, [rows[place] for place in group])
        absorbed |= {finding.key, *finding.others[1:]}
        yield finding
    # What a duplicate is called does not make a scheme of its own.
    across = [pair for pair in across if not absorbed & {rows[pair[1]].key, rows[pair[2]].key}]
    for score, group in groups(across, excluded):
        named = [rows[place] for place in group]
        # The same number at both sites is one scheme: nothing to map.
        if len({number_code(row.number) for row in named}) > 1:
            yield _scheme(score, named)


def _seen(row: MaterialRow, money: Money) -> _Seen:
    unit = unit_meaning(row.base_unit)
    by_weight = unit is not None and unit.dimension == "mass"
    size = unit.size if unit else 1.0
    price = money.common(row.worth, row.currency)
    return _Seen(
        row,
        material_name(row.name, row.size, row.colour),
        number_code(row.number),
        # What is counted by weight weighs one by definition.
        None if by_weight else kilograms(row.weight, row.weight_unit),
        None if price is None else price / size,
        frozenset(row.suppliers),
        frozenset(row.parents),
        unit.dimension if unit else (row.base_unit or ""),
    )


def _rarity(materials: list[_Seen]) -> Mapping[str, float]:
    """How much a word tells: the rarer, the more."""
    seen = Counter(word for each in materials for word in each.name.words | each.name.numbers)
    return {word: math.log(1 + len(materials) / number) for word, number in seen.items()}


def _usual_words(materials: list[_Seen]) -> frozenset[tuple[str, str]]:
    """Words by which a site tells its materials apart: each in the names of several."""
    seen = Counter((each.row.site, word) for each in materials for word in each.name.words)
    return frozenset(word for word, times in seen.items() if times >= limits(NAME)["usual_word"])


def _systematic(each: _Seen, own: set[str], usual: frozenset[tuple[str, str]]) -> bool:
    return any((each.row.site, word) in usual for word in own)


def _places(each: _Seen, rarity: Mapping[str, float]) -> Iterator[Hashable]:
    """What a material is looked for under: its number, its rarest words, and its weight with its price."""
    if len(each.code) >= 4:
        yield ("number", each.code)
        if _MARKED.search(each.row.number):
            yield ("number", each.code[:-1])
    words = sorted(each.name.words, key=lambda word: -rarity[word])
    for place, word in enumerate(words[:4]):
        yield ("word", word)
        for other in words[place + 1 : 5]:
            yield ("words", frozenset((word, other)))
    if words:
        yield ("name", each.name.words, each.name.numbers)
    starts = frozenset(word[:2] for word in each.name.words)
    yield ("starts", starts, each.name.numbers)
    if each.kilograms is not None and each.price:
        for step in (0, 1):
            yield (
                "weighs",
                round(math.log(each.kilograms) / 0.02 + step / 2),
                step,
                round(math.log(each.price) / 0.1),
                each.row.is_made,
            )


def likeness(
    one: _Seen, other: _Seen, rarity: Mapping[str, float], usual: frozenset[tuple[str, str]]
) -> float:
    """How sure it is that two materials are one, from 0 to 1; their names alone are never enough."""
    if _cannot_be_one(one, other):
        return 0.0
    limit = limits(NAME)
    named, own, others = _named_alike(one.name, other.name, rarity)
    replaced = bool(own and others)
    if named < limit["least_name"]:
        return 0.0
    same_site = one.row.site == other.row.site
    price_within = limit["price_within_site"] if same_site else limit["price_across_sites"]
    weight = _close(one.kilograms, other.kilograms, limit["weight_within"])
    price = _close(one.price, other.price, price_within)
    number = numbers_alike(one.row.number, other.row.number)
    if (
        same_site
        and replaced
        and not number
        and _systematic(one, own, usual)
        and _systematic(other, others, usual)
    ):
        return 0.0
    shared = bool(one.suppliers & other.suppliers) or bool(same_site and one.parents & other.parents)
    # Word for word the same in one plant needs one witness, anything else two.
    if weight + price + number + shared < (1 if same_site and named > limit["same_name"] else 2):
        return 0.0
    score = 0.5 * named + 0.22 * weight + 0.18 * price + 0.25 * number + 0.08 * shared
    score += 0.05 * (one.row.category == other.row.category and one.row.category is not None)
    return min(1.0, score - limit["replaced_word" if same_site else "replaced_word_across"] * replaced)


def _cannot_be_one(one: _Seen, other: _Seen) -> bool:
    limit = limits(NAME)
    same_site = one.row.site == other.row.site
    return (
        one.counted_in != other.counted_in
        or (
            one.row.is_made is not None
            and other.row.is_made is not None
            and one.row.is_made != other.row.is_made
        )
        or (
            one.name.kinds != other.name.kinds
            and bool(one.name.kinds - other.name.kinds)
            and bool(other.name.kinds - one.name.kinds)
        )
        or (one.name.numbers != other.name.numbers and bool(one.name.numbers) and bool(other.name.numbers))
        or _far(one.kilograms, other.kilograms, limit["other_weight"])
        or _far(one.price, other.price, limit["other_price" if same_site else "other_price_across"])
        or _differ(one.row.colour, other.row.colour, same_site)
        or _differ(one.row.size, other.row.size, same_site)
    )


def numbers_alike(one: str, other: str) -> bool:
    """Whether two numbers are one apart from separators, zeros in front, case and a last mark (`/1`)."""
    left, right = number_code(one), number_code(other)
    short, long = sorted((left, right), key=len)
    if len(short) < 4:
        return False
    return left == right or (
        long[:-1] == short and _MARKED.search(one if long == left else other) is not None
    )


def _differ(one: str | None, other: str | None, same_site: bool) -> bool:
    return same_site and one is not None and other is not None and one.casefold() != other.casefold()


def _close(one: float | None, other: float | None, within: float) -> bool:
    return bool(one and other and abs(math.log(one / other)) <= math.log(1 + within))


def _far(one: float | None, other: float | None, apart: float) -> bool:
    return bool(one and other and abs(math.log(one / other)) > math.log(1 + apart))


def _named_alike(one: Name, other: Name, rarity: Mapping[str, float]) -> tuple[float, set[str], set[str]]:
    """Share of what the words tell that both names have, and the words that each has alone."""
    left, right = set(one.words | one.numbers), set(other.words | other.numbers)
    whole = sum(rarity[word] for word in left) + sum(rarity[word] for word in right)
    shared = 2 * sum(rarity[word] for word in left & right)
    left, right = left - right, right - left
    for word in sorted(left):
        partner = next((o for o in sorted(right) if abbreviates(word, o) or abbreviates(o, word)), None)
        if partner:
            shared += rarity[word] + rarity[partner]
            left.remove(word)
            right.remove(partner)
    return (shared / whole if whole else 0.0), left, right


def _kept_first(rows: list[MaterialRow]) -> list[MaterialRow]:
    return sorted(rows, key=lambda row: (-row.movements, -row.stock, row.number, row.site))


def _duplicate(score: float, rows: list[MaterialRow]) -> Finding:
    keep, *rest = _kept_first(rows)
    stocked = sum(1 for row in rows if row.stock)
    severity: Severity = "serious" if stocked > 1 else "flag"
    value = sum((row.stock * (row.worth or Decimal(0)) for row in rest), Decimal(0))
    return Finding(
        NAME,
        rest[0].key,
        rest[0].source_system,
        severity,
        "duplicate_material",
        MergeInto(keep.key),
        round(score, 3),
        {"name": rest[0].name, "number": rest[0].number, "kept_name": keep.name, "kept_number": keep.number},
        (keep.key, *(row.key for row in rest[1:])),
        stake=Stake(value, keep.currency) if value > 0 and keep.currency else None,
    )


def _scheme(score: float, rows: list[MaterialRow]) -> Finding:
    first, *rest = _kept_first(rows)
    return Finding(
        NAME,
        rest[0].key,
        rest[0].source_system,
        "note",
        "material_named_differently",
        LinkTo(first.key),
        round(score, 3),
        {
            "names": "; ".join(f"{row.site}: {row.number} {row.name}" for row in rows),
            "schemes": len({number_code(row.number) for row in rows}),
        },
        (first.key, *(row.key for row in rest[1:])),
    )
