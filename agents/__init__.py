"""Conversation graphs, the grounding that verifies every answer, and the language models behind them."""
