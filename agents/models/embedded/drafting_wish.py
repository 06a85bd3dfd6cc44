"""What a person wants drafted, as far as they have said it."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from agents.models.embedded.drafting_amounts import FoundAmount, find_amount
from agents.models.embedded.drafting_days import FoundDay, find_day, with_months
from agents.models.embedded.drafting_patterns import (
    BATCH,
    BESIDE,
    CENTRE,
    CHANGE,
    CURRENCY,
    FILLER,
    FROM,
    LEFT_OVER,
    LOCATION,
    OF,
    PLACE,
    REASON,
    SIGNS,
    SPLIT,
    SUPPLIER,
)
from agents.models.embedded.drafting_words import (
    DraftKind,
    asked_kind,
    is_question,
    plainly,
    without_the_verb,
)
from agents.models.embedded.masterdata import MasterData
from tools.drafting.units import MEASURE_WORDS
from tools.matching import Fit, meant, ranked
from tools.naming import Thing

_GAP = " | "
"""Stands where something was taken out, so that what was apart does not join."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The parts of a draft that were said; empty ones were not."""

    kind: DraftKind
    material: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    day: date | None = None
    latest: bool = False
    """True where the day is the last one that will do, as after `by`."""
    site: str = ""
    from_site: str = ""
    supplier: str = ""
    split: bool = False
    """True where it is to be split over several suppliers."""
    cost_centre: str = ""
    currency: str = ""
    batch: str = ""
    location: str = ""
    reason: str = ""
    unread: str = ""
    """Words of the request that none of its parts explains."""
    problem: str = ""
    """What was said and cannot be, with what stands there: `not above zero: -5`."""
    either: tuple[date, date] | None = None

    def over(self, before: Wish) -> Wish:
        """This with what only the one before says."""
        given = {
            name: value
            for name in self.__slots__
            if name not in ("kind", "unread", "problem", "either") and (value := getattr(self, name))
        }
        if "quantity" in given and not self.unit:
            given["unit"] = before.unit
        if "day" in given:
            given["latest"] = self.latest
        return replace(before, **given, problem=self.problem, either=self.either)


def wish_in(text: str, data: MasterData, language: str = "en") -> Wish | None:
    """What a sentence asks to be drafted; None where it asks for nothing of the kind."""
    kind = asked_kind(text)
    if kind is None:
        return None
    text = without_the_verb(with_months(text), kind)
    wish = _parts(text, kind, data, language)
    several = _several(text, data)
    return replace(wish, problem=f"several: {several}", either=None) if several else wish


_ITEM = re.compile(
    r"(?:^|\b(?:and|plus|und|sowie|y|et)\b|[,;&+])\s*(?P<item>\d[\d.,]*\s+[^,;&]+?)(?=\s*(?:$|[,;&]|\b(?:and|plus|und|sowie|et|y)\s+\d))",
    re.IGNORECASE,
)


def _several(text: str, data: MasterData) -> str:
    """The first of several materials with quantities of their own; empty where there is one at most."""
    items = [found["item"].strip() for found in _ITEM.finditer(text.strip())]
    known = [(item, named) for item in items if (named := _known(f" {item} ", data, "material")[0])]
    return known[0][0] if len({named.casefold() for _, named in known}) > 1 else ""


def _parts(text: str, kind: DraftKind, data: MasterData, language: str) -> Wish:
    rest = f" {text.strip()} "
    reason, rest = _taken(REASON, rest, "reason")
    centre, rest = _taken(CENTRE, rest, "centre")
    split, rest = _split(rest, kind)
    rest, currency = _currency(rest)
    location, rest = _taken(LOCATION, rest, "location") if kind == "hold" else ("", rest)
    batch, rest = _taken(BATCH, rest, "batch") if kind == "hold" else ("", rest)
    bare = _without_noun(rest, data) if language == "de" else rest
    material, rest = _known(bare, data, "material", language)
    rest, day = _day(rest, data, language) if kind != "hold" else (rest, None)
    from_site = ""
    if kind == "transfer":
        from_site, rest = _site(rest, data, r"from|von|vom|aus|ab|desde|de|depuis|du")
    if kind == "transfer" and not from_site:
        from_site, rest = _unknown_sender(rest)
    site, rest = _site(rest, data, PLACE)
    supplier = ""
    if kind == "requisition":
        supplier, rest = _supplier(rest, data)
    if not site:
        site, rest = _unnamed_site(rest, data)
    rest, amount = _amount(rest, language)
    if kind == "hold" and not reason:
        reason, rest = _loose_reason(rest)
    if not material:
        material, rest = _described(rest)
    wish = Wish(
        kind,
        material=material,
        site=site,
        from_site=from_site,
        supplier=supplier,
        split=split,
        cost_centre=centre,
        currency=currency,
        batch=batch,
        location=location,
        reason=reason,
    )
    wish, unread = _with(wish, amount, day), _unread(rest)
    unit = _unit_beside(unread) if wish.quantity is not None and not wish.unit else ""
    return replace(wish, unit=unit) if unit else replace(wish, unread=unread)


_IN_UNITS = re.compile(
    r"^(?P<in>(?:in|en|à|als|as)\s+|\()?(?P<unit>[^\W\d_]{2,})\)?(?P<rest>.*)$", re.IGNORECASE
)


def _unit_beside(words: str) -> str:
    """The unit that words such as `in boxes` name, whether there is one of that name or not; else empty."""
    found = _IN_UNITS.match(words)
    if found is None or not LEFT_OVER.match(found["rest"]):
        return ""
    return found["unit"] if found["in"] or found["unit"].casefold() in MEASURE_WORDS else ""


def _unread(rest: str) -> str:
    """The first words that stand there for something: a condition, perhaps, that no draft can hold."""
    for part in rest.split("|"):
        words = part.strip(" .,;:!?\"'-")
        if words and not LEFT_OVER.match(words):
            return words
    return ""


def _with(wish: Wish, amount: FoundAmount | None, day: FoundDay | None) -> Wish:
    problem, either = "", None
    if day is not None and day.day is None:
        problem, either = f"{day.problem}: {day.written}", day.either
    if amount is not None and amount.value is None:
        problem, either = f"{amount.problem}: {amount.written}", None
    return replace(
        wish,
        quantity=amount.value if amount else None,
        unit=amount.unit if amount else "",
        day=day.day if day else None,
        latest=day is not None and day.day is not None and day.is_latest,
        problem=problem,
        either=either,
    )


def _taken(pattern: re.Pattern[str], text: str, group: str) -> tuple[str, str]:
    found = pattern.search(text)
    if found is None:
        return "", text
    return (found[group] or found[found.lastgroup or group]).strip(" .,;:'\""), text[
        : found.start()
    ] + _GAP + text[found.end() :]


def _split(text: str, kind: DraftKind) -> tuple[bool, str]:
    found = SPLIT.search(text) if kind == "requisition" else None
    return (False, text) if found is None else (True, text[: found.start()] + _GAP + text[found.end() :])


def _currency(text: str) -> tuple[str, str]:
    found = CURRENCY.search(text)
    if found is None:
        return text, ""
    rest = text[: found.start()] + _GAP + text[found.end() :]
    return rest, found["currency"] or SIGNS[found["sign"]]


def _day(text: str, data: MasterData, language: str) -> tuple[str, FoundDay | None]:
    found = find_day(text, data.today, language)
    return (text, None) if found is None else (text[: found.start] + _GAP + text[found.end :], found)


def _amount(text: str, language: str) -> tuple[str, FoundAmount | None]:
    found = find_amount(text, language)
    return (text, None) if found is None else (text[: found.start] + _GAP + text[found.end :], found)


def _known(text: str, data: MasterData, entity: str, language: str = "") -> tuple[str, str]:
    """The longest name or number of the data that stands in the text, and the text without it."""
    low = text.casefold()
    best, called = (0, 0), ""
    numbers = (code for code, (of, _) in data.codes.items() if of == entity)
    for name in (*data.names.get(entity, ()), *numbers):
        words = name.casefold().split()
        if len(name) < 2 or not all(word.removesuffix("s") in low for word in words):
            continue
        found = _named_by(tuple(words)).search(low)
        if found is not None and found.end() - found.start() > best[1] - best[0]:
            best, called = found.span(), name
    if not called:
        return "", text
    written = text[best[0] : best[1]]
    # A name in another form than the data's, such as the plural, is not what the tool would find.
    before = text[: best[0]]
    if any(map(str.isdigit, called)):
        before = BESIDE.sub(lambda beside: _beside(beside, data, language), before)
    return (written if written.casefold() == called.casefold() else called), (before + _GAP + text[best[1] :])


_ANY_MATERIAL = {
    "part",
    "parts",
    "item",
    "items",
    "material",
    "article",
    "articles",
    "spare",
    "spares",
    "number",
}
_STEM = 4


def _beside(found: re.Match[str], data: MasterData, language: str) -> str:
    """An amount without what its number is said to be of: `200 bearings`; with a word that counts, kept as unit.

    Names are English in most data, so that only in English a word that none of them has is taken to count.
    """
    amount = found["amount"]
    nouns = found[0][len(amount) :].split()
    if re.search(r"[^\W\d_]", amount) or not nouns:
        return amount
    called = {word[:_STEM].casefold() for name in data.names.get("material", ()) for word in name.split()}
    known = language != "en" or any(
        word[:_STEM].casefold() in called or word.casefold() in _ANY_MATERIAL for word in nouns
    )
    return f"{amount} {nouns[0]} of " if nouns[0].casefold() in MEASURE_WORDS or not known else amount


_NOUN = re.compile(r"\b(?P<noun>[A-ZÄÖÜ][a-zäöüß]{3,})\s+(?P<number>\S*\d[\w.-]*)")


def _without_noun(text: str, data: MasterData) -> str:
    """The text without what a material is called in German before its number: `Kugellager BR-6204`."""
    numbers = {code.casefold() for code, (of, _) in data.codes.items() if of == "material"}
    others = {
        name.split()[0].casefold()
        for entity in ("site", "supplier", "material")
        for name in data.names.get(entity, ())
        if name.split()
    }
    for found in _NOUN.finditer(text):
        noun = found["noun"].casefold()
        if found["number"].casefold().rstrip(".") in numbers and noun not in others | MEASURE_WORDS:
            return text[: found.start()] + text[found.start("number") :]
    return text


@lru_cache(maxsize=20_000)
def _named_by(words: tuple[str, ...]) -> re.Pattern[str]:
    """A name whose words may stand in the plural."""
    some = r"\s+".join(re.escape(word) + ("s?" if word[-1].isalpha() else "") for word in words)
    return re.compile(rf"(?<![\w./-]){some}(?![\w/-])")


def _whole(text: str, name: str) -> int | None:
    at = text.find(name)
    while at >= 0:
        before = text[at - 1] if at else " "
        after = text[at + len(name) : at + len(name) + 2].removeprefix("s")[:1] or " "
        if not (before.isalnum() or before in "-_/.") and not (after.isalnum() or after in "-_/"):
            return at
        at = text.find(name, at + 1)
    return None


_CODE = re.compile(r"[A-Z]{3,4}")
"""A site's code, as it is written."""


def _sites(data: MasterData) -> list[Thing]:
    return [Thing("", name, "", name) for name in data.names.get("site", ())]


def _site(text: str, data: MasterData, places: str) -> tuple[str, str]:
    """A site after a word of place, spelt right or nearly."""
    pattern = rf"\b(?:{places})\s+(?:the\s+|our\s+|werk\s+|das werk\s+|dem werk\s+|la planta de\s+|l'usine de\s+|site\s+|plant\s+)?(?P<site>[^\W\d_][\w-]*(?:\s+(?!(?:by|on|from|to|for|bis|von|für|nach)\b)[^\W\d_][\w-]*)?)(?:\s+(?:plant|site|werk))?"
    for found in re.finditer(pattern, text, re.IGNORECASE):
        if _CODE.fullmatch(found["site"].split()[0]):
            end = found.start("site") + len(found["site"].split()[0])
            return found["site"].split()[0], text[: found.start()] + _GAP + text[end:]
        words = found["site"].split()
        for some in (words, words[:1]):
            named = " ".join(some)
            taken = meant(ranked(named, _sites(data)))
            if taken and (len(taken) == 1 and taken[0].fit >= Fit.PART) and len(named) > 2:
                end = found.start("site") + len(named)
                end += re.match(r"(?:\s+(?:plant|site|werk)\b)?", text[end:], re.I).end()  # type: ignore[union-attr]
                return named, text[: found.start()] + _GAP + text[end:]
    return "", text


def _unknown_sender(text: str) -> tuple[str, str]:
    """A place to send from that is no site of the person: the tool says which there are."""
    found = re.search(r"\b(?:from|von|aus|desde|depuis)\s+(?P<site>[A-ZÄÖÜ][a-zäöüß]+)\b", text)
    if found is None:
        return "", text
    return found["site"], text[: found.start()] + _GAP + text[found.end() :]


def _unnamed_site(text: str, data: MasterData) -> tuple[str, str]:
    """A site without a word of place, or a place that is no site of the person: the tool says which there are."""
    low = text.casefold()
    for site in sorted(data.names.get("site", ()), key=len, reverse=True):
        at = _whole(low, site.casefold())
        if at is not None:
            return text[at : at + len(site)], text[:at] + _GAP + text[at + len(site) :]
    found = re.search(rf"(?<=\|)?\s\b(?:{PLACE})\s+(?P<site>[A-ZÄÖÜ][\w-]*)\s*(?=$|\||,|\.)", text)
    if found is not None and not re.search(r"\d", found["site"]):
        return found["site"], text[: found.start()] + _GAP + text[found.end() :]
    return "", text


def _supplier(text: str, data: MasterData) -> tuple[str, str]:
    name, rest = _taken(SUPPLIER, text, "supplier")
    if name:
        return name, rest
    name, rest = _known(text, data, "supplier")
    if name:
        return name, re.sub(r"\b(?:from|bei|beim|von|vom|de|chez|a|à|via|with)\s*\|", "|", rest, flags=re.I)
    name, rest = _short_supplier(text, data)
    if name:
        return name, rest
    found = FROM.search(text)
    if found is not None and not re.match(r"\s*(?:stock|the|lager)\b", found["supplier"], re.I):
        words = found["supplier"].split()
        # `500 von BR-6204`: what follows is what is bought.
        if words and not re.search(r"\d", words[0]) and _follows_more(text[: found.start()]):
            return found["supplier"].strip(" ."), text[: found.start()] + _GAP + text[found.end() :]
    return "", text


def _named_alone(text: str) -> str:
    """A name without what is said behind it: `Bearings please`."""
    words = text.split()
    while len(words) > 1 and not FILLER.sub("", words[-1]):
        words.pop()
    return " ".join(words)


def _short_supplier(text: str, data: MasterData) -> tuple[str, str]:
    """`from Voltamo`: the first word of a supplier's name tells which, behind a word for whence."""
    firsts = {name.split()[0].casefold() for name in data.names.get("supplier", ()) if name.split()}
    for found in re.finditer(
        r"\b(?:from|by|bei|beim|von|vom|de|del|a|à|chez|via|with|al)\s+(?P<name>[^\W\d_][\w.&-]*)", text, re.I
    ):
        if found["name"].casefold() in firsts and len(found["name"]) > 3:
            return found["name"], text[: found.start()] + _GAP + text[found.end() :]
    return "", text


def _follows_more(before: str) -> bool:
    """True where something else than a quantity stands before `from` or `von`."""
    bare = find_amount(before)
    left = before if bare is None else before[: bare.start] + before[bare.end :]
    return "|" in left or bool(re.search(r"[^\W\d_]{2,}", LEFT_OVER.sub("", left.strip())))


def _described(text: str) -> tuple[str, str]:
    """What is left after the quantity, as the material's name: the tool finds it or says what is near."""
    parts = text.split("|")
    for at, part in enumerate(parts):
        bare = OF.sub("", part).strip(" .,;:!?\"'")
        bare = re.sub(rf"\s+(?:{PLACE}|from|by|on|und|and)$", "", bare, flags=re.I).strip()
        bare = re.sub(r"^(?:for|of|für|von|para|de|pour|with|mit|at|on|in)\s+", "", bare, flags=re.I)
        if bare and not LEFT_OVER.match(bare):
            return bare[:200], _GAP.join([*parts[:at], *parts[at + 1 :]])
    return "", text


def _loose_reason(text: str) -> tuple[str, str]:
    """`for surface defects`: what a hold is for needs no word such as because."""
    for part in text.split("|"):
        found = re.search(
            r"\b(?:for|due|wegen|für|por|para|pour)\s+(?P<reason>[^\W\d_].{2,})$", part.strip(" .!")
        )
        if found is not None:
            return found["reason"].strip(" ."), text.replace(part, " ")
    return "", text


# ── what is said next ─────────────────────────────────────────────────────────────────────────────────────


def changes(text: str) -> bool:
    """True for a reply that can change a draft: it says to, or names an amount, a day or a source."""
    bare = plainly(text)
    if is_question(text) or len(bare.split()) > _LONGEST:
        return False
    says = CHANGE.match(bare) or re.match(r"^(?:by|for|from|bis|für|von|bei|para|pour|chez)\s", bare, re.I)
    says = says or SPLIT.search(bare)
    return bool(says or find_amount(bare) or find_day(bare, date(2000, 1, 3)) or _counted_in(bare))


def _counted_in(text: str) -> bool:
    """True for `in boxes`, which is no `in detail`."""
    found = _IN_UNITS.match(text)
    return found is not None and bool(found["in"]) and found["unit"].casefold() in MEASURE_WORDS


_LONGEST = 14


def changed(text: str, before: Wish, data: MasterData, language: str, missing: str) -> Wish | None:
    """The wish with what a reply says; None where the reply is about something else.

    Args:
        missing: the part that was asked for; empty where a draft is there and is to be another.
    """
    if is_question(text) or len(text.split()) > 4 * _LONGEST:
        return None
    bare = plainly(text)
    while (shorter := CHANGE.sub("", bare)) != bare:
        bare = shorter
    bare = bare.strip(" .!")
    if not bare:
        return None
    if missing == "material":
        return _checked(Wish(before.kind, material=OF.sub("", bare).strip()[:200]), before)
    if missing == "reason":
        return _checked(Wish(before.kind, reason=bare), before)
    if missing in ("site", "from_site") and len(bare.split()) <= 5 and not re.search(r"\d", bare):
        named = re.sub(rf"^(?:{PLACE}|from|von|aus|desde|de|the|it's|its|it is)\s+", "", bare, flags=re.I)
        part = Wish(before.kind, site=named) if missing == "site" else Wish(before.kind, from_site=named)
        return _checked(part, before)
    part, left = _reply(bare, before, data, language)
    if part == Wish(before.kind) or FILLER.sub("", left):
        return None
    return part.over(before)


def _checked(part: Wish, before: Wish) -> Wish | None:
    return part.over(before) if part != Wish(part.kind) else None


def _reply(bare: str, before: Wish, data: MasterData, language: str) -> tuple[Wish, str]:
    rest = f" {bare} "
    reason, rest = _taken(REASON, rest, "reason")
    centre, rest = _taken(CENTRE, rest, "centre")
    split, rest = _split(rest, before.kind)
    rest, currency = _currency(rest)
    material, rest = _known(rest, data, "material")
    rest, day = _day(rest, data, language) if before.kind != "hold" else (rest, None)
    from_site = ""
    if before.kind == "transfer":
        from_site, rest = _site(rest, data, r"from|von|vom|aus|ab|desde|de|depuis|du")
    site, rest = _site(rest, data, PLACE)
    if not site:
        site, rest = _unnamed_site(rest, data)
    supplier = ""
    if before.kind == "requisition":
        supplier, rest = _supplier(rest, data)
        # Behind `from` alone there is nobody else to be meant: the tool says who is called so.
        whence = None if supplier else FROM.fullmatch(rest.strip(" .!|"))
        if whence is not None and not re.search(r"\d", whence["supplier"]):
            supplier, rest = _named_alone(whence["supplier"]), ""
    rest, amount = _amount(rest, language)
    wish = Wish(
        before.kind,
        material=material,
        site=site,
        from_site=from_site,
        supplier=supplier,
        split=split,
        cost_centre=centre,
        currency=currency,
        reason=reason,
    )
    wish = _with(wish, amount, day)
    left = FILLER.sub(" ", rest).split()
    if len(left) == 1 and not wish.unit and (wish.quantity or left[0].casefold() in MEASURE_WORDS):
        return replace(wish, unit=left[0]), ""
    return wish, rest
