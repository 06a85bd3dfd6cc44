"""What checks found, in words: a sentence for each kind of finding, and what is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from erp_adapters.store.checks.finding import Severity
from erp_adapters.store.checks.kept import KeptFinding
from tools.languages import said
from tools.languages.forms import day_text, numeral
from tools.presenting import plain

CHECKS: Mapping[str, str] = {
    "duplicate_materials": "duplicate materials",
    "duplicate_suppliers": "duplicate suppliers",
    "bom_units": "units and quantities in bills of materials",
    "missing_costs": "missing standard costs",
    "costs_off": "standard costs far from what is paid",
    "negative_stock": "stock below zero",
    "stock_without_movement": "stock without movement",
    "stale_lead_times": "stale lead times",
    "late_posting": "late posting",
    "sensor_histories": "sensor histories",
    "live_signals": "live sensors",
    "model_drift": "drifted models",
    "suspended_models": "suspended models",
    "offline": "times offline",
    "overdue_sources": "overdue sources",
    "undated_orders": "orders without dates",
    "unknown_references": "unknown references",
    "overlapping_validity": "overlapping validity",
    "missing_rates": "currencies without rates",
}
"""What each check is called."""

SEVERITIES: Mapping[Severity, str] = {"serious": "serious", "flag": "worth a look", "note": "for information"}

SENTENCES: Mapping[str, str] = {
    "duplicate_material": (
        "[[number]] [[name]] looks like the same material as [[kept_number]] [[kept_name]]."
    ),
    "material_named_differently": "One material under [[schemes]] numbers: [[names]].",
    "duplicate_supplier": (
        "[[number]] [[name]] looks like the same supplier as [[kept_number]] [[kept_name]]."
    ),
    "duplicate_supplier_other_tax_id": (
        "[[number]] [[name]] looks like the same supplier as [[kept_number]] [[kept_name]], though"
        " the tax ids differ: [[tax_id]] and [[kept_tax_id]]."
    ),
    "supplier_across_sites": (
        "[[number]] [[name]] at [[site]] looks like the same supplier as [[kept_number]]"
        " [[kept_name]] at [[kept_site]], though the tax ids differ: [[tax_id]] and [[kept_tax_id]]."
    ),
    "bom_unit_of_another_kind": (
        "[[parent]] takes [[quantity]] [[unit]] of [[component]], which is counted in [[base_unit]]."
    ),
    "bom_unit_unusual": (
        "[[parent]] takes [[quantity]] [[unit]] of [[component]], which is counted in [[base_unit]];"
        " the plant hardly ever writes another unit."
    ),
    "bom_quantity_against_issues": (
        "[[parent]] takes [[quantity]] [[unit]] of [[component]], far from what production really issues."
    ),
    "bom_quantity_against_lines": (
        "[[parent]] takes [[quantity]] [[unit]] of [[component]], far from the [[lines]] other lines with it."
    ),
    "bom_quantity_against_weight": (
        "[[parent]] takes [[quantity]] [[unit]] of [[component]], more than the weights allow."
    ),
    "no_standard_cost": "[[number]] [[name]] is in use and has no standard cost.",
    "zero_standard_cost": "[[number]] [[name]] is in use and its standard cost is zero.",
    "cost_far_from_paid": (
        "The standard cost of [[number]] [[name]] is far from what the last [[purchases]] purchases paid."
    ),
    "stock_below_zero": "The stock of [[number]] [[name]] in [[location]] is below zero.",
    "stock_never_moved": (
        "[[number]] [[name]] has stock in [[location]], and no movement of it in the [[days]] days"
        " that are kept."
    ),
    "lead_time_too_short": (
        "[[material]] from [[supplier]] is planned with [[planned]] days; the last [[receipts]]"
        " receipts took [[taken]]."
    ),
    "lead_time_too_long": (
        "[[material]] from [[supplier]] is planned with [[planned]] days; the last [[receipts]]"
        " receipts took only [[taken]]."
    ),
    "posts_late": "Entries of [[system]] come [[hours]] hours after the event ([[records]], [[rows]] rows).",
    "readings_missing": (
        "Readings are missing from [[first]] to [[last]] ([[number]] of [[of]] sensors: [[sensors]])."
    ),
    "sends_other_unit": (
        "Sensors say [[declared]] and send [[unit]] ([[number]] of [[of]] sensors: [[sensors]])."
    ),
    "clock_in_local_time": (
        "The clock that says UTC runs in local time, last seen on [[day]] ([[number]] of [[of]]"
        " sensors: [[sensors]])."
    ),
    "reading_stuck": "The reading of [[sensors]] at [[asset]] stuck from [[day]] on.",
    "signal_gaps": (
        "[[signal]] of [[source]] was silent [[number]] times in [[days]] days, [[hours]] hours together."
    ),
    "signal_frozen": "[[signal]] of [[source]] says the same since [[day]], longer than a sound sensor does.",
    "signal_other_unit": "[[signal]] of [[source]] looks like Fahrenheit and is declared in [[unit]].",
    "signal_local_time": "[[signal]] of [[source]] sends times that look local, last on [[day]].",
    "signal_wrong_clock": "The clock of [[signal]] of [[source]] is wrong, last seen on [[day]].",
    "signal_doubled": "[[signal]] of [[source]] sent [[number]] samples twice in [[days]] days.",
    "signal_contradicts": (
        "[[signal]] of [[source]] sent [[number]] samples in [[days]] days that contradict others of the same"
        " moment."
    ),
    "signal_useless": (
        "[[number]] samples of [[signal]] of [[source]] in [[days]] days are of no use: no number, bad, or"
        " beyond what can be."
    ),
    "model_foretells_too_little": (
        "[[model]] [[version]] foretells too little since [[day]]: by [[percent]] % of what comes."
    ),
    "model_foretells_too_much": (
        "[[model]] [[version]] foretells too much since [[day]]: by [[percent]] % of what comes."
    ),
    "model_suspended": (
        "Model [[name]] [[version]] is suspended since [[day]] ([[reason]]); a rule tells until it is trained"
        " anew or a person lets it in again."
    ),
    "plant_offline": "The plant was offline for [[hours]] hours, from [[from]] to [[to]] ([[zone]]).",
    "source_offline": (
        "[[systems]] could not be reached for [[hours]] hours, from [[from]] to [[to]] ([[zone]])."
    ),
    "source_overdue": "Nothing has come from [[system]] for [[hours]] hours; [[usual]] are usual.",
    "rows_without_date": "[[record]]: [[rows]] of [[all]] rows have no value in [[field]].",
    "unknown_reference": "[[record]]: [[rows]] of [[all]] rows refer by [[field]] to no known [[target]].",
    "validity_overlaps": "[[record]]: [[rows]] of [[all]] versions overlap the next one.",
    "currency_without_rate": (
        "[[currency]] is bought in ([[lines]] lines) and has had no rate to [[to]] since [[day]]."
    ),
    "currency_never_rated": "[[currency]] is bought in ([[lines]] lines) and has no rate to [[to]].",
}
"""What a finding says, by its code."""

PROPOSALS: Mapping[str, str] = {
    "merge_into": "Merge into [[source_key]] in the source and block the other",
    "link_to": "Map to [[source_key]] of [[site]]",
    "replace_value": "Set [[field]] from [[old]] to [[new]]",
    "fill_value": "Set [[field]] to [[new]]",
    "review": "Have somebody who knows it look at it",
    "contact_source": "Ask whoever runs [[system]]",
    "retrain": "Train the model [[model]] anew",
}
_WORDS = frozenset({"record", "field", "target", "records", "model"})
"""Arguments that are words of ours."""


def sentence(finding: KeptFinding) -> str:
    """What was found, in the language spoken."""
    values = {
        name: _own_words(str(value)) if name in _WORDS else _text(value)
        for name, value in finding.arguments.items()
    }
    worded = said(SENTENCES[finding.what], **values)
    return worded[:1].upper() + worded[1:]


def proposed(finding: KeptFinding) -> str:
    """What would mend it, in the language spoken."""
    kind = finding.proposal["kind"]
    if kind == "replace_value" and not finding.proposal["old"]:
        kind = "fill_value"
    values = {
        name: _own_words(value) if name == "field" else value for name, value in finding.proposal.items()
    }
    return said(PROPOSALS[kind], **values)


def check_name(check: str) -> str:
    """What a check is called, in the language spoken."""
    return said(CHECKS[check])


def severity_name(severity: Severity) -> str:
    """How grave it is, in the language spoken."""
    return said(SEVERITIES[severity])


def expected(finding: KeptFinding) -> str | None:
    """The range that the measure was expected in, in the language spoken; None where there is none."""
    low, high = finding.expected_low, finding.expected_high
    if low is not None and high is not None:
        return said("[[low]] to [[high]]", low=_number(low), high=_number(high))
    if low is not None:
        return said("at least [[low]]", low=_number(low))
    return None if high is None else said("at most [[high]]", high=_number(high))


def _own_words(text: str) -> str:
    return ", ".join(said(word.replace("_", " ")) for word in text.split(", "))


def _text(value: str | int | dict[str, str]) -> str:
    match value:
        case {"number": number}:
            return _number(Decimal(number))
        case {"day": day}:
            return day_text(date.fromisoformat(day))
        case int():
            return numeral(f"{value:,}")
        case _:
            return str(value)


def _number(value: Decimal) -> str:
    return numeral(f"{plain(round(value, 2) if abs(value) >= 1 else round(value, 4)):,}")
