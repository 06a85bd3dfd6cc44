"""Master data of a small imagined plant, for reading questions without a database."""

from datetime import date

from agents.models.embedded.lexicon import Phrases, ValueWord
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.text import stems

MATERIALS = {
    "10": ("GB-100", "Gear Box"),
    "11": ("GB-200", "Gear Box - Heavy, 40"),
    "20": ("SH-20", "Drive Shaft"),
    "30": ("BR-7", "Ball Bearing"),
    "31": ("SW-31", "Shim Washer 5"),
    "40": ("PT-1", "Paint - Grey"),
    "50": ("RV-3", "Rivet"),
}
SUPPLIERS = {"700": ("NORTH01", "Northern Castings Inc."), "701": ("RIVER01", "River Fasteners")}
CURRENCIES = {
    "USD": "US Dollar",
    "EUR": "EURO",
    "CAD": "Canadian Dollar",
    "JPY": "Yen",
    "GBP": "United Kingdom Pound",
}
COMPANIES = {"1": "Central Division", "2": "Northern Division"}
ACCOUNTS = {"60": "Travel Lodging", "61": "Salaries"}


def plant() -> MasterData:
    """What a caller of that plant sees."""
    phrases = Phrases()
    for entity, things in (("material", MATERIALS), ("supplier", SUPPLIERS)):
        for key, (code, name) in things.items():
            phrases.add_stems(stems(name), ValueWord(entity, "name", (name,), name))
            phrases.add_stems(stems(code), ValueWord(entity, f"{entity}_id", (key,), code))
    phrases.add_stems(
        stems("Northern Castings"),
        ValueWord("supplier", "name", ("Northern Castings Inc.",), "Northern Castings Inc."),
    )
    for code, name in CURRENCIES.items():
        phrases.add_stems(stems(name), ValueWord("currency", "name", (name,), name))
        phrases.add_stems(stems(code), ValueWord("currency", "currency", (code,), code))
    for name in COMPANIES.values():
        phrases.add_stems(stems(name), ValueWord("company", "name", (name,), name))
    for name in ACCOUNTS.values():
        phrases.add_stems(stems(name), ValueWord("account", "name", (name,), name))
    phrases.add_stems(stems("Kassel"), ValueWord("site", "name", ("Kassel",), "Kassel"))
    return MasterData(
        phrases=phrases,
        today=date(2025, 6, 30),
        names={
            "material": tuple(name for _, name in MATERIALS.values()),
            "supplier": tuple(name for _, name in SUPPLIERS.values()),
        },
        empty=frozenset(),
        base_currency=("USD", ("US Dollar",)),
        codes={},
    )
