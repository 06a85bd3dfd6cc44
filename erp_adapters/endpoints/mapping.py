"""What each protocol is sent and answers, and what of an answer is no prediction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, assert_never

from erp_adapters.errors import ErpRefused
from erp_adapters.http import Json

Protocol: TypeAlias = Literal["open_inference", "mlflow", "plain"]
_MOST_REASONS = 5
_LONGEST_REASON = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """Rows of inputs, one for each thing that something is foretold of."""

    inputs: tuple[str, ...]
    """Names of the inputs, in the order that the model was trained on."""
    rows: tuple[tuple[float | None, ...], ...]
    """None where an input is not known."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was foretold of one row."""

    value: float
    low: float | None = None
    high: float | None = None
    reasons: tuple[str, ...] = ()
    """What speaks for it, as the endpoint says; text from outside."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An endpoint's whole answer."""

    model: str
    version: str
    """As the endpoint says; empty where its protocol says none."""
    outcomes: tuple[Outcome, ...]
    """One for each row, in their order."""


def path_of(protocol: Protocol, model: str, version: str) -> str:
    """Where predictions are asked for, under the endpoint's address."""
    match protocol:
        case "open_inference":
            return f"v2/models/{model}/versions/{version}/infer" if version else f"v2/models/{model}/infer"
        case "mlflow":
            return "invocations"
        case "plain":
            return ""
        case other:
            assert_never(other)


def body_of(protocol: Protocol, asked: Asked, output: str) -> Json:
    """What is sent.

    Args:
        output: name of the output that is wanted, where the protocol lets one choose; empty for the usual.
    """
    match protocol:
        case "open_inference":
            # JSON has no NaN: what is not known is sent as null, which servers of tabular models take.
            tensor: dict[str, Json] = {
                "name": "inputs",
                "shape": [len(asked.rows), len(asked.inputs)],
                "datatype": "FP64",
                "data": [value for row in asked.rows for value in row],
            }
            named: dict[str, Json] = {"outputs": [{"name": output}]} if output else {}
            return {"inputs": [tensor], **named}
        case "mlflow":
            return {"dataframe_split": {"columns": list(asked.inputs), "data": [list(r) for r in asked.rows]}}
        case "plain":
            return {"rows": [dict(zip(asked.inputs, row, strict=True)) for row in asked.rows]}
        case other:
            assert_never(other)


def answered(protocol: Protocol, body: object, asked: Asked, endpoint: str) -> Answered:
    """What an answer says.

    Args:
        endpoint: what messages call it.

    Raises:
        ErpRefused: it is no answer to what was asked, by name of what is wrong with it.
    """
    try:
        match protocol:
            case "open_inference":
                found = _open_inference(body, len(asked.rows))
            case "mlflow":
                found = Answered("", "", tuple(Outcome(_number(each)) for each in _list(body, "predictions")))
            case "plain":
                found = _plain(body)
            case other:
                assert_never(other)
    except _NoAnswer as error:
        raise ErpRefused(f"{endpoint} answered with what is no prediction: {error}") from error
    if len(found.outcomes) != len(asked.rows):
        raise ErpRefused(
            f"{endpoint} answered {len(found.outcomes)} predictions for {len(asked.rows)} rows;"
            " none of them is used"
        )
    return found


def _open_inference(body: object, rows: int) -> Answered:
    outputs = _list(body, "outputs")
    if len(outputs) != 1:
        raise _NoAnswer(f"{len(outputs)} outputs where one was asked for")
    shape = [_whole(each) for each in _list(outputs[0], "shape")]
    data = _flat(_list(outputs[0], "data"))
    if math.prod(shape) != len(data):
        raise _NoAnswer(f"the shape {shape} does not fit {len(data)} values")
    match shape:
        case [count] | [count, 1]:
            values = data
        case [count, 2]:  # chances of a classifier: that it does not come, and that it comes
            values = data[1::2]
        case _:
            raise _NoAnswer(f"the shape {shape} is neither one value a row nor two chances a row")
    if count != rows:
        raise _NoAnswer(f"the shape {shape} is of {count} rows where {rows} were sent")
    given = _mapping(body)
    model, version = (str(given.get(name) or "") for name in ("model_name", "model_version"))
    return Answered(model, version, tuple(Outcome(_number(each)) for each in values))


def _plain(body: object) -> Answered:
    given = _mapping(body)
    outcomes = []
    for each in _list(body, "predictions"):
        one = _mapping(each) if isinstance(each, dict) else {"value": each}
        low, high = (None if one.get(name) is None else _number(one[name]) for name in ("low", "high"))
        value = _number(one.get("value"))
        if (low is not None and low > value) or (high is not None and high < value):
            raise _NoAnswer(f"the value {value:g} lies outside its own interval")
        reasons = one.get("reasons") or []
        if not isinstance(reasons, list):
            raise _NoAnswer("`reasons` is no list")
        texts = tuple(str(reason)[:_LONGEST_REASON] for reason in reasons[:_MOST_REASONS])
        outcomes.append(Outcome(value, low, high, texts))
    return Answered(str(given.get("model") or ""), str(given.get("version") or ""), tuple(outcomes))


class _NoAnswer(Exception):
    """What is wrong with an answer."""


def _mapping(body: object) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise _NoAnswer(f"{type(body).__name__} where an object was expected")
    return body


def _list(body: object, name: str) -> list[Any]:
    found = _mapping(body).get(name)
    if not isinstance(found, list):
        raise _NoAnswer(f"no list `{name}`")
    return found


def _flat(values: Sequence[Any]) -> list[Any]:
    return [one for each in values for one in (_flat(each) if isinstance(each, list) else (each,))]


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _NoAnswer(f"{value!r} is no length")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _NoAnswer(f"{str(value)[:40]!r} is no number")
    if not math.isfinite(value):
        raise _NoAnswer(f"{value} is not finite")
    return float(value)
