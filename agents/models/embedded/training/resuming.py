"""Starts a network from weights that were trained before, so that more questions need no training from nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from agents.models.embedded.training.network import PlanNetwork

_Arrays = dict[str, npt.NDArray[np.float32]]


def resumed(network: PlanNetwork, folder: Path) -> tuple[int, int]:
    """Give a network the weights of a folder; returns how many of its words of plans they know, and of how many.

    Words of plans and pieces of questions are told by their names: those that the weights do not have keep what a
    new network begins with.

    Raises:
        ValueError: the weights are of a network of another shape.
    """
    settings = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
    shape = (len(network.encoder.layers), len(network.layers), network.heads)
    if shape != (settings["layers"], settings["depth"], settings["writer_heads"]):
        raise ValueError(f"the weights in {folder} are of a network of another shape")
    with np.load(folder / "reader.npz") as packed:
        arrays = {name: packed[name].astype(np.float32) for name in packed.files}
    state = network.state_dict()
    _pieces(network, state, folder, arrays)
    state["encoder.positions"] = torch.from_numpy(arrays["positions"])
    _norm(state, "encoder.start", arrays, "start")
    for layer in range(len(network.encoder.layers)):
        theirs, own = f"encoder.layers.{layer}.", f"layer{layer}."
        for name in ("qkv", "out", "up", "down"):
            _matrix(state, theirs + name, arrays, own + name)
        for name in ("seen", "done"):
            _norm(state, theirs + name, arrays, own + name)
    state["positions"] = torch.from_numpy(arrays["writer.positions"])
    _norm(state, "start", arrays, "writer.start")
    for name in ("pointed", "point", "spot"):
        _matrix(state, name, arrays, name)
    for layer in range(len(network.layers)):
        theirs, own = f"layers.{layer}.", f"writer{layer}."
        for name in ("qkv", "own", "query", "memory", "read", "up", "down"):
            _matrix(state, theirs + name, arrays, own + name)
        for name in ("after_own", "after_read", "done"):
            _norm(state, theirs + name, arrays, own + name)
    known = {word: at for at, word in enumerate(settings["words"])}
    shared = [(at, known[word]) for at, word in enumerate(network.words) if word in known]
    ours, theirs_at = [at for at, _ in shared], [at for _, at in shared]
    state["vocabulary.weight"][ours] = torch.from_numpy(arrays["vocabulary.weight"][theirs_at])
    state["bias"][ours] = torch.from_numpy(arrays["vocabulary.bias"][theirs_at])
    network.load_state_dict(state)
    return len(shared), len(network.words)


def _pieces(network: PlanNetwork, state: dict[str, Tensor], folder: Path, arrays: _Arrays) -> None:
    """Vectors of placeholders and of other languages' words; English words keep the teacher's."""
    names = (folder / "pieces.txt").read_text(encoding="utf-8").splitlines()
    at = {piece: place for place, piece in enumerate(names)}
    table = np.load(folder / "pieces.npy").astype(np.float32) * arrays["pieces.scale"][:, None]
    encoder = network.encoder
    parts = (("special", 0, encoder.own), ("others", encoder.english, len(encoder.pieces)))
    for name, first, after in parts:
        for row, piece in enumerate(encoder.pieces[first:after]):
            if piece in at:
                state[f"encoder.{name}"][row] = torch.from_numpy(table[at[piece]])


def _matrix(state: dict[str, Tensor], theirs: str, arrays: _Arrays, own: str) -> None:
    weight = arrays[f"{own}.weight"] * arrays[f"{own}.weight//scale"]
    state[f"{theirs}.weight"] = torch.from_numpy(np.ascontiguousarray(weight.T))
    state[f"{theirs}.bias"] = torch.from_numpy(arrays[f"{own}.bias"])


def _norm(state: dict[str, Tensor], theirs: str, arrays: _Arrays, own: str) -> None:
    state[f"{theirs}.weight"] = torch.from_numpy(arrays[f"{own}.scale"])
    state[f"{theirs}.bias"] = torch.from_numpy(arrays[f"{own}.shift"])
