"""Trials, one after another in lanes beside each other: a draft, deaths, recovery, and the count."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from uuid import UUID

import psycopg

from erp_adapters.demo.erp import DuplicateStrength, configure, inject
from erp_adapters.records import DraftKind
from eval.crash.children import (
    Addresses,
    Child,
    Said,
    Trouble,
    confirm,
    explain,
    propose,
    publish,
    spell,
    until,
    work,
)
from eval.crash.counting import OVER, Count, count, strays
from eval.crash.drafts import Plants
from eval.crash.plan import CALL, SETTLE, Death, Trial
from eval.crash.record import audit
from policies.drafts.proposal import AnyDraft, Proposal
from policies.failpoints import Failpoint
from policies.taking_back import taking_back

_Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

RECOVERY_S = 30.0
"""Within which a draft is over, or visible to a person, after the last death."""
_SECOND_LOOK_S = (2 * CALL + SETTLE).total_seconds() + 3
_TAKEN: tuple[DraftKind, ...] = ("purchase_requisition", "stock_transfer", "quality_hold")
"""What trials of taking back write before."""
_PATIENCE_S = 90.0
"""After which a draft is called stuck."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a trial."""

    trial: Trial
    kills: int
    """Processes that SIGKILL ended while the draft was under way."""
    reached: bool
    """The process died at the place meant, and not only afterwards from outside."""
    recovery_s: float | None
    """From the last death before it until the draft was over or visible; None where it never was."""
    count: Count

    @property
    def problems(self) -> tuple[str, ...]:
        """What must not be."""
        late = self.recovery_s is None or self.recovery_s > RECOVERY_S
        wrote = self.trial.is_impossible and (self.count.documents or self.count.state == "executed")
        return (
            *self.count.problems,
            *(("took too long to recover",) if late else ()),
            *(("written though the ERP refuses it",) if wrote else ()),
        )


@dataclass(frozen=True, slots=True)
class _Begun:
    """A trial whose draft is over, and whose documents are counted later."""

    trial: Trial
    said: Said
    kills: int
    reached: bool
    recovery_s: float | None


class _Deaths:
    """Deaths while a draft was under way, and when it was over."""

    def __init__(self) -> None:
        self._at: list[float] = []
        self._over_at: float | None = None

    @property
    def count(self) -> int:
        """How many."""
        return len(self._at)

    def note(self) -> None:
        """One more, just now."""
        self._at.append(time.monotonic())

    def over(self) -> None:
        """The draft is over, or a person sees that there is something to do; the first word of it counts."""
        self._over_at = self._over_at or time.monotonic()

    def recovery(self) -> float | None:
        """Seconds from the last death before the end; zero where none was, None where it never ended."""
        if self._over_at is None:
            return None
        return self._over_at - max((at for at in self._at if at <= self._over_at), default=self._over_at)


@dataclass(slots=True)
class Lane:
    """A database of its own with its people, its ERP and its processes."""

    where: Addresses
    plants: Plants
    duplicates: DuplicateStrength
    seen: set[UUID] = field(default_factory=set)
    app: _Connection = field(init=False)
    erp: _Connection = field(init=False)

    def __enter__(self) -> Lane:
        configure(self.where.erp, duplicates=self.duplicates, settle_time=SETTLE, call_time=CALL)
        self.app = psycopg.connect(self.where.owner, autocommit=True)
        self.erp = psycopg.connect(self.where.erp, autocommit=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.app.close()
        self.erp.close()

    def run(self, trials: Sequence[Trial], tell: Callable[[Trial], None]) -> list[Result]:
        """Every trial, and then the count of all, when nothing is on its way any more."""
        begun = []
        for trial in trials:
            begun.append(self._trial(trial))
            tell(trial)
        worker = Child(work, self.where, "")
        try:
            proposals = [each.said.proposal for each in begun]
            until(lambda: self._all_settled(proposals), _PATIENCE_S, 0.2)
        finally:
            worker.kill()
        return [
            Result(
                each.trial,
                each.kills,
                each.reached,
                each.recovery_s,
                count(self.app, self.erp, each.said.proposal),
            )
            for each in begun
        ]

    def amiss(self) -> tuple[str, ...]:
        """Documents that nobody confirmed or recorded, and whatever is wrong with the audit."""
        return *strays(self.app, self.erp), *audit(self.where.owner, self.where.erp, self.where.keys)

    def _trial(self, trial: Trial) -> _Begun:
        draft = self._draft(trial)
        site = draft.site if draft is not None else self.plants.site(trial.number)
        inject(self.where.erp, [replace(fault, site=site, document=trial.kind) for fault in trial.faults])
        deaths = _Deaths()
        workers = [self._worker(trial) for _ in range(2 if trial.is_crowded else 1)]
        try:
            said = self._persons(trial, draft, deaths)
            if said.proposal in self.seen:
                raise RuntimeError(
                    f"trial {trial.number} needs what an earlier one needs: give it another draft"
                )
            self.seen.add(said.proposal)
            if trial.death.process == "worker":
                self._worker_deaths(trial, said, workers, deaths)
            reached = deaths.count > 0
            if not any(each.is_alive() for each in workers):
                workers.append(Child(work, self.where, ""))
            until(lambda: self._is_over(said, deaths), _PATIENCE_S)
        finally:
            # Those that live to the end are killed too: what they had begun, the next trial's worker finds.
            last = [each for each in workers if each.is_alive()]
            for each in workers:
                each.kill()
                each.close()
        return _Begun(trial, said, deaths.count + len(last), reached, deaths.recovery())

    def _draft(self, trial: Trial) -> AnyDraft | None:
        """What the trial's persons ask for; None for a text, which comes of what they publish."""
        if trial.kind == "published_text":
            return None
        if trial.kind != "cancellation":
            return self.plants.draft(trial.kind, trial.number, is_impossible=trial.is_impossible)
        quiet = replace(trial, death=Death("worker"))
        original = self.plants.draft(_TAKEN[trial.number % len(_TAKEN)], trial.number)
        said = self._persons(quiet, original, _Deaths())
        worker = Child(work, self.where, "")
        find = "select canonical, document_number from app.proposal where id = %s and state = 'executed'"
        try:
            until(lambda: self.app.execute(find, (said.proposal,)).fetchone() is not None, _PATIENCE_S)
        finally:
            worker.kill()
            worker.close()
        row = self.app.execute(find, (said.proposal,)).fetchone()
        assert row is not None, "nothing stood in its way"
        return taking_back(Proposal.model_validate_json(row[0]), str(row[1]))

    def _worker(self, trial: Trial) -> Child:
        return Child(work, self.where, spell(trial.death.point) if trial.death.process == "worker" else "")

    def _persons(self, trial: Trial, draft: AnyDraft | None, deaths: _Deaths) -> Said:
        """What the requester and the approver do, again where the server died under them."""
        dies_here = trial.death.process == "server"
        point = spell(trial.death.point) if dies_here else ""
        moment = trial.moment if dies_here and trial.death.point is None else None
        site, number = self.plants.site(trial.number), trial.number
        day = self.plants.days[draft.site if draft is not None else site]

        def ask(at: str) -> Child:
            if draft is None:
                return Child(explain, self.where, "planner", site, number, at)
            return Child(propose, self.where, "planner", draft, day, at)

        # What only publishing passes is reached with the next request.
        said = _asked(ask, "" if draft is None else point, moment, deaths)
        # It dies in the one or in the other: a place that only confirming passes was not reached yet.
        if deaths.count:
            point, moment = "", None

        def decide(at: str) -> Child:
            if draft is None:
                return Child(publish, self.where, "buyer", said, at)
            return Child(confirm, self.where, "buyer", said, day, at)

        return _asked(decide, point, moment, deaths)

    def _worker_deaths(self, trial: Trial, said: Said, workers: list[Child], deaths: _Deaths) -> None:
        """Let workers die, at their place or at any moment."""
        if trial.death.point is None:
            time.sleep(trial.moment)
            for worker in workers:
                worker.kill()
                deaths.note()
            return
        self._die(trial, workers, said, deaths)
        for _ in range(1, trial.deaths if deaths.count else 1):
            workers.append(self._worker(trial))
            self._die(trial, workers[-1:], said, deaths)

    def _die(self, trial: Trial, doomed: Sequence[Child], said: Said, deaths: _Deaths) -> None:
        """Wait until they are dead, or until the draft is over and none will die of it any more."""
        dead: set[Child] = set()

        def noticed() -> bool:
            for each in doomed:
                if each not in dead and not each.is_alive():
                    if not each.was_killed():
                        raise RuntimeError(f"trial {trial.number}: a worker ended by itself")
                    dead.add(each)
                    deaths.note()
            return len(dead) == len(doomed)

        until(lambda: noticed() or self._is_over(said, deaths), _PATIENCE_S)
        # A place behind the last change of state is passed a moment after it, the second look much later.
        until(noticed, _SECOND_LOOK_S if trial.death.point is Failpoint.READ_BACK else 2.0)

    def _is_over(self, said: Said, deaths: _Deaths) -> bool:
        row = self.app.execute("select state from app.proposal where id = %s", (said.proposal,)).fetchone()
        if row is None or row[0] not in OVER:
            return False
        deaths.over()
        return True

    def _all_settled(self, proposals: Sequence[object]) -> bool:
        """Nothing is left to do but what persons have to do."""
        row = self.app.execute(
            "select count(*) from app.outbox o join app.proposal p on p.id = o.proposal"
            " where o.proposal = any(%s) and o.done_at is null and p.state <> 'needs_reconciliation'",
            (list(proposals),),
        ).fetchone()
        return row is None or row[0] == 0


def _asked(start: Callable[[str], Child], point: str, moment: float | None, deaths: _Deaths) -> Said:
    """The answer to a request, made again where its process died or the database was too busy."""
    again = 5
    while True:
        child = start(point)
        if moment is not None:
            if not child.ended(moment):
                child.kill()
        elif not child.ended(_PATIENCE_S):
            child.kill()
            raise TimeoutError("a request did not end")
        was_killed, said = child.was_killed(), child.answer()
        child.close()
        # Whoever saw no answer asks again; here, so does whoever saw one just before the death.
        if was_killed:
            deaths.note()
            point, moment = "", None
            continue
        if isinstance(said, Trouble) and said.is_passing and again:
            again -= 1
            continue
        if not isinstance(said, Said):
            raise RuntimeError(said.what if isinstance(said, Trouble) else "a request ended without a word")
        return said


@dataclass(frozen=True, slots=True)
class Run:
    """What became of all trials."""

    results: tuple[Result, ...]
    amiss: tuple[str, ...]
    """What is wrong and belongs to no trial: stray documents, and what the audit does not know or show."""

    @property
    def is_sound(self) -> bool:
        """True where every promise was kept."""
        return not self.amiss and not any(result.problems for result in self.results)


def run(lanes: Sequence[Lane], trials: Sequence[Trial], tell: Callable[[Trial], None]) -> Run:
    """Every trial in a lane of its strength; in order of their numbers."""
    shares: list[list[Trial]] = [[] for _ in lanes]
    for trial in trials:
        fitting = [n for n, lane in enumerate(lanes) if lane.duplicates == trial.duplicates]
        shares[min(fitting, key=lambda n: len(shares[n]))].append(trial)
    results: list[Result] = []
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(len(lanes)) as threads:
        for lane in lanes:
            stack.enter_context(lane)
        for done in threads.map(lambda pair: pair[0].run(pair[1], tell), zip(lanes, shares, strict=True)):
            results += done
        amiss = tuple(found for lane in lanes for found in lane.amiss())
    return Run(tuple(sorted(results, key=lambda result: result.trial.number)), amiss)
