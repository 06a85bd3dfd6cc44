"""The names by which a small model says what a question asks for: figures, records and reports."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.models.local.engine import Piece, Written
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue, Entity
from tools.metrics.query import Measure, MetricQuery
from tools.registry import Tool

METRICS = "query_metrics"
NOTHING = "none"
"""What is written where the data has no such thing."""
_WORDS = 2
"""Other words for a kind of records that stand beside its name."""


@dataclass(frozen=True, slots=True)
class Pick:
    """What a question asks for first of all."""

    name: str
    """Empty where the data has no such thing."""
    probability: float
    """Of the least likely token of the name."""
    openings: tuple[Piece, ...] = ()
    """Tokens that it might have begun with."""

    def begins(self, names: Iterable[str]) -> float:
        """Probability that a pick begins as the likeliest of some names does; `none` where there are none."""
        texts = [f" {name}" for name in names] or [f" {NOTHING}"]
        begun = [piece for piece in self.openings if piece.text.strip()]
        return max(sum(piece.probability for piece in begun if text.startswith(piece.text)) for text in texts)


class Names:
    """The names of a catalogue and of the tools beside it, as text, as a grammar, and as those of a plan."""

    def __init__(self, catalogue: Catalogue, tools: Mapping[str, Tool[Any]]) -> None:
        self._catalogue = catalogue
        self._tools = {name: tools[name] for name in sorted(tools) if name != METRICS}
        # A metric that counts all records of a kind is called by their name.
        self._counts = {
            name: metric.entity
            for name, metric in catalogue.metrics.items()
            if metric.value == "count(*)" and not metric.filter
        }

    @property
    def all(self) -> tuple[str, ...]:
        """Every name that can be picked; a metric stands before records of the same name."""
        figures = [name for name in self._catalogue.metrics if name not in self._counts]
        return tuple(dict.fromkeys((*figures, *self._catalogue.entities, *self._tools)))

    def text(self) -> str:
        """The names with what they mean, a line for each kind of records: the same for everybody."""
        return "\n".join([
            "Figures", *self._figures(), "Records", *self._records(), "Reports", *self._reports(),
        ])  # fmt: skip

    def _figures(self) -> Iterator[str]:
        for entity, metrics in self._catalogue.metrics_of.items():
            said = [self._figure(name) for name in metrics if name not in self._counts]
            if said:
                yield f"{self._catalogue.entities[entity].singular}: {', '.join(said)}"

    def _figure(self, name: str) -> str:
        label = self._catalogue.metrics[name].label
        return name if label.lower() == name.replace("_", " ") else f"{name} ({label})"

    def _records(self) -> Iterator[str]:
        for name, entity in self._catalogue.entities.items():
            others = _other_words(name, entity)
            yield f"{name} ({', '.join(others)})" if others else name

    def _reports(self) -> Iterator[str]:
        for name, tool in self._tools.items():
            first = tool.description.partition("\n")[0]
            yield f"{name}: {first.partition(':')[0].partition(',')[0]}"

    def grammar(self) -> str:
        """The picks that can be written, as GBNF."""
        names = " | ".join(json.dumps(name) for name in (NOTHING, *self.all))
        return f'root ::= " " ({names}) "\\n"'

    def subject(self, name: str) -> str:
        """The kind of records that a name is about; empty for a report, which may be about several."""
        metric = self._catalogue.metrics.get(name)
        return metric.entity if metric else name if name in self._catalogue.entities else ""

    def near(self, pick: Pick, names: Sequence[str]) -> bool:
        """Whether a pick is about records that some names are about too."""
        subject = self.subject(pick.name)
        return bool(subject) and any(self.subject(name) == subject for name in names)

    def of(self, calls: Sequence[ToolCall]) -> tuple[str, ...]:
        """The names of a plan, each once: what would be picked if it is what was meant."""
        return tuple(dict.fromkeys(name for call in calls for name in self._of_call(call)))

    def _of_call(self, call: ToolCall) -> Iterable[str]:
        if not isinstance(call.arguments, MetricQuery):
            return (call.name,)
        query = call.arguments
        measured = [name for measure in query.measures if (name := self._of_measure(measure))]
        return (query.rows_of, *measured) if query.rows_of else measured

    def _of_measure(self, measure: Measure) -> str:
        if measure.metric:
            return self._counts.get(measure.metric, measure.metric)
        return measure.count_of or measure.field.rpartition("/")[2].partition(".")[0]


def read_pick(written: Written) -> Pick:
    """The pick that was written under the grammar."""
    name = written.text.strip()
    return Pick("" if name == NOTHING else name, written.probability, written.openings)


def _other_words(name: str, entity: Entity) -> list[str]:
    said = [entity.singular, *entity.words]
    return list(dict.fromkeys(word for word in said if word != name.replace("_", " ")))[:_WORDS]
