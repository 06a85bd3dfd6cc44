"""Why a plant's cost is not what it should be: amounts, drivers, and what happened behind them."""
