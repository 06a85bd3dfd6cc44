"""What the dice choose for a question: a wording, an entity, a metric."""

from __future__ import annotations

from agents.models.embedded.training.phrases import Phrases
from agents.models.embedded.training.shapes.entities import WEIGHTS
from tools.metrics.query import Measure


class Dice:
    """Choices for one question after the other; the same for the same phrases and seed."""

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases
        self.catalogue = phrases.catalogue
        self.chance = phrases.chance
        self.entities = [name for name in self.catalogue.entities if name in WEIGHTS]

    def say(self, *options: str) -> str:
        """One of several wordings."""
        return self.chance.choice(options)

    def maybe(self, text: str, often: float) -> str:
        """The text, or nothing."""
        return text if self.chance.random() < often else ""

    def entity(self, *, facts: bool = False) -> str:
        """An entity, those asked about most more often."""
        names = [name for name in self.entities if not facts or name in self.phrases.metrics_of]
        return self.chance.choices(names, [WEIGHTS[name] for name in names])[0]

    def metric(self) -> str:
        """A metric."""
        return self.chance.choice(self.phrases.metrics_of[self.entity(facts=True)])

    def measure(self, entity: str) -> tuple[Measure, str, str]:
        """A metric or a count of an entity: measure, noun phrase, question."""
        metrics = self.phrases.metrics_of.get(entity, [])
        if metrics and self.chance.random() < 0.75:
            metric = self.chance.choice(metrics)
            return Measure(name="m1", metric=metric), self.phrases.metric(metric), self.phrases.asks(metric)
        noun = self.phrases.entity(entity)
        return (
            Measure(name="m1", count_of=entity),
            self.say(f"number of {noun}", f"count of {noun}", noun),
            f"how many {noun}",
        )
