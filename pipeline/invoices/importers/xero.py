"""Xero, sales invoices: one row per line item, the invoice's totals repeated on each; bills stand in the same file."""

from pipeline.invoices.importers.layout import Layout

XERO = Layout(
    name="xero",
    title="Xero",
    columns={
        "number": ("InvoiceNumber",),
        "client_name": ("ContactName",),
        "client_email": ("EmailAddress",),
        "issued": ("InvoiceDate",),
        "due": ("DueDate",),
        "currency": ("Currency", "CurrencyCode"),
        "total": ("Total",),
        "paid": ("InvoiceAmountPaid",),
        "balance": ("InvoiceAmountDue",),
        "status": ("Status",),
        "kind": ("Type",),
    },
    signature=("ContactName", "InvoiceNumber", "InvoiceDate", "InvoiceAmountDue"),
    credit_kinds=("Sales credit note", "Credit note"),
    other_kinds=("Bill", "Bill credit note", "Purchase order", "Quote"),
)
