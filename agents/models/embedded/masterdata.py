"""Names in the caller's own data: materials, suppliers, accounts, categories and the like, as phrases."""

from __future__ import annotations

import re
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime

from agents.looking import LOADS
from agents.models.embedded.lexicon import Phrases, ValueWord
from agents.models.embedded.organisations import called
from agents.models.embedded.overdue import ORDER, OVERDUE
from agents.models.embedded.text import stems
from erp_adapters.store.checks.naming import without_legal_form
from erp_adapters.store.session import ReadTransaction
from tools.metrics.catalogue import Catalogue

# Entities whose names people use in questions; facts are found by number.
_NAMED = (
    "material",
    "supplier",
    "location",
    "company",
    "account",
    "cost_centre",
    "scrap_reason",
    "ship_method",
    "currency",
    "work_centre",
    "customer",
    "site",
    "department",
)
_FIELDS = (
    ("material", "category"),
    ("material", "subcategory"),
    ("material", "model"),
    ("material", "colour"),
    ("account", "kind"),
    ("downtime", "reason"),
    ("work_centre", "line"),
    ("material", "abc_class"),
    ("material", "mrp_controller"),
)
_COMPANIES = ("supplier", "customer")
_TREES = {
    "account": ("account_id", "parent_id"),
    "cost_centre": ("cost_centre_id", "parent_id"),
    "company": ("company", "parent"),
}
"""Key, and the key of what it belongs to."""
_FUNCTION_WORDS = frozenset(
    stems(
        "what which who whom whose where when why how do does did done is are was were be been has have had"
        " can could will would should may might must there here this that these those it its we us our you"
        " your they their me my the and or not of on at to for from by with without into about over under"
        " than then if any each every some go goes get gets give tell show list please"
    )
)
"""Words that every question has: a record named by these alone would draw others' questions to itself."""
_NUMBERED = re.compile(r"(?<=\s)(\w+ \d+)$")
"""The end of a longer name, by which people call a machine."""
_CENTRE = re.compile(r"(?![QH][1-4]$|W\d\d?$)[A-Z]{1,3}-?\d{1,4}")
"""Codes of machines; `Q1` is a quarter first, and `W2` a week."""
_ALIKE = re.compile(r"(\w+(?: \w+)+) \d+$")
"""What machines of several words are called without their number."""
_MOST_CACHED = 8
_MOST_VALUES = 200
"""Fields with more distinct values than this are not category-like."""
_MOST_ROWS = 100_000
"""Rows that are looked at for the distinct values of a field."""
_SHORTEST_CODE = 3
"""Letters up to which a code may be an everyday abbreviation."""


@dataclass(frozen=True, slots=True)
class MasterData:
    """Phrases of names in one scope, and the data's own today."""

    phrases: Phrases
    today: date
    names: dict[str, tuple[str, ...]]
    """Names by entity, for spelling help."""
    empty: frozenset[str]
    """Entities of which the caller sees no record."""
    base_currency: tuple[str, tuple[str, ...]]
    """Code and names of the currency that exchange rates are quoted from."""
    codes: dict[str, tuple[str, str]]
    """Material and supplier numbers in lower case, to entity and id."""
    values: Phrases = dataclass_field(default_factory=Phrases)
    """Values of category fields and other ways to name a currency or group of accounts; many are everyday
    words, so that they are looked for beside a word for their field."""
    currencies: tuple[str, ...] = ()
    """Of the sites, that of most of them first: what `the group's currency` means."""

    any_overdue: bool = False
    """True where a production order is open after its due date."""

    @property
    def group_currency(self) -> str:
        """The currency that most sites keep their books in."""
        return self.currencies[0] if self.currencies else self.base_currency[0]


def is_short_for_else(code: str) -> bool:
    """True for a code that people write for something else: a set-up group PO is no purchase order."""
    return len(code) <= _SHORTEST_CODE and stems(code) != (code.lower(),)


class MasterDataCache:
    """Master data by scope and load; a new load or another scope reads anew."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._cache: OrderedDict[tuple[object, ...], MasterData] = OrderedDict()

    async def get(self, tx: ReadTransaction) -> MasterData:
        """The master data that the caller of a transaction may see."""
        loads = await tx.fetch(LOADS)
        key = (tx.caller.sites, tx.caller.companies, loads.rows)
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        data = await self._read(tx)
        self._cache[key] = data
        while len(self._cache) > _MOST_CACHED:
            self._cache.popitem(last=False)
        return data

    async def _read(self, tx: ReadTransaction) -> MasterData:
        phrases = Phrases()
        names: dict[str, tuple[str, ...]] = {}
        codes: dict[str, tuple[str, str]] = {}
        numbered: list[ValueWord] = []
        centres: dict[str, list[str]] = defaultdict(list)
        rated = {str(row[0]) for row in (await tx.fetch("select distinct to_currency from erp.fx_rate")).rows}
        rated |= {"USD", "EUR"}
        for entity_name in _NAMED:
            entity = self._catalogue.entity(entity_name)
            code = f", {entity.code}" if entity.code else ", null"
            number = ", number" if entity_name == "supplier" else code
            rows = (
                await tx.fetch(
                    f"select {entity.key}, {entity.name or entity.key}{number} from erp.{entity.table}"
                )
            ).rows
            by_name: dict[tuple[str, ...], list[str]] = defaultdict(list)
            shown: dict[tuple[str, ...], str] = {}
            for key, name, other in rows:
                words = stems(str(name))
                by_name[words].append(str(name))
                shown[words] = str(name)
                if entity_name in _COMPANIES:
                    called_as = stems(without_legal_form(str(name)))
                    by_name[called_as].append(str(name))
                    shown.setdefault(called_as, str(name))
                if entity_name == "work_centre" and _CENTRE.fullmatch(str(key)):
                    centres[str(key)].append(str(name))
                if entity_name == "work_centre" and (numbered_name := _NUMBERED.search(str(name))):
                    # `press 2` is the hydraulic press 2; of several plants, each of them.
                    short = stems(numbered_name[1])
                    by_name[short].append(str(name))
                    shown.setdefault(short, numbered_name[1])
                if entity_name == "work_centre" and (alike := _ALIKE.match(str(name))):
                    # `the hydraulic presses` are all that are called so.
                    kind = stems(alike[1])
                    by_name[kind].append(str(name))
                    shown.setdefault(kind, alike[1])
                if other and entity_name in ("material", "supplier") and not _is_common(stems(str(other))):
                    numbered.append(ValueWord(entity_name, "number", (str(other),), str(other)))
                    codes[str(other).lower()] = (entity_name, str(key))
                    phrases.add_name(str(other), ValueWord(entity_name, entity.key, (str(key),), str(other)))
                if entity_name == "site":
                    # `KAS` is Kassel, in capitals: a code may be an everyday word.
                    named = ValueWord("site", entity.name, (str(name),), str(name))
                    phrases.add_name(str(key), named, capitals=True)
                if entity_name == "currency":
                    known_as = ValueWord("currency", "currency", (str(key),), str(key))
                    # `ALL` and `TRY` are currencies, `all` and `try` are not; those with rates may be in
                    # lower case.
                    phrases.add_name(str(key), known_as, capitals=str(key) not in rated)
                    if len(words) > 1 and str(key) in rated and words[-1] != "dollar":
                        by_name[words[-1:]].append(str(name))
                        shown[words[-1:]] = str(name)
            below = await self._below(tx, entity_name)
            for words, found in by_name.items():
                if _tells(words, shown[words]):
                    values = tuple(dict.fromkeys(found))
                    # A company that was entered twice is one: whoever names it means both entries.
                    exact = len(values) == 1 or entity_name in _COMPANIES
                    meaning = ValueWord(entity_name, entity.name, values, shown[words], exact)
                    if shown[words] in below:
                        meaning = ValueWord(
                            entity_name, entity.key, below[shown[words]], shown[words], group=True
                        )
                    if len(words) == 1 and len(stems(shown[words])) == 1:
                        phrases.add_name(shown[words], meaning, capitals=_is_common(words))
                    else:
                        phrases.add_stems(words, meaning)
            if entity_name == "company":
                for name, word, capital in called(str(row[1]) for row in rows):
                    for known in phrases.get(stems(name)):
                        phrases.add_name(word, known, capitals=capital)
            names[entity_name] = tuple(str(row[1]) for row in rows)
        for code, called_so in centres.items():
            # `P2`, in capitals, as the shop floor calls it; of several plants, each of them.
            centre = ValueWord("work_centre", "name", tuple(dict.fromkeys(called_so)), code)
            phrases.add_name(code, centre, capitals=True)
        for entity_name, field in _FIELDS:
            await self._field(tx, phrases, entity_name, field)
        base = await _base_currency(tx)
        also = await self._values(tx, rated, base)
        for meaning in numbered:
            also.add_stems(stems(meaning.shown), meaning)
        kept = await tx.fetch("select currency from erp.site group by 1 order by count(*) desc, 1")
        currencies = tuple(str(row[0]) for row in kept.rows)
        empty = await self._empty(tx)
        today, overdue = await _today(tx), await self._any_overdue(tx)
        return MasterData(phrases, today, names, empty, base, codes, also, currencies, overdue)

    # ── values ──
    async def _values(
        self, tx: ReadTransaction, rated: set[str], base: tuple[str, tuple[str, ...]]
    ) -> Phrases:
        values = Phrases()
        for entity_name, field in self._category_fields():
            await self._category(tx, values, entity_name, field)
        await self._currencies(tx, values, rated, base)
        await self._account_groups(tx, values)
        await self._cost_centres(tx, values)
        return values

    def _category_fields(self) -> list[tuple[str, str]]:
        """Fields with few values that the catalogue does not list and names are not read from."""
        found = [
            (name, field_name)
            for name, entity in self._catalogue.entities.items()
            for field_name, field in entity.fields.items()
            if field.kind == "category" and not field.sql and not field.values and not field.numeric
        ]
        return [*(pair for pair in found if pair not in _FIELDS), ("shift", "name"), ("unit", "unit")]

    async def _category(self, tx: ReadTransaction, values: Phrases, entity_name: str, field: str) -> None:
        table = self._catalogue.entity(entity_name).table
        rows = (
            await tx.fetch(
                f"select distinct v from (select {field}::text as v from erp.{table}"
                f" where {field} is not null limit {_MOST_ROWS}) s limit {_MOST_VALUES + 1}"
            )
        ).rows
        if len(rows) > _MOST_VALUES:
            return
        units = await self._unit_names(tx) if field.endswith("unit") else {}
        for (value,) in rows:
            text = str(value)
            if is_short_for_else(text):
                continue
            meaning = ValueWord(entity_name, field, (text,), text)
            values.add_stems(stems(text), meaning)
            if text in units:
                spelt = ValueWord(entity_name, field, (text,), units[text])
                values.add_stems(stems(units[text]), spelt)
                values.add_stems(stems(units[text])[-1:], spelt)

    async def _unit_names(self, tx: ReadTransaction) -> dict[str, str]:
        return {
            str(unit): str(name) for unit, name in (await tx.fetch("select unit, name from erp.unit")).rows
        }

    async def _currencies(
        self,
        tx: ReadTransaction,
        values: Phrases,
        rated: set[str],
        base: tuple[str, tuple[str, ...]],
    ) -> None:
        """Each currency by code and name, those with rates also by a word that only their name has."""
        rows = [(str(c), str(n)) for c, n in (await tx.fetch("select currency, name from erp.currency")).rows]
        for code, name in dict(rows).items():
            for meaning in _currency(code, name):
                values.add_stems(stems(name), meaning)
        current = {code: name for code, name in rows if code in rated | {base[0]}}
        for code, name in current.items():
            for meaning in _currency(code, name):
                values.add_stems(stems(code), meaning)
            for word in stems(name):
                if len(word) > 2 and sum(word in stems(other) for other in current.values()) == 1:
                    for meaning in _currency(code, name):
                        values.add_stems((word,), meaning)
        for meaning in _currency(base[0], current.get(base[0], base[0])):
            # `dollars` without more are one's own.
            values.add_stems(stems(current.get(base[0], ""))[-1:], meaning)

    async def _account_groups(self, tx: ReadTransaction, values: Phrases) -> None:
        """Accounts by number, where a word beside it tells, and by name those with others below them."""
        below = await self._below(tx, "account")
        rows = (await tx.fetch("select account_id, code, name from erp.account where code is not null")).rows
        codes = {str(key): str(code) for key, code, _ in rows}
        groups: dict[str, ValueWord] = {}
        for name, keys in below.items():
            held = tuple(codes[key] for key in keys if key in codes)
            groups[name] = ValueWord("account", "code", held, name, group=True)
            values.add_stems(stems(name), groups[name])
        for code, of in sorted({(str(number), str(of)) for _, number, of in rows}):
            meaning = groups.get(of) or ValueWord("account", "code", (code,), code)
            for phrase in (f"account {code}", f"{code} account", f"{code} series"):
                values.add_stems(stems(phrase), meaning)

    async def _cost_centres(self, tx: ReadTransaction, values: Phrases) -> None:
        """Cost centres by number where a word beside it tells; one that others belong to is all of them."""
        below = await self._below(tx, "cost_centre")
        rows = (await tx.fetch("select distinct cost_centre_id, name from erp.cost_centre")).rows
        for number, name in sorted((str(number), str(name)) for number, name in rows):
            held = below.get(name, (number,))
            meaning = ValueWord("cost_centre", "cost_centre_id", held, name, group=name in below)
            called = (f"cost centre {number}", f"cost center {number}", f"cc {number}", f"{number} {name}")
            for phrase in (*called, f"cost centre {number} {name}", f"cc {number} {name}"):
                values.add_stems(stems(phrase), meaning)

    async def _below(self, tx: ReadTransaction, entity: str) -> dict[str, tuple[str, ...]]:
        """Keys of an account, cost centre or organisation and all below it, by name, where there are any."""
        if entity not in _TREES:
            return {}
        key, parent = _TREES[entity]
        sql = (
            f"with recursive tree as (select site, {key} as top, {key} as node from erp.{entity}"
            f" union all select t.site, t.top, c.{key} from tree t join erp.{entity} c"
            f" on c.site = t.site and c.{parent} = t.node)"
            f" select e.name, array_agg(distinct t.node) from tree t join erp.{entity} e"
            f" on e.site = t.site and e.{key} = t.top"
            f" group by e.name having count(distinct t.node) > 1"
        )
        return {str(name): tuple(str(node) for node in nodes) for name, nodes in (await tx.fetch(sql)).rows}  # type: ignore[attr-defined]

    async def _empty(self, tx: ReadTransaction) -> frozenset[str]:
        parts = [
            f"select '{name}' where not exists (select 1 from erp.{entity.table})"
            for name, entity in self._catalogue.entities.items()
        ]
        return frozenset(str(row[0]) for row in (await tx.fetch(" union all ".join(parts))).rows)

    async def _any_overdue(self, tx: ReadTransaction) -> bool:
        orders = self._catalogue.entity(ORDER)
        sql = (
            f"select exists (select 1 from erp.{orders.table} this join erp.site site using (site)"
            f" where {orders.conditions[OVERDUE].sql})"
        )
        return bool((await tx.fetch(sql)).rows[0][0])

    async def _field(self, tx: ReadTransaction, phrases: Phrases, entity_name: str, field: str) -> None:
        table = self._catalogue.entity(entity_name).table
        rows = (await tx.fetch(f"select distinct {field} from erp.{table} where {field} is not null")).rows
        last: dict[str, list[str]] = defaultdict(list)
        for (value,) in rows:
            words = stems(str(value))
            if not _tells(words, str(value)):
                continue
            # `A` is a class, `a` an article.
            phrases.add_name(
                str(value),
                ValueWord(entity_name, field, (str(value),), str(value)),
                capitals=len(str(value)) == 1 or _is_common(words),
            )
            if len(words) > 1 and field == "subcategory":
                last[words[-1]].append(str(value))
        for word, values in last.items():
            # `frames` means every kind of frame, where the master data has several.
            phrases.add_stems(
                (word,), ValueWord(entity_name, field, tuple(sorted(values)), word, len(values) == 1)
            )


def _tells(words: tuple[str, ...], name: str) -> bool:
    """Whether a name can be told from the rest of a question: by a word, or by its capitals, as `IT`."""
    return not _is_common(words) or (len(stems(name)) == 1 and name.isupper())


def _is_common(words: tuple[str, ...]) -> bool:
    return _FUNCTION_WORDS.issuperset(words)


def _currency(code: str, name: str) -> tuple[ValueWord, ValueWord]:
    return (
        ValueWord("currency", "currency", (code,), code),
        ValueWord("currency", "name", (name,), name),
    )


async def _base_currency(tx: ReadTransaction) -> tuple[str, tuple[str, ...]]:
    sql = (
        "select r.from_currency, array_agg(distinct c.name) from erp.fx_rate r left join erp.currency"
        " c on c.site = r.site"
        " and c.currency = r.from_currency group by r.from_currency order by count(*) desc limit 1"
    )
    rows = (await tx.fetch(sql)).rows
    return (str(rows[0][0]), tuple(str(name) for name in rows[0][1])) if rows else ("", ())  # type: ignore[attr-defined]


async def _today(tx: ReadTransaction) -> date:
    found = (await tx.fetch("select max(as_of) from erp.site")).rows[0][0]
    if isinstance(found, datetime):
        return found.date()
    return datetime.now().astimezone().date()
