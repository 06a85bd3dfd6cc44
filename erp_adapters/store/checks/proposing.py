"""Proposals as records: a kind, and what it needs."""

from __future__ import annotations

from typing import assert_never

from erp_adapters.store.checks.finding import (
    ContactSource,
    Key,
    LinkTo,
    MergeInto,
    Proposal,
    ReplaceValue,
    Retrain,
    Review,
)


def as_record(proposal: Proposal) -> dict[str, str]:
    """A flat record of texts, fit for JSON."""
    match proposal:
        case MergeInto(key):
            return {"kind": "merge_into", **_key(key)}
        case LinkTo(key):
            return {"kind": "link_to", **_key(key)}
        case ReplaceValue(field, old, new):
            return {"kind": "replace_value", "field": field, "old": old, "new": new}
        case Review(field):
            return {"kind": "review", "field": field}
        case ContactSource(system):
            return {"kind": "contact_source", "system": system}
        case Retrain(model):
            return {"kind": "retrain", "model": model}
        case _ as never:
            assert_never(never)


def _key(key: Key) -> dict[str, str]:
    return {"site": key.site, "record": key.record, "source_key": key.source_key}
