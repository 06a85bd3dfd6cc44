"""Inputs of the bridges between two revenues or margins, however a case writes them."""

from __future__ import annotations

from tools.engines.variance.families import Family, family

_BEFORE = (
    "budget base prior before previous plan reference py last_year year_1 old period_0 baseline standard"
)
_AFTER = "actual current after cy this_year year_2 new period_1"


def _spellings(end: str, times: str) -> str:
    words = {
        "q": "qty units volume sales_units units_sold sales_volume sales_qty",
        "p": "price selling_price unit_price sales_price local_price",
        "c": "unit_cost cost_per_unit standard_cost variable_cost_per_unit unit_variable_cost",
        "fx": "fx_rate exchange_rate rate currency_rate",
        "revenue": "sales sales_revenue sales_value turnover",
        "cost": "total_cost cost_of_sales cogs",
        "margin": "unit_margin margin_per_unit contribution_per_unit unit_contribution cm_per_unit",
    }
    lines = []
    for name, also in words.items():
        spelled = [name, *also.split()]
        own = " ".join(f"{word}_{end} {word}{end}" for word in spelled)
        long = " ".join(
            f"{time}_{word} {word}_{time} {time}.{word} {time}_total_{word}"
            for time in times.split()
            for word in spelled
        )
        lines.append(f"{name}{end}: {own} {long}")
    # Of a time alone, by product, units are meant.
    return "\n".join([*lines, f"q{end}: {times}"])


def _view(name: str, also: str, shown: str, outputs: str) -> Family:
    return family(
        name,
        also=also,
        text="""
            revenue0[i] = q0[i] * p0[i]
            revenue1[i] = q1[i] * p1[i]
            cost0[i] = q0[i] * c0[i]
            cost1[i] = q1[i] * c1[i]
            margin0[i] = p0[i] - c0[i]
            margin1[i] = p1[i] - c1[i]
            q0[i] * 1 = q0[i]
            weight[i] * 1 = weight[i]
            fx0[i] * 1 = fx0[i]
            fx1[i] * 1 = fx1[i]
        """,
        profit="quantity volume mix price unit_cost fx new dropped cross mix_residual total"
        " quantity_by volume_by mix_by"
        " price_by unit_cost_by fx_by new_by dropped_by cross_by",
        sums="",
        shown=shown,
        signed="margin0 margin1",
        spellings=_spellings("0", _BEFORE)
        + "\n"
        + _spellings("1", _AFTER)
        + "\nweight: standard_hours hours_per_unit",
        outputs="""
            price: price_effect price_variance price_impact
            volume: volume_effect volume_variance quantity_effect volume_impact
            mix: mix_effect mix_variance mix_impact
            unit_cost: cost cost_effect cost_variance unit_cost_effect cost_impact
            fx: fx_effect currency exchange_rate currency_effect fx_impact
            new: new_items new_products new_product
            dropped: dropped_items lost lost_products discontinued dropped_products
            cross: joint cross_term corner joint_effect cross_effect interaction joint_price_volume
            total: total_change total_variance change revenue_change
        """
        + outputs,
        options="corner: method corner_method corner joint_method\nside: side measure\nweights:"
        " weights weighting",
    )


PRICE_VOLUME = _view(
    "price_volume",
    "price_volume_variance price_volume_analysis pv price_quantity price_volume_cross",
    "price volume cross unit_cost fx new dropped total",
    "quantity: volume quantity qty volume_effect volume_variance",
)
PRICE_VOLUME_MIX = _view(
    "price_volume_mix",
    "pvm price_volume_mix_variance price_volume_mix_analysis price_volume_mix_fx"
    " price_volume_mix_fx_bridge pvm_fx"
    " price_volume_mix_cost_fx price_volume_mix_cost margin_bridge revenue_bridge bridge"
    " price_mix_volume pvm_bridge",
    "volume mix price unit_cost fx cross new dropped total",
    "mix_residual: residual mix_residual",
)
