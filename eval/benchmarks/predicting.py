"""What predictions cost beside the endpoint's own time, and what looking for drift does.

A version's endpoint is a server on this machine that answers at once in Open Inference Protocol; the same
requests by the bare HTTP client are the yardstick. Drift is looked for in every input of 100,000 rows.

    python -m eval.benchmarks.predicting

Processor time of this process stands beside the clock, since other programs of the machine hide the latter; a
figure counts as missed where both are over it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import typer

from erp_adapters.endpoints import Asked, ModelEndpoint
from erp_adapters.endpoints.mapping import body_of
from erp_adapters.http import HttpClient
from eval.rates import percentile
from tools.engines.predictions.calibration import calibrated
from tools.engines.predictions.deciding import Terms, decided
from tools.engines.predictions.drift import drift
from tools.predicting.inputs import INPUTS

OVER_MS, DRIFT_S = 10.0, 2.0
_ROWS, _CENTRES, _ROUNDS = 100_000, 400, 60


@dataclass(frozen=True, slots=True)
class Taken:
    """What something took."""

    clock: float
    processor: float


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """A chance for each row."""
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        count = sent["inputs"][0]["shape"][0]
        output = {"name": "predict", "shape": [count, 1], "datatype": "FP64", "data": [0.1] * count}
        body = json.dumps({"model_name": "press", "model_version": "1", "outputs": [output]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the table is what is printed."""


def drift_seconds() -> Taken:
    """To look for drift in every input of so many rows."""
    chance = np.random.default_rng(1)
    trained, seen = (chance.normal(0, 1, (len(INPUTS), _ROWS)) for _ in range(2))
    began, worked = time.perf_counter(), time.process_time()
    for before, after in zip(trained, seen, strict=True):
        assert drift(before, after) is not None
    return Taken(time.perf_counter() - began, time.process_time() - worked)


async def _timed(call: Callable[[], Awaitable[object]]) -> Taken:
    """The medians of many calls, in milliseconds."""
    clock, processor = [], []
    for _ in range(_ROUNDS):
        began, worked = time.perf_counter(), time.process_time()
        await call()
        clock.append((time.perf_counter() - began) * 1000)
        processor.append((time.process_time() - worked) * 1000)
    return Taken(percentile(sorted(clock[5:]), 0.5), percentile(sorted(processor[5:]), 0.5))


async def asked_ms(url: str) -> tuple[Taken, Taken]:
    """A prediction of every work centre with what is decided on it, and the same request made bare."""
    chance = np.random.default_rng(2)
    rows = tuple(tuple(float(value) for value in row) for row in chance.normal(0, 1, (_CENTRES, len(INPUTS))))
    asked = Asked(INPUTS, rows)
    terms = Terms(1, 4)
    scores = [float(score) for score in chance.random(5000)]
    calibration = calibrated(scores, [score > chance.random() for score in scores])
    body = body_of("open_inference", asked, "")

    async with (
        ModelEndpoint(url, "open_inference", "press", "1") as endpoint,
        HttpClient(url, "bare") as bare,
    ):

        async def predicted() -> None:
            for outcome in (await endpoint.predict(asked)).outcomes:
                chance_of = calibration.chance(outcome.value)
                decided(chance_of.p, 1.0, terms, is_drifted=False, is_approved=True)

        async def alone() -> None:
            await bare.call("POST", "v2/models/press/versions/1/infer", body, effect="read")

        return await _timed(predicted), await _timed(alone)


def main() -> None:
    """Print both; exit code 1 where either takes longer than it may."""
    seconds = drift_seconds()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        with_it, bare = asyncio.run(asked_ms(f"http://127.0.0.1:{server.server_port}/"))
    finally:
        server.shutdown()
        server.server_close()
    over = Taken(with_it.clock - bare.clock, with_it.processor - bare.processor)
    print(
        f"drift of {len(INPUTS)} inputs over {_ROWS:,} rows: {seconds.clock:.2f} s, {seconds.processor:.2f} s"
        f" of processor, of {DRIFT_S:g} s allowed"
    )
    print(
        f"a prediction of {_CENTRES} work centres: median {with_it.clock:.1f} ms, the bare request"
        f" {bare.clock:.1f} ms: {over.clock:.1f} ms over it, {over.processor:.1f} ms of processor, of"
        f" {OVER_MS:g} ms allowed"
    )
    is_in_time = min(seconds.clock, seconds.processor) <= DRIFT_S
    raise typer.Exit(0 if is_in_time and min(over.clock, over.processor) <= OVER_MS else 1)


if __name__ == "__main__":
    typer.run(main)
