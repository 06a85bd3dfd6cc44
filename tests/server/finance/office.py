"""A service with finance, a desk and a worker of its own, and somebody outside who is told of events."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from erp_adapters.store import Store
from erp_adapters.store.provision import WORKER_ROLE
from policies.execution.executor import Executor
from policies.execution.working import Duty, work
from policies.facts import StoreFacts
from policies.people import StorePeople
from policies.register import Register
from server.desk import Desk, opened_desk
from server.finance.explanations import Explanations
from server.finance.jobs import EXPLAIN, JobWorker
from server.finance.looking import Looks
from server.idempotency import PostgresKeys
from server.settings import Settings
from server.webhooks.sending import Sender
from tests.conftest import Database
from tests.server.stand_in import house
from tests.server.test_http import client

MTY = {"x-plantwright-person": "controller.monterrey"}
GROUP = {"x-plantwright-person": "controller"}
AT = "/v1/finance/variance-explanations"


@dataclass
class Heard:
    """A message as it arrived."""

    headers: dict[str, str]
    body: bytes

    def is_signed_with(self, secret: str) -> bool:
        """As any receiver of Standard Webhooks checks it."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        content = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        given = self.headers["webhook-signature"].split(" ")
        return any(hmac.compare_digest(f"v1,{wanted}", each) for each in given)


@dataclass
class Receiver:
    """Somebody outside: answers as it is told to, and remembers what it heard."""

    address: str = ""
    answers: list[int] = field(default_factory=list)
    """Statuses to answer with, one after the other; 204 once they are used up."""
    heard: list[Heard] = field(default_factory=list)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a port of this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.heard.append(Heard({k.lower(): v for k, v in self.headers.items()}, body))
            status = receiver.answers.pop(0) if receiver.answers else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", f"{receiver.address}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    outside = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.address = f"http://127.0.0.1:{outside.server_port}/hook"
    thread = threading.Thread(target=outside.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        outside.shutdown()
        outside.server_close()
        thread.join()


@dataclass
class Office:
    """The service, its database, and what a worker is made of."""

    http: httpx.AsyncClient
    desk: Desk
    database: Database
    store: Store
    register: Register

    @property
    def jobs(self) -> JobWorker:
        """The worker's side of jobs."""
        return JobWorker(self.register, self.store, StorePeople(self.store))

    @property
    def looks(self) -> Looks:
        """Looks at what is published after each load."""
        return Looks(self.register, self.store, StorePeople(self.store))

    def sender(self, *pauses: float) -> Sender:
        """Sends what is due, with pauses of so many seconds between attempts."""
        return Sender(self.register, is_demo=True, pauses=tuple(timedelta(seconds=pause) for pause in pauses))

    async def get(self, address: str, by: dict[str, str] = MTY) -> dict[str, Any]:
        return dict((await self.http.get(address, headers=by)).json())

    async def post(self, address: str, body: object = None, by: dict[str, str] = MTY) -> httpx.Response:
        return await self.http.post(address, json=body, headers=by)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """A whole worker beside the service; it writes to no ERP."""
        dsn = self.database.dsn(WORKER_ROLE)
        people, stop = StorePeople(self.store), asyncio.Event()
        async with await Executor.open(
            dsn,
            {},
            policy=self.desk.policy,
            trail=self.desk.trail,
            facts=StoreFacts(self.store),
            people=people,
        ) as executor:
            duties = (Duty(EXPLAIN, self.jobs.sweep, self.jobs.run), Duty("webhooks", self.sender(0.1).sweep))
            task = asyncio.create_task(work(executor, dsn, sweep_every_s=0.2, stop=stop, duties=duties))
            try:
                yield
            finally:
                stop.set()
                await task


@asynccontextmanager
async def office(database: Database, folder: Path) -> AsyncIterator[Office]:
    """The office of a demo of its own."""
    settings = Settings(home=folder)
    worker = database.dsn(WORKER_ROLE)
    async with (
        await Store.open(database.dsn()) as store,
        await Store.open(worker) as workers,
        await Register.open(worker) as register,
        opened_desk(settings, database, store) as desk,  # type: ignore[arg-type]
        client(
            replace(
                house(),
                directory=desk.directory,
                desk=desk,
                explanations=Explanations(store),
                keys=PostgresKeys(store),
            )
        ) as http,
    ):
        yield Office(http, desk, database, workers, register)


async def until(is_so: Callable[[], bool], within_s: float = 30.0) -> None:
    """Return once it is so."""
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < within_s, "it never was"
        await asyncio.sleep(0.05)
