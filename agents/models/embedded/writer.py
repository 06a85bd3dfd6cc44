"""The learned reader's writer in numpy: from the states of a question to the likeliest plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.models.embedded.encoder import Floats, normal, softmax
from agents.models.embedded.plan_language import Pointer, Word

_START, _END = 1, 2
_HOPELESS = 6.0
"""By so much (in log probability) a plan begun may be less likely than a finished one."""


@dataclass(frozen=True, slots=True)
class Written:
    """A plan's words, and how likely the network finds them."""

    words: tuple[Word, ...]
    log_probability: float


@dataclass
class _Beams:
    """Plans begun: their words, sums of log probabilities, and keys and values of each layer."""

    words: list[tuple[int, ...]]
    scores: Floats
    keys: list[Floats]
    values: list[Floats]


class Writer:
    """Writes plans for encoded questions."""

    def __init__(self, weights: Mapping[str, Floats], words: Sequence[str], heads: int, depth: int) -> None:
        self._weights = weights
        self._words = tuple(words)
        self._heads = heads
        self._depth = depth
        self._width = weights["vocabulary.weight"].shape[1]
        self._longest = weights["writer.positions"].shape[0]
        self._onto_words = np.ascontiguousarray(weights["vocabulary.weight"].T)

    def plans(self, states: Floats, places: Sequence[int], beams: int) -> tuple[Written, ...]:
        """The likeliest plans, likeliest first.

        Args:
            states: one row a piece of the question.
            places: the first piece of each of its words.
            beams: how many plans are followed at once.
        """
        weights = self._weights
        spots = states[list(places)] if places else np.zeros((0, states.shape[1]), dtype=np.float32)
        pointed = spots @ weights["pointed.weight"] + weights["pointed.bias"]
        targets = (spots @ weights["spot.weight"] + weights["spot.bias"]) * np.float32(self._width**-0.5)
        memory = [self._memory(states, layer) for layer in range(self._depth)]
        empty = np.zeros((1, self._heads, 0, self._width // self._heads), dtype=np.float32)
        begun = _Beams(
            [(_START,)], np.zeros(1, dtype=np.float32), [empty] * self._depth, [empty] * self._depth
        )
        done: list[tuple[float, tuple[int, ...]]] = []
        for length in range(self._longest - 1):
            scores = self._step(begun, length, pointed, targets, memory)
            total = begun.scores[:, None] + scores
            best = np.argpartition(-total.ravel(), min(2 * beams, total.size - 1))[: 2 * beams]
            best = best[np.argsort(-total.ravel()[best])]
            kept: list[tuple[int, int]] = []
            for flat in best:
                beam, word = divmod(int(flat), total.shape[1])
                if word == _END:
                    done.append((float(total[beam, word]), begun.words[beam][1:]))
                elif len(kept) < beams:
                    kept.append((beam, word))
            done = sorted(done, reverse=True)[:beams]
            least = done[-1][0] if len(done) == beams else done[0][0] - _HOPELESS if done else -np.inf
            kept = [place for place in kept if float(total[place]) > least]
            if not kept:
                break
            begun = self._followed(begun, kept, total)
        return tuple(Written(self._said(words), score) for score, words in done)

    def _said(self, words: Sequence[int]) -> tuple[Word, ...]:
        many = len(self._words)
        return tuple(self._words[word] if word < many else Pointer(word - many) for word in words)

    @staticmethod
    def _followed(begun: _Beams, kept: Sequence[tuple[int, int]], total: Floats) -> _Beams:
        rows = [beam for beam, _ in kept]
        return _Beams(
            [(*begun.words[beam], word) for beam, word in kept],
            np.array([total[beam, word] for beam, word in kept], dtype=np.float32),
            [keys[rows] for keys in begun.keys],
            [values[rows] for values in begun.values],
        )

    def _memory(self, states: Floats, layer: int) -> tuple[Floats, Floats]:
        weights, at = self._weights, f"writer{layer}."
        both = states @ weights[at + "memory.weight"] + weights[at + "memory.bias"]
        split = both.reshape(len(states), 2, self._heads, -1).transpose(1, 2, 0, 3)
        return split[0], split[1]

    def _step(
        self,
        begun: _Beams,
        length: int,
        pointed: Floats,
        targets: Floats,
        memory: Sequence[tuple[Floats, Floats]],
    ) -> Floats:
        """Log probabilities of each beam's next word; the beams' keys and values grow by one."""
        weights, many = self._weights, len(self._words)
        last = [words[-1] for words in begun.words]
        x = np.stack([weights["vocabulary.weight"][w] if w < many else pointed[w - many] for w in last])
        x = normal(
            x + weights["writer.positions"][length],
            weights["writer.start.scale"],
            weights["writer.start.shift"],
        )
        for layer in range(self._depth):
            x = self._layer(x, begun, layer, memory[layer])
        raw = x @ self._onto_words + weights["vocabulary.bias"]
        to = (x @ weights["point.weight"] + weights["point.bias"]) @ targets.T
        scores = np.concatenate([raw, to], axis=-1)
        scores -= scores.max(axis=-1, keepdims=True)
        scores -= np.log(np.exp(scores).sum(axis=-1, keepdims=True))
        scores[:, :2] = -np.inf
        return np.asarray(scores, dtype=np.float32)

    def _layer(self, x: Floats, begun: _Beams, layer: int, memory: tuple[Floats, Floats]) -> Floats:
        weights, at, heads = self._weights, f"writer{layer}.", self._heads
        beams, width = x.shape
        size = width // heads
        scale = np.float32(size**-0.5)
        own = (x @ weights[at + "qkv.weight"] + weights[at + "qkv.bias"]).reshape(beams, 3, heads, 1, size)
        query, key, value = own.transpose(1, 0, 2, 3, 4)
        keys = begun.keys[layer] = np.concatenate([begun.keys[layer], key], axis=2)
        values = begun.values[layer] = np.concatenate([begun.values[layer], value], axis=2)
        seen = softmax(query @ keys.transpose(0, 1, 3, 2) * scale) @ values
        mixed = seen.transpose(0, 2, 1, 3).reshape(beams, width)
        x = normal(
            x + mixed @ weights[at + "own.weight"] + weights[at + "own.bias"],
            weights[at + "after_own.scale"],
            weights[at + "after_own.shift"],
        )
        query = (x @ weights[at + "query.weight"] + weights[at + "query.bias"]).reshape(beams, heads, 1, size)
        seen = softmax(query @ memory[0].transpose(0, 2, 1) * scale) @ memory[1]
        mixed = seen.transpose(0, 2, 1, 3).reshape(beams, width)
        x = normal(
            x + mixed @ weights[at + "read.weight"] + weights[at + "read.bias"],
            weights[at + "after_read.scale"],
            weights[at + "after_read.shift"],
        )
        inner = np.maximum(x @ weights[at + "up.weight"] + weights[at + "up.bias"], 0.0)
        return normal(
            x + inner @ weights[at + "down.weight"] + weights[at + "down.bias"],
            weights[at + "done.scale"],
            weights[at + "done.shift"],
        )
