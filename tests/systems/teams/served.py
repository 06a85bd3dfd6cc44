"""`plantwright serve` with Microsoft's package for Teams, in the environment of `make teams`."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from erp_adapters.store import DEMO_ERP_ROLE, OWNER_ROLE
from server.channels.records import Platform
from tests.conftest import Database
from tests.server.channels.teams.microsoft import APP, SECRET, TENANT, Json, Microsoft, Person, Posted
from tests.systems.teams.slack import Slack

TREE = Path(__file__).parents[3]
PYTHON = TREE / ".venv-teams" / "bin" / "python"
_PATIENCE_S = 45.0
"""Of one wait, and less than what pytest lets a test take: a wait that fails says what there was instead."""
_STARTS_IN_S = 110.0
_READY = re.compile(r"plantwright is at (http://\S+?)/? ")

PLANNER = Person("5e0c0000-0000-4000-8000-0000000000a1")
BUYER = Person("5e0c0000-0000-4000-8000-0000000000a2")
GERMAN = Person("5e0c0000-0000-4000-8000-0000000000a3")
STRANGER = Person("5e0c0000-0000-4000-8000-0000000000a4")
TOLD = Person("5e0c0000-0000-4000-8000-0000000000a6")
"""Has never written: what waits for them is told unasked."""
UNASKED = f"a:chat-of-{TOLD.object_id}"
GONE = Person("5e0c0000-0000-4000-8000-0000000000a5")


def missing() -> str:
    """What is not there, and how to get it; empty where everything is."""
    if PYTHON.exists():
        return ""
    return "needs Python 3.12 or newer with Microsoft's package for Teams: `make teams`"


@dataclass
class Served:
    """A service that is told of Teams by the stand-in, and posts to it."""

    url: str
    microsoft: Microsoft
    database: Database
    slack: Slack
    log: Path
    """What the service logs."""

    def send(self, body: Json, token: str | None = None, **headers: str) -> httpx.Response:
        """What the service answers an activity with."""
        given = self.microsoft.token() if token is None else token
        authorization = {"authorization": f"Bearer {given}"} if given else {}
        return httpx.post(
            f"{self.url}/v1/channels/teams", json=body, headers={**authorization, **headers}, timeout=30
        )

    def api(self, who: str, method: str, path: str, body: Json | None = None) -> httpx.Response:
        """What the service's own interface answers a person with."""
        return httpx.request(
            method, f"{self.url}{path}", json=body, headers={"x-plantwright-person": who}, timeout=30
        )

    def map(
        self, who: Person | str, subject: str, *, is_told: bool = False, platform: Platform = "teams"
    ) -> None:
        """Make an account somebody's, as an administrator does.

        Args:
            who: whose; the id of one in Slack.
            subject: the person.
            is_told: True where they are told what waits for them, at any time of day.
        """
        account = (
            (self.slack.stand_in.workspace, who)
            if isinstance(who, str)
            else (who.tenant, who.object_id.lower())
        )
        with psycopg.connect(self.database.dsn(OWNER_ROLE), autocommit=True) as owner:
            owner.execute(
                "insert into app.channel_person"
                " (platform, tenant, account, subject, made_by, waiting, quiet_from, quiet_till)"
                " values (%s, %s, %s, %s, 'test', %s, '00:00', '00:00')",
                (platform, *account, subject, is_told),
            )

    def documents(self) -> int:
        """How many requisitions the demo ERP has."""
        with psycopg.connect(self.database.dsn(DEMO_ERP_ROLE), autocommit=True) as erp:
            found = erp.execute("select count(*) from demo_erp.document where doc_type = 'PR'").fetchone()
        return int(found[0]) if found else 0

    def is_done(self) -> bool:
        """True where nothing that came in waits to be done."""
        with psycopg.connect(self.database.dsn(OWNER_ROLE), autocommit=True) as owner:
            found = owner.execute("select from app.channel_event where ended_at is null limit 1")
            return found.fetchone() is None

    def until(self, wanted: Callable[[Posted], bool], since: int = 0, *, aside: bool = True) -> Posted:
        """The first message from there on that is as wanted, once it is."""
        ends = time.monotonic() + _PATIENCE_S
        while time.monotonic() < ends:
            for posted in self._since(since, aside=aside):
                if wanted(posted):
                    return posted
            time.sleep(0.05)
        raise AssertionError(self.account(f"nothing such was posted in {_PATIENCE_S:.0f} s", since))

    def account(self, what: str, since: int = 0) -> str:
        """What is wrong, with what was posted from there on, is not done yet, and was logged."""
        said = [f"{each.conversation}: {each.words}" for each in self.microsoft.posted[since:]]
        with psycopg.connect(self.database.dsn(OWNER_ROLE)) as owner:
            events = owner.execute(
                "select platform, account, state, attempts, act::text from app.channel_event"
                " where ended_at is null or state = 'failed' order by made_at"
            ).fetchall()
        return (
            f"{what}; posted: {json.dumps(said, indent=1)[-4000:]}\nnot done: {events}"
            f"\nlogged: {self.log.read_text()[-4000:]}"
        )

    def asked(self, body: Json) -> Posted:
        """The first thing that is posted after an activity where it was said."""
        since, where = len(self.microsoft.posted), body["conversation"]["id"]
        assert self.send(body).status_code == 200
        return self.until(lambda posted: posted.conversation == where, since)

    def quiet(self, since: int, for_s: float = 0.3) -> bool:
        """True where nothing more is posted once all is done, and for a while after."""
        ends = time.monotonic() + _PATIENCE_S
        while not self.is_done():
            assert time.monotonic() < ends, self.account("what came in is not done", since)
            time.sleep(0.05)
        time.sleep(for_s)
        more = [posted.words for posted in self._since(since)]
        assert not more, more
        return True

    def unasked(self, wanted: Callable[[Posted], bool]) -> Posted:
        """The first message as wanted in the chat of somebody who has never written."""
        return self.until(lambda posted: posted.conversation == UNASKED and wanted(posted), aside=False)

    def _since(self, since: int, *, aside: bool = True) -> list[Posted]:
        """What was posted from there on; what is told unasked comes when it comes, and is looked at apart."""
        found = self.microsoft.posted[since:]
        return [posted for posted in found if not aside or posted.conversation != UNASKED]


def environment(home: Path, database: Database, microsoft: Microsoft) -> dict[str, str]:
    """What the service is started with."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **inherited,
        "PYTHONPATH": str(TREE),
        # Neither may change anything: Microsoft's package reads both.
        "CLIENT_ID": "another",
        "TENANT_ID": "another",
        "DATABASE_URL": database.dsn(),
        "PLANTWRIGHT_HOME": str(home),
        "PLANTWRIGHT_PUBLIC_URL": "https://copilot.example",
        "PLANTWRIGHT_TEAMS_APP_ID": APP,
        "PLANTWRIGHT_TEAMS_TENANT": TENANT,
        "PLANTWRIGHT_TEAMS_SECRET": "env:TEAMS_SECRET",
        "PLANTWRIGHT_TEAMS_STAND_IN": microsoft.origin,
        "TEAMS_SECRET": SECRET,
    }


@contextmanager
def served(
    folder: Path, database: Database, microsoft: Microsoft, slack: Slack, **more: str
) -> Iterator[Served]:
    """The service while the block lasts, in a folder whose `.env` it must not read."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".env").write_text("CLOUD=China\nDANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS=true\n")
    given = environment(folder / "home", database, microsoft) | more
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(
            [PYTHON, "-m", "server", "serve", "--port", "0"], cwd=folder, env=given, stderr=log, stdout=log
        )
        try:
            url = _url(process, folder / "log")
            yield Served(url, microsoft, database, slack, folder / "log")
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    ends = time.monotonic() + _STARTS_IN_S
    while time.monotonic() < ends and process.poll() is None:
        if found := _READY.search(log.read_text()):
            url = found[1]
            try:
                if httpx.get(f"{url}/readyz", timeout=5).status_code == 200:
                    return url
            except httpx.TransportError:
                pass
        time.sleep(0.1)
    raise AssertionError(f"the service did not start: {log.read_text()[-3000:]}")


def pressed_together(calls: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """What they answer when they are made at the same time."""

    async def all_of_them() -> list[httpx.Response]:
        return list(await asyncio.gather(*(asyncio.to_thread(call) for call in calls)))

    return asyncio.run(all_of_them())
