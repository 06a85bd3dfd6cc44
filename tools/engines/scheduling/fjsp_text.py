"""Flexible job shops in the usual text format, and job shops in theirs.

First line: jobs, machines, and sometimes the mean number of machines. Then a line for each job: the number
of operations, and for each of them the number of machines with machine and time. Machines count from 1, or
from 0 in files that have a machine 0. A job shop has no counts: each line is machine and time in turns, with
machines from 0. Empty lines and what follows `#`, `%` or `//` are passed over, whatever ends a line. A job
without operations has nothing to schedule and is left out; the others keep their numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.engines.scheduling.shop import Choice, Job, Machine, Operation, Shop, ShopInvalid

MOST = 100_000
"""Operations of a file; a larger one is refused."""
_LONGEST = 10**9

_Jobs = list[list[list[tuple[int, int]]]]


@dataclass(frozen=True, slots=True)
class Instance:
    """A shop as a file has it."""

    shop: Shop
    convention: str
    """How machines were counted, and the format."""


def read(text: str) -> Instance:
    """The shop of a file.

    Raises:
        ShopInvalid: it is not in one of the formats; the message says where.
    """
    lines = [re.split(r"#|%|//", line)[0].split() for line in text.lstrip("﻿").splitlines()]
    rows = [(at, line) for at, line in enumerate(lines, 1) if line]
    if not rows:
        raise ShopInvalid("the file is empty; the first line should have the numbers of jobs and machines")
    header, *body = rows
    numbers = _whole(*header, is_first=True)[:2] if len(header[1]) >= 2 else []
    # The mean number of machines may be broken, jobs and machines are whole.
    if len(numbers) < 2 or min(numbers) < 1:
        raise ShopInvalid(f"line {header[0]}: the numbers of jobs and machines are missing")
    jobs, machines = numbers
    values = [(at, _whole(at, line)) for at, line in body]
    if not values:
        raise ShopInvalid(f"line {header[0]}: {jobs} jobs are announced, none follow")
    if sum(len(line) for _, line in values) > 4 * MOST:
        raise ShopInvalid(f"more than {MOST} operations; split the file")
    if len(values) >= jobs and len(header[1]) == 2 and _is_job_shop(values[:jobs], machines):
        found: _Jobs = [
            [[pair] for pair in zip(line[::2], line[1::2], strict=True)] for _, line in values[:jobs]
        ]
        return _instance(found, machines, "job shop")
    return _instance(_flexible(values, jobs), machines, "flexible job shop")


def _whole(at: int, line: list[str], *, is_first: bool = False) -> list[int]:
    found = []
    for word in line:
        if not re.fullmatch(r"-?\d+(\.\d+)?", word):
            raise ShopInvalid(f"line {at}: {word[:20]!r} is no number")
        if not is_first and "." in word and float(word) != int(float(word)):
            raise ShopInvalid(f"line {at}: {word!r} is not whole; times are whole units")
        found.append(int(float(word)))
    return found


def _is_job_shop(values: list[tuple[int, list[int]]], machines: int) -> bool:
    """True where each line is machine and time in turns, each machine once, and no line reads as flexible."""
    for _, line in values:
        if len(line) != 2 * machines or sorted(line[::2]) != list(range(machines)):
            return False
    return not all(_reads(line) for _, line in values)


def _reads(line: list[int]) -> bool:
    try:
        return _operations(line, 0, 0, 0)[1] == len(line)
    except ShopInvalid:
        return False


def _flexible(values: list[tuple[int, list[int]]], jobs: int) -> _Jobs:
    """Jobs, from lines or, where lines are broken anywhere, from the numbers one after another."""
    numbers = [number for _, line in values for number in line]
    places = [at for at, line in values for _ in line]
    found: _Jobs = []
    at = 0
    for job in range(jobs):
        if at >= len(numbers):
            raise ShopInvalid(f"{jobs} jobs are announced, {job} follow")
        operations, at = _operations(numbers, at, job, places[at])
        found.append(operations)
    if at < len(numbers):
        raise ShopInvalid(f"line {places[at]}: numbers follow after the last of {jobs} jobs")
    return found


def _operations(numbers: list[int], at: int, job: int, line: int) -> tuple[list[list[tuple[int, int]]], int]:
    count = numbers[at]
    if count < 0:
        raise ShopInvalid(f"line {line}: job {job + 1} has {count} operations; valid: at least 0")
    at += 1
    found = []
    for operation in range(count):
        where = f"line {line}: job {job + 1} operation {operation + 1}"
        if at >= len(numbers):
            raise ShopInvalid(f"{where} is missing: {count} are announced")
        choices = numbers[at]
        if choices < 1:
            raise ShopInvalid(f"{where} has {choices} machines; valid: at least 1")
        pairs = numbers[at + 1 : at + 1 + 2 * choices]
        if len(pairs) < 2 * choices:
            raise ShopInvalid(f"{where} has fewer machines than the {choices} announced")
        found.append(list(zip(pairs[::2], pairs[1::2], strict=True)))
        at += 1 + 2 * choices
    return found, at


def _instance(jobs: _Jobs, machines: int, kind: str) -> Instance:
    named = {machine for job in jobs for operation in job for machine, _ in operation}
    first = 0 if 0 in named or kind == "job shop" else 1
    shown = []
    idle = [str(at) for at, job in enumerate(jobs, 1) if not job]
    if len(idle) == len(jobs):
        raise ShopInvalid("no job has operations; each job's line begins with their number")
    for at, job in enumerate(jobs, 1):
        if not job:
            continue
        operations = []
        for number, pairs in enumerate(job, 1):
            where = f"job {at} operation {number}"
            if len({machine for machine, _ in pairs}) < len(pairs):
                raise ShopInvalid(f"{where} names a machine twice")
            for machine, duration in pairs:
                if not first <= machine < first + machines:
                    raise ShopInvalid(
                        f"{where} is on machine {machine}; valid: {first} to {first + machines - 1}"
                    )
                if not 0 <= duration <= _LONGEST:
                    raise ShopInvalid(f"{where} takes {duration}; valid: 0 to {_LONGEST}")
            operations.append(Operation(tuple(Choice(machine - first, time) for machine, time in pairs)))
        shown.append(Job(tuple(operations), name=str(at)))
    shop = Shop(tuple(shown), tuple(Machine(str(first + at)) for at in range(machines)))
    left_out = f"; without operations and left out: job {', '.join(idle)}" if idle else ""
    return Instance(shop, f"{kind}, machines counted from {first}{left_out}")
