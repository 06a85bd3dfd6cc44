"""What hours 2 to 5 of `docs/adapters.md` write, for a system with one list of five items.

The folder and the test that `plantwright connect adapter abas` made are filled in: calls to the system, the
table that is read, a row that is known to be there, and a change at the system's own side. A real client
calls its system through `erp_adapters/http.py`, where this one looks into a list.
"""

from __future__ import annotations

import sys
from pathlib import Path

CALLS = '''\
    async def version(self) -> str:
        """As it says."""
        return "7.1"

    async def rows(
        self, table: str, columns: Sequence[str], *, after: str, most: int, since: datetime | None
    ) -> list[Row]:
        """Rows of a list, behind a key."""
        every = [Row(key, at, cells) for key, at, cells in HELD if key > after]
        if since is not None:
            every = [row for row in every if row.changed_at is None or row.changed_at >= since]
        return every[:most]


START = datetime(2026, 3, 31, 12, tzinfo=UTC)
HELD: list[tuple[str, datetime, tuple[str, str, str]]] = [
    (f"{number}", START, (f"A-{number}", "Bolt", "PC")) for number in range(1, 6)
]
'''
CHANGE = """\
    HELD[2] = ("3", START + timedelta(hours=1), ("A-3", f"{HELD[2][2][1]} x", "PC"))
    return "A-3"
"""


def replaced(file: Path, *pairs: tuple[str, str]) -> None:
    """Write other lines in the place of some; each has to be there."""
    text = file.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, f"{file.name} has no {old!r}"
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")


def filled(folder: Path, test: Path) -> None:
    """Write the calls, the table, the known row and the change."""
    client = folder / "client.py"
    head, _, _ = client.read_text(encoding="utf-8").partition("    async def version")
    client.write_text(head + CALLS, encoding="utf-8")
    replaced(client, ("from datetime import datetime", "from datetime import UTC, datetime"))
    replaced(
        folder / "reading.py",
        ("    # Capability.MATERIALS", "    Capability.MATERIALS"),
        ('"unit": "uom"}),', '"unit": "uom"}, tells_changes=True),'),
    )
    replaced(
        test,
        ("object]] = {}", 'object]] = {Capability.MATERIALS: {"material": "A-2", "unit": "PC"}}'),
        ("import Connection\n", "import HELD, START, Connection\n"),
        ("import pytest\n", "from datetime import timedelta\n\nimport pytest\n"),
    )
    before, _, after = test.read_text(encoding="utf-8").partition("    raise NotImplementedError")
    test.write_text(before + CHANGE + after.partition("\n")[2], encoding="utf-8")


if __name__ == "__main__":
    at = Path(sys.argv[1])
    filled(at / "abas", at / "test_abas.py")
    sys.stdout.write("Filled in: client.py, reading.py and test_abas.py\n")
