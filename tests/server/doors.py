"""Services with a real entrance on ports of their own, and a browser that follows their pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg

from erp_adapters.store import OWNER_ROLE, Person, Store, save_people
from server.directory import StoreDirectory
from server.entrance import Entrance, entrance_of
from server.house import House
from server.serving import bound, server
from server.settings import Settings
from tests.conftest import Database
from tests.server.stand_in import StandInCopilot

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
BUTTON = re.compile(r'<button name="subject" value="([^"]+)">')


@dataclass
class Service:
    """A service that answers at `url`."""

    url: str
    house: House
    copilot: StandInCopilot

    @property
    def door(self) -> Entrance:
        return self.house.door


@asynccontextmanager
async def serving(
    database: Database, settings: Settings, *, is_demo: bool, port: int = 0
) -> AsyncIterator[Service]:
    """A home on this database with a stand-in copilot, served by the server that the program runs."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(await Store.open(database.dsn()))
        copilot = StandInCopilot()
        house = House(
            settings,
            StoreDirectory(store),
            copilot,
            "embedded 1.0.0",
            is_demo,
            entrance=entrance_of(settings, store, is_demo=is_demo),
        )
        listening = bound("127.0.0.1", port, may_move=False)
        running = server(house)
        task = asyncio.create_task(running.serve(sockets=[listening]))
        try:
            yield Service(f"http://127.0.0.1:{listening.getsockname()[1]}", house, copilot)
        finally:
            running.should_exit = True
            await task


def browser(**headers: str) -> httpx.AsyncClient:
    """A browser that goes one step at a time."""
    return httpx.AsyncClient(follow_redirects=False, headers=headers, timeout=20)


async def chosen(http: httpx.AsyncClient, page: httpx.Response, subject: str) -> httpx.Response:
    """The answer to pressing a person's button on the development provider's page."""
    origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
    form = {name: unescape(value) for name, value in HIDDEN.findall(page.text)} | {"subject": subject}
    headers = {"origin": origin, "sec-fetch-site": "same-origin"}
    return await http.post(f"{origin}/dev/idp/authorize", data=form, headers=headers)


async def on_the_way(http: httpx.AsyncClient, url: str, subject: str, next_path: str = "/") -> str:
    """The address that the provider sends a browser back to, which has picked that person."""
    begun = await http.get(f"{url}/v1/session/begin", params={"next": next_path})
    assert begun.status_code == 302, begun.text
    page = await http.get(begun.headers["location"])
    assert page.status_code == 200, page.text
    picked = await chosen(http, page, subject)
    assert picked.status_code == 303, picked.text
    return picked.headers["location"]


async def signed_in(http: httpx.AsyncClient, url: str, subject: str, next_path: str = "/") -> httpx.Response:
    """The last answer of a whole sign-in."""
    return await http.get(await on_the_way(http, url, subject, next_path))


def parameter(address: str, name: str) -> str:
    """A parameter of an address."""
    return parse_qs(urlsplit(address).query)[name][0]


def real_home(database: Database) -> None:
    """Fill the people table of a home of its own: the demo's planner and buyer, and one who left."""
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        connection.execute("update app.home set is_demo = false")
        connection.execute("delete from erp.person")
        connection.execute("delete from app.session")
    save_people(
        database.dsn(OWNER_ROLE),
        [
            Person("planner", "Planner", ("planner",), ("KAS",)),
            Person("buyer", "Buyer", ("buyer",), ("KAS", "HAM"), locale="de"),
            Person("controller", "Controller", ("controller",), ("KAS",), active=False),
        ],
    )
