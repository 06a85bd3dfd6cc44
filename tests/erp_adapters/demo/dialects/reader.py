"""Reads files by a mapping and the rules of a site, slowly and plainly: what a loader is to find."""

from __future__ import annotations

import csv
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

Row: TypeAlias = dict[str, Any]

_ORDER = {"ymd": "%Y%m%d", "iso": "%Y-%m-%d", "dmy": "%d{0}%m{0}%Y", "mdy": "%m{0}%d{0}%Y"}

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {"=": operator.eq, "<": operator.lt, ">": operator.gt}


@dataclass
class Plainly:
    """The files of one folder."""

    mapping: Any
    rules: Any
    zone: ZoneInfo
    folder: Path
    _files: dict[str, list[Row]] = field(default_factory=dict)
    _indexes: dict[tuple[str, str], dict[Any, Row]] = field(default_factory=dict)

    def records(self, record: str) -> list[tuple[Row, list[str]]]:
        """Rows of a record: company and fields, and the flags."""
        (spec,) = [spec for spec in self.mapping["records"] if spec["record"] == record]
        found = []
        for row in self.rows(spec["file"]):
            if "only" in spec and not self.holds(spec["only"], spec["file"], row):
                continue
            beside = {name: spec[name] for name in ("company", "currency") if name in spec}
            fields = {**spec["fields"], **beside}
            values = {name: self.value(node, spec["file"], row) for name, node in fields.items()}
            rules = spec.get("quality", [])
            flags = [rule["rule"] for rule in rules if self.holds(rule["when"], spec["file"], row)]
            found.append((values, flags))
        return found

    def rows(self, name: str) -> list[Row]:
        """Typed rows of a file, by column."""
        if name not in self._files:
            spec = self.mapping["files"][name]
            text = (self.folder / spec["file"]).read_text(encoding=spec.get("encoding", "utf-8"))
            parse = {column: cache(self._parser(kind, spec)) for column, kind in spec["columns"].items()}
            lines = csv.DictReader(text.splitlines(), delimiter=spec["delimiter"], strict=True)
            self._files[name] = [
                {column: read(line[column].strip()) for column, read in parse.items()} for line in lines
            ]
        return self._files[name]

    def _parser(self, kind: str, spec: Any) -> Callable[[str], Any]:
        zone = ZoneInfo("UTC") if spec["zone"] == "utc" else self.zone
        kind = kind.removesuffix(" required")

        def parse(text: str) -> Any:
            if kind == "flag":
                yes, no = spec["flags"]
                assert text in (yes, no, ""), (text, spec)
                return text == yes if text or no == "" else None
            if not text:
                return None
            match kind:
                case "text":
                    return text
                case "zero_padded":
                    return (text.lstrip("0") or "0") if text.isdigit() else text
                case "integer":
                    return int(text)
                case "decimal":
                    return _number(text, spec["decimals"])
                case "date":
                    return _day(text, spec["dates"])
                case "time":
                    return time.fromisoformat(text)
                case "moment":
                    if text.endswith("Z"):
                        return datetime.fromisoformat(text)
                    day, _, hour = text.partition(" ")
                    on = _day(day, spec["dates"])
                    assert on is not None
                    return datetime.combine(on, time.fromisoformat(hour), zone)
                case "series":
                    return "{" + ",".join(_reading(part, spec["decimals"]) for part in text.split()) + "}"
                case _:
                    raise AssertionError(kind)

        return parse

    def value(self, node: Any, file: str, row: Row) -> Any:
        """What an expression gives for a row."""
        if isinstance(node, str):
            return row[node]
        match node:
            case {"constant": constant}:
                return constant
            case {"lookup": other, "by": by, "key": key, "value": value}:
                found = self._index(other, key).get(self.value(by, file, row))
                return None if found is None else self.value(value, other, found)
            case {"concat": parts}:
                texts = [text for part in parts if (text := self.value(part, file, row)) is not None]
                return "".join(texts) if texts else None
            case {"scaled": column, "times": times}:
                return None if row[column] is None else row[column] * Decimal(times)
            case {"coded": code, "rule": rule}:
                code = self.value(code, file, row)
                return None if code is None else self.meaning(rule, code)[0]
            case {"quantity": column, "unit": unit, "rule": rule}:
                unit = self.value(unit, file, row)
                if None in (unit, row[column]):
                    return row[column]
                return row[column] * self.meaning(rule, unit)[1]
            case {"price": column, "unit": unit, "rule": rule}:
                unit, count = self.value(unit, file, row), row[node["per"]] if "per" in node else 1
                if None in (unit, row[column]):
                    return row[column]
                return row[column] / self.meaning(rule, unit)[1] / count
            case {"period": code}:
                period = self.period(self.value(code, file, row))
                return date.fromisoformat(f"{period}-01") if node.get("type") == "date" else period
            case {"moment": day, "time": hour}:
                if row[day] is None:
                    return None
                return datetime.combine(row[day], row[hour] or time(), self.zone)
            case {"setting": name}:
                return self.rules["settings"][name]["value"]
        raise AssertionError(node)

    def _index(self, file: str, key: str) -> dict[Any, Row]:
        if (file, key) not in self._indexes:
            found: dict[Any, Row] = {}
            for row in self.rows(file):
                found.setdefault(row[key], row)
            self._indexes[file, key] = found
        return self._indexes[file, key]

    def meaning(self, rule: str, code: str) -> tuple[str, Decimal]:
        """What a code stands for, and how many of it."""
        meaning = self.rules["codes"][rule]["values"][code]
        if isinstance(meaning, str):
            return meaning, Decimal(1)
        return meaning["is"], Decimal(meaning["times"])

    def period(self, code: str) -> str:
        """A fiscal period as 2026-03; years begin in January."""
        for written in self.rules["calendar"]["periods"]:
            pattern = re.escape(written).replace(r"\{year\}", r"(?P<year>\d{4})")
            pattern = re.sub(r"\\{period:(\d)\\}", r"(?P<period>\\d{\1})", pattern)
            if found := re.fullmatch(pattern, code):
                return f"{found['year']}-{int(found['period']):02}"
        raise AssertionError(f"{code} is no period")

    def holds(self, node: Any, file: str, row: Row) -> bool:
        """Whether a condition holds for a row."""
        match node:
            case {"missing": columns}:
                return any(row[column] is None for column in columns)
            case {"compare": one, "op": op, "to": other}:
                left, right = self.value(one, file, row), self.value(other, file, row)
                return None not in (left, right) and bool(_OPERATORS[op](left, right))
            case {"all": parts}:
                return all(self.holds(part, file, row) for part in parts)
            case {"any": parts}:
                return any(self.holds(part, file, row) for part in parts)
            case {"not": part}:
                return not self.holds(part, file, row)
        raise AssertionError(node)


def _reading(text: str, decimals: str) -> str:
    return "NULL" if text == "-" else f"{_number(text, decimals):f}"


def _number(text: str, decimals: str) -> Decimal:
    if text.endswith("-"):
        text = f"-{text[:-1]}"
    if decimals == "comma":
        text = text.replace(".", "").replace(",", ".")
    return Decimal(text)


@cache
def _day(text: str, order: str) -> date | None:
    separator = next((mark for mark in "./" if mark in text), "")
    if not text.strip("0./"):
        return None
    return datetime.strptime(text, _ORDER[order].format(separator)).replace(tzinfo=UTC).date()
