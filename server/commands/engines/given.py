"""What a person hands to an engine: the text of a file, or of stdin."""

from __future__ import annotations

import sys
from pathlib import Path

from server.errors import UsageError


def text_of(file: Path) -> str:
    """The text of the file; `-` is stdin.

    Raises:
        UsageError: it cannot be read, or is no text.
    """
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"{str(file)!r} cannot be read: {exc}") from exc
