"""ragas' ToolCallAccuracy and ToolCallF1, in an environment of its own.

ragas holds back packages that the service needs, so it is a process that is fed JSON: this file is run by the
interpreter of that environment and imports nothing of this tree. On stdin comes a list of
`{"made": [{"tool", "arguments"}], "expected": [...]}`, on stdout `{"accuracy": [...], "f1": [...]}`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any


async def scores(records: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Both figures of each record, as ragas computes them."""
    from ragas.messages import AIMessage, HumanMessage, ToolCall
    from ragas.metrics.collections import ToolCallAccuracy, ToolCallF1

    def calls(raw: list[dict[str, Any]]) -> list[Any]:
        return [ToolCall(name=call["tool"], args=call["arguments"]) for call in raw]

    metrics = {"accuracy": ToolCallAccuracy(), "f1": ToolCallF1()}
    found: dict[str, list[float]] = {name: [] for name in metrics}
    for record in records:
        said = [HumanMessage(content="?"), AIMessage(content="", tool_calls=calls(record["made"]))]
        for name, metric in metrics.items():
            result = await metric.ascore(user_input=said, reference_tool_calls=calls(record["expected"]))
            found[name].append(float(result.value))
    return found


if __name__ == "__main__":
    json.dump(asyncio.run(scores(json.load(sys.stdin))), sys.stdout)
