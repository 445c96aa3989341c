"""What reading a file of the owner's gives: the good rows, what is wrong with the others, and what to ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from pipeline.domain.ledger import Invoice, Money
from pipeline.invoices.dates import DateOrder


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file that cannot be used as it is. Its row is left out; the others stand."""

    message: str
    fix: str
    line: int | None = None
    """Counted from 1 in the file, as an editor shows it; None for the file as a whole."""
    column: str | None = None
    """The header of the column as the file writes it; for a wrong byte or tag, the position in the line."""

    def __str__(self) -> str:
        """One line for the owner."""
        place = [f"line {self.line}"] if self.line is not None else []
        place += [f"column {self.column}"] if self.column else []
        return f"{', '.join(place)}: {self.message} {self.fix}" if place else f"{self.message} {self.fix}"


class Ask(StrEnum):
    """What only the owner can say. Each is answered by the field of `Answers` of the same name."""

    DATE_ORDER = "date_order"
    DECIMAL = "decimal"
    CURRENCY = "default_currency"
    TERMS = "terms_days"
    ENCODING = "encoding"
    CREDITS = "credits"  # which invoice a credit note is taken off


@dataclass(frozen=True, slots=True)
class Answers:
    """What the owner said about a file, or has in the config or a mapping."""

    date_order: DateOrder | None = None
    decimal: str | None = None
    """The decimal mark: `.` or `,`."""
    default_currency: str | None = None
    """ISO 4217, for files that name none."""
    terms_days: int | None = None
    """Payable within so many days, for invoices without a due date."""
    encoding: str | None = None
    credits: Mapping[str, str] = field(default_factory=dict)
    """Credit note to the invoice that it is taken off; to nothing where the balances of the file have it already."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask before anything is imported. The rows it is about are not among the invoices."""

    ask: Ask
    message: str
    options: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A credit note of the file: kept apart, because only the owner knows whether a balance already has it."""

    number: str
    client_email: str
    client_name: str
    issued: date
    amount: Money
    """Positive: what the client is credited."""
    line: int


@dataclass(frozen=True, slots=True)
class LedgerRead:
    """The outcome. Nothing is to be stored while `questions` are open; `problems` are shown and confirmed."""

    format: str
    invoices: tuple[Invoice, ...] = ()
    lines: tuple[int, ...] = ()
    """For each invoice the line of the file that it begins on."""
    credits: tuple[CreditNote, ...] = ()
    problems: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    """The headers of the file by field, for what is found wrong with a row later."""
    knows_payments: bool = True
    """False for formats without payment state (e-invoices, QuickBooks' import): what is known of payments stands."""
