"""What the file of a SQL source may say, and what it may not."""

from __future__ import annotations

import pytest

from erp_adapters.errors import ConfigurationError
from erp_adapters.ports import Capability
from erp_adapters.sql import parse_source

_SOURCE = """
url: postgresql://reader@erp.example/prod
password: env:ERP_PASSWORD
mapping: mapping.yaml
tables:
  materials:
    table: public.items
    key: [item_no]
    columns: {material: item_no, name: descr}
    changed: {column: changed_at}
"""


def test_a_source_says_where_each_capability_stands() -> None:
    """So that a person can read in one file what is taken from where."""
    source = parse_source(_SOURCE, "erp.yaml")
    table = source.tables[Capability.MATERIALS]
    assert source.dialect == "postgres"
    assert (table.table, table.key, table.columns["name"]) == ("public.items", ("item_no",), "descr")
    assert table.changed is not None
    assert table.changed.overlap == 600


@pytest.mark.parametrize(
    ("part", "instead", "why"),
    [
        ("reader@", "reader:geheim@", "leave the password out"),
        ("env:ERP_PASSWORD", "geheim", "says where the password stands"),
        ("postgresql://", "mysql://", r"starts with postgresql:// or sqlite:///"),
        ("table: public.items", "select: delete from items", "one SELECT"),
        ("table: public.items", "select: select 1; drop table items", "one SELECT"),
        ("table: public.items", "select: with x as (delete from a returning *) select * from x", "only read"),
        ("table: public.items", "select: select * into other from items", "only read"),
        ("table: public.items", "where: x", "table"),
        ("materials:", "matrials:", "materials"),
        ("{material: item_no", "{key: item_no", "`key` is there by itself"),
    ],
)
def test_what_cannot_be_is_refused_and_named(part: str, instead: str, why: str) -> None:
    """A password in the file, a statement that writes, a word that nobody knows."""
    assert part in _SOURCE
    with pytest.raises(ConfigurationError, match=why):
        parse_source(_SOURCE.replace(part, instead), "erp.yaml")
