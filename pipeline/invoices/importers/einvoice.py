"""E-invoices: UBL 2 and Cross Industry Invoice (Factur-X, ZUGFeRD), as far as EN 16931 says who owes what by when.

XML comes from strangers: a document type is refused, so no entity is ever declared or expanded, and only the texts of
a few known paths are kept. An e-invoice carries no payment state but what was prepaid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from xml.parsers import expat

from pipeline.domain.ledger import Invoice, InvoiceStatus, Money
from pipeline.errors import InputError
from pipeline.invoices.importers.result import Ask, CreditNote, LedgerRead, Problem, Question
from pipeline.invoices.money import check_currency, to_places

_DEPTH = 60
_UBL_PARTY = "AccountingCustomerParty/Party"
_UBL = {
    "number": ("ID",),
    "issued": ("IssueDate",),
    "due": ("DueDate", "PaymentMeans/PaymentDueDate"),
    "type": ("InvoiceTypeCode", "CreditNoteTypeCode"),
    "currency": ("DocumentCurrencyCode",),
    "client_name": (f"{_UBL_PARTY}/PartyName/Name", f"{_UBL_PARTY}/PartyLegalEntity/RegistrationName"),
    "client_email": (f"{_UBL_PARTY}/Contact/ElectronicMail",),
    "total": ("LegalMonetaryTotal/TaxInclusiveAmount",),
    "prepaid": ("LegalMonetaryTotal/PrepaidAmount",),
    "payable": ("LegalMonetaryTotal/PayableAmount",),
}
_CII_DEAL = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
_CII_BUYER = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement/BuyerTradeParty"
_CII_SUMS = f"{_CII_DEAL}/SpecifiedTradeSettlementHeaderMonetarySummation"
_CII = {
    "number": ("ExchangedDocument/ID",),
    "issued": ("ExchangedDocument/IssueDateTime/DateTimeString",),
    "due": (f"{_CII_DEAL}/SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString",),
    "type": ("ExchangedDocument/TypeCode",),
    "currency": (f"{_CII_DEAL}/InvoiceCurrencyCode",),
    "client_name": (f"{_CII_BUYER}/Name",),
    "client_email": (
        f"{_CII_BUYER}/DefinedTradeContact/EmailURIUniversalCommunication/URIID",
        f"{_CII_BUYER}/URIUniversalCommunication/URIID",
    ),
    "total": (f"{_CII_SUMS}/GrandTotalAmount",),
    "prepaid": (f"{_CII_SUMS}/TotalPrepaidAmount",),
    "payable": (f"{_CII_SUMS}/DuePayableAmount",),
}
_ROOTS: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice": ("ubl", _UBL),
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote": ("ubl", _UBL),
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice": ("cii", _CII),
}
_CREDIT_TYPES = frozenset({"381", "396", "261"})
"""UNTDID 1001: credit note, factored credit note, self-billed credit note."""


class _Refused(Exception):
    """The document is not read; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem


@dataclass(slots=True)
class _Document:
    """The texts of the known paths, each with the line on which its element ends."""

    format: str = ""
    root: str = ""
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: dict[str, tuple[str, int]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The text of a field; empty if the document lacks it."""
        return next((self.texts[path][0] for path in self.paths[name] if path in self.texts), "")

    def problem(self, name: str, message: str, fix: str) -> _Refused:
        """What is wrong with a field, at its place."""
        path = next((path for path in self.paths[name] if path in self.texts), self.paths[name][0])
        line = self.texts[path][1] if path in self.texts else None
        return _Refused(Problem(message, fix, line, path))


def looks_like_xml(text: str) -> bool:
    """Whether the text is XML rather than a table."""
    return text.lstrip("\ufeff \t\r\n").startswith("<")


def read_einvoice(data: bytes, *, terms_days: int | None = None) -> LedgerRead:
    """The one invoice of an XML file, `format` being `ubl` or `cii`. Its payments are joined from elsewhere.

    `terms_days` answers the question that a document without a due date raises: its payment terms may be prose.
    """
    document = _Document()
    try:
        _Walker(document).walk(data)
        return _invoice(document, terms_days)
    except _Refused as refused:
        return LedgerRead(document.format or "einvoice", problems=(refused.problem,), knows_payments=False)


class _Walker:
    """Walks an XML file and keeps the texts of the known paths. Raises `_Refused` where it will not go on."""

    def __init__(self, document: _Document) -> None:
        self.document = document
        self.stack: list[str] = []
        self.pieces: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.pieces.append

    def walk(self, data: bytes) -> None:
        try:
            self.parser.Parse(data, True)
        except expat.ExpatError as error:
            message = f"The XML is broken ({expat.errors.messages[error.code]})."
            fix = "It is cut off or damaged: export it again."
            raise _Refused(Problem(message, fix, error.lineno, str(error.offset + 1))) from error

    def _refuse(self, message: str, fix: str) -> _Refused:
        return _Refused(
            Problem(message, fix, self.parser.CurrentLineNumber, str(self.parser.CurrentColumnNumber + 1)),
        )

    def _doctype(self, *_: object) -> None:
        raise self._refuse("The file declares a document type, which no e-invoice has.", "Export the invoice again.")

    def _start(self, name: str, _: dict[str, str]) -> None:
        if not self.stack:
            if name not in _ROOTS:
                raise self._refuse(
                    "The file is XML, but neither a UBL nor a CII invoice.", "Export it as one of these."
                )
            self.document.root = name
            self.document.format, self.document.paths = _ROOTS[name]
        if len(self.stack) == _DEPTH:
            raise self._refuse("The file is nested too deeply for an invoice.", "Export the invoice again.")
        self.stack.append(name.rpartition("}")[2])
        self.pieces.clear()

    def _end(self, _: str) -> None:
        path = "/".join(self.stack[1:])
        if any(path in paths for paths in self.document.paths.values()):
            text = "".join(self.pieces).strip()
            self.document.texts.setdefault(path, (text, self.parser.CurrentLineNumber))
        self.stack.pop()
        self.pieces.clear()


def _invoice(document: _Document, terms_days: int | None) -> LedgerRead:
    number = document.text("number")
    if not number:
        raise document.problem("number", "The invoice has no number.", "Export it again.")
    try:
        currency = check_currency(document.text("currency"))
    except InputError as error:
        raise document.problem("currency", error.message, error.fix) from error
    issued = _date(document, "issued")
    if issued is None:
        raise document.problem("issued", "The invoice has no date.", "Export it again.")
    prepaid = _amount(document, "prepaid", currency) or Decimal(0)
    payable = _amount(document, "payable", currency)
    total = _amount(document, "total", currency) if payable is None else payable + prepaid
    if total is None:
        raise document.problem("payable", "The amount is missing.", "Export it again.")
    line = document.texts[next(path for path in document.paths["number"] if path in document.texts)][1]
    address = document.text("client_email").casefold()
    email, name = address if "@" in address else "", document.text("client_name")
    if document.root.endswith("}CreditNote") or document.text("type") in _CREDIT_TYPES or total < 0:
        credit = CreditNote(number, email, name, issued, Money(currency, abs(total)), line)
        message = f"Credit note {number} over {abs(total)} {currency}: which invoice is it to be taken off?"
        question = Question(Ask.CREDITS, message, lines=(line,))
        return LedgerRead(document.format, credits=(credit,), questions=(question,), knows_payments=False)
    due = _date(document, "due") or (issued + timedelta(days=terms_days) if terms_days is not None else None)
    if due is None:
        question = Question(Ask.TERMS, f"Invoice {number} has no due date: within how many days is it payable?")
        return LedgerRead(document.format, questions=(question,), knows_payments=False)
    if due < issued:
        raise document.problem("due", f"It is due on {due}, before it was issued on {issued}.", "Correct the invoice.")
    status = InvoiceStatus.PAID if prepaid >= total else InvoiceStatus.PARTIAL if prepaid else InvoiceStatus.OPEN
    invoice = Invoice(number, email, issued, due, Money(currency, total), prepaid, None, status, client_name=name)
    return LedgerRead(document.format, (invoice,), (line,), knows_payments=False)


def _date(document: _Document, name: str) -> date | None:
    """A date as UBL (ISO, with or without a zone) or CII (format 102, YYYYMMDD) writes it."""
    text = document.text(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise document.problem(name, f"{text!r} is no date.", "Correct the invoice.") from error


def _amount(document: _Document, name: str, currency: str) -> Decimal | None:
    text = document.text(name)
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise document.problem(name, f"{text!r} is no amount.", "Correct the invoice.") from error
    if not amount.is_finite():
        raise document.problem(name, f"{text!r} is no amount.", "Correct the invoice.")
    try:
        return to_places(amount, currency)
    except InputError as error:
        raise document.problem(name, error.message, error.fix) from error
