"""Fits the network to generated utterances."""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from agents.models.embedded.encoder import WordPieces
from agents.models.embedded.training.network import Reader
from agents.models.embedded.training.utterances import Utterance

_RAREST = 5
_SHOWN = 100
_WARMTH = 20.0
"""What cosines are multiplied by when the right reading is told from the others of a batch."""


@dataclass(frozen=True)
class Space:
    """Names of the heads' outputs."""

    frames: tuple[str, ...]
    entities: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """Utterances as tensors."""

    ids: Tensor
    frames: Tensor
    entities: Tensor
    labels: Tensor
    readings: Tensor
    has_reading: Tensor


def space_of(examples: Sequence[Utterance], entities: Sequence[str]) -> Space:
    """Every frame and entity, and the labels that occur often enough to be learned."""
    counted = Counter(label for example in examples for label in example.labels)
    return Space(
        tuple(sorted({example.frame for example in examples})),
        tuple(entities),
        tuple(sorted(label for label, often in counted.items() if often >= _RAREST)),
    )


def batches(
    examples: Sequence[Utterance], pieces: WordPieces, space: Space, size: int, chance: random.Random | None
) -> Iterator[Batch]:
    """Batches of like length, in random order where there are dice."""
    order = list(range(len(examples)))
    if chance:
        chance.shuffle(order)
    chunk = size * 64
    for start in range(0, len(order), chunk):
        part = sorted(order[start : start + chunk], key=lambda at: len(examples[at].words))
        groups = [part[at : at + size] for at in range(0, len(part), size)]
        if chance:
            chance.shuffle(groups)
        for group in groups:
            yield _batch([examples[at] for at in group], pieces, space)


def _batch(examples: Sequence[Utterance], pieces: WordPieces, space: Space) -> Batch:
    frames = {name: at for at, name in enumerate(space.frames)}
    entities = {name: at for at, name in enumerate(space.entities)}
    places = {name: at for at, name in enumerate(space.labels)}
    labels = torch.zeros(len(examples), len(space.labels))
    for row, example in enumerate(examples):
        for label in example.labels:
            if label in places:
                labels[row, places[label]] = 1.0
    return Batch(
        padded([pieces.encode(example.words) for example in examples]),
        torch.tensor([frames[example.frame] for example in examples]),
        torch.tensor([entities.get(example.entity, -100) for example in examples]),
        labels,
        padded([pieces.encode(example.reading) for example in examples]),
        torch.tensor([bool(example.reading) for example in examples]),
    )


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Rows of ids filled up with zeros."""
    longest = max(len(row) for row in rows)
    return torch.tensor([[*row, *([0] * (longest - len(row)))] for row in rows])


def fit(
    reader: Reader,
    examples: Sequence[Utterance],
    space: Space,
    *,
    rounds: int,
    size: int,
    seed: int,
    share: float = 0.2,
) -> None:
    """Train in place; `share` of the batches also learn to tell readings apart."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    pieces = WordPieces(reader.pieces)
    optimiser = torch.optim.AdamW(reader.parameters(), lr=2e-3, weight_decay=0.01)
    steps = rounds * math.ceil(len(examples) / size)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / (0.05 * steps)) * max(0.02, 1 - step / steps)
    )
    reader.train()
    begun, step, total = time.monotonic(), 0, 0.0
    for _ in range(rounds):
        for batch in batches(examples, pieces, space, size, chance):
            loss = _loss(reader, batch, chance.random() < share)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            step, total = step + 1, total + float(loss.detach())
            if step % _SHOWN == 0:
                print(
                    f"step {step}/{steps}, loss {total / _SHOWN:.3f}, {time.monotonic() - begun:.0f} s",
                    flush=True,
                )
                total = 0.0


def _loss(reader: Reader, batch: Batch, compare: bool) -> Tensor:
    pooled = reader.pooled(batch.ids)
    frame, entity, label = reader.heads(pooled)
    loss = cross_entropy(frame, batch.frames, label_smoothing=0.03) + binary_cross_entropy_with_logits(
        label, batch.labels, reduction="sum"
    ) / len(batch.ids)
    if bool((batch.entities >= 0).any()):
        loss = loss + cross_entropy(entity, batch.entities, ignore_index=-100, label_smoothing=0.03)
    if compare and int(batch.has_reading.sum()) > 8:
        asked = reader.direction(pooled[batch.has_reading])
        meant = reader.direction(reader.pooled(batch.readings[batch.has_reading]))
        scores = _WARMTH * asked @ meant.T
        right = torch.arange(len(scores))
        loss = loss + 0.5 * (cross_entropy(scores, right) + cross_entropy(scores.T, right))
    return loss


@torch.no_grad()
def scores(
    reader: Reader, examples: Sequence[Utterance], space: Space, size: int = 256
) -> tuple[list[Batch], list[tuple[Tensor, Tensor, Tensor]]]:
    """Raw scores of all heads on examples, with their truth."""
    reader.eval()
    pieces = WordPieces(reader.pieces)
    truth = list(batches(examples, pieces, space, size, None))
    return truth, [reader.heads(reader.pooled(batch.ids)) for batch in truth]
