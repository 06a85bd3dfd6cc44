"""Temperatures that make the heads' probabilities mean what they say, on utterances held back from
training."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from agents.models.embedded.training.fitting import Batch

_CANDIDATES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5, 3.0)


def temperatures(truth: Sequence[Batch], raw: Sequence[tuple[Tensor, Tensor, Tensor]]) -> dict[str, float]:
    """The temperature of each head with the least loss."""

    def frame(by: float) -> float:
        return sum(
            float(cross_entropy(scores[0] / by, batch.frames, reduction="sum"))
            for batch, scores in zip(truth, raw, strict=True)
        )

    def entity(by: float) -> float:
        return sum(
            float(cross_entropy(scores[1] / by, batch.entities, ignore_index=-100, reduction="sum"))
            for batch, scores in zip(truth, raw, strict=True)
        )

    def label(by: float) -> float:
        return sum(
            float(binary_cross_entropy_with_logits(scores[2] / by, batch.labels, reduction="sum"))
            for batch, scores in zip(truth, raw, strict=True)
        )

    return {
        "frame": min(_CANDIDATES, key=frame),
        "entity": min(_CANDIDATES, key=entity),
        "label": min(_CANDIDATES, key=label),
    }


def accuracy(truth: Sequence[Batch], raw: Sequence[tuple[Tensor, Tensor, Tensor]]) -> dict[str, float]:
    """How often frame and entity are right, and all labels at once."""
    right = {"frame": 0, "entity": 0, "labels": 0}
    many = {"frame": 0, "entity": 0, "labels": 0}
    for batch, (frame, entity, label) in zip(truth, raw, strict=True):
        right["frame"] += int((frame.argmax(-1) == batch.frames).sum())
        many["frame"] += len(batch.frames)
        named = batch.entities >= 0
        right["entity"] += int((entity.argmax(-1) == batch.entities)[named].sum())
        many["entity"] += int(named.sum())
        exact = ((torch.sigmoid(label) > 0.5) == (batch.labels > 0.5)).all(-1)
        right["labels"] += int(exact.sum())
        many["labels"] += len(exact)
    return {name: right[name] / max(1, many[name]) for name in right}
