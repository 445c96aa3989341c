"""FreshBooks, invoice details: one row per line item, no address, no amount paid."""

from pipeline.invoices.importers.layout import Layout

FRESHBOOKS = Layout(
    name="freshbooks",
    title="FreshBooks",
    columns={
        "number": ("Invoice #", "Invoice Number"),
        "client_name": ("Client Name",),
        "client_email": ("Client Email", "Email"),
        "issued": ("Date Issued", "Issue Date"),
        "due": ("Date Due", "Due Date"),
        "currency": ("Currency",),
        "line_total": ("Line Total",),
        "paid": ("Amount Paid",),
        "paid_on": ("Date Paid",),
        "status": ("Invoice Status",),
    },
    signature=("Client Name", "Invoice #", "Date Issued", "Line Total"),
)
