"""The unit that a person asked in, and how much of it is one unit of the ERP."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tools.engines.sourcing import converted, inverse
from tools.errors import ToolError
from tools.languages import said
from tools.rows import Queries

_CALLED = {
    "piece": "piece pieces pc pcs pce ea each unit units st stk stück stueck stk. stücke szt ks pz item items"
    " pieza piezas pieces pièce pièces unidad unidades unité unités",
    "kilogram": "kg kgs kilo kilos kilogram kilograms kilogramm kilogramo kilogramos kilogramme kilogrammes",
    "pound": "lb lbs pound pounds pfund libra libras livre livres",
    "gram": "g gram grams gramm gramo gramos gramme grammes",
    "tonne": "t to ton tons tonne tonnes tonnen tonelada toneladas",
    "metre": "m metre metres meter meters metro metros mètre mètres",
    "millimetre": "mm millimetre millimeter",
    "inch": "in inch inches zoll pulgada pulgadas pouce pouces",
    "litre": "l litre litres liter liters litro litros",
}
_KINDS = {word: kind for kind, words in _CALLED.items() for word in words.split()}
UNIT_WORDS = frozenset(_KINDS)
"""Words that people use for units, in any of the languages."""
_COUNTED_IN = """
    box boxes carton cartons pallet pallets crate crates case cases bag bags sack sacks roll rolls drum drums
    barrel barrels pack packs packet packets package packages set sets pair pairs bundle bundles coil coils
    reel reels sheet sheets tube tubes bottle bottles can cans container containers truckload truckloads
    gallon gallons pint pints quart quarts ounce ounces oz stone foot feet ft yard yards yd mile miles cm km
    dm mg ml cl hl parsec parsecs doubloon doubloons
    kiste kisten karton kartons palette paletten schachtel schachteln sack säcke rolle rollen fass fässer
    packung packungen paket pakete satz sätze paar paare bündel gebinde dose dosen flasche flaschen unze
    unzen zentner fuß elle ellen dublone dublonen zentimeter kilometer milligramm milliliter
    caja cajas cartón cartones palé palés palet palets bolsa bolsas saco sacos rollo rollos tambor tambores
    barril barriles paquete paquetes juego juegos par pares botella botellas lata latas contenedor
    contenedores galón galones onza onzas pie pies yarda yardas doblón doblones
    boîte boîtes carton cartons caisse caisses palette palettes sac sacs rouleau rouleaux fût fûts baril
    barils paquet paquets lot lots jeu jeux paire paires bouteille bouteilles conteneur conteneurs once onces
    pied pieds doublon doublons
"""
MEASURE_WORDS = UNIT_WORDS | frozenset(_COUNTED_IN.split())
"""Words that say in what something is counted, whether a site counts in it or not."""
_FROM_CODE = {"PC": "piece", "EA": "piece", "SZT": "piece", "KS": "piece", "PZ": "piece", "ST": "piece"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A quantity as it was asked for, and what it comes to in the unit of the ERP."""

    value: Decimal
    unit: str
    factor: Decimal
    """Base units in one unit that was asked in."""
    base_value: Decimal
    base_unit: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    unit: str
    name: str


@dataclass(frozen=True, slots=True)
class _Factor:
    material_id: str
    from_unit: str
    to_unit: str
    factor: Decimal


_CONVERSIONS = """
select c.material_id, c.from_unit, c.to_unit, c.factor from erp.unit_conversion c
where c.site = %(site)s and c.material_id in ('', %(material)s) and c.factor > 0
  and %(base)s in (c.from_unit, c.to_unit)
order by c.material_id desc, c.to_unit = %(base)s desc, c.from_unit, c.to_unit
"""


async def asked_in(
    queries: Queries, site: str, material: str, base_unit: str, value: Decimal, unit: str | None
) -> Asked:
    """The quantity in the ERP's unit.

    Raises:
        ToolError: the site has no such unit, or nothing says how many base units it is.
    """
    if not base_unit:
        raise ToolError(said("the material has no base unit at [[site]]: have it maintained", site=site))
    if unit is None or _same(unit, base_unit):
        return Asked(value, base_unit, Decimal(1), value, base_unit, ())
    known = await queries.rows(
        _Unit, "select unit, name from erp.unit where site = %(site)s order by unit", {"site": site}
    )
    codes = [one.unit for one in known if _same(unit, one.unit) or unit.casefold() == one.name.casefold()]
    found = await queries.rows(_Factor, _CONVERSIONS, {"site": site, "material": material, "base": base_unit})
    reachable = sorted({base_unit, *(_other(one, base_unit) for one in found)})
    if not codes and not any(_same(unit, each) for each in reachable):
        raise ToolError(
            said(
                "[[unit]] is no unit of [[site]]; valid for this material are [[units]]",
                unit=repr(unit),
                site=site,
                units=", ".join(reachable),
            )
        )
    if base_unit in codes:
        return Asked(value, base_unit, Decimal(1), value, base_unit, ())
    codes = codes or [each for each in reachable if _same(unit, each)]
    factor = next((f for one in found if (f := _factor(one, codes, base_unit)) is not None), None)
    if factor is None:
        raise ToolError(
            said(
                "nothing says how many [[base]] one [[unit]] of this material is; valid are [[units]]",
                base=base_unit,
                unit=codes[0],
                units=", ".join(reachable),
            )
        )
    whole = converted(value, factor)
    why = f"{value:f} {codes[0]} are {whole:f} {base_unit} at {factor.normalize():f} {base_unit} each."
    return Asked(value, codes[0], factor, whole, base_unit, () if factor == 1 else (why,))


def _same(one: str, other: str) -> bool:
    one, other = one.casefold().strip("."), other.casefold().strip(".")
    return one == other or (one in _KINDS and _KINDS[one] == _kind(other))


def _kind(unit: str) -> str:
    return _FROM_CODE.get(unit.upper()) or _KINDS.get(unit, "")


def _other(one: _Factor, base: str) -> str:
    return one.from_unit if one.to_unit == base else one.to_unit


def _factor(one: _Factor, codes: list[str], base: str) -> Decimal | None:
    if one.to_unit == base and one.from_unit in codes:
        return one.factor
    if one.from_unit == base and one.to_unit in codes:
        return inverse(one.factor)
    return None
