"""Limits say what they mean: the most specific row, the strictest category, nothing by accident."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_adapters.errors import ConfigurationError
from policies.engine import packaged_limits
from policies.limits import KINDS, MOST, Blackout, Limits, parse_change, parse_limits

BASE = """
[[site]]
site = "*"
window_days = 30
most_drafts = 9
[[draft]]
site = "*"
kind = "purchase_requisition"
propose = ["planner"]
requester_may_confirm = false
lifetime_hours = 2
escalate_after_hours = 1
[[draft]]
site = "*"
kind = "stock_transfer"
propose = ["planner"]
requester_may_confirm = false
lifetime_hours = 2
escalate_after_hours = 1
[[draft]]
site = "*"
kind = "quality_hold"
propose = ["planner"]
requester_may_confirm = false
lifetime_hours = 2
escalate_after_hours = 1
[[draft]]
site = "*"
kind = "order_rescheduling"
propose = ["planner"]
requester_may_confirm = false
lifetime_hours = 2
escalate_after_hours = 1
[[draft]]
site = "*"
kind = "purchase_order_redating"
propose = ["planner"]
requester_may_confirm = false
lifetime_hours = 2
escalate_after_hours = 1
[[draft]]
site = "*"
kind = "published_text"
propose = ["controller"]
requester_may_confirm = false
lifetime_hours = 2
escalate_after_hours = 1
[[draft]]
site = "*"
kind = "work_order"
propose = ["planner"]
requester_may_confirm = false
lifetime_hours = 2
escalate_after_hours = 1
[[draft]]
site = "*"
kind = "order_hold"
propose = ["planner"]
requester_may_confirm = false
lifetime_hours = 2
escalate_after_hours = 1
[[draft]]
site = "*"
kind = "cancellation"
propose = ["planner"]
requester_may_confirm = false
lifetime_hours = 2
escalate_after_hours = 1
"""


def row(
    site: str = "*", category: str = "*", more: str = "confirm = {buyer = 100}", currency: str = "EUR"
) -> str:
    return (
        f'[[limit]]\nsite = "{site}"\nkind = "purchase_requisition"\ncurrency = "{currency}"\n'
        f'category = "{category}"\n{more}\n'
    )


def limits(*rows: str) -> Limits:
    return parse_limits(BASE + "".join(rows), "limits")


def buyer_up_to(held: Limits, site: str, *categories: str) -> int | None:
    found = held.bounds(site, "purchase_requisition", "EUR", frozenset(categories))
    return None if found is None else found.confirm["buyer"]


def test_the_most_specific_row_holds() -> None:
    """Site and category before either, either before neither; of a site's and a category's the stricter."""
    held = limits(
        row(more="confirm = {buyer = 1}"),
        row(category="Bolts", more="confirm = {buyer = 2}"),
        row(site="KAS", more="confirm = {buyer = 3}"),
        row(site="KAS", category="Bolts", more="confirm = {buyer = 4}"),
    )
    assert buyer_up_to(held, "WRO") == 100
    assert buyer_up_to(held, "WRO", "Bolts") == 200
    assert buyer_up_to(held, "KAS", "Nuts") == 300
    assert (
        buyer_up_to(
            limits(row(site="KAS"), row(category="Bolts", more="confirm = {buyer = 2}")), "KAS", "Bolts"
        )
        == 200
    )
    assert buyer_up_to(held, "KAS", "Bolts") == 400
    assert buyer_up_to(held, "kas", "bolts") == 100


def test_the_strictest_of_several_categories_holds() -> None:
    """Each figure is the lowest; only roles that every row names may sign."""
    held = limits(
        row(more="confirm = {buyer = 9, controller = 9}\nsecond = {controller = 9}\nsecond_from = 5"),
        row(category="Bolts", more="confirm = {buyer = 4}\nper_supplier = 7"),
        row(category="Nuts", more="confirm = {buyer = 8}\nsecond = {controller = 6}\ntwo_people = true"),
    )
    found = held.bounds("KAS", "purchase_requisition", "EUR", frozenset({"Bolts", "Nuts", "Other"}))
    assert found is not None
    assert (dict(found.confirm), dict(found.second)) == ({"buyer": 400}, {"controller": 600})
    assert (found.second_from, found.two_people) == (500, True)
    assert (found.per_supplier, found.per_requester) == (700, MOST)


def test_a_currency_without_a_row_has_no_limits() -> None:
    """Nothing is converted and nothing assumed; an unknown currency is looked at in all that there are."""
    held = limits(
        row(more="confirm = {buyer = 5, controller = 9}"), row(currency="USD", more="confirm = {buyer = 3}")
    )
    assert held.bounds("KAS", "purchase_requisition", "JPY", frozenset()) is None
    assert held.bounds("KAS", "stock_transfer", "EUR", frozenset()) is None
    unknown = held.bounds("KAS", "purchase_requisition", "", frozenset())
    assert unknown is not None
    assert dict(unknown.confirm) == {"buyer": 300}


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("[[limit", "no.* TOML"),
        (row() + row(), "stands there twice"),
        (row(more="confirm = {admin = 5}"), "admin"),
        (row(more="confirm = {Buyer = 5}"), "Buyer"),
        (row(more="confirm = {}"), "confirm"),
        (row(more="confirm = {buyer = -1}"), "zero or more"),
        (row(more="confirm = {buyer = 0.001}"), "two decimal places"),
        (row(more="confirm = {buyer = inf}"), "zero or more|no amount"),
        (row(more="confirm = {buyer = nan}"), "zero or more|no amount"),
        (row(more="confirm = {buyer = 1e30}"), "zero or more"),
        (row(more="confirm = {buyer = true}"), "give an amount"),
        (row(more='confirm = {buyer = "lots"}'), "no amount"),
        (row(more="confirm = {buyer = 5}\nsecond_from = 1"), "names nobody"),
        (row(more="confirm = {buyer = 5}\ntwo_people = true"), "names nobody"),
        (row(more="confirm = {buyer = 5}\ntwopeople = true"), "twopeople"),
        (row(currency="*"), "do not count"),
        (row(currency="eur"), "currency"),
        (row(site=""), "site"),
        (row().replace("purchase_requisition", "purchase_order"), "kind"),
    ],
)
def test_what_limits_cannot_say(text: str, because: str) -> None:
    """A typing error is found where the file is read, and named; nothing is left out silently."""
    with pytest.raises(ConfigurationError, match=because):
        parse_limits(BASE + text, "limits")


def test_limits_have_a_default_for_every_kind() -> None:
    """Without one, a site that nobody thought of would have no rule."""
    for text, because in (
        (
            BASE.replace("[[site]]", "[[site]]\n", 1).replace('site = "*"\nwindow', 'site = "KAS"\nwindow'),
            r"no \[\[site",
        ),
        (
            BASE.replace('site = "*"\nkind = "quality_hold"', 'site = "KAS"\nkind = "quality_hold"'),
            "quality_hold",
        ),
        (BASE.replace("escalate_after_hours = 1", "escalate_after_hours = 3", 1), "after it has expired"),
    ):
        with pytest.raises(ConfigurationError, match=because):
            parse_limits(text, "limits")


def test_a_change_replaces_adds_and_withdraws() -> None:
    """Rows with the same key are replaced, others stay; an empty change is none."""
    held = limits(row(more="confirm = {buyer = 1}"), row(site="KAS", more="confirm = {buyer = 3}"))
    after = held.changed(parse_change(row(site="KAS", more="confirm = {buyer = 7}"), "x"))
    assert (buyer_up_to(after, "KAS"), buyer_up_to(after, "WRO")) == (700, 100)
    without = row(site="KAS", more="").replace("[[limit]]", "[[withdraw]]")
    assert buyer_up_to(after.changed(parse_change(without, "x")), "KAS") == 100
    assert buyer_up_to(held, "KAS") == 300
    with pytest.raises(ConfigurationError, match="no change in it"):
        parse_change("", "x")


def test_a_digest_is_of_what_is_said() -> None:
    """Order, layout and a default written out change nothing; any figure does."""
    one, two = row(site="KAS"), row(site="WRO")
    assert limits(one, two).digest == limits(two, "# why\n", one.replace("100", "1_00.00")).digest
    assert limits(one).digest == limits(one + "two_people = false\n").digest
    assert (
        len({limits(*rows).digest for rows in ((one,), (two,), (one, two), (one.replace("100", "100.01"),))})
        == 4
    )


@given(day=st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_a_yearly_period_may_pass_the_end_of_the_year(day: date) -> None:
    """From 24 December to 2 January is ten days of every year, the leap day as good as any."""
    period = Blackout(first="12-24", last="01-02", reason="holidays")
    assert period.holds(day, "quality_hold") == (
        (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 2)
    )
    once = Blackout(first="2026-12-24", last="2027-01-02", reason="holidays", kinds=("stock_transfer",))
    assert once.holds(day, "stock_transfer") == (date(2026, 12, 24) <= day <= date(2027, 1, 2))
    assert not once.holds(day, "quality_hold")


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-13-01", "2026-13-02"), ("02-30", "03-01"), ("2026-01-02", "2026-01-01"), ("01-01", "2026-01-02")],
)
def test_a_period_has_days_that_there_are(first: str, last: str) -> None:
    """No 30 February, no end before the beginning, no year on one side only."""
    with pytest.raises(ValueError, match=r"\S"):
        Blackout(first=first, last=last, reason="x")


def test_the_packaged_limits_serve_the_demo() -> None:
    """Each site's own currency has limits for each kind of draft."""
    held = packaged_limits()
    own = {"EUR": "KAS BRE", "USD": "GRV GRR AW", "MXN": "MTY", "CAD": "HAM", "PLN": "WRO", "CZK": "OLO"}
    for currency, site in ((code, site) for code, sites in own.items() for site in sites.split()):
        for kind in KINDS:
            # Moves of orders are counted, not paid.
            counted_in = "XXX" if kind == "order_rescheduling" else currency
            assert held.bounds(site, kind, counted_in, frozenset()) is not None, (site, kind)
