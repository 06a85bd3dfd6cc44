"""A new system as an adapter: nothing of it is written yet."""
