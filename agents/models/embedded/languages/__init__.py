"""Questions in other languages: which one it is, and the question masked for the learned reader."""

from agents.models.embedded.languages.detecting import language_of
from agents.models.embedded.languages.masking import Masking

__all__ = ["Masking", "language_of"]
