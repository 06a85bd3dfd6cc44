"""Drafts the explanation of a variance for another person to publish, exactly as it is told."""

from __future__ import annotations

from dataclasses import replace

from tools.registry import Effect, ToolContext, tool
from tools.results import ToolResult
from tools.variance.tool import ExplainVariance, explain_variance

_VERSION = "1.0.0"


@tool(
    name="draft_explanation",
    examples=(
        "Publish the explanation of Monterrey's October variance",
        "Publish the explanation of Kassel against plan in November 2025",
    ),
    effect=Effect.DRAFT,
    version=_VERSION,
)
async def draft_explanation(args: ExplainVariance, context: ToolContext) -> ToolResult:
    """Draft the explanation of a variance for another person to publish; nothing is published until then.

    Only for somebody who asks to publish an explanation: never to answer a question. What is drafted is what
    `explain_variance` tells with the same arguments.

    Example: {"site": "Monterrey", "period": "2025-10"}.
    """
    told = await explain_variance.run(args, context)
    return replace(told, publishes=args)
