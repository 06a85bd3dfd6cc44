"""One supplier under two numbers, whether or not the tax ids say so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

from erp_adapters.store.checks.finding import Finding, Found, Key, LinkTo, MergeInto, Severity, Stake
from erp_adapters.store.checks.limits import limits
from erp_adapters.store.checks.look import Check, Look
from erp_adapters.store.checks.naming import Name, abbreviates, company_name, plain
from erp_adapters.store.checks.pairing import candidates, groups

NAME = "duplicate_suppliers"


@dataclass(frozen=True, slots=True)
class SupplierRow:
    """What of a supplier tells it from others."""

    site: str
    source_system: str
    source_key: str
    supplier_id: str
    number: str | None
    name: str
    country: str | None
    city: str | None
    tax_id: str | None
    url: str | None
    materials: list[str]
    orders: int
    open_value: Decimal
    currency: str

    @property
    def key(self) -> Key:
        """The row's name."""
        return Key(self.site, "supplier", self.source_key)


_ROWS = """
with ordered as (
    select o.site, o.supplier_id, count(distinct o.order_id) as orders,
           sum(l.line_total) filter (
               where o.status in ('pending', 'approved') and l.received_on is null) as open,
           array_agg(distinct l.material_id) as materials
    from erp.purchase_order o join erp.purchase_line l on l.site = o.site and l.order_id = o.order_id
    group by o.site, o.supplier_id
), offered as (
    select site, supplier_id, array_agg(distinct material_id) as materials
    from erp.info_record group by site, supplier_id
)
select s.site, s.source_system, s.source_key, s.supplier_id, s.number, s.name, s.country, s.city, s.tax_id,
       s.url, coalesce(o.materials, '{}') || coalesce(i.materials, '{}') as materials,
       coalesce(o.orders, 0) as orders,
       coalesce(o.open, 0) as open_value, t.currency
from erp.supplier s join erp.site t on t.site = s.site
left join ordered o on o.site = s.site and o.supplier_id = s.supplier_id
left join offered i on i.site = s.site and i.supplier_id = s.supplier_id
where s.site = any(%(sites)s) order by s.site, s.source_key
"""


@dataclass(frozen=True, slots=True)
class _Seen:
    row: SupplierRow
    name: Name
    joined: str
    tax_id: str
    domain: str
    city: str
    materials: frozenset[str]


def find(look: Look) -> Found:
    """Groups of suppliers that are one, with the one that most is ordered from to be kept."""
    rows = look.rows(SupplierRow, _ROWS)
    return Found(tuple(duplicates(rows)), Counter(row.site for row in rows))


CHECK = Check(NAME, find, across_sites=True)


def duplicates(rows: list[SupplierRow]) -> Iterator[Finding]:
    """The same from rows."""
    suppliers = [_seen(row) for row in rows]
    limit = limits(NAME)
    frequent = _frequent(suppliers, limit["frequent_word"])
    scored = []
    for one, other in candidates(
        [list(_places(s, frequent)) for s in suppliers], int(limit["largest_block"])
    ):
        score = likeness(suppliers[one], suppliers[other], frequent)
        if score >= limit["likeness"]:
            scored.append((score, one, other))

    def excluded(one: int, other: int) -> bool:
        return likeness(suppliers[one], suppliers[other], frequent) < limit["likeness"] - 0.1

    within = [pair for pair in scored if rows[pair[1]].site == rows[pair[2]].site]
    absorbed: set[Key] = set()
    for score, group in groups(within, excluded):
        finding = _duplicate(score, [suppliers[place] for place in group])
        absorbed |= {finding.key, *finding.others[1:]}
        yield finding
    for score, group in groups(
        [
            pair
            for pair in scored
            if rows[pair[1]].site != rows[pair[2]].site
            # One tax id at both sites is how a group knows that it is one supplier: nothing is wrong.
            and suppliers[pair[1]].tax_id != suppliers[pair[2]].tax_id
            and not absorbed & {rows[pair[1]].key, rows[pair[2]].key}
        ],
        excluded,
    ):
        yield _across(score, [suppliers[place] for place in group])


def _seen(row: SupplierRow) -> _Seen:
    name = company_name(row.name)
    domain = re.sub(r"^(https?://)?(www[.])?", "", (row.url or "").strip().casefold()).split("/")[0]
    return _Seen(
        row,
        name,
        "".join(sorted(name.words)),
        re.sub(r"[^a-z0-9]", "", plain(row.tax_id or "")),
        domain,
        re.sub(r"[^a-z]", "", plain(row.city or "")),
        frozenset(row.materials),
    )


def _frequent(suppliers: list[_Seen], share: float) -> frozenset[str]:
    """Words that so many names have that they tell no two apart: `industrial`, `services`."""
    names = {(each.tax_id or each.joined): each.name.words for each in suppliers}
    seen = Counter(word for words in names.values() for word in words)
    return frozenset(word for word, times in seen.items() if times > max(3, share * len(names)))


def _places(each: _Seen, frequent: frozenset[str]) -> Iterator[Hashable]:
    site = each.row.site
    if each.tax_id:
        yield ("tax", site, each.tax_id)
    if each.domain:
        yield ("domain", each.domain)
    for word in each.name.words - frequent or each.name.words:
        yield ("word", word[:5])
    yield ("letters", each.joined[:8])
    if each.city:
        yield ("city", each.city, site)


def likeness(one: _Seen, other: _Seen, frequent: frozenset[str]) -> float:
    """How sure it is that two suppliers are one, from 0 to 1; their names alone are never enough."""
    left, right = one.row, other.row
    same_site = left.site == right.site
    if left.country and right.country and left.country != right.country:
        return 0.0
    same_tax = bool(one.tax_id) and one.tax_id == other.tax_id
    if same_tax and same_site:
        return 0.99
    named = _named_alike(one, other, frequent)
    if named < limits(NAME)["least_name"]:
        return 0.0
    domain = bool(one.domain) and one.domain == other.domain
    other_domain = bool(one.domain) and bool(other.domain) and not domain
    city = bool(one.city) and SequenceMatcher(None, one.city, other.city).ratio() > 0.8
    other_city = bool(one.city) and bool(other.city) and not city
    common = len(one.materials & other.materials) if same_site else 0
    shared = common > 0 and common >= 0.3 * min(len(one.materials), len(other.materials))
    if not (domain or city or shared or same_tax):
        return 0.0
    score = 0.62 * named + 0.2 * domain + 0.15 * city + 0.15 * shared + 0.2 * same_tax
    return max(0.0, min(1.0, score - 0.25 * other_domain - 0.3 * other_city))


def _named_alike(one: _Seen, other: _Seen, frequent: frozenset[str]) -> float:
    """How alike the names are where they tell something; 1 is the same."""
    own, others = one.name.words - other.name.words, other.name.words - one.name.words
    telling = max(1, len((one.name.words | other.name.words) - frequent))
    score = 1.0
    for words, against in ((own - frequent, others), (others - frequent, own)):
        for word in sorted(words):
            # A name of its own is written in full: `Alder` is no short form of `Alderrode`.
            best = max((_spelt_alike(word, of) for of in against), default=0.0)
            score -= (1 - best) / telling / (2 if against and best > 0.5 else 1)
    trades, other_trades = own & frequent, others & frequent
    for trade in sorted(trades):
        partner = next((of for of in sorted(other_trades) if _trade_alike(trade, of)), None)
        if partner:
            trades, other_trades = trades - {trade}, other_trades - {partner}
    # A trade that differs (castings, motors) is another house of the same family name.
    if trades and other_trades:
        score -= 0.3
    return max(0.0, score - 0.05 * abs(len(trades) - len(other_trades)))


def _spelt_alike(one: str, other: str) -> float:
    ratio = SequenceMatcher(None, one, other).ratio()
    return ratio if ratio >= limits(NAME)["like_word"] else 0.0


def _trade_alike(one: str, other: str) -> bool:
    return abbreviates(one, other) or abbreviates(other, one) or _spelt_alike(one, other) > 0


def _duplicate(score: float, group: list[_Seen]) -> Finding:
    keep, *rest = sorted((each.row for each in group), key=lambda row: (-row.orders, row.source_key))
    differ = len({each.tax_id for each in group}) > 1
    severity: Severity = "serious" if sum(1 for each in group if each.row.open_value) > 1 else "flag"
    value = sum((row.open_value for row in rest), Decimal(0))
    return Finding(
        NAME,
        rest[0].key,
        rest[0].source_system,
        severity,
        "duplicate_supplier_other_tax_id" if differ else "duplicate_supplier",
        MergeInto(keep.key),
        round(score, 3),
        _arguments(rest[0], keep),
        (keep.key, *(row.key for row in rest[1:])),
        stake=Stake(value, keep.currency) if value else None,
    )


def _across(score: float, group: list[_Seen]) -> Finding:
    first, *rest = sorted(
        (each.row for each in group), key=lambda row: (-row.orders, row.site, row.source_key)
    )
    return Finding(
        NAME,
        rest[0].key,
        rest[0].source_system,
        "note",
        "supplier_across_sites",
        LinkTo(first.key),
        round(score, 3),
        _arguments(rest[0], first) | {"site": rest[0].site, "kept_site": first.site},
        (first.key, *(row.key for row in rest[1:])),
    )


def _arguments(row: SupplierRow, keep: SupplierRow) -> dict[str, str]:
    return {
        "name": row.name,
        "number": row.number or row.supplier_id,
        "tax_id": row.tax_id or "–",
        "kept_name": keep.name,
        "kept_number": keep.number or keep.supplier_id,
        "kept_tax_id": keep.tax_id or "–",
    }
