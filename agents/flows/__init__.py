"""Flows that outlast a turn: one durable thread for each draft, apart from every conversation."""
