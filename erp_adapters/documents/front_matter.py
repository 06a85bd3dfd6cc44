"""What stands about a document at its beginning or beside it: YAML between `---`, or `FILE.yaml`."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import yaml
from pydantic import ValidationError

from erp_adapters.documents.document import DocumentCard
from erp_adapters.errors import SourceUnreadable

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_MOST = 10_000


def sidecar_of(file: Path) -> Path:
    """Where the card of a file stands that cannot hold it itself: `contract.pdf.yaml`."""
    return file.with_name(f"{file.name}.yaml")


def parted(text: str) -> tuple[str, str]:
    """The front matter and the rest; the first is empty where there is none."""
    found = _FRONT.match(text[:_MOST])
    return (found[1], text[found.end() :]) if found else ("", text)


def card_of(yaml_text: str, file: str) -> DocumentCard:
    """The card that the YAML describes; an empty one where there is none.

    Raises:
        SourceUnreadable: it is no YAML, or says something that a card does not have.
    """
    try:
        raw = yaml.safe_load(yaml_text) if yaml_text.strip() else {}
    except yaml.YAMLError as exc:
        raise SourceUnreadable(f"what {file} says of itself is no YAML") from exc
    if not isinstance(raw, dict):
        raise SourceUnreadable(f"what {file} says of itself is no list of names and values")
    try:
        return DocumentCard.model_validate(
            {
                str(key): value
                if isinstance(value, list | tuple | date)
                else ("" if value is None else value)
                for key, value in raw.items()
            }
        )
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"])) or "front matter"
        raise SourceUnreadable(
            f"{file}: {where}: {first['msg'].removeprefix('Value error, ')}; there are"
            f" {', '.join(DocumentCard.model_fields)}"
        ) from exc
