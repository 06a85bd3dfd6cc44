"""Problems: every error is one, and its type is listed for programs to rely on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from erp_adapters.caller import Caller
from policies.wording import Worded
from server.app import _TITLES
from server.errors import KINDS, TYPES, Problem, problem
from server.runs.running import DIED, LEFT
from tests.server.stand_in import StandInDirectory, house
from tests.server.test_http import client
from tools.languages import LANGUAGES, Language, speaking
from tools.languages.speaking import texts

PAGE = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")


def test_every_type_is_listed() -> None:
    """With the statuses that it comes with; and nothing is listed that does not exist."""
    made = [Problem(kind.title, kind.http, "") for kind in KINDS.values()]
    made += [Problem(title, status, "") for status, title in _TITLES.items()]
    made += [DIED, problem(ZeroDivisionError())]
    listed = {
        name: {int(status) for status in statuses.split(", ")}
        for name, statuses in re.findall(r"^\| `([a-z0-9-]+)` \| ([0-9, ]+) \|", PAGE, re.MULTILINE)
    }
    there = {one.code: {other.status for other in made if other.code == one.code} for one in made}
    assert listed == there


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path", "status", "title", "said"),
    [
        ("GET", "/v1/none", 404, "Not found", "/v1/openapi.json"),
        ("POST", "/v1/none", 404, "Not found", "/v1/none"),
        ("DELETE", "/v1/me", 405, "Method not allowed", "GET, PUT"),
        ("GET", "/v1/agui", 405, "Method not allowed", "POST"),
        ("PUT", "/v1/drafts/x/confirm", 405, "Method not allowed", "POST"),
        ("PATCH", "/", 405, "Method not allowed", ""),
    ],
)
async def test_wrong_addresses_and_methods(
    method: str, path: str, status: int, title: str, said: str
) -> None:
    """The problem says what there is in place of it."""
    async with client(house()) as http:
        response = await http.request(method, path)
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, body["status"], body["title"]) == (status, status, title)
    assert body["type"].startswith(TYPES)
    assert said in body["detail"]
    if status == 405 and said:
        assert response.headers["allow"] == said


async def test_body_that_is_no_text_is_a_problem() -> None:
    """Bytes that are no UTF-8 are named as such, and not repeated."""
    async with client(house()) as http:
        response = await http.post(
            "/v1/agui", content=b"\xff\xfe", headers={"content-type": "application/json"}
        )
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("spoken", [one for one in LANGUAGES if one != "en"])
def test_every_title_is_said_in_each_language(spoken: Language) -> None:
    """Its type stays: programs tell problems by that."""
    made = [Problem(kind.title, kind.http, "") for kind in KINDS.values()]
    made += [Problem(title, status, "") for status, title in _TITLES.items()] + [DIED, LEFT]
    with speaking(spoken):
        for one in made:
            body = one.body()
            assert body["title"] != one.title or one.title in texts(spoken), one.title
            assert body["type"] == one.type
        assert DIED.body()["detail"] != DIED.detail
        assert "0b5e" in str(problem_of_a_bug("0b5e").body()["detail"])


def problem_of_a_bug(incident: str) -> Problem:
    made = problem(ZeroDivisionError())
    assert isinstance(made.detail, Worded)
    return Problem(made.title, made.status, Worded.of(made.detail.text, incident=incident), incident)


class _InMexico(StandInDirectory):
    """People whose accounts are in Spanish."""

    async def people(self) -> Sequence[Caller]:
        return [replace(one, locale="es-MX") for one in await super().people()]


async def test_a_problem_is_in_the_language_that_is_asked_for() -> None:
    """That of the request where it names one of ours, otherwise the person's own; the type is the same."""
    async with client(house(directory=_InMexico())) as http:
        seen = {}
        for accepted in ("", "de-AT,de;q=0.9", "it, fr;q=0.5", "en-GB", "it"):
            headers = {"accept-language": accepted} if accepted else {}
            response = await http.get("/v1/answers/nothing", headers=headers)
            body = response.json()
            assert body["type"] == TYPES + "not-found"
            seen[accepted] = body["title"], response.headers["content-language"]
    assert seen == {
        "": ("No encontrado", "es"),
        "de-AT,de;q=0.9": ("Nicht gefunden", "de"),
        "it, fr;q=0.5": ("Introuvable", "fr"),
        "en-GB": ("Not found", "en"),
        "it": ("No encontrado", "es"),
    }
