"""Quality rules that a proposal suggests: each with its name, when it holds and the reason, as YAML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from erp_adapters.connect.proposing import RecordProposal
from erp_adapters.connect.yaml_texts import quoted

_NEGATIVE: Final = {"stock": ("quantity", "negative_stock", "the quantity on hand is negative")}
_ORDERED: Final = (("valid_from", "valid_to"), ("start_on", "end_on"), ("ordered_on", "shipped_on"))


def orphans(record: RecordProposal, ready: Sequence[RecordProposal]) -> Iterator[tuple[str, str, str]]:
    """Rows whose reference leads to nothing, for each record that comes before."""
    before = ready[: ready.index(record)]
    for name, found in record.fields.items():
        other = next((each for each in before if each.record.record == found.wanted.refers_to), None)
        if other is None or found.chosen is None or found.chosen.path or len(other.key) != 1:
            continue
        target = next((n for n, each in other.fields.items() if each.wanted.role == "key"), "")
        if other.column(target) != other.key[0]:
            continue
        called = other.record.record.replace("_", " ")
        yield (
            f"unknown_{name}".removesuffix("_id"),
            f"{{orphan: {other.record.record}, by: [{quoted(found.chosen.column)}]}}",
            f"no {called} of that key was loaded",
        )


def plain_rules(record: RecordProposal) -> Iterator[tuple[str, str, str]]:
    """Figures below nothing, and ends before their beginning."""
    if rule := _NEGATIVE.get(record.record.record):
        column = record.column(rule[0])
        if column:
            yield rule[1], f'{{compare: {quoted(column)}, op: "<", to: {{constant: 0}}}}', rule[2]
    for first, last in _ORDERED:
        one, other = record.column(first), record.column(last)
        if one and other:
            yield (
                "ends_before_it_starts",
                f'{{compare: {quoted(other)}, op: "<", to: {quoted(one)}}}',
                "the end is before the start",
            )
