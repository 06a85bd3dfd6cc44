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
    "missing_costs": "missing standard costs",
    "costs_off": "standard costs far from what is paid",
}
"""What each check is called."""

SEVERITIES: Mapping[Severity, str] = {"serious": "serious", "flag": "worth a look", "note": "for information"}

SENTENCES: Mapping[str, str] = {
    "duplicate_material": (
        "[[number]] [[name]] looks like the same material as [[kept_number]] [[kept_name]]."
    ),
    "material_named_differently": "One material under [[schemes]] numbers: [[names]].",
    "no_standard_cost": "[[number]] [[name]] is in use and has no standard cost.",
    "zero_standard_cost": "[[number]] [[name]] is in use and its standard cost is zero.",
    "cost_far_from_paid": (
        "The standard cost of [[number]] [[name]] is far from what the last [[purchases]] purchases paid."
    ),
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


def sentence(finding: KeptFinding) -> str:
    """What was found, in the language spoken."""
    return said(SENTENCES[finding.what], **{name: _text(value) for name, value in finding.arguments.items()})


def proposed(finding: KeptFinding) -> str:
    """What would mend it, in the language spoken."""
    kind = finding.proposal["kind"]
    if kind == "replace_value" and not finding.proposal["old"]:
        kind = "fill_value"
    return said(PROPOSALS[kind], **finding.proposal)


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
