"""Scorers: each says one thing about a reply, and none of them asks a language model."""
