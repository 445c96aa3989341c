"""What never leaves this machine as it is, and comes back as it was. All numbers are the standards' own examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.llm.redact import Vault, passes_luhn


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("IBAN DE89 3704 0044 0532 0130 00.", "IBAN [IBAN_1]."),
        ("GB82WEST12345698765432 and GB82WEST12345698765432", "[IBAN_1] and [IBAN_1]"),
        ("DE89370400440532013000 BIC COBADEFFXXX", "[IBAN_1] BIC COBADEFFXXX"),
        ("Norway NO93 8601 1117 947, Malta MT84 MALT 0110 0001 2345 MTLC AST0 01S", "Norway [IBAN_1], Malta [IBAN_2]"),
        ("card 4111-1111-1111-1111, exp 12/27", "card [CARD_1], exp 12/27"),
        ("key sk-proj-abcdefghijklmnop1234 is mine", "key [SECRET_1] is mine"),
        ("token ghp_abcdefghijklmnopqrst1234 end", "token [SECRET_1] end"),
        ("Passwort: Sommer2026!", "Passwort: [SECRET_1]"),
        ("the password is correct-horse", "the password is [SECRET_1]"),
        ("пароль: qwerty123", "пароль: [SECRET_1]"),
        ("Your code is 493021.", "Your code is [SECRET_1]."),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\nbye",
            "[SECRET_1]\nbye",
        ),
    ],
)
def test_accounts_cards_and_secrets_become_placeholders(text: str, left: str) -> None:
    """A provider's logs would hold what opens an account."""
    vault = Vault()
    assert vault.redact(text) == left
    assert vault.restore(left) == text


@pytest.mark.parametrize(
    "text",
    [
        "Invoice 2026-0117 of 14.11.2026 over 1,234.50 EUR is due on 2026-12-01.",
        "DE89 3704 0044 0532 0130 01 has wrong check digits",
        "order 4111 1111 1111 1112, tracking 1234567890123456",
        "call +49 30 1234567 or 030 123 45 67",
        "0000 0000 0000 0000",
        "The key to this page is patience; my password manager is new.",
        "AA11 BBBB CCCC DDDD EEEE",
        "1 234 567 890 123.00 dong",
        "the colour code #493021 and room 1204",
    ],
)
def test_dates_amounts_and_look_alikes_stay(text: str) -> None:
    """A redacted due date makes the judge blind for promises."""
    vault = Vault()
    assert vault.redact(text) == text
    assert len(vault) == 0


def test_a_placeholder_in_the_mail_is_not_ours() -> None:
    """A client who writes [IBAN_1] must not get somebody's account number put in its place."""
    vault = Vault()
    left = vault.redact("As you wrote: [IBAN_1]. Mine: DE89 3704 0044 0532 0130 00")
    assert left == "As you wrote: [IBAN_1]. Mine: [IBAN_2]"
    assert vault.restore("[IBAN_1] [IBAN_2]") == "[IBAN_1] DE89 3704 0044 0532 0130 00"


@given(st.lists(st.sampled_from(["DE89 3704 0044 0532 0130 00", "4111 1111 1111 1111", "pin: 9876", " ", "[CARD_1]", "x", "\n", "12", "sk-aaaabbbbccccdddd1"])).map("".join))  # fmt: skip
def test_what_was_taken_out_comes_back(text: str) -> None:
    """A quote that does not come back as it was is no quote of the mail."""
    vault = Vault()
    assert vault.restore(vault.redact(text)) == text


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        ("4111111111111111", True),
        ("378282246310005", True),
        ("4111111111111112", False),
        ("0" * 16, False),
        ("42", False),
    ],
)
def test_luhn(digits: str, *, valid: bool) -> None:
    """Without the check digit every order number is a card."""
    assert passes_luhn(digits) is valid
