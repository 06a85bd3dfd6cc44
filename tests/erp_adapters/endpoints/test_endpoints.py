"""A prediction is taken only from the registered model and version, in the right shape; all else is named."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from erp_adapters.breaker import Breaker
from erp_adapters.endpoints import Asked, ModelEndpoint, Outcome, Protocol
from erp_adapters.errors import ConfigurationError, ErpRefused, ErpUnavailable
from erp_adapters.http import Secret

ASKED = Asked(("stops", "days"), ((2.0, None), (0.0, 31.0)))
TOKEN = Secret("open-sesame-99")


def infer(**changes: Any) -> dict[str, Any]:
    output = {"name": "predict", "shape": [2, 1], "datatype": "FP64", "data": [0.7, 0.1]}
    whole = {"model_name": "line_stop", "model_version": "3", "outputs": [output | changes.pop("output", {})]}
    return whole | changes


@asynccontextmanager
async def endpoint(
    answer: httpx2.Response | Exception | dict[str, Any],
    protocol: Protocol = "open_inference",
    breaker: Breaker | None = None,
) -> AsyncIterator[tuple[ModelEndpoint, list[httpx2.Request]]]:
    """An endpoint that always answers so, and what it was asked."""
    asked: list[httpx2.Request] = []

    async def answering(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        match answer:
            case Exception():
                raise answer
            case dict():
                return httpx2.Response(200, json=answer)
            case httpx2.Response():
                return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async with ModelEndpoint(
        "https://models.example/",
        protocol,
        "line_stop",
        "3",
        token=TOKEN,
        timeout_s=0.2,
        breaker=breaker,
        transport=httpx2.MockTransport(answering),
    ) as each:
        yield each, asked


async def test_open_inference_is_asked_by_version_and_answered_row_by_row() -> None:
    async with endpoint(infer()) as (model, asked):
        found = await model.predict(ASKED)
    assert [outcome.value for outcome in found.outcomes] == [0.7, 0.1]
    assert asked[0].url.path == "/v2/models/line_stop/versions/3/infer"
    assert asked[0].headers["authorization"] == "Bearer open-sesame-99"
    sent = json.loads(asked[0].content)["inputs"][0]
    assert (sent["shape"], sent["data"]) == ([2, 2], [2.0, None, 0.0, 31.0])


@pytest.mark.parametrize(
    ("shape", "data"),
    [([2], [0.7, 0.1]), ([2, 2], [0.3, 0.7, 0.9, 0.1]), ([2, 2], [[0.3, 0.7], [0.9, 0.1]])],
)
async def test_shapes_that_servers_answer_with_mean_the_same(shape: list[int], data: list[Any]) -> None:
    async with endpoint(infer(output={"shape": shape, "data": data})) as (model, _):
        assert [each.value for each in (await model.predict(ASKED)).outcomes] == [0.7, 0.1]


async def test_mlflow_and_plain_json_are_asked_in_their_own_way() -> None:
    async with endpoint({"predictions": [0.7, 0.1]}, "mlflow") as (model, asked):
        assert [each.value for each in (await model.predict(ASKED)).outcomes] == [0.7, 0.1]
        assert asked[0].url.path == "/invocations"
        assert json.loads(asked[0].content)["dataframe_split"]["columns"] == ["stops", "days"]
    said = {
        "model": "line_stop",
        "version": "3",
        "predictions": [{"value": 0.7, "low": 0.5, "high": 0.8, "reasons": ["two stops"]}, 0.1],
    }
    async with endpoint(said, "plain") as (model, asked):
        found = await model.predict(ASKED)
        assert found.outcomes == (Outcome(0.7, 0.5, 0.8, ("two stops",)), Outcome(0.1))
        assert json.loads(asked[0].content) == {
            "rows": [{"stops": 2.0, "days": None}, {"stops": 0.0, "days": 31.0}]
        }


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (infer(model_name="line_stops"), "another model"),
        (infer(model_version="4"), "version '4' where '3' is registered"),
        (infer(output={"shape": [1], "data": [0.7]}), "1 rows where 2 were sent"),
        (infer(output={"shape": [2, 3], "data": [0.1] * 6}), "neither one value a row"),
        (infer(output={"shape": [2], "data": [0.7]}), "does not fit 1 values"),
        (infer(output={"data": [0.7, "high"]}), "'high' is no number"),
        (infer(output={"data": [0.7, True]}), "no number"),
        (infer(output={"data": [0.7, 1.7]}), "1.7 where a chance from 0 to 1"),
        (infer(outputs=[]), "0 outputs where one"),
        (infer(outputs=None), "no list `outputs`"),
        ({"error": "unknown model"}, "no list `outputs`"),
    ],
)
async def test_what_is_no_prediction_is_refused_by_name(answer: dict[str, Any], named: str) -> None:
    async with endpoint(answer) as (model, _):
        with pytest.raises(ErpRefused, match=named):
            await model.predict(ASKED)


@pytest.mark.parametrize("text", ['{"outputs": [NaN]}', '{"predictions": [NaN, Infinity]}'])
async def test_what_is_not_finite_is_no_prediction(text: str) -> None:
    async with endpoint(httpx2.Response(200, text=text), "mlflow") as (model, _):
        with pytest.raises(ErpRefused, match="no prediction"):
            await model.predict(ASKED)


async def test_an_interval_that_leaves_its_value_out_is_refused() -> None:
    async with endpoint({"predictions": [{"value": 0.7, "low": 0.8}, 0.1]}, "plain") as (model, _):
        with pytest.raises(ErpRefused, match="outside its own interval"):
            await model.predict(ASKED)


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (httpx2.Response(200, text="<html><title>Sign in</title></html>"), "HTML page"),
        (httpx2.Response(500, text="Traceback: open-sesame-99"), "status 500"),
        (httpx2.Response(503), "status 503"),
        (httpx2.ReadTimeout("slow"), "broke off"),
        (httpx2.ConnectError("no route"), "cannot be reached"),
        (httpx2.Response(302, headers={"location": "https://elsewhere.example/"}), "sends elsewhere"),
    ],
)
async def test_an_endpoint_that_fails_is_unavailable_and_no_secret_is_told(
    answer: httpx2.Response | Exception, named: str
) -> None:
    async with endpoint(answer) as (model, _):
        with pytest.raises(ErpUnavailable, match=named) as caught:
            await model.predict(ASKED)
        assert "open-sesame" not in str(caught.value)
        assert (await model.health())[0] is False


async def test_one_that_keeps_failing_is_left_alone() -> None:
    breaker = Breaker(failures=2, down=ErpUnavailable)
    async with endpoint(httpx2.ConnectError("no route"), breaker=breaker) as (model, asked):
        for _ in range(2):
            with pytest.raises(ErpUnavailable):
                await model.predict(ASKED)
        before = len(asked)
        with pytest.raises(ErpUnavailable, match="left alone"):
            await model.predict(ASKED)
        assert len(asked) == before


async def test_refused_inputs_do_not_open_the_breaker() -> None:
    breaker = Breaker(failures=1, down=ErpUnavailable)
    async with endpoint(httpx2.Response(422, json={"detail": "shape"}), breaker=breaker) as (model, _):
        with pytest.raises(ErpRefused, match="status 422"):
            await model.predict(ASKED)
        assert breaker.state == "closed"


def test_a_name_that_would_change_the_path_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no name of a model"):
        ModelEndpoint("https://models.example/", "open_inference", "../admin", "1")
