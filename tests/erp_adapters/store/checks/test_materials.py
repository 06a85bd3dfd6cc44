"""Two numbers of one material are found by several witnesses, and variants of one family are not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from erp_adapters.store.checks.materials import MaterialRow, duplicates
from erp_adapters.store.checks.naming import abbreviates, company_name, material_name, without_legal_form

SCREW = MaterialRow(
    site="A", source_system="erp", source_key="material/1", load_id=UUID(int=1), material_id="1",
    number="10-4711",
    name="Hex screw M8x40 galvanised", is_made=False, category="Fasteners", model=None, colour=None,
    size=None,
    weight=Decimal("0.021"), weight_unit="KG", base_unit="PC", currency="EUR", standard_cost=Decimal("0.12"),
    paid=None, suppliers=[], parents=[], stock=Decimal(100), movements=12,
)  # fmt: skip
TWIN = replace(SCREW, source_key="material/2", material_id="2", number="998877", movements=1)


class OneCurrency:
    """Amounts as they are."""

    def common(self, amount: Decimal | None, currency: str | None) -> float | None:
        return None if amount is None else float(amount)


def found(*rows: MaterialRow) -> list[str]:
    return [each.what for each in duplicates(list(rows), OneCurrency())]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    [
        "SCREW HEX M8X40 GALV",
        "Sechskantschraube M8x40 verzinkt",
        "hex. scr. M 8 x 40, galv.",
        "Hex screw M8x40 zn",
    ],
)
def test_the_same_thing_in_other_words(name: str) -> None:
    assert found(SCREW, replace(TWIN, name=name)) == ["duplicate_material"]


@pytest.mark.parametrize(
    "other",
    [
        replace(TWIN, name="Hex screw M8x50 galvanised"),
        replace(TWIN, name="Hex screw M8x40 stainless"),
        replace(TWIN, weight=Decimal("0.035")),
        replace(TWIN, base_unit="KG"),
        replace(TWIN, standard_cost=Decimal("0.31")),
        replace(TWIN, is_made=True),
        replace(TWIN, name="Hex screw M8x40 left", weight=None),
    ],
    ids=["length", "material", "weight", "unit", "price", "made", "name alone"],
)
def test_a_variant_is_no_duplicate(other: MaterialRow) -> None:
    one = SCREW if other.weight else replace(SCREW, name="Hex screw M8x40 right", weight=None)
    assert found(one, other) == []


def test_a_name_alone_is_never_enough() -> None:
    bare = replace(SCREW, weight=None, standard_cost=None)
    assert found(bare, replace(TWIN, weight=None, standard_cost=None)) == []


def test_the_same_number_at_another_site_needs_no_mapping() -> None:
    there = replace(SCREW, site="B")
    assert found(SCREW, there) == []
    assert found(SCREW, replace(there, number="ZZ-1")) == ["material_named_differently"]


def test_what_is_used_most_is_kept() -> None:
    (finding,) = duplicates([TWIN, SCREW], OneCurrency())  # type: ignore[arg-type]
    assert finding.key.source_key == "material/2"
    assert [key.source_key for key in finding.others] == ["material/1"]


def test_a_grade_of_steel_is_the_same_under_each_standard() -> None:
    assert material_name("Bar 1045 D40") == material_name("Stange C45, D40")
    assert material_name("Bar 1045").kinds != material_name("Bar 4140").kinds


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller Guss GmbH", "MUELLER GUSS Gesellschaft mbH"),
        ("Kovo Brno s.r.o.", "Kovo Brno, spol. s r. o."),
        ("Aceros del Norte S.A. de C.V.", "Aceros del Norte SA de CV"),
        ("Stal Radom Sp. z o.o.", "STAL RADOM SP Z OO"),
    ],
)
def test_legal_forms_are_no_part_of_a_name(one: str, other: str) -> None:
    assert company_name(one).words == company_name(other).words


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Voltamo Motors S.p.A.", "Voltamo Motors"),
        ("Jesenov Fasteners spol. s r.o.", "Jesenov Fasteners"),
        ("Etiketta Druck GmbH & Co. KG", "Etiketta Druck"),
        ("GmbH", "GmbH"),
        ("Advanced Bicycles", "Advanced Bicycles"),
    ],
)
def test_companies_are_called_without_their_legal_form(name: str, called: str) -> None:
    """As people call them; whole where nothing would be left."""
    assert without_legal_form(name) == called


def test_an_abbreviation_begins_like_its_word() -> None:
    assert abbreviates("hsg", "housing")
    assert not abbreviates("sng", "housing")
    assert not abbreviates("housing", "hsg")
