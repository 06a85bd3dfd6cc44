"""A new adapter: it claims nothing, and nothing is written over; docs/adapters.md leads it to a green kit."""

from __future__ import annotations

from pathlib import Path

import pytest

from erp_adapters.connect.new_adapter import new_adapter
from erp_adapters.errors import ConfigurationError
from erp_adapters.scorecards import Scorecard


def test_a_fresh_scorecard_claims_nothing(tmp_path: Path) -> None:
    """It is read as any other, and is experimental until somebody proves something."""
    import yaml

    folder, _ = new_adapter("abas", tmp_path)
    card = Scorecard.model_validate(yaml.safe_load((folder / "scorecard.yaml").read_text(encoding="utf-8")))
    assert card.status == "experimental"
    assert not card.proofs
    assert not [file for file in folder.iterdir() if "template" in file.read_text(encoding="utf-8")]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """Nor under a name that is none."""
    new_adapter("abas", tmp_path)
    with pytest.raises(ConfigurationError, match="there already"):
        new_adapter("abas", tmp_path)
    with pytest.raises(ConfigurationError, match="no name of an adapter"):
        new_adapter("My ERP", tmp_path)
