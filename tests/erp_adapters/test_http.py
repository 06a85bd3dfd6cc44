"""The HTTP client of adapters: what it repeats, what it never repeats, and what it never says."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest

from erp_adapters.errors import ConfigurationError, CopilotError, ErpUnavailable, WriteOutcomeUnknown
from erp_adapters.http import Effect, HttpClient, Secret

SECRET = Secret("open-sesame-1234")
Answer = Callable[[httpx2.Request], httpx2.Response]


class Waits:
    """Pauses that were asked for and not waited."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@asynccontextmanager
async def client(
    *answers: Answer | Exception | httpx2.Response, most_bytes: int = 1000
) -> AsyncIterator[tuple[HttpClient, list[httpx2.Request], Waits]]:
    """A client of a system that answers so, one after the other and the last again and again."""
    asked: list[httpx2.Request] = []

    async def answer(request: httpx2.Request) -> httpx2.Response:
        given = answers[min(len(asked), len(answers) - 1)]
        asked.append(request)
        match given:
            case Exception():
                raise given
            case httpx2.Response():
                return given
            case _:
                return given(request)

    waits = Waits()
    async with HttpClient(
        "https://erp.example/plant",
        "the ERP",
        most_bytes=most_bytes,
        secrets=[SECRET],
        transport=httpx2.MockTransport(answer),
        sleep=waits,
    ) as http:
        yield http, asked, waits


def answered(status: int = 200, text: str = '{"done": true}', **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx2.Response(status, text=text, headers=named)


HTML = "<html><head><title>Sign in to Example {}</title></head></html>"
NOT_SENT: list[Answer | Exception] = [
    httpx2.ConnectError("refused"),
    httpx2.ConnectTimeout("nobody there"),
    answered(429),
]
PERHAPS_WRITTEN: list[Answer | Exception] = [
    httpx2.ReadTimeout("slow"),
    httpx2.ReadError("reset"),
    httpx2.WriteError("broken pipe"),
    httpx2.RemoteProtocolError("the server left"),
    answered(500),
    answered(502),
    answered(503, retry_after="1"),
    answered(504),
    answered(303, location="https://elsewhere.example"),
    answered(200, HTML.format(""), content_type="text/html"),
    answered(200, '{"done": tru'),
    answered(200, "[" * 2000),
]


@pytest.mark.parametrize("befalls", NOT_SENT)
async def test_a_write_that_certainly_did_not_arrive_is_said_to_be_unsent(befalls: Answer) -> None:
    """It can be made again later, by whoever decides that; the client makes it once."""
    async with client(befalls, answered()) as (http, asked, waits):
        with pytest.raises(ErpUnavailable, match="nothing was"):
            await http.call("POST", "orders", {"a": 1}, effect="write")
    assert (len(asked), waits.seconds) == (1, [])


@pytest.mark.parametrize("befalls", PERHAPS_WRITTEN)
async def test_a_write_that_may_have_been_taken_is_never_made_again(befalls: Answer) -> None:
    """Whatever befalls it on the way back: once, and its fate is said to be unknown."""
    async with client(befalls, answered()) as (http, asked, waits):
        with pytest.raises(WriteOutcomeUnknown, match="whether it wrote is not known"):
            await http.call("POST", "orders", {"a": 1}, effect="write")
    assert (len(asked), waits.seconds) == (1, [])


@pytest.mark.parametrize("befalls", [*NOT_SENT, *PERHAPS_WRITTEN[:4], answered(503)])
async def test_a_read_is_made_again(befalls: Answer) -> None:
    """What passes is waited for, a little longer each time, and not for ever."""
    async with client(befalls, befalls, answered()) as (http, asked, waits):
        assert (await http.call("GET", "stock", effect="read")).body == {"done": True}
    assert (len(asked), len(waits.seconds)) == (3, 2)
    assert 0 < waits.seconds[0] < waits.seconds[1] < 2
    async with client(befalls) as (http, asked, _):
        with pytest.raises(ErpUnavailable):
            await http.call("GET", "stock", effect="read")
    assert len(asked) == 4


async def test_the_system_says_how_long_to_wait() -> None:
    """In seconds or as a moment, within reason."""
    gone = "Wed, 21 Oct 2015 07:28:00 GMT"
    later = [answered(429, retry_after=each) for each in ("7", gone, "86400")]
    async with client(*later, answered()) as (http, _, waits):
        await http.call("GET", "stock", effect="read")
    assert waits.seconds == [7.0, 0.0, 30.0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            answered(200, HTML.format(SECRET.reveal()), content_type="text/html"),
            "an HTML page titled 'Sign in to",
        ),
        (answered(200, "tru"), "something that is no JSON"),
        (answered(302, location=f"https://elsewhere.example/?key={SECRET.reveal()}"), "sends elsewhere"),
        (answered(200, '"' + "a" * 2000 + '"'), "more than 1000 bytes"),
        (answered(500, HTML.format(SECRET.reveal())), "the status 500 titled 'Sign in to Example"),
    ],
)
async def test_an_answer_that_cannot_be_read_is_named_and_shows_no_secret(answer: Answer, said: str) -> None:
    """An HTML page, half a reply, another place, too much: each is said, and none is tried again."""
    async with client(answer) as (http, asked, _):
        with pytest.raises(ErpUnavailable, match=said) as raised:
            await http.call("GET", "stock", effect="read")
    assert len(asked) == 1
    assert SECRET.reveal() not in str(raised.value)


async def test_what_the_system_refuses_is_for_the_adapter_to_read() -> None:
    """A status of 4xx is an answer, with its body where that is JSON."""
    async with client(answered(401, '{"error": "expired"}'), answered(404, "<html>")) as (http, _, _):
        first = await http.call("POST", "orders", {}, effect="write")
        second = await http.call("POST", "orders", {}, effect="write")
    assert (first.status, first.body) == (401, {"error": "expired"})
    assert (second.status, second.body) == (404, None)


@pytest.mark.slow
@pytest.mark.parametrize(("effect", "error"), [("read", ErpUnavailable), ("write", WriteOutcomeUnknown)])
async def test_a_half_open_connection_ends_with_the_time(effect: Effect, error: type[CopilotError]) -> None:
    """A server that takes a request and never answers, over real sockets."""

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        async with HttpClient(url, "the ERP", timeout_s=0.2, sleep=Waits()) as http:
            with pytest.raises(error, match=r"did not answer within 0\.2 s"):
                await http.call("POST", "orders", {}, effect=effect)


@pytest.mark.parametrize(
    "url", ["ftp://erp.example", "https://me:open-sesame-1234@erp.example/", "erp.example"]
)
def test_an_address_with_a_login_in_it_is_refused(url: str) -> None:
    """It would be written into logs; the message does not repeat it."""
    with pytest.raises(ConfigurationError, match="the login apart") as raised:
        HttpClient(url, "the ERP")
    assert SECRET.reveal() not in str(raised.value)


def test_a_secret_is_shown_nowhere() -> None:
    """Neither printed, nor in a traceback's repr, nor formatted."""
    assert f"{SECRET} {SECRET!r} {[SECRET]}".count(SECRET.reveal()) == 0
