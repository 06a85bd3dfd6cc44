"""What is made of a query's rows: calculated columns, conditions on them, order, limit and form of output."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tools.errors import QueryInvalid
from tools.languages import language, said
from tools.metrics.columns import CURRENCY, CompiledColumn, quoted
from tools.metrics.grouping import Rows, keys_of
from tools.metrics.labels import grain_of
from tools.metrics.measures import Measures, one_currency
from tools.metrics.query import Measure


@dataclass(frozen=True, slots=True)
class Output:
    """The finished statement with its columns."""

    sql: str
    columns: tuple[CompiledColumn, ...]
    has_currency: bool


class Outputs:
    """Finishes the rows of one query."""

    def __init__(self, measures: Measures, rows: Rows) -> None:
        self._measures = measures
        self._query = measures.query
        self._rows = rows
        self._columns = {column.name: column for column in rows.columns}
        self._derived: dict[str, str] = {}
        self._pending: list[str] = []
        self._wholes: set[str] = set()

    def finished(self) -> Output:
        """The statement that gives the query's output.

        Raises:
            QueryInvalid: a calculation, condition or order refers to what is not there or does not suit it.
        """
        derived = [measure.name for measure in self._query.measures if measure.derive]
        computed = [f"{self._sql_of(name)} as {quoted(name)}" for name in derived]
        # In the query's order, not in the order in which one needs another.
        self._columns |= {name: self._columns.pop(name) for name in derived}
        # Two levels, because having, order and shares refer to calculated columns by name.
        sql = f"select q.*{''.join(', ' + part for part in computed)}\nfrom (\n{self._rows.sql}\n) as q"
        source = f"(\n{sql}\n) as w"
        match self._query.output:
            case "count":
                return self._count(source)
            case "top_share":
                return self._top_share(source)
            case "ties":
                return self._ties(source)
            case "rows":
                return self._listed(source)

    @property
    def ranks_money(self) -> bool:
        """True where rows are cut off by their amounts, which in several currencies cannot be compared."""
        query = self._query
        cut = query.output == "rows" and (query.limit is not None or query.extreme)
        return cut and bool(query.order) and self._ref(query.order[0].by).money_of_row

    # ── calculated columns ────────────────────────────────────────────────────────────────────────
    def _sql_of(self, name: str) -> str:
        """SQL of a measure by name, over the rows `q`; its column is known afterwards."""
        measure = next(measure for measure in self._query.measures if measure.name == name)
        if not measure.derive:
            return f"q.{quoted(name)}"
        if name not in self._derived:
            if name in self._pending:
                raise QueryInvalid(f"measure {name!r} is calculated from itself")
            self._pending.append(name)
            self._derived[name] = self._calculated(measure)
            self._pending.pop()
        return f"({self._derived[name]})"

    def _calculated(self, measure: Measure) -> str:
        sql = [self._sql_of(name) for name in measure.of]
        of = [self._columns[name] for name in measure.of]
        for column in of:
            if not column.is_number:
                raise QueryInvalid(
                    f"measure {measure.name!r}: {column.label!r} is no number to calculate with"
                )
        own = self._measures.wording.labelled(measure)
        label = own or said(measure.derive.replace("_", " "))
        if measure.derive in ("difference", "sum"):
            column = replace(
                of[0],
                name=measure.name,
                label=label,
                money_of_row=any(each.money_of_row for each in of),
                adds_up=all(each.adds_up for each in of),
            )
        elif measure.derive == "ratio":
            column = CompiledColumn(measure.name, label, "ratio", is_measure=True)
        else:
            named = {"share_of_total": "share of total", "percent": "share"}
            label = own or said(named.get(measure.derive, "change"))
            column = CompiledColumn(measure.name, label, "percent", "%", is_measure=True)
        self._columns[measure.name] = column
        if measure.derive == "share_of_total":
            if self._wholes & set(self._behind(measure)):
                raise QueryInvalid(f"measure {measure.name!r} is a share of a share")
            self._wholes.add(measure.name)
        filled = [
            f"coalesce({each}, 0)" if column.adds_up else each for each, column in zip(sql, of, strict=True)
        ]
        match measure.derive:
            case "difference":
                return f"{filled[0]} - {filled[1]}"
            case "sum":
                return f"{filled[0]} + {filled[1]}"
            case "ratio":
                return f"1.0 * {sql[0]} / nullif({sql[1]}, 0)"
            case "percent":
                return f"100.0 * {sql[0]} / nullif({sql[1]}, 0)"
            case "change_percent":
                return f"100.0 * ({sql[0]} - {sql[1]}) / nullif({sql[1]}, 0)"
            case _:
                return f"100.0 * {sql[0]} / nullif(sum({sql[0]}) over ({self._whole()}), 0)"

    def _behind(self, measure: Measure) -> list[str]:
        """Names of the measures that a calculated one rests on, at any depth."""
        named = {other.name: other for other in self._query.measures}
        found = list(measure.of)
        for name in measure.of:
            found += self._behind(named[name])
        return found

    def _whole(self) -> str:
        """What a share is a share of: with sites of several currencies, only of amounts in the same one."""
        return f"partition by q.{CURRENCY}" if self._rows.has_currency and self._apart else ""

    @property
    def _apart(self) -> bool:
        return self._measures.several_currencies

    # ── forms of output ───────────────────────────────────────────────────────────────────────────
    def _listed(self, source: str) -> Output:
        hidden = {measure.name for measure in self._query.measures if measure.hidden}
        visible = tuple(column for column in self._columns.values() if column.name not in hidden)
        names = [quoted(column.name) for column in visible]
        if self._rows.has_currency:
            names.append(CURRENCY)
        where = self._where()
        if self._query.each is not None:
            return self._of_each(source, visible, names)
        if self._apart and self._rows.has_currency and self.ranks_money:
            places = 1 if self._query.extreme else self._query.limit
            source = (
                f"(\nselect w.*, rank() over (partition by {CURRENCY}{self._order()}) as place\nfrom {source}"
                f"{where}\n) as placed"
            )
            order = self._order().replace("order by ", f"order by {CURRENCY}, ", 1)
            return Output(
                f"select {', '.join(names)}\nfrom {source}\nwhere place <= {places:d}{order}",
                visible,
                self._rows.has_currency,
            )
        return Output(
            f"select {', '.join(names)}\nfrom {source}{where}{self._order()}{self._limit()}",
            visible,
            self._rows.has_currency,
        )

    def _of_each(self, source: str, visible: tuple[CompiledColumn, ...], names: list[str]) -> Output:
        """The first rows of each thing; of several currencies, of each thing in each."""
        each = self._query.each
        assert each is not None
        if self._query.rows_of:
            things = [f'"EACH_{at}"' for at in range(self._rows.things)]
        else:
            things = [quoted(self._ref(name).name) for name in each.of]
        if self._apart and self._rows.has_currency and self._ref(self._query.order[0].by).money_of_row:
            things.append(CURRENCY)
        first = ", ".join(
            f"{quoted(self._ref(order.by).name)} {'desc' if order.descending else 'asc'} nulls last"
            for order in self._query.order
        )
        # What has no day, or no figure, is not the latest or the largest of anything.
        known = f"{quoted(self._ref(self._query.order[0].by).name)} is not null"
        where = " and ".join(part for part in (self._having(), known) if part)
        placed = (
            f"select w.*, rank() over (partition by {', '.join(things)} order by {first}) as place"
            f"\nfrom {source}\nwhere {where}"
        )
        order = self._order() if self._query.limit else f"\norder by {', '.join(things)}, {first}"
        return Output(
            f"select {', '.join(names)}\nfrom (\n{placed}\n) as placed\nwhere place <= {each.keep:d}"
            f"{order}{self._limit()}",
            visible,
            self._rows.has_currency,
        )

    def _count(self, source: str) -> Output:
        noun, having = self._noun(), self._having()
        counted = (CompiledColumn("number", noun, "count", is_measure=True),)
        if not having:
            return Output(f"select count(*) as number\nfrom {source}", counted, False)
        rows = f"count(*) filter (where {having})"
        share = CompiledColumn(
            "share", said("share of all [[things]]", things=noun), "percent", "%", is_measure=True
        )
        return Output(
            f"select {rows} as number, 100.0 * {rows} / nullif(count(*), 0) as share\nfrom {source}",
            (*counted, share),
            False,
        )

    def _top_share(self, source: str) -> Output:
        if not self._query.order or self._query.limit is None:
            raise QueryInvalid("a top share needs an order and a limit")
        column = self._ref(self._query.order[0].by)
        if not column.is_number:
            raise QueryInvalid(f"{column.label!r} is no number to have a share of")
        money = column.money_of_row and self._rows.has_currency
        apart = money and self._apart
        currency, name = (f"{CURRENCY}, " if money else ""), quoted(column.name)
        over = f"partition by {CURRENCY} " if apart else ""
        direction = "desc" if self._query.order[0].descending else "asc"
        ranked = (
            f"select {currency}{name} as amount,"
            f" row_number() over ({over}order by {name} {direction} nulls last) as place"
            f"\nfrom {source}{self._where()}"
        )
        inside = f"sum(amount) filter (where place <= {self._query.limit:d})"
        last, group = self._currency_last(money, apart)
        statement = (
            f"select 100.0 * {inside} / nullif(sum(amount), 0) as share, {inside} as top,"
            f" sum(amount) as total{last}\nfrom (\n{ranked}\n) as ranked{group}"
        )
        noun = self._noun()
        amount, words = replace(column, is_measure=True), {"measure": column.label, "things": noun}
        return Output(
            statement,
            (
                CompiledColumn(
                    "share", said("share of the top [[things]]", things=noun), "percent", "%", is_measure=True
                ),
                replace(amount, name="top", label=said("[[measure]], top [[things]]", **words)),
                replace(amount, name="total", label=said("[[measure]], all [[things]]", **words)),
            ),
            money,
        )

    def _ties(self, source: str) -> Output:
        if not self._query.order:
            raise QueryInvalid("an extreme value needs an order")
        column = self._ref(self._query.order[0].by)
        money = column.money_of_row and self._rows.has_currency
        apart = money and self._apart
        currency, over = f", {CURRENCY}" if money else "", f"partition by {CURRENCY}" if apart else ""
        extreme, value = "max" if self._query.order[0].descending else "min", quoted(column.name)
        marked = (
            f"select {value} as value, {extreme}({value}) over ({over}) as extreme{currency}"
            f"\nfrom {source}{self._where()}"
        )
        name = column.name if column.name != "number" else "value"
        last, group = self._currency_last(money, apart)
        return Output(
            f"select max(extreme) as {quoted(name)}, count(*) filter (where value = extreme) as number{last}"
            f"\nfrom (\n{marked}\n) as marked{group}",
            (
                replace(column, name=name, is_measure=True),
                CompiledColumn(
                    "number", said("[[things]] with it", things=self._noun()), "count", is_measure=True
                ),
            ),
            money,
        )

    @staticmethod
    def _currency_last(money: bool, apart: bool) -> tuple[str, str]:
        """The currency behind the columns, and what it takes to keep currencies apart."""
        if apart:
            return f", {CURRENCY}", f"\ngroup by {CURRENCY}\norder by {CURRENCY}"
        return (f", {one_currency(CURRENCY)} as {CURRENCY}", "") if money else ("", "")

    # ── rows ──────────────────────────────────────────────────────────────────────────────────────
    def _noun(self) -> str:
        """What the rows are, in the plural."""
        labels = self._measures.labels
        if self._query.rows_of:
            return labels.plural(self._query.rows_of)
        for grouping in self._query.by:
            if grouping.entity:
                return labels.plural(grouping.entity)
            grain = grain_of(grouping.grain) if grouping.grain else ""
            return _several(grain or keys_of(self._measures)[0].column.label)
        return said("rows")

    def _ref(self, name: str) -> CompiledColumn:
        """A column by its name, the path that is shown, or the position of a grouping.

        Raises:
            QueryInvalid: there is none.
        """
        if name in self._columns:
            return self._columns[name]
        if name in self._query.show:
            return next(column for column in self._rows.columns if column.shows == name)
        if name.startswith("#") and name[1:].isdecimal() and 0 < int(name[1:]) <= len(self._query.by):
            wanted = self._query.by[int(name[1:]) - 1]
            column = [key.column for key in keys_of(self._measures) if key.grouping is wanted][-1]
            return self._columns[column.name]
        own = self._query.rows_of
        if (
            own
            and name == f"{own}.{self._measures.catalogue.entity(own).key}"
            and f"{own}_id" in self._columns
        ):
            return self._columns[f"{own}_id"]
        raise QueryInvalid(f"{name!r} is not a column of this query; there are {', '.join(self._columns)}")

    def _having(self) -> str:
        parts = []
        for test in self._query.having:
            left = self._ref(test.left)
            if test.right is not None:
                right = self._ref(test.right)
                alike, value = _alike(left, right), quoted(right.name)
                named = repr(right.label)
            else:
                alike, value = left.is_number, f"{self._measures.parameters.bind(test.value)}::numeric"
                named = "a number"
            if not alike:
                raise QueryInvalid(f"{left.label!r} cannot be compared with {named}")
            parts.append(f"{quoted(left.name)} {test.op} {value}")
        return " and ".join(parts)

    def _where(self) -> str:
        having = self._having()
        return f"\nwhere {having}" if having else ""

    def _order(self) -> str:
        columns = [column for column in self._columns.values() if not column.is_measure]
        keys = [column.name for column in columns]
        # By name rather than by id or code, unless these are what is to be shown.
        told = [column.name for column in columns if column.kind != "id" or column.shows]
        named = [name for name in told if not name.endswith("_id")] or keys
        parts = [
            f"{quoted(self._ref(order.by).name)} {'desc' if order.descending else 'asc'} nulls last"
            for order in self._query.order
        ]
        if not parts:
            parts = [f"{quoted(name)} nulls last" for name in named[:2]]
        elif self._query.limit is None and not self._query.extreme:
            # Equal values stand in the same order each time; where rows are cut off, that would break ties.
            parts += [f"{quoted(name)} nulls last" for name in keys]
        return f"\norder by {', '.join(parts)}" if parts else ""

    def _limit(self) -> str:
        if self._query.extreme and self._query.order:
            return "\nfetch first 1 rows with ties"
        if self._query.limit is None:
            return ""
        ties = "with ties" if self._query.order else "only"
        return f"\nfetch first {self._query.limit:d} rows {ties}"


def _several(word: str) -> str:
    if language() != "en":
        return said("values of [[label]]", label=word)
    return f"{word[:-1]}ies" if word.endswith("y") and word != "day" else f"{word}s"


def _alike(left: CompiledColumn, right: CompiledColumn) -> bool:
    return _class(left) == _class(right)


def _class(column: CompiledColumn) -> str:
    if column.is_number:
        return "number"
    return column.kind if column.kind in ("date", "flag") else "text"
