"""What a model's tokens cost: prices are the customer's own data, and without them there is no cost."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

_MILLION = Decimal(1_000_000)
_PLACES = Decimal("0.000001")


class Prices(BaseModel):
    """Prices of one model for a million tokens, from the contract or the price list of whoever pays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)
    cached: Decimal | None = Field(default=None, ge=0)
    """For input tokens that the endpoint had in its cache; as `input` where it is left out."""
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")

    def cost(self, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> Decimal:
        """What these tokens cost, in `currency`; `prompt_tokens` includes the cached ones."""
        cached = self.input if self.cached is None else self.cached
        whole = (
            self.input * (prompt_tokens - cached_tokens)
            + cached * cached_tokens
            + self.output * completion_tokens
        )
        return (whole / _MILLION).quantize(_PLACES)
