"""The one way to a hosted model: what policy keeps stays here, what it masks goes out as a placeholder."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import NoReturn

from agents.models.chat import NO_TOOLS, Described, Message, Reply, Request
from agents.models.guarded import GuardedEndpoint
from agents.models.protocol import Sent, Turn
from agents.models.record_names import RecordNames, RecordNamesCache
from agents.models.said import folded
from agents.words import word_set
from erp_adapters.caller import Caller
from erp_adapters.errors import ModelError
from erp_adapters.store.session import ReadTransaction
from erp_adapters.tracing import loose_span, span
from policies.egress import DataClass, EgressPolicy, Treatment
from prompts import prompt
from tools.languages import said
from tools.results import Column

_SIGNS: Mapping[DataClass, str] = {
    "names": "NAME",
    "materials": "MATERIAL",
    "free_text": "TEXT",
    "amounts": "AMOUNT",
}
_WHOLE: tuple[DataClass, ...] = ("schema", "question")
_PUT_BACK = re.compile(r"\b(?:NAME|MATERIAL|TEXT)_[A-Z]{1,3}\b")
_BROKEN_OFF = re.compile(r"\b[A-Z]{1,8}(?:_[A-Z]{0,3})?$")
"""What may be the beginning of a placeholder at the end of a fragment."""
_NUMBER = re.compile(r"\d+(?:[.,'\u00a0\u202f]\d+)*")
_FIGURES = frozenset({"quantity", "count", "money", "percent", "ratio", "days", "rate"})
_OF_MATERIALS = word_set("material component product item part article assembly model")
_OF_THE_SCHEMA = word_set(
    """site plant currency unit status state kind type category class flag month year quarter week day date
    period location shift calendar basis severity rule step stage order line"""
)
_OF_NOTES = word_set("note notes text description remark remarks comment comments title message quote")
_WORDS: Mapping[DataClass, str] = {
    "question": "questions",
    "names": "names of suppliers, customers and people",
    "materials": "names and numbers of materials",
    "amounts": "figures",
    "free_text": "notes and descriptions",
    "schema": "what can be asked",
}


class KeptHere(ModelError):
    """What a request would need may not leave; nothing of it was sent."""

    def __init__(self, of: DataClass) -> None:
        super().__init__(said("the egress policy keeps [[what]] here", what=said(_WORDS[of])))
        self.of = of


@dataclass(slots=True)
class Screen:
    """What one turn may show a hosted model; its placeholders are the same throughout."""

    treated: Mapping[DataClass, Treatment]
    names: RecordNames
    kept: list[str]
    """Classes for whose sake a request was not made."""
    masked: Counter[DataClass] = field(default_factory=Counter)
    """How often each class was masked since the last request."""
    _of_text: dict[tuple[str, str], str] = field(default_factory=dict)
    _behind: dict[str, str] = field(default_factory=dict)
    _own: RecordNames = field(default_factory=RecordNames)
    """Values of results, which may come back in a correction or a complaint."""

    def holds(self, of: DataClass) -> bool:
        """True where a class does not go out as it is."""
        return self.treated[of] != "send"

    def cell(self, text: str, column: Column) -> str:
        """A value of a result as the model sees it."""
        of = class_of(column)
        return text if text in ("", "-", "–") else self.value(text, of, column.unit)

    def value(self, text: str, of: DataClass, unit: str = "") -> str:
        """The text, or what stands for it.

        Raises:
            KeptHere: nothing may stand for it.
        """
        if not self.holds(of):
            return self.text(text) if of == "schema" else text
        if of != "amounts":
            self._own.add(text, of, whole=True)
        made = self._placeholder(text, of)
        return f"{made} {unit}" if of == "amounts" and unit and unit in text else made

    def asked(self, text: str) -> str:
        """What somebody typed: names are found there in whatever spelling.

        Raises:
            KeptHere: questions stay here, or one of its names does.
        """
        self.check_whole()
        return self._covered(text, misspelt=True)

    def check_whole(self) -> None:
        """Raise where nothing at all may be sent: KeptHere."""
        for of in _WHOLE:
            if self.treated[of] == "keep":
                self._keep(of)

    def text(self, text: str) -> str:
        """Any other text that is about to leave."""
        return self._covered(text, misspelt=False)

    def told(self, text: str, question: str) -> str:
        """A tool's words about data: figures in them are of the data unless they stand in the question."""
        if not self.holds("amounts"):
            return text
        known = set(_NUMBER.findall(question))
        return _NUMBER.sub(
            lambda found: found[0] if found[0] in known else self._placeholder(found[0], "amounts"), text
        )

    def put_back(self, text: str, *, in_json: bool = False) -> str:
        """The text with what its placeholders stand for."""

        def behind(found: re.Match[str]) -> str:
            text = self._behind.get(found[0], found[0])
            return json.dumps(text, ensure_ascii=False)[1:-1] if in_json else text

        return _PUT_BACK.sub(behind, text) if self._behind else text

    def _keep(self, of: DataClass) -> NoReturn:
        self.kept.append(of)
        raise KeptHere(of)

    def _covered(self, text: str, *, misspelt: bool) -> str:
        for known, near in ((self.names, misspelt), (self._own, False)):
            parts, at = [], 0
            for found in known.find(text, misspelt=near) if known.phrases else ():
                if text[found.start : found.end] in self._behind or _is_placeholder(text, found.start):
                    continue
                parts += [text[at : found.start], self._placeholder(text[found.start : found.end], found.of)]
                at = found.end
            text = "".join([*parts, text[at:]])
        return text

    def _placeholder(self, text: str, of: DataClass) -> str:
        if self.treated[of] == "keep":
            self._keep(of)
        self.masked[of] += 1
        key = (of, folded(text))
        made = self._of_text.get(key)
        if made is None:
            count = sum(1 for known, _ in self._of_text if known == of)
            made = self._of_text[key] = f"{_SIGNS[of]}_{_letters(count)}"
            if of != "amounts":
                # What a placeholder for a figure stands for is a matter of references, never of words.
                self._behind[made] = text
        return made


class ScreenedEndpoint:
    """A chat model that only what the policy lets through reaches; nothing else holds its endpoint.

    Args:
        endpoint: the model.
        policy: what may leave; None where everything may, as for a model of one's own on this machine.
    """

    def __init__(self, endpoint: GuardedEndpoint, policy: EgressPolicy | None) -> None:
        self._endpoint = endpoint
        self._policy = policy
        self._names = RecordNamesCache()

    @property
    def name(self) -> str:
        """Of interface and model."""
        return self._endpoint.name

    @staticmethod
    def _masked(treated: Mapping[DataClass, Treatment]) -> frozenset[DataClass]:
        """The classes of names that do not go out as they are."""
        named: tuple[DataClass, ...] = ("names", "materials")
        return frozenset(of for of in named if treated[of] != "send")

    async def opened(self, turn: Turn, caller: Caller, tx: ReadTransaction) -> None:
        """Know what may be shown for this turn, from here to its end."""
        if self._policy is None or turn.meter.screen is not None:
            return
        treated = self._policy.strictest(caller.sites)
        wanted = self._masked(treated)
        names = await self._names.get(tx, wanted) if wanted else RecordNames()
        turn.meter.screen = Screen(treated, names, turn.meter.kept)

    async def reply(
        self, turn: Turn, prompt_name: str, messages: Sequence[Message], described: Described
    ) -> Reply:
        """The model's reply, with what placeholders stand for put back.

        Raises:
            KeptHere: something that may not leave would have been sent.
            ModelError: as the endpoint raises it.
        """
        sent = self._cleared(turn, prompt_name, messages, described)
        with span("model", prompt=prompt_name):
            try:
                reply = await self._endpoint.reply(sent, described.tools, turn.meter)
            except ModelError:
                turn.meter.failures += 1
                raise
        screen = turn.meter.screen
        if screen is None:
            return reply
        requests = [
            replace(one, arguments=screen.put_back(one.arguments, in_json=True)) for one in reply.requests
        ]
        return Reply(screen.put_back(reply.text), tuple(requests))

    async def write(self, turn: Turn, prompt_name: str, messages: Sequence[Message]) -> AsyncGenerator[str]:
        """The model's text likewise, fragment by fragment.

        Raises:
            KeptHere, ModelError: as for `reply`.
        """
        sent = self._cleared(turn, prompt_name, messages, NO_TOOLS)
        screen = turn.meter.screen
        held = ""
        with loose_span("model", prompt=prompt_name):
            try:
                # Closed at once, so that what was spent is counted before the answer is put together.
                async with aclosing(self._endpoint.write(sent, turn.meter)) as text:
                    async for fragment in text:
                        if screen is None:
                            yield fragment
                            continue
                        held += fragment
                        broken = _BROKEN_OFF.search(held)
                        whole = held[: broken.start()] if broken else held
                        held = held[len(whole) :]
                        if whole:
                            yield screen.put_back(whole)
            except ModelError:
                turn.meter.failures += 1
                raise
        if held and screen is not None:
            yield screen.put_back(held)

    def _cleared(
        self, turn: Turn, prompt_name: str, messages: Sequence[Message], described: Described
    ) -> list[Message]:
        """What may be sent of the messages; said beforehand: a request that fails is on record too."""
        screen = turn.meter.screen
        if screen is None and self._policy is not None:
            # Nobody has looked at what this turn may show.
            turn.meter.kept.append("question")
            raise KeptHere("question")
        sent = list(messages) if screen is None else _screened(messages, screen)
        masked: dict[str, int] = {}
        if screen is not None:
            masked = {of: count for of, count in screen.masked.items() if count}
            screen.masked.clear()
        turn.meter.sent.append(
            Sent(self.name, prompt_name, prompt(prompt_name).version, tuple(sent), described.text, masked)
        )
        return sent


def class_of(column: Column) -> DataClass:
    """What a column of a result holds; texts of which nothing says what they are count as names."""
    if column.kind in _FIGURES:
        return "amounts"
    if column.kind in ("date", "flag", "quote") or column.words:
        return "schema"
    words = set(re.split(r"[^a-z]+", column.name.casefold()))
    if words & _OF_NOTES:
        return "free_text"
    if words & _OF_MATERIALS:
        return "materials"
    return "schema" if words & _OF_THE_SCHEMA else "names"


def _screened(messages: Sequence[Message], screen: Screen) -> list[Message]:
    screen.check_whole()
    sent = [
        message
        # The packaged prompt is the same for everybody.
        if message.role == "system"
        else replace(
            message,
            text=screen.text(message.text),
            requests=tuple(Request(one.id, one.name, screen.text(one.arguments)) for one in message.requests),
        )
        for message in messages
    ]
    if any(screen.holds(of) for of in _SIGNS):
        at = next((i for i, message in enumerate(sent) if message.role == "user"), None)
        if at is not None and screen.masked:
            sent[at] = replace(sent[at], text=f"{prompt('masked').render().strip()}\n\n{sent[at].text}")
    return sent


def _is_placeholder(text: str, start: int) -> bool:
    """True for the letters of a placeholder, which stand behind its sign."""
    before = text[max(0, start - 9) : start]
    return any(before.endswith(f"{sign}_") for sign in _SIGNS.values()) or any(
        text.startswith(f"{sign}_", start) for sign in _SIGNS.values()
    )


def _letters(count: int) -> str:
    """`A`, `B`, ... `Z`, `AA`: a digit would be taken for a number of the question."""
    made = ""
    count += 1
    while count:
        count, rest = divmod(count - 1, 26)
        made = chr(ord("A") + rest) + made
    return made
