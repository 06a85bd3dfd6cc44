"""The learned reader: what a question asks for, by a small network that was trained on generated utterances.

It knows nothing of the grammar's rules, so that where both agree a reading can be trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from agents.models.embedded.chunks import Chunk
from agents.models.embedded.encoder import PLACEHOLDERS, Encoder, Floats
from agents.models.embedded.labels import QueryLabels, masked_kind
from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.text import Token, tokenise
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import MetricQuery
from tools.metrics.wording import Wording

_WEIGHTS = Path(__file__).with_name("weights")
_LEAST_SHOWN = 0.05
_DAYS = re.compile(r"\d{4}(-(\d\d(-\d\d)?|Q\d))?( to \d{4}(-(\d\d(-\d\d)?|Q\d))?)?")
_KINDS = frozenset(PLACEHOLDERS)


@dataclass(frozen=True, slots=True)
class Scored:
    """A label with its probability."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Support:
    """How likely the learned reader finds each part of another reading; 1.0 for a part that it has no word
    for."""

    frame: float
    entity: float
    figures: float
    """Of the least likely figure."""
    conditions: float
    """Of the least likely condition."""
    grouping: float
    missed: float
    """Probability of the likeliest label that the other reading does not have."""
    unanswerable: float


@dataclass(frozen=True, slots=True)
class LearnedReading:
    """What a question probably asks for; each list likeliest first."""

    frames: tuple[Scored, ...]
    entities: tuple[Scored, ...]
    figures: tuple[Scored, ...]
    """`metric:<name>`, `count:<entity>`, `field:<entity>.<field>`."""
    conditions: tuple[Scored, ...]
    grouping: tuple[Scored, ...]
    known: frozenset[str]
    """Every label that the reader was trained on."""

    def probability(self, label: str) -> float:
        """Of a frame, an entity or any other label; 0.0 where it is below what is kept."""
        for group in (self.frames, self.entities, self.figures, self.conditions, self.grouping):
            for scored in group:
                if scored.label == label:
                    return scored.probability
        return 0.0

    def unanswerable(self, empty: Iterable[str] = ()) -> float:
        """Probability that no data here answers it; `empty` names entities without any record."""
        without = set(empty)
        away = sum(scored.probability for scored in self.entities if scored.label in without)
        none = self.probability("unanswerable")
        return min(1.0, none + (1.0 - none) * away)

    def support(self, labels: QueryLabels) -> Support:
        """How likely the parts of another reader's reading are."""
        own = set(labels.all())
        others = (*self.figures, *self.conditions, *self.grouping)
        return Support(
            frame=self.probability(labels.frame),
            entity=self._least([labels.entity]),
            figures=self._least(labels.figures),
            conditions=self._least(labels.conditions),
            grouping=self._least(labels.grouping),
            missed=max((scored.probability for scored in others if scored.label not in own), default=0.0),
            unanswerable=self.probability("unanswerable"),
        )

    def _least(self, labels: Iterable[str]) -> float:
        return min((self.probability(label) for label in labels if label in self.known), default=1.0)


class LearnedReader:
    """Reads masked questions; weights are read when the first question comes."""

    def __init__(self, weights: Path | None = None) -> None:
        self._folder = weights or _WEIGHTS

    def read(self, question: str, masked: str) -> LearnedReading:
        """What a question asks for; `masked` is the question with names, periods and numbers as
        placeholders."""
        network = _network(self._folder)
        return network.read(normalised(masked or question))

    def similarity(self, question: str, words: str) -> float:
        """Cosine between a masked question and a reading in words, between -1 and 1."""
        return self.similarities(question, (words,))[0]

    def similarities(self, question: str, candidates: Sequence[str]) -> tuple[float, ...]:
        """The same for several readings at once."""
        network = _network(self._folder)
        meant = network.direction(normalised(question))
        return tuple(float(meant @ network.direction(normalised(words))) for words in candidates)


class _Network:
    def __init__(self, folder: Path) -> None:
        self._encoder = Encoder(folder)
        settings = self._encoder.settings
        self._frames = tuple(map(str, _list(settings["frames"])))
        self._entities = tuple(map(str, _list(settings["entities"])))
        self._labels = tuple(map(str, _list(settings["labels"])))
        self._known = frozenset((*self._frames, *self._entities, *self._labels))
        raw = settings["temperatures"]
        assert isinstance(raw, dict)
        self._temperatures = {str(name): float(value) for name, value in raw.items()}

    def read(self, words: Sequence[str]) -> LearnedReading:
        weights = self._encoder.weights
        hidden = self._encoder.pooled(words) @ weights["hidden.weight"] + weights["hidden.bias"]
        hidden = np.maximum(hidden, 0.0)
        frames = _softmax(
            (hidden @ weights["frame.weight"] + weights["frame.bias"]) / self._temperatures["frame"]
        )
        entities = _softmax(
            (hidden @ weights["entity.weight"] + weights["entity.bias"]) / self._temperatures["entity"]
        )
        raw = (hidden @ weights["label.weight"] + weights["label.bias"]) / self._temperatures["label"]
        labels = 1.0 / (1.0 + np.exp(-np.clip(raw, -30, 30)))
        groups: dict[str, list[Scored]] = {"figures": [], "conditions": [], "grouping": []}
        for at in np.argsort(-labels):
            if labels[at] < _LEAST_SHOWN:
                break
            label = self._labels[at]
            groups[_group(label)].append(Scored(label, float(labels[at])))
        return LearnedReading(
            frames=_ranked(self._frames, frames),
            entities=_ranked(self._entities, entities),
            figures=tuple(groups["figures"]),
            conditions=tuple(groups["conditions"]),
            grouping=tuple(groups["grouping"]),
            known=self._known,
        )

    def direction(self, words: Sequence[str]) -> Floats:
        weights = self._encoder.weights
        found = self._encoder.pooled(words) @ weights["meaning.weight"]
        return np.asarray(found / (np.linalg.norm(found) + 1e-9), dtype=np.float32)


def mask(tokens: Sequence[Token], chunks: Sequence[Chunk], catalogue: Catalogue) -> str:
    """A question with placeholders where names of the master data, periods and numbers stand."""
    words: list[str] = []
    by_first = {chunk.first: chunk for chunk in chunks}
    position = 0
    while position < len(tokens):
        kind = _kind(by_first[position], catalogue) if position in by_first else ""
        if kind:
            words.append(kind)
            position = by_first[position].after
            continue
        token = tokens[position]
        words.append("NUMBER" if token.kind == "number" else token.norm)
        position += 1
    return " ".join(words)


def _kind(chunk: Chunk, catalogue: Catalogue) -> str:
    if chunk.period is not None:
        return "DAY" if chunk.period.grain == "day" else "PERIOD"
    meanings = chunk.meanings
    if not meanings or not all(isinstance(meaning, ValueWord) for meaning in meanings):
        return ""
    first = meanings[0]
    assert isinstance(first, ValueWord)
    if set(first.values) <= set(catalogue.entity(first.entity).fields[first.field].values):
        return ""
    return masked_kind(f"{first.entity}.{first.field}")


def normalised(text: str) -> tuple[str, ...]:
    """The words of a masked text in the spelling that the network was trained on."""
    words: list[str] = []
    for token in tokenise(text):
        if token.text in _KINDS:
            words.append(token.text)
        elif token.kind == "number":
            words.append("NUMBER")
        elif token.kind == "word":
            words.append(token.norm)
    return tuple(words)


def reading_words(query: MetricQuery, catalogue: Catalogue) -> str:
    """A query in words with placeholders for its names, numbers and periods: what `similarity` compares
    with."""
    raw = _masked(query.model_dump(), catalogue)
    words = Wording(catalogue).query(MetricQuery.model_validate(raw))
    return _DAYS.sub("PERIOD", words)


def _masked(part: object, catalogue: Catalogue) -> object:
    if isinstance(part, Mapping):
        found = {name: _masked(value, catalogue) for name, value in part.items()}
        if part.get("test") == "value":
            entity, _, name = str(part["path"]).split("/")[-1].partition(".")
            field = catalogue.entity(entity).fields[name]
            values = part["values"]
            plain = all(isinstance(value, str) and value not in field.values for value in values)
            if plain and not field.is_number:
                found["values"] = (masked_kind(f"{entity}.{name}"),)
        return found
    if isinstance(part, list | tuple):
        return [_masked(value, catalogue) for value in part]
    return part


@lru_cache(maxsize=2)
def _network(folder: Path) -> _Network:
    return _Network(folder)


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _group(label: str) -> str:
    kind = label.partition(":")[0]
    return {"metric": "figures", "count": "figures", "field": "figures", "by": "grouping"}.get(
        kind, "conditions"
    )


def _ranked(names: Sequence[str], probabilities: Floats) -> tuple[Scored, ...]:
    return tuple(Scored(names[at], float(probabilities[at])) for at in np.argsort(-probabilities))


def _softmax(raw: Floats) -> Floats:
    shifted = np.exp(raw - raw.max())
    return np.asarray(shifted / shifted.sum(), dtype=np.float32)
