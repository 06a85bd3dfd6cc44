"""Runs: a turn as an AG-UI client hears it, which outlives the connection that began it."""
