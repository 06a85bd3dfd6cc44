"""Takes what collectors at sites hand over, at a port of its own that knows them by their certificates."""
