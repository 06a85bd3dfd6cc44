"""What a compiled statement may be: one SELECT over canonical tables with a few harmless functions."""

from __future__ import annotations

import re
from functools import lru_cache

import sqlglot
from sqlglot import exp

from tools.errors import QueryInvalid

_PLACEHOLDER = re.compile(r"%\(p\d+\)s")

_FUNCTIONS: frozenset[type[exp.Expr]] = frozenset({
    exp.And, exp.Or, exp.Exists, exp.Case, exp.If, exp.Cast,
    exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least,
    exp.Abs, exp.Round, exp.Extract, exp.TimeToStr,
    exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Count, exp.PercentileCont, exp.ArrayAgg, exp.RowNumber,
    exp.Rank,
})  # fmt: skip
_CASTS = frozenset({exp.DType.DECIMAL, exp.DType.DATE, exp.DType.TEXT})


@lru_cache(maxsize=256)
def checked(sql: str) -> frozenset[str]:
    """Names of the canonical tables that a statement reads.

    Raises:
        QueryInvalid: it is more than one SELECT over canonical tables, or calls a function that a catalogue
            may not, whatever the catalogue holds.
    """
    trees = sqlglot.parse(_PLACEHOLDER.sub("1", sql).replace("%%", "%"), read="postgres")
    if len(trees) != 1 or not isinstance(trees[0], exp.Select):
        raise QueryInvalid("the query did not compile to a single SELECT")
    tables = set()
    for node in trees[0].walk():
        match node:
            case exp.Table():
                if node.db != "erp" or node.catalog or not isinstance(node.this, exp.Identifier):
                    raise QueryInvalid(f"the query reads {node.sql()!r}, which is no canonical table")
                tables.add(node.name)
            case exp.Cast() if node.to.this not in _CASTS:
                raise QueryInvalid(f"a catalogue expression may not cast to {node.to.sql()!r}")
            case exp.Func() if type(node) not in _FUNCTIONS:
                name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
                raise QueryInvalid(f"a catalogue expression may not call {name!r}")
            case exp.Into() | exp.Lock() | exp.Parameter():
                raise QueryInvalid(f"a catalogue expression may not hold {node.sql()!r}")
    return frozenset(tables)
