"""What the composition root hands to the channels: who may ask, and who answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from agents.answer import Answer
from agents.events import Event
from agents.models.local.picker import Picker
from agents.page import Page
from erp_adapters.breaker import Breaker
from erp_adapters.caller import Caller
from erp_adapters.errors import AuditUnavailable, CapabilityMissing, ConfigurationError
from erp_adapters.series.standing import CollectorStanding, SeriesSource
from erp_adapters.store.freshness import Freshness, Trouble
from erp_adapters.store.outages import Outage
from erp_adapters.store.rule_trials import Effect
from erp_adapters.store.rulebook import RulesVersion
from erp_adapters.store.site_rules import SiteRules
from erp_adapters.store.sites import Site
from server.operations import OperationsDesk
from server.settings import Settings
from server.shutdown import Shutdown
from server.telemetry.metrics import Metrics
from tools.registry import Tool

if TYPE_CHECKING:
    from server.channels.book import ChannelBook
    from server.channels.port import Channel
    from server.channels.records import Platform
    from server.desk import Desk
    from server.entrance import Entrance
    from server.finance.explanations import Explanations
    from server.idempotency import KeyBook
    from server.runs.book import RunBook


class Answering(Protocol):
    """What a channel needs of the copilot."""

    async def ask(
        self, caller: Caller, question: str, *, conversation: str | None = None, alternatives: bool = False
    ) -> Answer:
        """The answer to a question."""
        ...

    def stream(
        self,
        caller: Caller,
        question: str,
        *,
        conversation: str | None = None,
        alternatives: bool = False,
        answer: str | None = None,
        page: Page | None = None,
    ) -> AsyncIterator[Event]:
        """Progress and verified clauses while the answer is made, and the answer."""
        ...

    async def tell(
        self,
        caller: Caller,
        question: str,
        hear: Callable[[Event], None],
        *,
        conversation: str | None = None,
        alternatives: bool = False,
    ) -> None:
        """Have the same heard as it happens."""
        ...

    async def choose(self, caller: Caller, conversation: str, answer_id: str, key: str) -> Answer:
        """The answer under an offered reading."""
        ...

    async def replay(self, caller: Caller, answer_id: str) -> Answer:
        """An earlier answer, computed again."""
        ...

    def tools(self, caller: Caller) -> tuple[Tool[Any], ...]:
        """What a person's assistant may call."""
        ...

    async def call(self, caller: Caller, name: str, arguments: Mapping[str, Any], question: str) -> Answer:
        """The answer to one call of a person's assistant."""
        ...


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as a list names it."""

    id: UUID
    title: str
    """Its first question, cut off where it is long."""
    last_asked_at: datetime
    answers: int


class Directory(Protocol):
    """Who there is, what is loaded, and whether this home is for trying out."""

    async def caller(self, subject: str) -> Caller:
        """The person with their scope; RecordNotFound where there is none."""
        ...

    async def people(self) -> Sequence[Caller]:
        """Everybody that a demo home offers."""
        ...

    async def sources(self, caller: Caller) -> Sequence[Freshness]:
        """What is loaded that the caller may see."""
        ...

    async def machines(self, caller: Caller) -> Sequence[SeriesSource]:
        """How each source of machines' values stands, of the sites that the caller may see."""
        ...

    async def collectors(self, caller: Caller) -> Sequence[CollectorStanding]:
        """How each collector at the sites that the caller may see stands."""
        ...

    async def outages(self, caller: Caller) -> Sequence[Outage]:
        """Sources at the sites that the caller may see that were away in the last days, or are."""
        ...

    async def troubles(self, caller: Caller) -> Sequence[Trouble]:
        """What is wrong with readings of systems, of the sites that the caller may see."""
        ...

    async def sites(self, caller: Caller) -> Sequence[Site]:
        """The sites that the caller may see, with their rules in force."""
        ...

    async def rules(self, caller: Caller, site: str) -> Sequence[RulesVersion]:
        """Every version of a site's rules, newest first; none where the caller may not see the site."""
        ...

    async def effects(self, caller: Caller, before: SiteRules | None, after: SiteRules) -> Sequence[Effect]:
        """What a change of rules does to the codes that were met last."""
        ...

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        """An earlier answer of this person as it was given."""
        ...

    async def conversation(self, caller: Caller, conversation: str) -> Sequence[Answer]:
        """The answers of one of this person's conversations, oldest first."""
        ...

    async def conversations(
        self, caller: Caller, limit: int, after: tuple[datetime, UUID] | None
    ) -> Sequence[Talk]:
        """This person's conversations, the one that was asked in last first."""
        ...

    async def ready(self) -> None:
        """Return where the database answers; StoreUnavailable otherwise."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """An opened home."""

    settings: Settings
    directory: Directory
    copilot: Answering
    model: str
    is_demo: bool
    """True where anybody at this machine may ask as any of its people."""
    breaker: Breaker | None = None
    """Of the hosted model's endpoint; None where no hosted model is set."""
    picker: Picker | None = None
    """Of the model in a file, which takes long to prepare; None where no such model is set."""
    desk: Desk | None = None
    """Where drafts are made and decided; None where a house only answers."""
    upkeep: Callable[[], Coroutine[Any, Any, None]] | None = None
    """Looks after the threads in which drafts wait, until cancelled; None where there is no desk."""
    deskless: str = ""
    """Why there is no desk, where there should be one."""
    explanations: Explanations | None = None
    """Where explanations for finance are made and kept; None where a house has no store."""
    runs: RunBook | None = None
    """Where runs are entered for other replicas to see."""
    keys: KeyBook | None = None
    """Where the responses to requests with a key are kept."""
    entrance: Entrance | None = None
    """How people come in over HTTP; None where a house is only asked by commands."""
    channels: Mapping[Platform, Channel] = field(default_factory=dict)
    """Chat platforms that are answered."""
    channel_book: ChannelBook | None = None
    """What came in from them and was posted there; None where there are none."""
    operations: OperationsDesk | None = None
    """Reads how the home is doing; None where there is no database."""
    metrics: Metrics = field(default_factory=Metrics)
    shutdown: Shutdown = field(default_factory=Shutdown)

    @property
    def door(self) -> Entrance:
        """The entrance.

        Raises:
            CapabilityMissing: nobody comes in over HTTP.
        """
        if self.entrance is None:
            raise CapabilityMissing("this house has no entrance: nobody signs in to it")
        return self.entrance

    @property
    def drafts(self) -> Desk:
        """The desk.

        Raises:
            CapabilityMissing: this house only answers.
            AuditUnavailable: there should be one, and nothing could be put on record; the message says why.
        """
        if self.desk is None and self.deskless:
            raise AuditUnavailable(f"questions are answered, drafts are not possible: {self.deskless}")
        if self.desk is None:
            raise CapabilityMissing("this service answers questions and keeps no drafts")
        return self.desk

    @property
    def finance(self) -> Explanations:
        """Where explanations for finance are made and kept.

        Raises:
            CapabilityMissing: this house has no store.
        """
        if self.explanations is None:
            raise CapabilityMissing("this service keeps no explanations")
        return self.explanations

    async def person(self, named: str | None) -> Caller:
        """Who asks: the person named, or the default one of a demo home.

        Raises:
            ConfigurationError: this is no demo home, so nobody may say who they are.
            RecordNotFound: there is no such person; the message says who there is.
        """
        if not self.is_demo:
            raise ConfigurationError(NO_DEMO)
        return await self.directory.caller(named or self.settings.person)


NO_DEMO = (
    "this is not a demo home, so nobody can simply say who they are (`--as`, the person picker). Sign in at "
    "the page that `plantwright serve` serves (docs/signing_in.md), or send a token; `plantwright demo` with "
    "another PLANTWRIGHT_HOME makes a demo home."
)
NOT_SIGNED_IN = (
    "nobody has signed in here, or the session has ended; a browser signs in at /v1/session/begin, a program "
    "sends `Authorization: Bearer` with a token"
)
