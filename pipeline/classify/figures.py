"""Whether a mail holds an amount, however it is written there."""

import re
import unicodedata
from decimal import Decimal

_NUMBER = re.compile(r"\d(?:[.,'’]?\d)*")
_SPACED = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?")


def holds_amount(text: str, amount: Decimal) -> bool:
    """Whether the figures of this amount, above 0, stand in the text as one number.

    Marks are ignored, figures are not: 1234.50 is found in `1.234,50`, and 1200 in `1,200`, `1 200.00` and `١٢٠٠`.
    """
    plain = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    whole = amount == amount.to_integral_value()
    wanted = {f"{amount:.2f}".replace(".", "")} | ({str(int(amount))} if whole else set())
    found = (re.sub(r"\D", "", number) for pattern in (_NUMBER, _SPACED) for number in pattern.findall(plain))
    return any(number.lstrip("0") in wanted for number in found)
