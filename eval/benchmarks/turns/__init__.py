"""Turns of a conversation: what this service takes for them, beside a bare agent server."""
