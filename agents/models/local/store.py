"""The models that were fetched into a folder, and those whose contents are known by their hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENDING = ".gguf"


@dataclass(frozen=True, slots=True)
class Known:
    """A model whose file is known: anything else under its name is refused."""

    sha256: str
    size: int
    licence: str
    address: str
    """Where its maker offers it."""


KNOWN: Mapping[str, Known] = {
    "qwen2.5-coder-1.5b-instruct-q4_k_m": Known(
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        1_117_320_768,
        "Apache-2.0",
        "https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/"
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    ),
}
"""Models that were measured (docs/models.md)."""


def found(name: str, folder: Path | None = None) -> Path:
    """The file that a person means by a path, or by the name of a model in a folder; it need not be there."""
    given = Path(name).expanduser().absolute()
    if folder is None or given.exists():
        return given
    named = folder / (name if name.endswith(ENDING) else f"{name}{ENDING}")
    return named if named.is_file() else given


def fetched(folder: Path) -> list[Path]:
    """The files of models in a folder, by name."""
    return sorted(path for path in folder.glob(f"*{ENDING}") if path.is_file())


def known_by(file_name: str) -> Known | None:
    """What is known of a model's file by its name."""
    return KNOWN.get(file_name.removesuffix(ENDING).lower())
