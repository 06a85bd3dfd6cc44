"""Small sources as plants have them, to connect: SAP's tables, a German database, and bad files."""

from __future__ import annotations

import sqlite3
from pathlib import Path

SAP = (Path(__file__).parent / "sap.sql").read_text(encoding="utf-8")
"""A plant as SAP has it: clients, zeros in front, days as digits, names in a table of their own."""

GERMAN = (Path(__file__).parent / "german.sql").read_text(encoding="utf-8")
"""A database of a program of one's own, with keys and references, and a table that is nobody's business."""


def database(path: Path, script: str) -> str:
    """The address of a SQLite database made of a script."""
    with sqlite3.connect(path) as connection:
        connection.executescript(script)
    connection.close()
    return f"sqlite:///{path}"


def bad_files(folder: Path) -> Path:
    """A folder with what goes wrong: delimiters, encodings, no keys, empty tables, no header, 500 columns."""
    folder.mkdir(exist_ok=True)
    (folder / "artikel.csv").write_bytes(
        (
            "ArtNr;Bezeichnung;Preis;Gültig ab\n"
            "A1;Türgriff, groß;1.234,50;31.12.2025\n"
            "A2;Öse;0,75;01.02.2026\n"
        ).encode("cp1252")
    )
    (folder / "lieferanten.csv").write_bytes("LiefNr;Name\n1;Müller\n2;".encode() + "Böhm\n".encode("cp1252"))
    (folder / "buchungen.txt").write_text(
        "Artikel|Menge|Tag\nA1|5|2026-01-02\nA1|5|2026-01-02\nA2|1|2026-01-03\n", encoding="utf-8"
    )
    (folder / "leer.csv").write_text("", encoding="utf-8")
    (folder / "nur_kopf.csv").write_text("ArtNr;Lagerort;Menge\n", encoding="utf-8")
    (folder / "ohne_kopf.csv").write_text("1;2;3\n4;5;6\n", encoding="utf-8")
    (folder / "breit.csv").write_text(
        ",".join(f"F{number}" for number in range(500))
        + "\n"
        + "\n".join(",".join(str(row * number) for number in range(500)) for row in range(20))
        + "\n",
        encoding="utf-8",
    )
    (folder / "mappe.xlsx").write_bytes(b"PK\x03\x04nothing")
    (folder / "meldungen.jsonl").write_text(
        '{"id": 1, "material": {"number": "A1"}, "qty": 2.5, "done": true, "tags": ["x"]}\n'
        '{"id": 2, "material": {"number": "A2"}, "qty": 1, "done": false}\n',
        encoding="utf-8",
    )
    return folder
