"""Bank account numbers are known by their check digits."""

import pytest

from pipeline.iban import find_ibans


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("DE89370400440532013000", ["DE89370400440532013000"]),
        ("pay to GB82 WEST 1234 5698 7654 32, please", ["GB82 WEST 1234 5698 7654 32"]),
        ("NO93-8601-1117-947 and DE89 3704 0044 0532 0130 00 BIC COBADEFF", ["NO93-8601-1117-947", "DE89 3704 0044 0532 0130 00"]),
        ("MT84MALT011000012345MTLCAST001S", ["MT84MALT011000012345MTLCAST001S"]),
        ("DE89370400440532013001", []),
        ("GB82 WEST 1234 5698 7654 33", []),
        ("PO77 2041 5", []),
        ("8989370400440532013000", []),
        ("DE٨٩370400440532013000", []),
        ("xDE89370400440532013000", []),
    ],
)  # fmt: skip
def test_only_right_check_digits_make_an_account(text: str, found: list[str]) -> None:
    """Without the check every product code is an account, and raises an alarm of fraud."""
    assert [text[start:stop] for start, stop in find_ibans(text)] == found
