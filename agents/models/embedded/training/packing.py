"""Writes a trained network in the form that the reader loads: 8-bit matrices with a scale for each column."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agents.models.embedded.training.network import HEADS, PlanNetwork

_Arrays = dict[str, npt.NDArray[np.generic]]
_State = dict[str, npt.NDArray[np.float32]]


def pack(network: PlanNetwork, catalogue: str, card: Mapping[str, object], folder: Path) -> int:
    """Write the weights; returns their size in bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    state: _State = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    arrays: _Arrays = {}
    english = state["encoder.table"][network.encoder.own :]
    table = np.concatenate([state["encoder.special"], english, state["encoder.others"]])
    scale = np.abs(table).max(axis=1) / 127 + 1e-12
    np.save(folder / "pieces.npy", np.round(table / scale[:, None]).astype(np.int8))
    arrays["pieces.scale"] = scale.astype(np.float32)
    arrays["positions"] = state["encoder.positions"].astype(np.float16)
    _norm(arrays, "start", "encoder.start", state)
    for layer in range(len(network.encoder.layers)):
        theirs, own = f"encoder.layers.{layer}.", f"layer{layer}."
        for name in ("qkv", "out", "up", "down"):
            _matrix(arrays, own + name, theirs + name, state)
        for name in ("seen", "done"):
            _norm(arrays, own + name, theirs + name, state)
    arrays["vocabulary.weight"] = state["vocabulary.weight"].astype(np.float16)
    arrays["vocabulary.bias"] = state["bias"].astype(np.float32)
    arrays["writer.positions"] = state["positions"].astype(np.float16)
    _norm(arrays, "writer.start", "start", state)
    for name in ("pointed", "point", "spot"):
        _matrix(arrays, name, name, state)
    for layer in range(len(network.layers)):
        theirs, own = f"layers.{layer}.", f"writer{layer}."
        for name in ("qkv", "own", "query", "memory", "read", "up", "down"):
            _matrix(arrays, own + name, theirs + name, state)
        for name in ("after_own", "after_read", "done"):
            _norm(arrays, own + name, theirs + name, state)
    np.savez(folder / "reader.npz", **arrays)  # type: ignore[arg-type]
    (folder / "pieces.txt").write_text("\n".join(network.encoder.pieces) + "\n", encoding="utf-8")
    settings = {
        "layers": len(network.encoder.layers),
        "heads": HEADS,
        "depth": len(network.layers),
        "writer_heads": network.heads,
        "words": network.words,
        "catalogue": catalogue,
        "card": card,
    }
    (folder / "reader.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    return sum(path.stat().st_size for path in folder.iterdir())


def _matrix(arrays: _Arrays, own: str, theirs: str, state: _State) -> None:
    weight = state[f"{theirs}.weight"].T
    scale = np.abs(weight).max(axis=0) / 127 + 1e-12
    arrays[f"{own}.weight"] = np.round(weight / scale).astype(np.int8)
    arrays[f"{own}.weight//scale"] = scale.astype(np.float32)
    arrays[f"{own}.bias"] = state[f"{theirs}.bias"].astype(np.float32)


def _norm(arrays: _Arrays, own: str, theirs: str, state: _State) -> None:
    arrays[f"{own}.scale"] = state[f"{theirs}.weight"].astype(np.float32)
    arrays[f"{own}.shift"] = state[f"{theirs}.bias"].astype(np.float32)
