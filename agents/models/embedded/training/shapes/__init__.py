"""Generated questions of every shape, names and periods masked, each with the query that it means."""

from agents.models.embedded.training.shapes.asked import Asked
from agents.models.embedded.training.shapes.mixture import Shapes

__all__ = ["Asked", "Shapes"]
