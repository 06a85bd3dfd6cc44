"""Training goes on from the weights that ship: the same numbers come out as went in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

WEIGHTS = Path(__file__).parents[5] / "agents" / "models" / "embedded" / "weights"


def test_weights_that_are_only_read_and_written_stay_what_they_are(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the training is not installed: make reader")
    from agents.models.embedded.training.network import PlanNetwork
    from agents.models.embedded.training.packing import pack
    from agents.models.embedded.training.resuming import resumed

    words = json.loads((WEIGHTS / "reader.json").read_text(encoding="utf-8"))["words"][3:]
    network = PlanNetwork([*words, "metric:one_that_is_new"])
    assert resumed(network, WEIGHTS) == (len(words) + 3, len(words) + 4)
    pack(network, "", {}, tmp_path)
    with np.load(WEIGHTS / "reader.npz") as shipped, np.load(tmp_path / "reader.npz") as written:
        for name in shipped.files:
            np.testing.assert_array_equal(written[name][: len(shipped[name])], shipped[name], err_msg=name)
    np.testing.assert_array_equal(np.load(tmp_path / "pieces.npy"), np.load(WEIGHTS / "pieces.npy"))
