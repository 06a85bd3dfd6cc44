"""The values of the caller's own data as they are spelt there, by entity and field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from agents.models.embedded.lexicon import Phrases, ValueWord
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.text import stems
from agents.models.said import folded
from tools.matching import Fit, meant, ranked

_NEAR = 5
_FEW = 12
"""Values of a field up to which all are named where none comes near."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A value among which `tools.matching` looks."""

    name: str
    id: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Spelt:
    """What a text comes to in the data: one value, or those that come near or are all there are."""

    value: str = ""
    near: tuple[str, ...] = ()


class Spellings:
    """Finds values of the master data that a text means."""

    def __init__(self, data: MasterData) -> None:
        self._data = data
        self._values: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for phrases in (data.phrases, data.values):
            for key in phrases.keys():  # noqa: SIM118 - no mapping
                for meaning in phrases.get(key):
                    if isinstance(meaning, ValueWord):
                        self._note(meaning)

    def _note(self, meaning: ValueWord) -> None:
        known = self._values[meaning.entity, meaning.field]
        for value in meaning.values:
            spelt = known[folded(value)]
            if value not in spelt:
                spelt.append(value)

    def find(self, entity: str, field: str, text: str) -> Spelt:
        """The value of that field which the text is, but for its spelling; otherwise what comes near."""
        known = self._values.get((entity, field))
        if not known:
            return Spelt()
        same = known.get(folded(text), [])
        if text in same or len(same) == 1:
            return Spelt(text if text in same else same[0])
        linked = {value for phrases in self._phrases for value in _meant(phrases, entity, field, text)}
        if len(linked) == 1:
            return Spelt(linked.pop())
        matches = ranked(text, [_Value(value) for spelt in known.values() for value in spelt])
        taken = meant(matches)
        if len(taken) == 1 and taken[0].fit > Fit.ROUGH:
            return Spelt(taken[0].thing.name)
        near = tuple(match.thing.name for match in (taken or matches)[:_NEAR])
        few = tuple(value for spelt in known.values() for value in spelt) if len(known) <= _FEW else ()
        return Spelt(near=near or few)

    def contains(self, entity: str, field: str, text: str) -> bool:
        """True where a value of that field holds the text."""
        part = folded(text)
        return any(part in value for value in self._values.get((entity, field), ()))

    def elsewhere(self, text: str) -> Sequence[str]:
        """Paths of the fields that have just this value."""
        plain = folded(text)
        return sorted(
            f"{entity}.{field}" for (entity, field), known in self._values.items() if plain in known
        )

    @property
    def _phrases(self) -> tuple[Phrases, Phrases]:
        return self._data.phrases, self._data.values


def _meant(phrases: Phrases, entity: str, field: str, text: str) -> set[str]:
    found = [m for m in phrases.get(stems(text)) if isinstance(m, ValueWord)]
    return {
        meaning.values[0]
        for meaning in found
        if (meaning.entity, meaning.field) == (entity, field) and len(meaning.values) == 1
    }
