"""Typed tools, the metric catalogue and the calculation engines."""
