"""Invoice Ninja: version 4 with its three preamble rows, version 5 by field keys (its headers follow the language)."""

from pipeline.domain.ledger import InvoiceStatus
from pipeline.invoices.importers.layout import Layout

NINJA_V4 = Layout(
    name="ninja_v4",
    title="Invoice Ninja 4",
    columns={
        "number": ("Invoice Number",),
        "client_name": ("Client",),
        "client_email": ("Email",),
        "issued": ("Invoice Date",),
        "due": ("Due Date",),
        "currency": ("Currency", "Currency Code"),
        "total": ("Amount",),
        "paid": ("Paid",),
        "status": ("Status",),
    },
    signature=("Client", "Email", "Invoice Number", "Amount", "Paid", "Status"),
)

NINJA_V5 = Layout(
    name="ninja_v5",
    title="Invoice Ninja 5",
    columns={
        "number": ("invoice.number", "Invoice Number", "Number"),
        "client_name": ("client.name", "Client Name", "Client"),
        "client_email": ("contact.email", "client.email", "Contact Email", "Client Email"),
        "issued": ("invoice.date", "Invoice Date", "Date"),
        "due": ("invoice.due_date", "Invoice Due Date", "Due Date"),
        "currency": ("client.currency", "invoice.currency", "client.currency_id", "Client Currency", "Currency"),
        "total": ("invoice.amount", "Invoice Amount", "Amount"),
        "paid": ("invoice.paid_to_date", "Invoice Paid to Date", "Paid to Date"),
        "balance": ("invoice.balance", "Invoice Balance", "Balance"),
        "status": ("invoice.status", "Invoice Status", "Status"),
    },
    signature=("invoice.number", "invoice.amount", "invoice.date"),
    statuses={
        "1": InvoiceStatus.DRAFT,
        "2": InvoiceStatus.OPEN,
        "3": InvoiceStatus.PARTIAL,
        "4": InvoiceStatus.PAID,
        "5": InvoiceStatus.VOID,
        "6": InvoiceStatus.VOID,
        "-1": InvoiceStatus.OPEN,
        "-2": InvoiceStatus.OPEN,
    },
)
