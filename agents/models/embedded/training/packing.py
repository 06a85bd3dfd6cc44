"""Writes a trained network in the form that the reader loads: 8-bit matrices with a scale for each column."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agents.models.embedded.training.fitting import Space
from agents.models.embedded.training.network import HEADS, Reader


def pack(
    reader: Reader,
    space: Space,
    temperatures: dict[str, float],
    catalogue: str,
    card: dict[str, float],
    folder: Path,
) -> int:
    """Write the weights; returns their size in bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    state = {name: value.detach().numpy() for name, value in reader.state_dict().items()}
    special_scale = np.abs(state["special"]).max(axis=1) / 127
    special = np.round(state["special"] / special_scale[:, None]).astype(np.int8)
    np.save(folder / "pieces.npy", np.concatenate([special, state["rounded"]]))
    arrays["pieces.scale"] = np.concatenate([special_scale, state["scale"]]).astype(np.float32)
    arrays["positions"] = state["positions"].astype(np.float16)
    _norm(arrays, "start", "start", state)
    for layer in range(len(reader.layers)):
        theirs, own = f"layers.{layer}.", f"layer{layer}."
        for name in ("qkv", "out", "up", "down"):
            _matrix(arrays, own + name, theirs + name, state)
        for name in ("seen", "done"):
            _norm(arrays, own + name, theirs + name, state)
    for name in ("project", "hidden", "frame", "entity", "label", "meaning"):
        _matrix(arrays, name, name, state)
    np.savez_compressed(folder / "reader.npz", **arrays)  # type: ignore[arg-type]
    (folder / "pieces.txt").write_text("\n".join(reader.pieces) + "\n", encoding="utf-8")
    settings = {
        "heads": HEADS,
        "layers": len(reader.layers),
        "frames": space.frames,
        "entities": space.entities,
        "labels": space.labels,
        "temperatures": temperatures,
        "catalogue": catalogue,
        "held_back": card,
    }
    (folder / "reader.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    return sum(path.stat().st_size for path in folder.iterdir())


def _matrix(
    arrays: dict[str, npt.NDArray[np.generic]],
    own: str,
    theirs: str,
    state: dict[str, npt.NDArray[np.float32]],
) -> None:
    weight = state[f"{theirs}.weight"].T
    scale = np.abs(weight).max(axis=0) / 127 + 1e-12
    arrays[f"{own}.weight"] = np.round(weight / scale).astype(np.int8)
    arrays[f"{own}.weight//scale"] = scale.astype(np.float32)
    if f"{theirs}.bias" in state:
        arrays[f"{own}.bias"] = state[f"{theirs}.bias"].astype(np.float32)


def _norm(
    arrays: dict[str, npt.NDArray[np.generic]],
    own: str,
    theirs: str,
    state: dict[str, npt.NDArray[np.float32]],
) -> None:
    arrays[f"{own}.scale"] = state[f"{theirs}.weight"].astype(np.float32)
    arrays[f"{own}.shift"] = state[f"{theirs}.bias"].astype(np.float32)
