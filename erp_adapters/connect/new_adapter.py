"""The folder of a new adapter: each file in its place, nothing declared, and a test for what is missing."""

from __future__ import annotations

import keyword
import re
from importlib import resources
from pathlib import Path
from typing import Final

from erp_adapters.errors import ConfigurationError

_CODE: Final = ("__init__.py", "client.py", "reading.py", "mapping.py", "adapter.py")
_OWN: Final = "erp_adapters.connect.template"


def new_adapter(name: str, into: Path) -> tuple[Path, Path]:
    """Write the folder and the test beside it, and return both.

    Args:
        name: of the system; becomes a package.
        into: where the folder goes; `erp_adapters` itself, or anywhere that Python finds packages.

    Raises:
        ConfigurationError: the name is none, or something is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise ConfigurationError(
            f"{name!r} is no name of an adapter: use small letters, digits and underscores"
        )
    folder, test = into / name, into / f"test_{name}.py"
    if folder.exists() or test.exists():
        raise ConfigurationError(f"{str(folder)!r} or its test is there already; nothing was written")
    package = f"erp_adapters.{name}" if into.resolve().name == "erp_adapters" else name
    template = resources.files(_OWN)
    folder.mkdir(parents=True)
    for file in _CODE:
        text = template.joinpath(file).read_text(encoding="utf-8")
        text = text.replace(_OWN, package).replace('"the new system"', repr(name).replace("'", '"'))
        (folder / file).write_text(text, encoding="utf-8")
    for file in ("scorecard", "mapping"):
        text = template.joinpath(f"{file}.txt").read_text(encoding="utf-8")
        (folder / f"{file}.yaml").write_text(text.replace("NAME", name), encoding="utf-8")
    text = template.joinpath("conformance.txt").read_text(encoding="utf-8")
    test.write_text(text.replace("PACKAGE", package).replace("NAME", name), encoding="utf-8")
    return folder, test
