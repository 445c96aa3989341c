"""Invoice2go: one row per invoice; the export has no due date of its own."""

from pipeline.invoices.importers.layout import Layout

INVOICE2GO = Layout(
    name="invoice2go",
    title="Invoice2go",
    columns={
        "number": ("DocumentNumber",),
        "client_name": ("Name",),
        "client_email": ("EmailRecipient",),
        "issued": ("DocumentDate",),
        "due": ("DueDate", "DocumentDueDate"),
        "currency": ("CurrencyCode",),
        "total": ("TotalAmount",),
        "paid": ("AmountPaidAmount",),
        "balance": ("BalanceDueAmount",),
        "paid_on": ("DatePaid",),
        "status": ("DocumentStatus",),
        "kind": ("DocumentType",),
    },
    signature=("DocumentNumber", "DocumentDate", "TotalAmount", "BalanceDueAmount"),
    credit_kinds=("Credit memo", "Credit note"),
    other_kinds=("Estimate", "Quote", "Purchase order"),
)
