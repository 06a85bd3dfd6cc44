"""From an assembly to a query: what is counted, shared, compared, listed and sorted."""

from agents.models.embedded.shaping.shaper import Shaper

__all__ = ["Shaper"]
