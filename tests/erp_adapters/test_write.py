"""After a write that was made, no failure of reading it back may make it look unsent."""

from __future__ import annotations

import pytest

from erp_adapters.errors import ErpRefused, ErpUnavailable, RecordNotFound, WriteOutcomeUnknown
from erp_adapters.write import read_back


@pytest.mark.parametrize(
    "error", [ErpUnavailable("no answer"), ErpRefused("no right"), RecordNotFound("gone"), ValueError("two")]
)
def test_whatever_fails_then_leaves_the_fate_unknown(error: Exception) -> None:
    with pytest.raises(WriteOutcomeUnknown, match=f"the ERP took the write, .*{error}"), read_back("the ERP"):
        raise error


def test_faults_of_ours_are_not_hidden() -> None:
    with pytest.raises(AssertionError), read_back("the ERP"):
        raise AssertionError
