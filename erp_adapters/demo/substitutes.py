"""Which bought materials may stand in for which at a plant, and what quality says about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from erp_adapters.demo.book import Book
from erp_adapters.demo.plant import Plant
from erp_adapters.demo.products import Size

_Quality = Literal["released", "each use", "turned down"]
_SINCE = date(2025, 1, 1)
_NEXT_SIZE: tuple[tuple[Size, Size], ...] = (("S", "M"), ("M", "L"))


@dataclass(frozen=True, slots=True)
class _Pair:
    """One material that may stand in for another."""

    material: str
    replaced_by: str
    note: str
    quality: _Quality = "released"
    ratio: str = "1"
    """Units of the one that stands in for one of the other."""
    until: date | None = None


# By number: id and number of a product are the same at every plant.
_FIRST = (
    _Pair("SB-C45", "SB-316", "Stainless bar of the same diameters; no coating needed."),
    _Pair("EM-1.5", "EM-4", "Larger frame: needs the adapter plate.", "each use"),
    _Pair("OR-1", "GS-1", "The gasket set holds the rings of two O-ring sets.", ratio="0.5"),
    _Pair("GC-S", "GC-L", "Machined down from the large blank: longer on the lathe.", "each use"),
    _Pair("BS-M12", "BS-M8", "Below the strength that the flange needs.", "turned down"),
    _Pair(
        *("BC-1", "BR-58", "Turned from rod while the foundry was rebuilt."),
        ratio="1.2",
        until=date(2025, 12, 31),
    ),
)
_PARTS: tuple[tuple[str, _Quality, str], ...] = (
    ("MO", "each use", "Next larger motor: check the bracket."),
    ("SH", "released", "Blank of the next size, cut to measure."),
    ("GK", "turned down", "Leaked at the pressure test."),
    ("DR", "released", "Next larger drum, filled to the same weight."),
    ("RS", "released", "Same resin in the next larger charge."),
    ("PG", "each use", "Compare the shade before the charge is filled."),
    ("HD", "turned down", "Cured too fast in the trial."),
)
"""Parts of a family whose next size may stand in."""


def write_substitutes(book: Book) -> None:
    """One row a pair of materials that the plant both buys."""
    ids = {product.number: product.id for product in book.plant.products if product.price is not None}
    for pair in (*_FIRST, *_of_families(book.plant)):
        if pair.material not in ids or pair.replaced_by not in ids:
            continue
        material, replaced_by = ids[pair.material], ids[pair.replaced_by]
        book.add(
            "substitute",
            material,
            replaced_by,
            material_id=material,
            replaced_by=replaced_by,
            ratio=pair.ratio,
            valid_from=_SINCE,
            valid_to=pair.until,
            needs_approval=pair.quality == "each use",
            is_blocked=pair.quality == "turned down",
            note=pair.note,
        )


def _of_families(plant: Plant) -> Iterator[_Pair]:
    for family in dict.fromkeys(product.setup_group for product in plant.products):
        for code, quality, note in _PARTS:
            for size, larger in _NEXT_SIZE:
                yield _Pair(f"{family}{code}-{size}", f"{family}{code}-{larger}", note, quality)
