"""What a call costs: the config's price, else the price list of `genai-prices` (a snapshot inside the package, no network)."""

from decimal import Decimal

from pipeline.config.models import Price
from pipeline.domain.calls import Usage
from pipeline.domain.ledger import Money
from pipeline.llm.address import is_loopback

_MILLION = Decimal(1_000_000)
_LISTED = "USD"


class Prices:
    """Prices of one endpoint. A model that nobody knows the price of is unpriced, which is not the same as free."""

    def __init__(self, base_url: str, override: Price | None = None) -> None:
        """`override` holds for every model behind this endpoint."""
        self._base_url = base_url
        self._override = override

    @property
    def currency(self) -> str:
        """What costs are counted in."""
        return self._override.currency if self._override else _LISTED

    def cost(self, usage: Usage, model: str) -> Money | None:
        """What these tokens cost; None if it is not known. A model on this machine that no list knows is free."""
        if self._override is not None:
            return Money(self._override.currency, _by(self._override, usage))
        listed = self._listed(usage, model)
        if listed is None and is_loopback(self._base_url):
            return Money(_LISTED, Decimal(0))
        return None if listed is None else Money(_LISTED, listed)

    def _listed(self, usage: Usage, model: str) -> Decimal | None:
        import genai_prices  # noqa: PLC0415 takes 0.2 s, and only those with an endpoint need it

        tokens = genai_prices.Usage(
            input_tokens=usage.tokens_in, output_tokens=usage.tokens_out, cache_read_tokens=usage.tokens_cached
        )
        for place in (self._base_url, None):
            try:
                return genai_prices.calc_price(tokens, model, provider_api_url=place).total_price
            except LookupError:
                continue
        return None


def _by(price: Price, usage: Usage) -> Decimal:
    cached_price = price.input if price.cached_input is None else price.cached_input
    fresh = max(0, usage.tokens_in - usage.tokens_cached)
    return (
        Decimal(str(price.input)) * fresh
        + Decimal(str(cached_price)) * usage.tokens_cached
        + Decimal(str(price.output)) * usage.tokens_out
    ) / _MILLION
