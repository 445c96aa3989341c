"""Zoho Invoice and Zoho Books: one row per line item, total and balance of the invoice repeated on each."""

from pipeline.invoices.importers.layout import Layout

ZOHO = Layout(
    name="zoho",
    title="Zoho",
    columns={
        "number": ("Invoice Number",),
        "client_name": ("Customer Name",),
        "client_email": ("Primary Contact EmailID", "Customer Email", "Email"),
        "issued": ("Invoice Date",),
        "due": ("Due Date",),
        "currency": ("Currency Code", "Currency"),
        "total": ("Total",),
        "balance": ("Balance",),
        "paid_on": ("Last Payment Date",),
        "status": ("Invoice Status",),
    },
    signature=("Invoice Date", "Invoice Number", "Customer Name", "Balance"),
)
