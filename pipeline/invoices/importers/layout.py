"""What a table format is: which of its columns mean what. Every format of a bookkeeping program is one value of this."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.domain.ledger import InvoiceStatus

FIELDS = (
    "number", "client_email", "client_name", "issued", "due", "currency",
    "total", "line_total", "paid", "balance", "paid_on", "status", "kind",
)  # fmt: skip
"""The fields that a column can be. `line_total` is summed over the lines of an invoice; `kind` tells credit notes."""

DATES = ("issued", "due", "paid_on")
AMOUNTS = ("total", "line_total", "paid", "balance")

STATUSES: Mapping[str, InvoiceStatus] = {
    **dict.fromkeys(
        ("open", "sent", "unpaid", "viewed", "overdue", "late", "outstanding", "approved", "authorised", "authorized",
         "awaiting payment", "auto-bill", "past due", "not paid"),
        InvoiceStatus.OPEN,
    ),
    **dict.fromkeys(("partial", "partially paid", "partiallypaid", "part paid", "part-paid"), InvoiceStatus.PARTIAL),
    **dict.fromkeys(("paid", "closed", "auto-paid", "paid in full", "fully paid"), InvoiceStatus.PAID),
    **dict.fromkeys(
        ("void", "voided", "cancelled", "canceled", "deleted", "reversed", "credited"),
        InvoiceStatus.VOID,
    ),
    **dict.fromkeys(
        ("draft", "unsent", "submitted", "awaiting approval", "pending approval", "scheduled"),
        InvoiceStatus.DRAFT,
    ),
    **dict.fromkeys(("written off", "written_off", "write-off", "write off", "bad debt", "uncollectible"),
                    InvoiceStatus.WRITTEN_OFF),
    **dict.fromkeys(("disputed", "in dispute"), InvoiceStatus.DISPUTED),
}  # fmt: skip
"""The words that programs use for a status. A format adds its own."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one export format. Headers are compared folded: case, accents, stars and punctuation aside."""

    name: str
    title: str
    """For people: `FreshBooks`."""
    columns: Mapping[str, tuple[str, ...]]
    """For each of `FIELDS` that the format has, its headers, newest first."""
    signature: tuple[str, ...]
    """Headers that together tell this format from all others."""
    required: tuple[str, ...] = ("number", "issued")
    statuses: Mapping[str, InvoiceStatus] = field(default_factory=dict)
    delimiter: str | None = None
    credit_kinds: tuple[str, ...] = ()
    """Values of the `kind` column that are credit notes."""
    other_kinds: tuple[str, ...] = ()
    """Values of the `kind` column that are no receivables at all, such as bills and payments: passed over."""
    sections: bool = False
    """A report: rows with a single cell are headings."""
    unnumbered_drafts: bool = False
    """Drafts have no number yet: they are passed over."""

    def matches(self, headers: set[str]) -> bool:
        """Whether these folded headers are this format's."""
        return all(fold(header) in headers for header in self.signature)

    def positions(self, header: tuple[str, ...]) -> dict[str, int]:
        """Where each field stands in this header row; a field that is not there is left out."""
        folded = [fold(cell) for cell in header]
        found: dict[str, int] = {}
        for name, aliases in self.columns.items():
            place = next((folded.index(fold(alias)) for alias in aliases if fold(alias) in folded), None)
            if place is not None:
                found[name] = place
        return found

    def is_credit(self, kind: str) -> bool:
        """Whether a row of this kind is a credit note."""
        return any(fold(kind) == fold(known) for known in self.credit_kinds)

    def is_other(self, kind: str) -> bool:
        """Whether a row of this kind is no receivable."""
        return any(fold(kind) == fold(known) for known in self.other_kinds)

    def status(self, text: str) -> InvoiceStatus | None:
        """The status that the word means in this format; None if it is not known."""
        word = text.strip().casefold()
        return self.statuses.get(word) or STATUSES.get(word)


@lru_cache(maxsize=1024)
def fold(header: str) -> str:
    """A header for comparing: case, accents, stars, quotes, spaces and underscores aside; `Invoice #` keeps its sign."""
    plain = unicodedata.normalize("NFKD", header.casefold())
    return re.sub(r"[^\w#.]|_", "", "".join(c for c in plain if not unicodedata.combining(c)))
