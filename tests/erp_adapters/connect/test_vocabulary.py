"""Names: the same thing is the same in four languages and in SAP, and what is unknown stays unknown."""

from __future__ import annotations

import pytest

from erp_adapters.connect.vocabulary import best_likeness, meanings


@pytest.mark.parametrize(
    "names",
    [
        ("ProductNumber", "MATNR", "Materialnummer", "art_nr", "numero_articulo", "no_produit", "MARA-MATNR"),
        ("VendorID", "supplier_id", "fournisseur_id", "proveedor_id"),
        ("PurchaseOrderHeader", "EKKO", "bestellkopf_header"),
        ("BillOfMaterials", "Stückliste", "stueckliste", "nomenclature"),
        ("SafetyStock", "EISBE", "Sicherheitsbestand", "stock_de_seguridad", "stock_securite"),
        ("workorder", "WorkOrder", "Fertigungsauftrag", "production_order"),
    ],
)
def test_one_thing_has_one_meaning(names: tuple[str, ...]) -> None:
    """However words are joined, written or translated; some reading of each name is the first one's."""
    wanted = meanings(names[0])[0]
    for name in names:
        assert wanted in {meaning - {"header"} | (wanted & {"header"}) for meaning in meanings(name)}, name


def test_compounds_umlauts_and_slips_are_read() -> None:
    """German compounds fall apart into known words, a slip is forgiven, and nonsense is kept as such."""
    assert {"ordered", "quantity"} in meanings("Bestellmenge")
    assert {"supplier", "number"} in meanings("LieferantenNr")
    assert {"supplier"} in meanings("Liefrant")
    assert meanings("xyzzy") == (frozenset({"?xyzzy"}),)


def test_what_the_table_says_need_not_be_repeated() -> None:
    """A bare `Name` of a supplier's table is as good as `Supplier name`, and one of another thing is not."""
    within = meanings("vendor")[0]
    assert best_likeness("Name", ["supplier name", "name"], within) > 0.9
    assert best_likeness("VendorName", ["supplier name", "name"], within) > 0.9
    assert best_likeness("ContactName", ["supplier name", "name"], within) < 0.72
