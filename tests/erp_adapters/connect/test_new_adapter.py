"""A new adapter: the kit says what is missing of it, and is green once a client and a table are written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from erp_adapters.connect.new_adapter import new_adapter
from erp_adapters.errors import ConfigurationError
from erp_adapters.scorecards import Scorecard

ROOT = Path(__file__).parents[3]
CLIENT = '''
    async def version(self) -> str:
        """As it says."""
        return "7.1"

    async def rows(self, table, columns, *, after, most, since):
        """Of a list."""
        every = [Row(key, at, cells) for key, at, cells in HELD if key > after]
        every = [row for row in every if since is None or row.changed_at >= since]
        return every[:most]


START = datetime(2026, 3, 31, 12, tzinfo=UTC)
HELD = [(f"{number}", START, (f"A-{number}", "Bolt", "PC")) for number in range(1, 6)]
'''
CHANGE = """
    HELD[2] = ("3", START + timedelta(hours=1), ("A-3", f"Bolt {len(HELD[2][2][1])}", "PC"))
    return "A-3"
"""


def run(folder: Path, test: Path) -> str:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"),
            *("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), str(test)),
        ],
        cwd=ROOT,
        env={"PYTHONPATH": f"{folder}:{ROOT}", "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


@pytest.mark.slow
def test_the_kit_leads_from_nothing_to_green(tmp_path: Path) -> None:
    """Fresh from the template it names what to write; with a client and one table everything passes."""
    folder, test = new_adapter("abas", tmp_path)
    missing = run(tmp_path, test)
    assert "fill TABLES in reading.py" in missing
    assert "abas is not called yet: write `Client.version`" in missing
    client = (folder / "client.py").read_text(encoding="utf-8")
    head = client.partition("    async def version")[0]
    head = head.replace("from datetime import datetime", "from datetime import UTC, datetime")
    (folder / "client.py").write_text(head + CLIENT.lstrip("\n"), encoding="utf-8")
    reading = (folder / "reading.py").read_text(encoding="utf-8")
    written = reading.replace(
        '    # Capability.MATERIALS: Table("items"', '    Capability.MATERIALS: Table("items"'
    )
    written = written.replace('"unit": "uom"}),', '"unit": "uom"}, tells_changes=True),')
    (folder / "reading.py").write_text(written, encoding="utf-8")
    text = test.read_text(encoding="utf-8")
    text = text.replace(
        "object]] = {}", 'object]] = {Capability.MATERIALS: {"material": "A-2", "unit": "PC"}}'
    )
    text = text.replace("import Connection\n", "import HELD, START, Connection\n")
    text = text.replace("import pytest\n", "from datetime import timedelta\n\nimport pytest\n", 1)
    before, _, after = text.partition("    raise NotImplementedError")
    test.write_text(before + CHANGE.lstrip("\n") + after.partition("\n")[2], encoding="utf-8")
    green = run(tmp_path, test)
    assert " passed" in green, green
    assert "failed" not in green, green
    assert "error" not in green.lower(), green


def test_a_fresh_scorecard_claims_nothing(tmp_path: Path) -> None:
    """It is read as any other, and is experimental until somebody proves something."""
    import yaml

    folder, _ = new_adapter("abas", tmp_path)
    card = Scorecard.model_validate(yaml.safe_load((folder / "scorecard.yaml").read_text(encoding="utf-8")))
    assert card.status == "experimental"
    assert not card.proofs
    assert not [file for file in folder.iterdir() if "template" in file.read_text(encoding="utf-8")]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """Nor under a name that is none."""
    new_adapter("abas", tmp_path)
    with pytest.raises(ConfigurationError, match="there already"):
        new_adapter("abas", tmp_path)
    with pytest.raises(ConfigurationError, match="no name of an adapter"):
        new_adapter("My ERP", tmp_path)
