"""The network while it is trained: static word-piece vectors, a small transformer, and heads for what is
asked."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, scaled_dot_product_attention

from agents.models.embedded.encoder import WordPieces

HEADS = 6
_POSITIONS = 64
_MASKED = 0.05
"""Share of the pieces that training hides, so that no single word decides."""
_EXCHANGED = 0.10
"""Share of the pieces that training exchanges for a neighbour in meaning, so that unheard words are
understood."""
_NEIGHBOURS = 10


class Layer(nn.Module):
    """One transformer layer, normalised after each part."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.seen = nn.LayerNorm(width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)
        self.done = nn.LayerNorm(width)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        """States after the layer; `seen` is false at padding."""
        many, length, _ = x.shape
        query, key, value = (
            self.qkv(x).view(many, length, 3, HEADS, self.width // HEADS).permute(2, 0, 3, 1, 4)
        )
        mixed = scaled_dot_product_attention(query, key, value, attn_mask=seen[:, None, None, :])
        x = self.seen(x + self.out(mixed.transpose(1, 2).reshape(many, length, self.width)))
        return self.done(x + self.down(torch.relu(self.up(x))))


class Reader(nn.Module):
    """Encoder and heads."""

    def __init__(
        self,
        pieces: Sequence[str],
        vectors: Tensor,
        sizes: tuple[int, int, int],
        *,
        layers: int,
        width: int,
        hidden: int = 512,
        meaning: int = 128,
    ) -> None:
        super().__init__()
        special = WordPieces.special()
        self.pieces = [*special, *pieces]
        places = {piece: at for at, piece in enumerate(pieces)}
        self.special = nn.Parameter(torch.stack([vectors[_place(piece, places)] for piece in special]))
        scale = vectors.abs().amax(dim=1) / 127
        self.register_buffer("rounded", torch.round(vectors / scale[:, None]).clamp(-127, 127).to(torch.int8))
        self.register_buffer("scale", scale)
        self.near = neighbours(vectors, len(special))
        self.project = nn.Linear(vectors.shape[1], width)
        self.positions = nn.Parameter(torch.randn(_POSITIONS, width) * 0.05)
        self.start = nn.LayerNorm(width)
        self.layers = nn.ModuleList(Layer(width) for _ in range(layers))
        self.drop = nn.Dropout(0.15)
        self.hidden = nn.Linear(2 * width, hidden)
        self.frame = nn.Linear(hidden, sizes[0])
        self.entity = nn.Linear(hidden, sizes[1])
        self.label = nn.Linear(hidden, sizes[2])
        nn.init.constant_(self.label.bias, -5.0)
        self.meaning = nn.Linear(2 * width, meaning, bias=False)

    def pooled(self, ids: Tensor) -> Tensor:
        """Mean and maximum of the token states; id 0 is padding."""
        many = len(self.special)
        if self.training:
            ids = self._disturbed(ids)
        seen = ids != 0
        place = (ids - many).clamp(min=0)
        plain = self.rounded[place].float() * self.scale[place][..., None]
        x = torch.where((ids < many)[..., None], self.special[ids.clamp(max=many - 1)], plain)
        x = self.start(self.project(x) + self.positions[: ids.shape[1]])
        for layer in self.layers:
            x = layer(x, seen)
        weight = seen[..., None].float()
        mean = (x * weight).sum(1) / weight.sum(1)
        most = x.masked_fill(~seen[..., None], -1e4).amax(1)
        return torch.cat([mean, most], dim=-1)

    def _disturbed(self, ids: Tensor) -> Tensor:
        dice = torch.rand(ids.shape)
        plain = ids >= len(self.special)
        chosen = self.near[ids, torch.randint(_NEIGHBOURS, ids.shape)]
        ids = torch.where(plain & (dice < _EXCHANGED), chosen, ids)
        return torch.where(plain & (dice > 1 - _MASKED), torch.ones_like(ids), ids)

    def heads(self, pooled: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Raw scores of frames, entities and labels."""
        hidden = self.drop(torch.relu(self.hidden(self.drop(pooled))))
        return self.frame(hidden), self.entity(hidden), self.label(hidden)

    def direction(self, pooled: Tensor) -> Tensor:
        """The unit vector by which questions and readings are compared."""
        return normalize(self.meaning(pooled), dim=-1)


def neighbours(vectors: Tensor, offset: int) -> Tensor:
    """For each piece the pieces nearest in meaning, itself among them."""
    unit = normalize(vectors, dim=-1)
    rows = [(part @ unit.T).topk(_NEIGHBOURS, dim=-1).indices for part in unit.split(2048)]
    return torch.cat([torch.arange(offset)[:, None].expand(-1, _NEIGHBOURS), torch.cat(rows) + offset])


def _place(piece: str, places: dict[str, int]) -> int:
    word = piece.strip("<[]>").lower().partition("_")[0]
    return places[
        {
            "pad": "the",
            "unk": "thing",
            "cls": "a",
            "sep": "of",
            "ship": "shipping",
            "subcategory": "category",
        }.get(word, word)
    ]
