"""Charts in the terminal, drawn from their specification and the answer's tables."""

from server.charts.terminal import TerminalChart

__all__ = ["TerminalChart"]
