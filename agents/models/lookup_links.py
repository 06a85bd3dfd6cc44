"""The arguments of look-up tools, linked with the data and the question."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from agents.models.protocol import ToolCall
from agents.models.said import Said, folded
from agents.models.unfounded import Unfounded, check_day, check_number, unknown
from erp_adapters.store.session import ReadTransaction
from tools.arguments import first_day, last_day
from tools.matching import Fit, Match, fitting, meant
from tools.naming import Kind, Thing, all_sites, called, candidates

_KINDS = {
    "material": Kind.MATERIAL,
    "component": Kind.MATERIAL,
    "supplier": Kind.SUPPLIER,
    "company": Kind.COMPANY,
    "account": Kind.ACCOUNT,
    "cost_centre": Kind.COST_CENTRE,
    "from_currency": Kind.CURRENCY,
    "to_currency": Kind.CURRENCY,
    "currency": Kind.CURRENCY,
}
_AT_A_SITE = frozenset({Kind.MATERIAL, Kind.SUPPLIER})
"""Kinds whose records each belong to one site."""
_SEARCHED = {"find_material": Kind.MATERIAL, "find_supplier": Kind.SUPPLIER}
_OF_THE_TOOL = frozenset({"record"})
"""Arguments in words of the tool's own, which it checks itself."""
_PERIOD = re.compile(r"\d{4}-\d{2}(-\d{2})?")
_NEAR = 5


class LookUpLinks:
    """Checks a look-up of a turn."""

    def __init__(self, said: Said, tx: ReadTransaction) -> None:
        self._said = said
        self._tx = tx
        self.unsaid: list[str] = []
        """Values of the data that stand in no word of the question."""

    async def linked(self, call: ToolCall) -> ToolCall:
        """The call with the data's own spellings.

        Raises:
            Unfounded: a value has no source.
        """
        given = call.arguments
        changed: dict[str, str] = {}
        for name, field in type(given).model_fields.items():
            value = getattr(given, name)
            if value is None or value == field.default or isinstance(value, bool) or _is_choice(field):
                continue
            if isinstance(value, int | Decimal):
                check_number(Decimal(value), self._said, name)
            elif isinstance(value, date):
                check_day(value, self._said, name)
            elif isinstance(value, str) and name not in _OF_THE_TOOL:
                changed[name] = await self._text(call.name, name, value, given)
        return ToolCall(call.name, given.model_copy(update=changed)) if changed else call

    async def _text(self, tool: str, name: str, value: str, given: BaseModel) -> str:
        if name.startswith("period") and _PERIOD.fullmatch(value):
            check_day(last_day(value) if name.endswith("to") else first_day(value), self._said, name)
            return value
        if name in ("site", "from_site"):
            return await self._site(value)
        if name in _KINDS:
            return await self._thing(_KINDS[name], value, getattr(given, "site", None))
        if self._said.text(value):
            return value
        kind = _SEARCHED.get(tool)
        if kind is not None and meant(await candidates(self._tx, kind, value)):
            return value
        raise unknown(value, name.replace("_", " "), ())

    async def _site(self, value: str) -> str:
        sites = await all_sites(self._tx)
        taken = meant(fitting(value, [Thing(site.site, site.site, "", site.name) for site in sites]))
        if len(taken) != 1:
            raise unknown(value, "site", [site.name for site in sites][:_NEAR])
        return taken[0].thing.id

    async def _thing(self, kind: Kind, value: str, site: str | None) -> str:
        found = await self._found(kind, value, site)
        taken = [one for one in meant(found) if site is None or site in (one.thing.site, "")] or meant(found)
        if len({one.thing.id for one in taken}) == 1:
            spelt = _spelt(value, taken[0])
            thing = taken[0].thing
            if not any(map(self._said.mentions, filter(None, (value, thing.name, thing.code, thing.id)))):
                self.unsaid.append(spelt)
            return spelt
        if self._said.text(value):
            # The tool says by itself that there is none, or which there are.
            return value
        near = [str(one.thing) for one in (taken or found)[:_NEAR]]
        if taken:
            raise Unfounded(f"{value!r} may mean several: {', '.join(near)}; name one or ask back")
        raise unknown(value, kind.noun, near)

    async def _found(self, kind: Kind, value: str, site: str | None) -> list[Match[Thing]]:
        """What is called so: at the site alone where it is there, as its tool will ask again."""
        if kind in _AT_A_SITE and any(one.site == site for one in await all_sites(self._tx)):
            found = [one for one in await called(self._tx, kind, value, site) if one.fit is Fit.EXACT]
            if found:
                return found
        return await called(self._tx, kind, value)


def _spelt(value: str, match: Match[Thing]) -> str:
    """The text as the data has it: id, code or name, whichever it is, and the name for what comes near."""
    thing = match.thing
    if ":" in value:
        return value
    if match.fit is Fit.EXACT:
        return next(
            (own for own in (thing.id, thing.code, thing.name) if folded(own) == folded(value)), value
        )
    return thing.name


def _is_choice(field: FieldInfo) -> bool:
    """True for an argument with listed values."""
    inner = [field.annotation, *get_args(field.annotation)]
    return any(get_origin(one) is Literal for one in inner)
