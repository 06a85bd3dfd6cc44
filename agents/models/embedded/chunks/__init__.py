"""A question as chunks: phrases with their meanings, and the markers that say how they hang together."""

from agents.models.embedded.chunks.chunk import Chunk
from agents.models.embedded.chunks.chunker import Chunker
from agents.models.embedded.chunks.everyday import KNOWN_WORDS, content_words

__all__ = ["KNOWN_WORDS", "Chunk", "Chunker", "content_words"]
