"""Ids are UUIDs of version 7 and sort by time."""

from __future__ import annotations

import time

from erp_adapters.store import new_id


def test_ids_are_version_7_unique_and_sort_by_time() -> None:
    ids = []
    for _ in range(50):
        ids.append(new_id())
        time.sleep(0.002)
    assert ids == sorted(ids)
    assert len(set(ids)) == 50
    assert {made.version for made in ids} == {7}
    assert {made.variant for made in ids} == {"specified in RFC 4122"}
    assert abs((ids[-1].int >> 80) / 1000 - time.time()) < 5
