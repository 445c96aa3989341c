"""Firmly's own ledger CSV."""

from pipeline.invoices.importers.layout import Layout

OWN = Layout(
    name="own",
    title="Firmly's own CSV",
    columns={
        "number": ("number", "invoice_number", "invoice"),
        "client_email": ("client_email", "email"),
        "client_name": ("client_name", "client"),
        "issued": ("issued", "issued_on"),
        "due": ("due", "due_on"),
        "currency": ("currency",),
        "total": ("total",),
        "paid": ("paid",),
        "paid_on": ("paid_on",),
        "status": ("status",),
    },
    signature=("number", "client_email", "issued", "due", "total"),
    required=("number", "client_email", "issued", "due", "total"),
)
